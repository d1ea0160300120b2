#include "trail/intents.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"

enum { FILE_HEADER_SIZE = 64 };
static const char magic[16] = "LKINTENT\1";

/* A file's content as it was found. */
struct content {
    uint8_t *bytes;
    size_t size;
};

struct intents {
    char *folder;
    uint64_t file_bytes;
    struct content contents[2];
    struct intent *found;
    size_t found_count, found_capacity;

    int fd;              /* of the file in use; -1: none yet */
    uint32_t generation; /* of the file in use, or the highest found */
    uint64_t size;       /* of the file in use */
    uint64_t offset;     /* where the next batch goes */
    uint8_t *batch;
    size_t batch_size, batch_capacity;
    bool is_lost;
    char problem[LOG_PROBLEM_SIZE];
};

static void path_of(const struct intents *in, uint32_t generation, char path[FILE_PATH_SIZE])
{
    snprintf(path, FILE_PATH_SIZE, "%.*s/%u", FILE_PATH_SIZE - 32, in->folder, generation % 2);
}

static uint64_t place_of(const struct intents *in, uint64_t offset)
{
    return (uint64_t)in->generation << 32 | offset;
}

/* ---- what a predecessor left ---- */

static enum err found_add(struct intents *in, const struct frame *frame)
{
    if (in->found_count == in->found_capacity) {
        size_t capacity = in->found_capacity == 0 ? 1024 : 2 * in->found_capacity;
        struct intent *found = realloc(in->found, capacity * sizeof *found);

        if (found == NULL)
            return ERR_MEMORY;
        in->found = found;
        in->found_capacity = capacity;
    }
    in->found[in->found_count++] = (struct intent){ frame->record, frame->index };
    return OK;
}

/* Visits every whole frame, wherever it stands: each but those of a torn batch was promised, and
 * a request of a torn batch has not acted, which "unknown" does not contradict. */
static enum err content_scan(struct intents *in, const struct content *content,
                             enum err (*take)(struct intents *in, const struct frame *frame))
{
    size_t at = FILE_HEADER_SIZE;
    struct frame frame;
    enum err e = OK;

    while (at < content->size) {
        struct slice rest = { (const char *)content->bytes + at, content->size - at };

        if (log_frame_decode(rest, &frame) != FRAME_GOOD) {
            at += FRAME_ALIGNMENT;
            continue;
        }
        TRY(take(in, &frame));
        at += frame.size;
    }
out:
    return e;
}

static enum err generation_raise(struct intents *in, const struct frame *frame)
{
    if (frame->batch > in->generation && frame->batch < UINT32_MAX)
        in->generation = (uint32_t)frame->batch;
    return OK;
}

/* The file before the last is needed too, should the move between them not have been finished.
 * What is older was moved or complete long ago. */
static enum err found_take(struct intents *in, const struct frame *frame)
{
    return frame->batch + 1 >= in->generation ? found_add(in, frame) : OK;
}

static enum err content_read(struct intents *in, uint32_t generation, struct content *content)
{
    char path[FILE_PATH_SIZE];
    struct buffer bytes;
    enum err e;

    path_of(in, generation, path);
    buffer_init(&bytes);
    e = file_read(path, INTENTS_FILE_BYTES_MOST, &bytes);
    if (e == ERR_MISSING)
        return OK;
    if (e != OK) {
        log_error("intents", "%s cannot be read: %s", path, err_text(e));
        buffer_wipe(&bytes);
        return e;
    }
    if (bytes.size < FILE_HEADER_SIZE || memcmp(bytes.at, magic, sizeof magic) != 0) {
        log_error("intents", "%s is not a file of intents of this version", path);
        buffer_wipe(&bytes);
        return ERR_VERSION;
    }
    *content = (struct content){ (uint8_t *)bytes.at, bytes.size };
    return OK;
}

enum err intents_open(const char *folder, uint64_t file_bytes, struct intents **intents)
{
    struct intents *in = calloc(1, sizeof *in);
    enum err e = ERR_MEMORY;

    *intents = NULL;
    if (in == NULL || (in->folder = strdup(folder)) == NULL) {
        free(in);
        return ERR_MEMORY;
    }
    in->fd = -1;
    in->file_bytes = file_bytes == 0 ? INTENTS_FILE_BYTES : file_bytes;
    for (uint32_t i = 0; i < 2; i++)
        TRY(content_read(in, i, &in->contents[i]));
    for (uint32_t i = 0; i < 2; i++)
        TRY(content_scan(in, &in->contents[i], generation_raise));
    for (uint32_t i = 0; i < 2; i++)
        TRY(content_scan(in, &in->contents[i], found_take));
    *intents = in;
    return OK;
out:
    intents_close(&in);
    return e;
}

