#include "cli/gateway_key.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "keys/secret.h"

/* Never over another file: it may be the key that signs at this moment. */
static enum err file_make(const char *path, struct slice content)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum err e;

    if (fd < 0)
        return errno == EEXIST ? ERR_EXISTS : errno == ENOENT ? ERR_MISSING : ERR_IO;
    e = fchmod(fd, 0600) == 0 ? file_write_all(fd, content) : ERR_IO;
    if (e == OK && fsync(fd) != 0)
        e = ERR_IO;
    close(fd);
    if (e == OK)
        e = file_parent_sync(path);
    if (e != OK)
        unlink(path);
    return e;
}

enum err gateway_key_file_make(const char *path, struct gateway_key *key)
{
    uint8_t seed[GATEWAY_KEY_SEED_SIZE];
    char text[GATEWAY_KEY_FILE_SIZE];
    enum err e;

    if (sodium_init() < 0)
        return ERR_CRYPTO;
    randombytes_buf(seed, sizeof seed);
    gateway_key_init(key, seed);
    e = file_make(path, (struct slice){ text, gateway_key_format(key, text) });
    secret_wipe_bytes(seed, sizeof seed);
    secret_wipe_bytes(text, sizeof text);
    secret_wipe_bytes(key->seed, sizeof key->seed);
    return e;
}

enum err gateway_key_file_read(const char *path, struct gateway_key *key)
{
    char text[GATEWAY_KEY_FILE_SIZE + 1];
    size_t size;
    enum err e = file_read_private(path, text, sizeof text, &size);

    if (e == ERR_FULL)
        e = ERR_MALFORMED;
    if (e == OK && !gateway_key_parse((struct slice){ text, size }, key))
        e = ERR_MALFORMED;
    secret_wipe_bytes(text, sizeof text);
    return e;
}
