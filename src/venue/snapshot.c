#include "venue/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/log.h"
#include "base/program.h"

#define PAGE_BYTES ((size_t)4096)

/* Largest piece that is read or written in one go. */
#define EXTENT_MOST ((size_t)1 << 20)

static const char magic[8] = "LKSNAPSH";

/* Only the same program reads it, so it may be written as it lies in memory. */
struct head {
    char magic[8];
    uint8_t program[PROGRAM_ID_SIZE];
    uint32_t checksum; /* CRC-32C of the rest of the head, and of all extents */
    uint64_t used_bytes;
    struct journal_mark mark;
};

/* In front of its bytes; one of 0 bytes ends the file. */
struct extent {
    uint64_t offset, bytes;
};

static bool path_of(const struct snapshot *snapshot, const char *name, char path[FILE_PATH_SIZE])
{
    return snprintf(path, FILE_PATH_SIZE, "%s/%s", snapshot->folder, name) < FILE_PATH_SIZE;
}

/* ---- Writing ---- */

/* What the kernel says of a stretch of pages, as much at a time as `entries` holds: most of an
 * arena was never touched, and looking at it would take longer than writing the rest. */
struct pagemap {
    int fd; /* < 0: everything has to be looked at */
    uint64_t first, count;
    uint64_t entries[4096];
};

/* Present, or in the swap: Documentation/admin-guide/mm/pagemap.rst of Linux. */
#define PAGEMAP_USED (UINT64_C(3) << 62)

static bool page_is_used(struct pagemap *map, const char *page)
{
    static const char zeros[PAGE_BYTES];
    uint64_t number = (uintptr_t)page / PAGE_BYTES;

    if (map->fd >= 0 && (number < map->first || number - map->first >= map->count)) {
        ssize_t got =
            file_read_at(map->fd, map->entries, sizeof map->entries, number * sizeof *map->entries);

        map->first = number;
        map->count = got < 0 ? 0 : (uint64_t)got / sizeof *map->entries;
    }
    if (map->fd >= 0 && map->count > 0 && (map->entries[number - map->first] & PAGEMAP_USED) == 0)
        return false;
    return memcmp(page, zeros, PAGE_BYTES) != 0;
}

/* The next run of used pages, from `*at` on; false: none. */
static bool extent_next(struct pagemap *map, const char *bytes, size_t size, size_t *at,
                        struct extent *extent)
{
    size_t from = *at, to;

    while (from < size && !page_is_used(map, bytes + from))
        from += PAGE_BYTES;
    for (to = from; to < size && to - from < EXTENT_MOST && page_is_used(map, bytes + to);)
        to += PAGE_BYTES;
    *extent = (struct extent){ from, to - from };
    *at = to;
    return to > from;
}

static bool put(int fd, uint32_t *checksum, const void *bytes, size_t size)
{
    *checksum = crc32c(*checksum, bytes, size);
    return file_write_all(fd, (struct slice){ bytes, size }) == OK;
}

static uint32_t head_checksum(struct head head)
{
    head.checksum = 0;
    return crc32c(0, &head, sizeof head);
}

