#include "daemon/seed_file.h"

#include <sodium.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "keys/secret.h"

enum err seed_file_open(const char *part, const char *path, uint8_t seed[NOTE_SEED_SIZE])
{
    struct buffer content;
    struct stat about;
    enum err e;

    buffer_init(&content);
    e = file_read(path, NOTE_SEED_SIZE, &content);
    if (e == ERR_MISSING) {
        randombytes_buf(seed, NOTE_SEED_SIZE);
        e = file_write_atomic(path, 0600, (struct slice){ (const char *)seed, NOTE_SEED_SIZE });
        goto out;
    }
    if (e != OK)
        goto out;
    if (stat(path, &about) != 0 || (about.st_mode & 077) != 0) {
        log_error(part, "%s is open to group or others: find out who read it, then chmod 0600",
                  path);
        e = ERR_DENIED;
    } else if (content.size != NOTE_SEED_SIZE) {
        log_error(part, "%s is not a seed of %d bytes", path, NOTE_SEED_SIZE);
        e = ERR_CORRUPT;
    } else {
        memcpy(seed, content.at, NOTE_SEED_SIZE);
    }
out:
    if (content.at != NULL)
        secret_wipe_bytes(content.at, content.size);
    buffer_wipe(&content);
    return e;
}
