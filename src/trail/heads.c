#include "trail/heads.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

enum { READ_BYTES = 1 << 20 };

static void heads_path(const char *folder, const char *name, char path[FILE_PATH_SIZE])
{
    snprintf(path, FILE_PATH_SIZE, "%.*s/%s", FILE_PATH_SIZE - 32, folder, name);
}

enum err heads_newest(const char *folder, const struct note_key *key, struct checkpoint *head)
{
    char path[FILE_PATH_SIZE];
    struct buffer text;
    enum err e;

    *head = (struct checkpoint){ 0 };
    buffer_init(&text);
    heads_path(folder, "checkpoint", path);
    e = file_read(path, CHECKPOINT_TEXT_MOST, &text);
    if (e == ERR_FULL)
        e = ERR_CORRUPT;
    if (e == OK && checkpoint_parse(buffer_slice(&text), key, head) != CHECKPOINT_SIGNED)
        e = ERR_CORRUPT;
    buffer_wipe(&text);
    return e;
}

/* An entry ends with two newlines, and has two more before its signatures. */
static size_t entry_size(struct slice text)
{
    const char *body, *end;

    body = text.size == 0 ? NULL : memmem(text.at, text.size, "\n\n", 2);
    if (body == NULL)
        return 0;
    body += 2;
    end = memmem(body, text.size - (size_t)(body - text.at), "\n\n", 2);
    return end == NULL ? 0 : (size_t)(end - text.at) + 2;
}

/* Reads the list piece by piece; *whole is where the last whole entry ends. */
static enum err list_walk(int fd, void (*each)(void *, struct slice), void *context, off_t *whole)
{
    char *bytes = malloc(READ_BYTES);
    size_t have = 0;
    enum err e = OK;

    *whole = 0;
    if (bytes == NULL)
        return ERR_MEMORY;
    for (;;) {
        ssize_t got = read(fd, bytes + have, READ_BYTES - have);
        size_t used = 0, size;

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            e = ERR_IO;
        if (got <= 0)
            break;
        have += (size_t)got;
        while ((size = entry_size((struct slice){ bytes + used, have - used })) > 0) {
            /* Without the blank line it is the text that was signed. */
            each(context, (struct slice){ bytes + used, size - 1 });
            used += size;
        }
        memmove(bytes, bytes + used, have - used);
        have -= used;
        *whole += (off_t)used;
        if (have > CHECKPOINT_TEXT_MOST) {
            e = ERR_CORRUPT;
            break;
        }
    }
    free(bytes);
    return e;
}

enum err heads_each(const char *folder, void (*each)(void *context, struct slice text),
                    void *context)
{
    char path[FILE_PATH_SIZE];
    off_t whole;
    enum err e;
    int fd;

    heads_path(folder, "checkpoints", path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_MISSING : ERR_IO;
    e = list_walk(fd, each, context, &whole);
    close(fd);
    return e;
}

struct last_entry {
    const struct note_key *key;
    char text[CHECKPOINT_TEXT_MOST];
    size_t size;
};

static void last_entry_keep(void *context, struct slice text)
{
    struct last_entry *last = context;

    last->size = text.size <= sizeof last->text ? text.size : 0;
    memcpy(last->text, text.at, last->size);
}

enum err heads_recover(const char *folder, const struct note_key *key, struct checkpoint *last)
{
    /* Older entries are the business of the verifier: a long list need not be read to go on. */
    static const off_t NEAR_END = 16 * CHECKPOINT_TEXT_MOST;
    struct last_entry entry = { .key = key };
    char path[FILE_PATH_SIZE];
    struct stat status;
    off_t from = 0, whole;
    enum err e = OK;
    int fd;

    *last = (struct checkpoint){ 0 };
    heads_path(folder, "checkpoints", path);
    fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? OK : ERR_IO;
    if (fstat(fd, &status) != 0) {
        e = ERR_IO;
        goto out;
    }
    if (status.st_size > NEAR_END) {
        char bytes[4 * CHECKPOINT_TEXT_MOST];
        ssize_t got = pread(fd, bytes, sizeof bytes, status.st_size - NEAR_END);
        const char *start = got <= 0 ? NULL : memmem(bytes, (size_t)got, "=\n\n", 3);

        /* A signature line's end; no root is followed by a blank line and then an origin. */
        while (start != NULL && memcmp(start + 3, "\xE2\x80\x94", 3) == 0)
            start = memmem(start + 3, (size_t)(bytes + got - start - 3), "=\n\n", 3);
        from = start == NULL ? 0 : status.st_size - NEAR_END + (start - bytes) + 3;
    }
    if (lseek(fd, from, SEEK_SET) < 0)
        e = ERR_IO;
    if (e == OK)
        e = list_walk(fd, last_entry_keep, &entry, &whole);
    if (e == OK && from + whole < status.st_size &&
        (ftruncate(fd, from + whole) != 0 || fsync(fd) != 0))
        e = ERR_IO;
    if (e == OK && entry.size > 0 &&
        checkpoint_parse((struct slice){ entry.text, entry.size }, key, last) != CHECKPOINT_SIGNED)
        *last = (struct checkpoint){ 0 };
out:
    close(fd);
    return e;
}

enum err heads_publish(const char *folder, struct slice text)
{
    char path[FILE_PATH_SIZE], entry[CHECKPOINT_TEXT_MOST + 1];
    struct stat status;
    enum err e;
    int fd;

    heads_path(folder, "checkpoint", path);
    e = file_write_atomic(path, 0644, text);
    if (e != OK)
        return e;
    memcpy(entry, text.at, text.size);
    entry[text.size] = '\n';
    heads_path(folder, "checkpoints", path);
    fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (fd < 0 || fstat(fd, &status) != 0) {
        if (fd >= 0)
            close(fd);
        return ERR_IO;
    }
    e = file_write_all(fd, (struct slice){ entry, text.size + 1 });
    if (e == OK && fdatasync(fd) != 0)
        e = ERR_IO;
    /* Half an entry would spoil the next one. */
    if (e != OK && ftruncate(fd, status.st_size) != 0)
        e = ERR_IO;
    close(fd);
    return e;
}
