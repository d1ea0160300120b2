#include "trail/log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "trail/cursor.h"

#define CHUNK_BYTES ((size_t)256 << 10)

static enum err zeros_write(int fd, uint64_t from, uint64_t to)
{
    static const char zeros[CHUNK_BYTES];

    while (from < to) {
        size_t size = to - from < CHUNK_BYTES ? (size_t)(to - from) : CHUNK_BYTES;
        ssize_t written = pwrite(fd, zeros, size, (off_t)from);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return ERR_IO;
        if (written == 0) {
            errno = ENOSPC;
            return ERR_IO;
        }
        from += (uint64_t)written;
    }
    return OK;
}

enum err log_reserve(const char *folder, uint32_t number, uint64_t file_bytes,
                     char problem[LOG_PROBLEM_SIZE])
{
    char path[FILE_PATH_SIZE], temporary[FILE_PATH_SIZE + 8], parent[FILE_PATH_SIZE];
    int fd, why;

    problem[0] = '\0';
    cursor_path(folder, number, path);
    if (access(path, F_OK) == 0)
        return OK;
    snprintf(temporary, sizeof temporary, "%s.new", path);
    snprintf(parent, sizeof parent, "%.*s/log", FILE_PATH_SIZE - 32, folder);
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 || zeros_write(fd, 0, file_bytes) != OK || fsync(fd) != 0 ||
        rename(temporary, path) != 0 || file_folder_sync(parent) != OK) {
        why = errno;
        snprintf(problem, LOG_PROBLEM_SIZE,
                 "cannot reserve %" PRIu64 " bytes for log/%06" PRIu32 ".log: %s", file_bytes,
                 number, strerror(why));
        if (fd >= 0)
            close(fd);
        unlink(temporary);
        return why == ENOSPC || why == EDQUOT ? ERR_FULL : ERR_IO;
    }
    close(fd);
    return OK;
}

void log_init(struct log *log, const char *folder, uint64_t file_bytes)
{
    *log = (struct log){ .folder = folder, .file_bytes = file_bytes, .fd = -1 };
}

void log_close(struct log *log)
{
    if (log->fd >= 0)
        close(log->fd);
    free(log->bytes);
    *log = (struct log){ .fd = -1 };
}

/* Remembers the reason; the journal hears it once, not with every attempt. */
static enum err log_stop(struct log *log, const char *words, const char *what_to_do)
{
    char problem[LOG_PROBLEM_SIZE];

    snprintf(problem, sizeof problem, "log/%06" PRIu32 ".log %s: %s", log->number, words,
             what_to_do);
    if (strcmp(problem, log->problem) != 0)
        log_error("trail", "no record can be kept: %s", problem);
    memcpy(log->problem, problem, sizeof problem);
    return ERR_IO;
}

static enum err log_stop_lost(struct log *log, const char *words)
{
    log->is_lost = true;
    return log_stop(log, words, "restart the authority, which will check what is on the disk");
}

enum err log_continue(struct log *log, uint32_t number, uint64_t offset, uint64_t index, bool wipe)
{
    char path[FILE_PATH_SIZE];
    struct stat status;
    int fd;

    cursor_path(log->folder, number, path);
    fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &status) != 0) {
        if (fd >= 0)
            close(fd);
        return log_stop(log, "cannot be followed by the next file", strerror(errno));
    }
    if ((wipe && zeros_write(fd, offset, (uint64_t)status.st_size) != OK) || fdatasync(fd) != 0) {
        close(fd);
        return log_stop(log, "cannot be wiped behind its last record", strerror(errno));
    }
    if (log->fd >= 0)
        close(log->fd);
    log->fd = fd;
    log->number = number;
    log->device = status.st_dev;
    log->inode = status.st_ino;
    log->size = (uint64_t)status.st_size;
    log->offset = offset;
    log->dirty_end = offset;
    log->index = index;
    return OK;
}

/* Does another file hold the same bytes as the open one? */
static bool is_same_content(int a, int b, uint64_t size)
{
    char *left = malloc(2 * CHUNK_BYTES);
    char *right = left == NULL ? NULL : left + CHUNK_BYTES;
    bool same = left != NULL;

    for (uint64_t at = 0; same && at < size; at += CHUNK_BYTES) {
        ssize_t got = pread(a, left, CHUNK_BYTES, (off_t)at);

        same = got > 0 && pread(b, right, CHUNK_BYTES, (off_t)at) == got &&
               memcmp(left, right, (size_t)got) == 0;
    }
    free(left);
    return same;
}