static bool image_write(int fd, const struct arena *arena, struct pagemap *map, struct head *head)
{
    const char *bytes = (const char *)arena;
    size_t size = (head->used_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    uint32_t checksum = head_checksum(*head);
    struct extent extent;
    size_t at = 0;
    bool more;

    if (lseek(fd, sizeof *head, SEEK_SET) < 0)
        return false;
    do {
        more = extent_next(map, bytes, size, &at, &extent);
        if (!put(fd, &checksum, &extent, sizeof extent) ||
            !put(fd, &checksum, bytes + extent.offset, extent.bytes))
            return false;
    } while (more);
    head->checksum = checksum;
    return pwrite(fd, head, sizeof *head, 0) == (ssize_t)sizeof *head && fsync(fd) == 0;
}

/* The child's life.  Only calls that a child of any program may make, and nothing of the parent's
 * is touched: its locks and sockets are the parent's alone. */
_Noreturn static void child_run(int fd, const char *next, const char *path,
                                const struct arena *arena, struct head *head)
{
    struct pagemap map = { .count = 0 };

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (dup2(fd, STDIN_FILENO) != STDIN_FILENO || close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
        _exit(1);
    map.fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (image_write(STDIN_FILENO, arena, &map, head) && rename(next, path) == 0 &&
        file_parent_sync(path) == OK)
        _exit(0);
    unlink(next);
    _exit(1);
}

void snapshot_begin(struct snapshot *snapshot, struct arena *arena, const struct journal_mark *mark)
{
    struct head head = { .used_bytes = arena_used_bytes(arena), .mark = *mark };
    char path[FILE_PATH_SIZE], next[FILE_PATH_SIZE];
    pid_t child;
    int fd;

    if (!snapshot_is_written(snapshot) || !arena_is_at_home(arena) || !program_id(head.program) ||
        !path_of(snapshot, "snapshot", path) || !path_of(snapshot, "snapshot.next", next))
        return;
    memcpy(head.magic, magic, sizeof magic);
    fd = open(next, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    child = fd < 0 ? -1 : fork();
    if (child == 0)
        child_run(fd, next, path, arena, &head);
    if (child < 0)
        log_warn("snapshot", "cannot write %s: %s; the next start takes longer", next,
                 strerror(errno));
    else
        snapshot->child = child;
    if (fd >= 0)
        close(fd);
}

bool snapshot_is_written(struct snapshot *snapshot)
{
    int status = 0;
    pid_t ended;

    if (snapshot->child == 0)
        return true;
    ended = waitpid(snapshot->child, &status, WNOHANG);
    if (ended == 0)
        return false;
    if (ended < 0 || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        log_warn("snapshot", "%s/snapshot could not be written; the next start takes longer",
                 snapshot->folder);
    snapshot->child = 0;
    return true;
}

void snapshot_stop(struct snapshot *snapshot)
{
    if (snapshot->child == 0)
        return;
    kill(snapshot->child, SIGKILL);
    waitpid(snapshot->child, NULL, 0);
    snapshot->child = 0;
}

/* ---- Reading ---- */

static bool get(int fd, uint64_t *at, void *bytes, size_t size)
{
    ssize_t got = file_read_at(fd, bytes, size, *at);

    *at += size;
    return got == (ssize_t)size;
}

static bool head_is_ours(const struct head *head)
{
    uint8_t program[PROGRAM_ID_SIZE];

    return memcmp(head->magic, magic, sizeof magic) == 0 && program_id(program) &&
           memcmp(head->program, program, sizeof program) == 0 &&
           head->used_bytes <= arena_most_bytes();
}

static bool image_read(int fd, struct arena *arena, const struct head *head)
{
    char *bytes = (char *)arena;
    uint32_t checksum = head_checksum(*head);
    uint64_t at = sizeof *head, end = (head->used_bytes + PAGE_BYTES - 1) / PAGE_BYTES * PAGE_BYTES;
    struct extent extent;

    for (;;) {
        if (!get(fd, &at, &extent, sizeof extent))
            return false;
        checksum = crc32c(checksum, &extent, sizeof extent);
        if (extent.bytes == 0)
            return checksum == head->checksum;
        if (extent.bytes > EXTENT_MOST || extent.offset > end ||
            extent.bytes > end - extent.offset ||
            !get(fd, &at, bytes + extent.offset, extent.bytes))
            return false;
        checksum = crc32c(checksum, bytes + extent.offset, extent.bytes);
    }
}

bool snapshot_load(const struct snapshot *snapshot, struct arena *arena, struct journal_mark *mark)
{
    char path[FILE_PATH_SIZE];
    struct head head;
    uint64_t at = 0;
    bool loaded = false;
    int fd;

    if (!arena_is_at_home(arena) || !path_of(snapshot, "snapshot", path))
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return false;
    if (!get(fd, &at, &head, sizeof head) || !head_is_ours(&head))
        log_info("snapshot", "%s is of another version: the whole journal is replayed", path);
    else if (!image_read(fd, arena, &head)) {
        log_warn("snapshot", "%s is damaged: the whole journal is replayed", path);
        arena_clear(arena);
    } else {
        *mark = head.mark;
        loaded = true;
    }
    close(fd);
    return loaded;
}
