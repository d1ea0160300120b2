#include "venue/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "venue/frame.h"

enum { STEP_BYTES = 4 * 1024 * 1024, FRAME_MOST = FRAME_HEADER_SIZE + FRAME_PAYLOAD_MOST };

/* What of a header does not depend on the seed: its first bytes. */
enum { HEADER_KNOWN = 16 };

struct journal {
    int fd;
    bool failed;
    bool is_full;                          /* was said already */
    uint64_t end_bytes;                    /* of the last frame on disk */
    uint64_t file_bytes;                   /* zeros reach from there to here */
    uint64_t flushed_count, batched_count; /* commands */
    uint32_t batch_bytes;                  /* of the payload below */
    uint32_t frame_bytes, frame_checksum;  /* of the last frame on disk; 0: there is none */
    char path[FILE_PATH_SIZE];
    uint8_t batch[FRAME_MOST]; /* the frame being filled */
};

static bool no_space(int error)
{
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

/* Writes all of it at `offset`; false with errno. */
static bool write_at(int fd, const void *bytes, size_t size, uint64_t offset)
{
    const char *at = bytes;

    while (size > 0) {
        ssize_t wrote = pwrite(fd, at, size, (off_t)offset);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return false;
        at += wrote;
        size -= (size_t)wrote;
        offset += (uint64_t)wrote;
    }
    return true;
}

static bool write_zeros(int fd, uint64_t from, uint64_t to)
{
    static const char zeros[64 * 1024];

    while (from < to) {
        size_t size = to - from < sizeof zeros ? (size_t)(to - from) : sizeof zeros;

        if (!write_at(fd, zeros, size, from))
            return false;
        from += size;
    }
    return true;
}

static enum err io_failed(struct journal *journal, const char *what)
{
    log_error("journal", "%s %s: %s", what, journal->path, strerror(errno));
    journal->failed = true;
    return ERR_IO;
}

/* A step of zeros is written whole or given back, so that a full disk leaves the file as it was. */
static enum err journal_grow(struct journal *journal)
{
    uint64_t to = journal->file_bytes + STEP_BYTES;
    struct statvfs disk;
    int error;

    /* Asked first once it was full: each command that is refused would write what there is. */
    if (journal->is_full && fstatvfs(journal->fd, &disk) == 0 &&
        (uint64_t)disk.f_bavail * disk.f_frsize < STEP_BYTES)
        return ERR_FULL;
    if (write_zeros(journal->fd, journal->file_bytes, to)) {
        journal->file_bytes = to;
        journal->is_full = false;
        return OK;
    }
    error = errno;
    if (ftruncate(journal->fd, (off_t)journal->file_bytes) != 0)
        return io_failed(journal, "cannot shorten");
    errno = error;
    if (!no_space(error))
        return io_failed(journal, "cannot extend");
    if (!journal->is_full)
        log_warn("journal", "no space to extend %s", journal->path);
    journal->is_full = true;
    return ERR_FULL;
}

/* ---- Opening. ---- */

static enum err journal_create(struct journal *journal, enum environment environment, uint64_t seed)
{
    const struct journal_header header = { JOURNAL_VERSION, environment, seed };
    uint8_t bytes[JOURNAL_HEADER_SIZE];
    enum err e;

    journal_header_encode(&header, bytes);
    if (ftruncate(journal->fd, 0) != 0)
        return io_failed(journal, "cannot begin");
    TRY(journal_grow(journal));
    if (!write_at(journal->fd, bytes, sizeof bytes, 0) || fsync(journal->fd) != 0)
        return io_failed(journal, "cannot begin");
    journal->end_bytes = JOURNAL_HEADER_SIZE;
out:
    return e;
}

/* Does the file hold nothing but the beginning of its own header?  Then it was made while the power
 * went: the header is on disk before anything else is, so nothing was ever there. */
static bool header_is_torn(const struct journal *journal, enum environment environment,
                           const char bytes[JOURNAL_HEADER_SIZE])
{
    const struct journal_header header = { JOURNAL_VERSION, environment, 0 };
    uint8_t whole[JOURNAL_HEADER_SIZE];
    char block[64 * 1024];
    size_t size = JOURNAL_HEADER_SIZE;
    uint64_t at = JOURNAL_HEADER_SIZE;
    ssize_t got;

    journal_header_encode(&header, whole);
    while (size > 0 && bytes[size - 1] == 0)
        size--;
    if (size == JOURNAL_HEADER_SIZE ||
        memcmp(bytes, whole, size < HEADER_KNOWN ? size : HEADER_KNOWN) != 0)
        return false;
    for (; (got = file_read_at(journal->fd, block, sizeof block, at)) > 0; at += (uint64_t)got)
        for (ssize_t i = 0; i < got; i++)
            if (block[i] != 0)
                return false;
    return got == 0;
}

static enum err header_read(struct journal *journal, enum environment environment, uint64_t *seed)
{
    char bytes[JOURNAL_HEADER_SIZE] = { 0 };
    struct journal_header header;
    ssize_t got = file_read_at(journal->fd, bytes, sizeof bytes, 0);
    static const char zeros[JOURNAL_HEADER_SIZE];
    enum err e;

    if (got < 0)
        return io_failed(journal, "cannot read");
    /* The header is on disk before anything else is, so without one nothing was ever there. */
    if (memcmp(bytes, zeros, (size_t)got) == 0)
        return journal_create(journal, environment, *seed);
    e = journal_header_decode((struct slice){ bytes, (size_t)got }, &header);
    if (e == ERR_MALFORMED && header_is_torn(journal, environment, bytes))
        return journal_create(journal, environment, *seed);
    if (e == ERR_MALFORMED) {
        log_error("journal",
                  "%s is not a journal, or its first 64 bytes are damaged: restore it "
                  "from a copy, or move it away to start anew",
                  journal->path);
        return ERR_CORRUPT;
    }
    if (e == ERR_VERSION) {
        log_error("journal",
                  "%s has format version %u, this program reads version %u: use the "
                  "program that wrote it, or move it away to start anew",
                  journal->path, header.version, (unsigned)JOURNAL_VERSION);
        return e;
    }
    if (header.environment != environment) {
        log_error("journal",
                  "%s was written by the exchange of the other environment: check "
                  "--environment and --data",
                  journal->path);
        return ERR_VERSION;
    }
    *seed = header.seed;
    journal->end_bytes = JOURNAL_HEADER_SIZE;
    return OK;
}

/* A window of the file, at least a frame wide unless the file ends. */
struct window {
    char *bytes;
    size_t size, capacity;
    uint64_t offset; /* of bytes[0] in the file */
};

static enum err window_fill(struct journal *journal, struct window *window, uint64_t offset)
{
    uint64_t window_end = window->offset + window->size;
    ssize_t got;

    if (offset >= window->offset &&
        (offset + FRAME_MOST <= window_end || window_end == journal->file_bytes))
        return OK;
    got = file_read_at(journal->fd, window->bytes, window->capacity, offset);
    if (got < 0)
        return io_failed(journal, "cannot read");
    window->offset = offset;
    window->size = (size_t)got;
    return OK;
}

static struct slice window_from(const struct window *window, uint64_t offset)
{
    return slice_from((struct slice){ window->bytes, window->size },
                      (size_t)(offset - window->offset));
}

static enum err damaged(const struct journal *journal, const char *what)
{
    log_error("journal",
              "%s: %s at byte %llu, with acknowledged commands behind it: restore the "
              "file from a copy; nothing was changed",
              journal->path, what, (unsigned long long)journal->end_bytes);
    return ERR_CORRUPT;
}

static void frame_note(struct journal *journal, const void *frame, size_t size)
{
    journal->frame_bytes = (uint32_t)size;
    memcpy(&journal->frame_checksum, frame, sizeof journal->frame_checksum);
    journal->end_bytes += size;
}

static enum err frames_replay(struct journal *journal, struct window *window,
                              struct journal_replay replay)
{
    struct command command;
    struct slice frame, payload, words;
    uint64_t first;
    enum err e;

    for (;;) {
        TRY(window_fill(journal, window, journal->end_bytes));
        frame = window_from(window, journal->end_bytes);
        if (!frame_decode(frame, &payload, &first))
            return OK;
        if (first != journal->flushed_count + 1)
            return damaged(journal, "a frame is missing");
        frame_note(journal, frame.at, FRAME_HEADER_SIZE + payload.size);
        while (frame_command_decode(&payload, &command, &words)) {
            replay.take(replay.context, &command, words);
            journal->flushed_count++;
        }
        if (payload.size > 0)
            return damaged(journal, "a command cannot be read");
    }
out:
    return e;
}

/* The last frame may stand in the kernel's memory only: its writer died before the flush returned,
 * or the flush failed and the kernel now believes these pages clean.  Later frames lean on it. */
static enum err frame_settle(struct journal *journal, struct window *window)
{
    size_t size = journal->frame_bytes;
    uint64_t offset = journal->end_bytes - size;
    enum err e;

    /* The window may have moved on behind the frame. */
    TRY(window_fill(journal, window, offset));
    if (!write_at(journal->fd, window_from(window, offset).at, size, offset) ||
        fdatasync(journal->fd) != 0)
        return io_failed(journal, "cannot make durable");
out:
    return e;
}

/* What stands behind the last good frame: zeros, the rest of a batch that a crash cut short, or the
 * proof that something in the middle was damaged. */
static enum err tail_judge(struct journal *journal, struct window *window)
{
    uint64_t torn_end = journal->end_bytes, offset = journal->end_bytes;
    enum err e;

    while (offset < journal->file_bytes) {
        struct slice rest;
        size_t take;

        TRY(window_fill(journal, window, offset));
        rest = window_from(window, offset);
        if (rest.size == 0)
            break;
        /* A frame may begin near the end of the window: only take what leaves one in sight. */
        take = rest.size > FRAME_MOST ? rest.size - FRAME_MOST : rest.size;
        for (size_t i = 0; i < take; i++) {
            if (rest.at[i] != 0)
                torn_end = offset + i + 1;
        }
        if (torn_end > offset && frame_stands_in(rest, journal->flushed_count + 1))
            return damaged(journal, "a frame is damaged");
        offset += take;
    }
    if (torn_end > journal->end_bytes + FRAME_MOST)
        return damaged(journal, "more is damaged than one batch can be");
    if (torn_end > journal->end_bytes) {
        log_warn("journal", "%s: cut %llu bytes of a batch that was never acknowledged",
                 journal->path, (unsigned long long)(torn_end - journal->end_bytes));
        if (!write_zeros(journal->fd, journal->end_bytes, torn_end) || fdatasync(journal->fd) != 0)
            return io_failed(journal, "cannot cut the end of");
    }
    e = OK;
out:
    return e;
}

/* Goes on behind a frame that was read before. */
static enum err mark_find(struct journal *journal, struct window *window,
                          const struct journal_mark *mark)
{
    uint64_t offset = mark->end_bytes - mark->frame_bytes;
    struct slice frame, payload;
    uint64_t first;
    enum err e;

    if (mark->end_bytes > journal->file_bytes || mark->frame_bytes > mark->end_bytes)
        return ERR_MISSING;
    TRY(window_fill(journal, window, offset));
    frame = window_from(window, offset);
    if (!frame_decode(frame, &payload, &first) ||
        FRAME_HEADER_SIZE + payload.size != mark->frame_bytes ||
        memcmp(frame.at, &mark->frame_checksum, sizeof mark->frame_checksum) != 0 ||
        first > mark->command_count)
        return ERR_MISSING;
    journal->end_bytes = offset;
    frame_note(journal, frame.at, mark->frame_bytes);
    journal->flushed_count = mark->command_count;
out:
    return e;
}

static enum err journal_load(struct journal *journal, const struct journal_mark *from,
                             struct journal_replay replay)
{
    struct window window = { .capacity = 4 * (size_t)FRAME_MOST };
    struct stat facts;
    enum err e;

    window.bytes = malloc(window.capacity);
    if (window.bytes == NULL)
        return ERR_MEMORY;
    if (fstat(journal->fd, &facts) != 0) {
        e = io_failed(journal, "cannot read");
        goto out;
    }
    journal->file_bytes = (uint64_t)facts.st_size;
    if (from != NULL)
        TRY(mark_find(journal, &window, from));
    TRY(frames_replay(journal, &window, replay));
    TRY(frame_settle(journal, &window));
    TRY(tail_judge(journal, &window));
    journal->batched_count = journal->flushed_count;
out:
    free(window.bytes);
    return e;
}

static enum err file_open(struct journal *journal, const char *folder, const char *name)
{
    enum err e;

    if (snprintf(journal->path, sizeof journal->path, "%s/%s", folder, name) >=
        (int)sizeof journal->path)
        return ERR_RANGE;
    TRY(file_folder_make(folder, 0700));
    journal->fd = open(journal->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (journal->fd < 0)
        return io_failed(journal, "cannot open");
    if (flock(journal->fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK)
            return io_failed(journal, "cannot lock");
        log_error("journal",
                  "another exchange is running on %s: stop it first, or give this one "
                  "another --data folder",
                  folder);
        return ERR_DENIED;
    }
    TRY(file_folder_sync(folder));
out:
    return e;
}

enum err journal_open(const char *folder, enum environment environment, uint64_t *seed,
                      const struct journal_mark *from, struct journal_replay replay,
                      struct journal **journal)
{
    struct journal *made = calloc(1, sizeof *made);
    enum err e;

    *journal = NULL;
    if (made == NULL)
        return ERR_MEMORY;
    made->fd = -1;
    TRY(file_open(made, folder, "journal"));
    TRY(header_read(made, environment, seed));
    TRY(journal_load(made, from, replay));
    *journal = made;
    made = NULL;
out:
    journal_close(&made);
    return e;
}

/* ---- Beginning anew. ---- */

static void ignore(void *context, const struct command *command, struct slice words)
{
    (void)context;
    (void)command;
    (void)words;
}

/* All of one descriptor up to `end` behind the position of another. */
static enum err bytes_copy(int from, uint64_t end, int to)
{
    char bytes[64 * 1024];
    enum err e = OK;

    for (uint64_t at = 0; at < end;) {
        size_t most = end - at < sizeof bytes ? (size_t)(end - at) : sizeof bytes;
        ssize_t got = file_read_at(from, bytes, most, at);

        if (got <= 0)
            return ERR_IO;
        TRY(file_write_all(to, (struct slice){ bytes, (size_t)got }));
        at += (uint64_t)got;
    }
    if (fsync(to) != 0)
        e = ERR_IO;
out:
    return e;
}

static enum err source_copy(struct journal *next, const char *source)
{
    int from = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat facts;
    enum err e = ERR_MISSING;

    if (from < 0)
        return errno == ENOENT ? ERR_MISSING : ERR_IO;
    if (fstat(from, &facts) == 0)
        e = bytes_copy(from, (uint64_t)facts.st_size, next->fd);
    close(from);
    return e;
}

enum err journal_next_open(const char *folder, enum environment environment, uint64_t *seed,
                           const char *source, struct journal **next)
{
    struct journal *made = calloc(1, sizeof *made);
    enum err e;

    *next = NULL;
    if (made == NULL)
        return ERR_MEMORY;
    made->fd = -1;
    TRY(file_open(made, folder, "journal.next"));
    /* What an attempt before this one may have left. */
    if (ftruncate(made->fd, 0) != 0) {
        e = io_failed(made, "cannot begin");
        goto out;
    }
    if (source != NULL)
        TRY(source_copy(made, source));
    TRY(header_read(made, environment, seed));
    TRY(journal_load(made, NULL, (struct journal_replay){ ignore, NULL }));
    *next = made;
    made = NULL;
out:
    journal_close(&made);
    return e;
}

enum err journal_install(struct journal **journal, struct journal **next)
{
    char before[FILE_PATH_SIZE + sizeof ".before"];
    enum err e;

    snprintf(before, sizeof before, "%s.before", (*journal)->path);
    if ((unlink(before) != 0 && errno != ENOENT) || link((*journal)->path, before) != 0)
        return io_failed(*next, "cannot keep the journal before");
    if (rename((*next)->path, (*journal)->path) != 0)
        return io_failed(*next, "cannot put in its place");
    memcpy((*next)->path, (*journal)->path, sizeof(*next)->path);
    journal_close(journal);
    *journal = *next;
    *next = NULL;
    TRY(file_parent_sync((*journal)->path));
out:
    return e;
}

enum err journal_replay_all(struct journal *journal, struct journal_replay replay)
{
    journal->end_bytes = JOURNAL_HEADER_SIZE;
    journal->flushed_count = 0;
    journal->frame_bytes = 0;
    return journal_load(journal, NULL, replay);
}

enum err journal_copy(const struct journal *journal, const char *path)
{
    char made[FILE_PATH_SIZE + sizeof ".next"];
    int to;
    enum err e;

    if (snprintf(made, sizeof made, "%s.next", path) >= FILE_PATH_SIZE)
        return ERR_RANGE;
    to = open(made, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (to < 0)
        return ERR_IO;
    e = bytes_copy(journal->fd, journal->end_bytes, to);
    close(to);
    if (e == OK && rename(made, path) != 0)
        e = ERR_IO;
    if (e == OK)
        e = file_parent_sync(path);
    else
        unlink(made);
    return e;
}

/* ---- Appending. ---- */

/* `spare`: bytes that stay free behind it. */
static enum err batch_append(struct journal *journal, const struct command *command,
                             struct slice words, uint64_t spare)
{
    enum err e = OK;

    if (journal->failed)
        return ERR_IO;
    if (journal->batch_bytes + FRAME_COMMAND_MOST > FRAME_PAYLOAD_MOST)
        TRY(journal_flush(journal));
    if (journal->end_bytes + FRAME_HEADER_SIZE + journal->batch_bytes + FRAME_COMMAND_MOST + spare >
        journal->file_bytes)
        TRY(journal_grow(journal));
    journal->batch_bytes += (uint32_t)frame_command_encode(
        command, words, journal->batch + FRAME_HEADER_SIZE + journal->batch_bytes);
    journal->batched_count++;
out:
    return e;
}

enum err journal_append_words(struct journal *journal, const struct command *command,
                              struct slice words)
{
    return batch_append(journal, command, words, JOURNAL_RESERVE_BYTES);
}

enum err journal_append(struct journal *journal, const struct command *command)
{
    return journal_append_words(journal, command, SLICE_EMPTY);
}

enum err journal_append_reserved(struct journal *journal, const struct command *command)
{
    return batch_append(journal, command, SLICE_EMPTY, 0);
}

enum err journal_flush(struct journal *journal)
{
    size_t size = FRAME_HEADER_SIZE + (size_t)journal->batch_bytes;

    if (journal->failed)
        return ERR_IO;
    if (journal->batch_bytes == 0)
        return OK;
    frame_seal(journal->batch, journal->batch_bytes, journal->flushed_count + 1);
    if (!write_at(journal->fd, journal->batch, size, journal->end_bytes))
        return io_failed(journal, "cannot write");
    if (fdatasync(journal->fd) != 0)
        return io_failed(journal, "cannot make durable");
    frame_note(journal, journal->batch, size);
    journal->flushed_count = journal->batched_count;
    journal->batch_bytes = 0;
    return OK;
}

struct journal_mark journal_mark(const struct journal *journal)
{
    return (struct journal_mark){ .command_count = journal->flushed_count,
                                  .end_bytes = journal->end_bytes,
                                  .frame_bytes = journal->frame_bytes,
                                  .frame_checksum = journal->frame_checksum };
}

uint64_t journal_command_count(const struct journal *journal)
{
    return journal->batched_count;
}

uint64_t journal_bytes(const struct journal *journal)
{
    return journal->end_bytes;
}

void journal_close(struct journal **journal)
{
    if (*journal == NULL)
        return;
    if ((*journal)->fd >= 0)
        close((*journal)->fd);
    free(*journal);
    *journal = NULL;
}
