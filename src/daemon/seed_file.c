#include "daemon/seed_file.h"

#include <sodium.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "keys/secret.h"

enum err seed_file_open(const char *part, const char *path, uint8_t seed[NOTE_SEED_SIZE])
{
    uint8_t content[NOTE_SEED_SIZE + 1]; /* one more, to see that a file is too long */
    size_t size = 0;
    enum err e = file_read_private(path, content, sizeof content, &size);

    if (e == ERR_MISSING) {
        randombytes_buf(seed, NOTE_SEED_SIZE);
        e = file_write_atomic(path, 0600, (struct slice){ (const char *)seed, NOTE_SEED_SIZE });
    } else if (e == ERR_DENIED) {
        log_error(part, "%s is open to group or others: find out who read it, then chmod 0600",
                  path);
    } else if (e == ERR_FULL || (e == OK && size != NOTE_SEED_SIZE)) {
        log_error(part, "%s is not a seed of %d bytes", path, NOTE_SEED_SIZE);
        e = ERR_CORRUPT;
    } else if (e == OK) {
        memcpy(seed, content, NOTE_SEED_SIZE);
    }
    secret_wipe_bytes(content, sizeof content);
    return e;
}