/* Somebody put a file under the name.  When it is a faithful copy, the cause is gone. */
static enum err log_adopt(struct log *log, const char *path)
{
    uint64_t now_ns = clock_mono_ns();
    struct stat status;
    int fd;

    if (now_ns < log->compare_after_ns)
        return ERR_IO;
    log->compare_after_ns = now_ns + NS_PER_S;
    fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || fstat(fd, &status) != 0 || (uint64_t)status.st_size != log->size ||
        !is_same_content(log->fd, fd, log->size) || fsync(fd) != 0) {
        if (fd >= 0)
            close(fd);
        return ERR_IO;
    }
    log_info("trail", "log/%06" PRIu32 ".log was put back", log->number);
    close(log->fd);
    log->fd = fd;
    log->device = status.st_dev;
    log->inode = status.st_ino;
    return OK;
}

static enum err log_misnamed(struct log *log, const char *words, const char *what_to_do)
{
    log->is_misnamed = true;
    return log_stop(log, words, what_to_do);
}

enum err log_check(struct log *log)
{
    char path[FILE_PATH_SIZE];
    struct stat status;

    if (log->is_lost)
        return ERR_IO;
    cursor_path(log->folder, log->number, path);
    if (stat(path, &status) != 0)
        return log_misnamed(log, errno == ENOENT ? "was deleted" : strerror(errno),
                            "put it back before the authority stops, or records are lost");
    if ((status.st_dev != log->device || status.st_ino != log->inode) && log_adopt(log, path) != OK)
        return log_misnamed(log, "was replaced by another file",
                            "put the original or a faithful copy back");
    if (fstat(log->fd, &status) != 0 || (uint64_t)status.st_size != log->size)
        return log_stop_lost(log, "was cut while in use");
    if (log->is_misnamed) {
        log->is_misnamed = false;
        log->problem[0] = '\0';
    }
    return OK;
}

static enum err bytes_reserve(struct log *log, size_t size)
{
    uint8_t *more;

    if (size <= log->capacity)
        return OK;
    more = realloc(log->bytes, size);
    if (more == NULL)
        return ERR_MEMORY;
    log->bytes = more;
    log->capacity = size;
    return OK;
}

static void batch_encode(struct log *log, const struct slice *records, size_t count,
                         const struct merkle_frontier *tree)
{
    uint8_t *out = log->bytes;

    if (log->offset == 0) {
        struct frame_file file = {
            .number = log->number, .first_index = log->index, .file_bytes = log->size, .tree = *tree
        };

        log_frame_file_encode(&file, out);
        out += FRAME_FILE_HEADER_SIZE;
    }
    for (size_t i = 0; i < count; i++) {
        log_frame_encode(log->index + i, log->index, records[i], out);
        out += log_frame_size(records[i].size);
    }
}

/* One write; a short one means that the disk has no room, whatever was reserved. */
static enum err batch_write(struct log *log, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t written =
            pwrite(log->fd, log->bytes + done, size - done, (off_t)(log->offset + done));

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            int why = written == 0 ? ENOSPC : errno;

            return log_stop(log, "cannot be written", strerror(why));
        }
        done += (size_t)written;
        if (log->dirty_end < log->offset + done)
            log->dirty_end = log->offset + done;
    }
    /* A failed attempt may have left more behind than this one overwrites. */
    if (log->dirty_end > log->offset + size &&
        zeros_write(log->fd, log->offset + size, log->dirty_end) != OK)
        return log_stop(log, "cannot be wiped behind its last record", strerror(errno));
    return OK;
}

enum err log_append(struct log *log, const struct slice *records, size_t count,
                    const struct merkle_frontier *tree)
{
    size_t size = log->offset == 0 ? FRAME_FILE_HEADER_SIZE : 0;
    enum err e;

    for (size_t i = 0; i < count; i++)
        size += log_frame_size(records[i].size);
    if (size > LOG_FILE_BYTES_MOST - FRAME_FILE_HEADER_SIZE)
        return ERR_RANGE;
    TRY(log_check(log));
    if (size > log->size - log->offset)
        return log->offset == 0 ? ERR_RANGE : ERR_FULL;
    TRY(bytes_reserve(log, size));
    batch_encode(log, records, count, tree);
    TRY(batch_write(log, size));
    /* After a failed fdatasync the kernel may have dropped the pages and call the next one fine. */
    if (fdatasync(log->fd) != 0)
        return log_stop_lost(log, strerror(errno));
    log->offset += size;
    log->dirty_end = log->offset;
    log->index += count;
    log->problem[0] = '\0';
out:
    return e;
}