static void found_forget(struct intents *in)
{
    for (uint32_t i = 0; i < 2; i++) {
        free(in->contents[i].bytes);
        in->contents[i] = (struct content){ 0 };
    }
    free(in->found);
    in->found = NULL;
    in->found_count = in->found_capacity = 0;
}

void intents_close(struct intents **intents)
{
    struct intents *in = *intents;

    *intents = NULL;
    if (in == NULL)
        return;
    found_forget(in);
    if (in->fd >= 0)
        close(in->fd);
    free(in->batch);
    free(in->folder);
    free(in);
}

const struct intent *intents_found(const struct intents *intents, size_t *count)
{
    *count = intents->found_count;
    return intents->found;
}

/* ---- writing ---- */

/* Remembers the reason; the journal hears it once, not with every attempt. */
static enum err intents_stop(struct intents *in, const char *words, int why)
{
    char problem[LOG_PROBLEM_SIZE];

    snprintf(problem, sizeof problem, "%.100s/%u %s: %s", in->folder, in->generation % 2, words,
             in->is_lost ? "restart the authority, which will check what is on the disk"
                         : strerror(why));
    if (strcmp(problem, in->problem) != 0)
        log_error("intents", "requests cannot be announced: %s", problem);
    memcpy(in->problem, problem, sizeof problem);
    return ERR_IO;
}

static bool bytes_write(int fd, const uint8_t *bytes, size_t size, uint64_t offset)
{
    while (size > 0) {
        ssize_t written = pwrite(fd, bytes, size, (off_t)offset);

        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            errno = written == 0 ? ENOSPC : errno;
            return false;
        }
        bytes += written;
        size -= (size_t)written;
        offset += (uint64_t)written;
    }
    return true;
}

static bool batch_reserve(struct intents *in, size_t more)
{
    size_t capacity = in->batch_capacity == 0 ? 64 << 10 : in->batch_capacity;
    uint8_t *batch;

    while (capacity < in->batch_size + more)
        capacity *= 2;
    if (capacity == in->batch_capacity)
        return true;
    batch = realloc(in->batch, capacity);
    if (batch == NULL)
        return false;
    in->batch = batch;
    in->batch_capacity = capacity;
    return true;
}

/* Puts `content` into a new file of `size` bytes under the name of a generation; a power cut leaves
 * the old file or the new one.  Returns its descriptor, < 0 with errno. */
