#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

enum err file_write_all(int fd, struct slice content)
{
    while (content.size > 0) {
        ssize_t written = write(fd, content.at, content.size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 && (errno == ENOSPC || errno == EDQUOT) ? ERR_FULL : ERR_IO;
        content = slice_from(content, (size_t)written);
    }
    return OK;
}

enum err file_in_memory(struct slice content, int *fd)
{
    *fd = memfd_create("latchkey", MFD_CLOEXEC);
    if (*fd < 0)
        return ERR_MEMORY;
    if (file_write_all(*fd, content) == OK && lseek(*fd, 0, SEEK_SET) == 0)
        return OK;
    close(*fd);
    *fd = -1;
    return ERR_MEMORY;
}

ssize_t file_read_at(int fd, void *bytes, size_t size, uint64_t offset)
{
    size_t have = 0;

    while (have < size) {
        ssize_t got = pread(fd, (char *)bytes + have, size - have, (off_t)(offset + have));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (ssize_t)have;
}

enum err file_read(const char *path, size_t most, struct buffer *content)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum err e = OK;

    if (fd < 0)
        return errno == ENOENT ? ERR_MISSING : ERR_IO;
    for (;;) {
        char chunk[8192];
        ssize_t got = read(fd, chunk, sizeof chunk);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            e = got < 0 ? ERR_IO : OK;
            break;
        }
        if (content->size + (size_t)got > most) {
            e = ERR_FULL;
            break;
        }
        buffer_append(content, (struct slice){ chunk, (size_t)got });
        if (content->failed) {
            e = ERR_MEMORY;
            break;
        }
    }
    close(fd);
    return e;
}

enum err file_read_private(const char *path, void *bytes, size_t size, size_t *got)
{
    struct stat about;
    ssize_t have = -1;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe shall not hold us up */
    bool readable;

    if (fd < 0)
        return errno == ENOENT ? ERR_MISSING : ERR_IO;
    readable = fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    if (readable && (about.st_mode & 077) == 0)
        have = file_read_at(fd, bytes, size, 0);
    close(fd);
    if (readable && (about.st_mode & 077) != 0)
        return ERR_DENIED;
    if (have < 0)
        return ERR_IO;
    *got = (size_t)have;
    return *got < size ? OK : ERR_FULL;
}

enum err file_folder_sync(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int failed;

    if (fd < 0)
        return ERR_IO;
    failed = fsync(fd);
    close(fd);
    return failed ? ERR_IO : OK;
}

enum err file_parent_sync(const char *path)
{
    char folder[FILE_PATH_SIZE];
    char *slash;

    snprintf(folder, sizeof folder, "%s", path);
    slash = strrchr(folder, '/');
    if (slash == NULL)
        return file_folder_sync(".");
    *(slash == folder ? slash + 1 : slash) = '\0';
    return file_folder_sync(folder);
}

enum err file_write_atomic(const char *path, mode_t mode, struct slice content)
{
    char temporary[FILE_PATH_SIZE];
    enum err e;
    int fd;

    if (snprintf(temporary, sizeof temporary, "%s.new", path) >= (int)sizeof temporary)
        return ERR_RANGE;
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) {
        e = errno == EROFS || errno == EACCES || errno == EPERM ? ERR_DENIED : ERR_IO;
        log_error("file", "cannot create %s: %s", temporary, strerror(errno));
        return e;
    }
    e = fchmod(fd, mode) ? ERR_IO : file_write_all(fd, content);
    if (e == OK && fsync(fd) != 0)
        e = errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO;
    close(fd);
    if (e == OK && rename(temporary, path) != 0)
        e = ERR_IO;
    if (e == OK)
        return file_parent_sync(path);
    log_error("file", "cannot write %s: %s", path, strerror(errno));
    unlink(temporary);
    return e;
}

enum err file_folder_make(const char *path, mode_t mode)
{
    char partial[FILE_PATH_SIZE];

    if (snprintf(partial, sizeof partial, "%s", path) >= (int)sizeof partial)
        return ERR_RANGE;
    for (char *at = partial + 1;; at++) {
        bool end = *at == '\0';

        if (*at != '/' && !end)
            continue;
        *at = '\0';
        if (mkdir(partial, mode) != 0 && errno != EEXIST) {
            log_error("file", "cannot create folder %s: %s", partial, strerror(errno));
            return ERR_IO;
        }
        if (end)
            return OK;
        *at = '/';
    }
}