static int file_make(struct intents *in, uint32_t generation, const uint8_t *content,
                     size_t content_size, uint64_t size)
{
    static const uint8_t zeros[64 << 10];
    uint8_t header[FILE_HEADER_SIZE] = { 0 };
    char path[FILE_PATH_SIZE], temporary[FILE_PATH_SIZE + 8];
    bool fine;
    int fd, why;

    path_of(in, generation, path);
    snprintf(temporary, sizeof temporary, "%s.new", path);
    memcpy(header, magic, sizeof magic);
    fd = open(temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -1;
    fine = bytes_write(fd, header, sizeof header, 0) &&
           bytes_write(fd, content, content_size, FILE_HEADER_SIZE);
    for (uint64_t at = FILE_HEADER_SIZE + content_size; fine && at < size;) {
        size_t piece = size - at < sizeof zeros ? (size_t)(size - at) : sizeof zeros;

        fine = bytes_write(fd, zeros, piece, at);
        at += piece;
    }
    fine = fine && fsync(fd) == 0 && rename(temporary, path) == 0 &&
           file_folder_sync(in->folder) == OK;
    if (fine)
        return fd;
    why = errno;
    close(fd);
    unlink(temporary);
    errno = why;
    return -1;
}

/* Over the other file as it lies there: nothing in it counts any more. */
static int file_reuse(struct intents *in, uint32_t generation, const uint8_t *content,
                      size_t content_size, uint64_t *size)
{
    char path[FILE_PATH_SIZE];
    struct stat status;
    int fd, why;

    path_of(in, generation, path);
    fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return -1;
    if (fstat(fd, &status) == 0 &&
        (uint64_t)status.st_size >= FILE_HEADER_SIZE + 2 * content_size &&
        (uint64_t)status.st_size >= in->file_bytes &&
        bytes_write(fd, content, content_size, FILE_HEADER_SIZE) && fdatasync(fd) == 0) {
        *size = (uint64_t)status.st_size;
        return fd;
    }
    why = errno;
    close(fd);
    errno = why;
    return -1;
}

static void file_enter(struct intents *in, int fd, uint64_t size)
{
    if (in->fd >= 0)
        close(in->fd);
    in->fd = fd;
    in->generation++;
    in->size = size;
    in->offset = FILE_HEADER_SIZE + in->batch_size;
    in->batch_size = 0;
    in->problem[0] = '\0';
}

/* Half of a file at most is what stays, so that each turn is worth it. */
static uint64_t size_for(const struct intents *in)
{
    uint64_t size = in->file_bytes;

    while (size < FILE_HEADER_SIZE + 2 * in->batch_size)
        size *= 2;
    return size;
}

static bool frame_put(struct intents *in, uint32_t generation, const struct intent *intent)
{
    size_t size = log_frame_size(intent->record.size);

    if (!batch_reserve(in, size))
        return false;
    log_frame_encode(intent->floor, generation, intent->record, in->batch + in->batch_size);
    in->batch_size += size;
    return true;
}

enum err intents_begin(struct intents *in, const struct intent *keep, size_t count,
                       uint64_t *places)
{
    uint32_t next = in->generation + 1;
    enum err e;
    int fd;

    TRY(file_folder_make(in->folder, 0700));
    in->batch_size = 0;
    for (size_t i = 0; i < count; i++) {
        places[i] = (uint64_t)next << 32 | (FILE_HEADER_SIZE + in->batch_size);
        if (!frame_put(in, next, &keep[i]))
            return ERR_MEMORY;
    }
    fd = file_make(in, next, in->batch, in->batch_size, size_for(in));
    if (fd < 0) {
        in->batch_size = 0;
        return intents_stop(in, "cannot be made", errno);
    }
    file_enter(in, fd, size_for(in));
    found_forget(in);
out:
    return e;
}

enum err intents_discard(struct intents *in)
{
    char path[FILE_PATH_SIZE];

    found_forget(in);
    for (uint32_t i = 0; i < 2; i++) {
        path_of(in, i, path);
        if (unlink(path) != 0 && errno != ENOENT)
            return intents_stop(in, "cannot be removed", errno);
    }
    return OK;
}

uint64_t intents_room(const struct intents *in)
{
    return in->size - in->offset - in->batch_size;
}

uint64_t intents_add(struct intents *in, const struct intent *intent)
{
    uint64_t place = place_of(in, in->offset + in->batch_size);

    assert(log_frame_size(intent->record.size) <= intents_room(in));
    if (!frame_put(in, in->generation, intent))
        in->is_lost = true; /* out of memory: intents_sync fails, for this authority for good */
    return place;
}

/* Deleted or replaced while it was open: nobody would find what is written to it. */
static bool is_nameless(const struct intents *in)
{
    struct stat status;

    return fstat(in->fd, &status) != 0 || status.st_nlink == 0 ||
           (uint64_t)status.st_size < in->size;
}

enum err intents_sync(struct intents *in)
{
    size_t size = in->batch_size;

    in->batch_size = 0;
    if (in->is_lost)
        return intents_stop(in, "cannot be believed", 0);
    if (is_nameless(in))
        return intents_stop(in, "was deleted or cut while in use", ENOENT);
    if (!bytes_write(in->fd, in->batch, size, in->offset))
        return intents_stop(in, "cannot be written", errno);
    /* After a failed fdatasync the kernel may have dropped the pages and call the next one fine. */
    if (fdatasync(in->fd) != 0) {
        in->is_lost = true;
        return intents_stop(in, "cannot be synced", errno);
    }
    in->offset += size;
    in->problem[0] = '\0';
    return OK;
}

enum err intents_turn(struct intents *in, uint64_t floor, uint64_t *places, size_t count)
{
    uint32_t next = in->generation + 1;
    size_t used = (size_t)in->offset;
    uint8_t *bytes = malloc(used);
    uint64_t size = size_for(in);
    enum err e = ERR_MEMORY;
    int fd;

    in->batch_size = 0;
    if (bytes == NULL)
        return ERR_MEMORY;
    if (in->is_lost || file_read_at(in->fd, bytes, used, 0) != (ssize_t)used) {
        e = intents_stop(in, "cannot be read", errno);
        goto out;
    }
    for (size_t i = 0; i < count; i++) {
        uint64_t at = places[i] & UINT32_MAX;
        struct frame frame;

        /* A place of an earlier turn: its request is complete, its slot was just taken anew. */
        if (places[i] >> 32 != in->generation || at >= used ||
            log_frame_decode((struct slice){ (const char *)bytes + at, used - at }, &frame) !=
                FRAME_GOOD)
            continue;
        places[i] = (uint64_t)next << 32 | (FILE_HEADER_SIZE + in->batch_size);
        if (!frame_put(in, next, &(struct intent){ frame.record, floor }))
            goto out;
    }
    fd = file_reuse(in, next, in->batch, in->batch_size, &size);
    if (fd < 0) {
        size = size_for(in);
        fd = file_make(in, next, in->batch, in->batch_size, size);
    }
    e = OK;
    if (fd < 0)
        e = intents_stop(in, "cannot be followed by the other file", errno);
    else
        file_enter(in, fd, size);
out:
    in->batch_size = 0;
    free(bytes);
    return e;
}

const char *intents_problem(const struct intents *intents)
{
    return intents->problem;
}
