#include "trail/cursor.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void cursor_path(const char *folder, uint32_t number, char path[FILE_PATH_SIZE])
{
    /* A folder too long for this gives a path that cannot be opened, which is reported. */
    snprintf(path, FILE_PATH_SIZE, "%.*s/log/%06" PRIu32 ".log", FILE_PATH_SIZE - 32, folder,
             number);
}

/* Number in a name as cursor_path writes it; 0: another name. */
static uint32_t name_number(const char *name)
{
    uint64_t number = 0;
    size_t digits = strspn(name, "0123456789");

    if (digits < 6 || digits > 9 || strcmp(name + digits, ".log") != 0)
        return 0;
    for (size_t i = 0; i < digits; i++)
        number = number * 10 + (uint64_t)(name[i] - '0');
    return (uint32_t)number;
}

enum err cursor_files_count(const char *folder, uint32_t first, uint32_t *number)
{
    char path[FILE_PATH_SIZE];
    uint32_t highest = 0, count = 0;
    struct dirent *entry;
    DIR *listing;

    *number = 0;
    snprintf(path, sizeof path, "%.*s/log", FILE_PATH_SIZE - 32, folder);
    listing = opendir(path);
    if (listing == NULL)
        return errno == ENOENT ? OK : ERR_IO;
    while ((entry = readdir(listing)) != NULL) {
        uint32_t found = name_number(entry->d_name);

        count += found >= first;
        highest = found >= first && found > highest ? found : highest;
    }
    closedir(listing);
    *number = highest;
    for (uint32_t lower = first; lower < highest && count < highest - first + 1; lower++) {
        cursor_path(folder, lower, path);
        if (access(path, F_OK) != 0) {
            *number = lower;
            return ERR_MISSING;
        }
    }
    return OK;
}

static enum frame_answer header_of(int fd, uint32_t number, struct frame_file *file, bool *failed)
{
    uint8_t bytes[FRAME_FILE_HEADER_SIZE];
    ssize_t got = file_read_at(fd, bytes, sizeof bytes, 0);
    enum frame_answer answer;

    *failed = got < 0;
    if (got != sizeof bytes)
        return FRAME_BAD;
    answer = log_frame_file_decode(bytes, file);
    if (answer == FRAME_GOOD && file->number != number)
        return FRAME_BAD;
    return answer;
}

enum err cursor_header_read(const char *folder, uint32_t number, enum frame_answer *answer,
                            struct frame_file *file)
{
    char path[FILE_PATH_SIZE];
    bool failed;
    int fd;

    cursor_path(folder, number, path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? ERR_MISSING : ERR_IO;
    *answer = header_of(fd, number, file, &failed);
    close(fd);
    return failed ? ERR_IO : OK;
}

enum err cursor_open(struct cursor *cursor, const char *folder, bool strict)
{
    *cursor = (struct cursor){ .folder = folder, .fd = -1, .strict = strict };
    cursor->window = malloc(CURSOR_WINDOW_BYTES);
    return cursor->window == NULL ? ERR_MEMORY : OK;
}

void cursor_close(struct cursor *cursor)
{
    if (cursor->fd >= 0 && cursor->window != NULL)
        close(cursor->fd);
    free(cursor->window);
    *cursor = (struct cursor){ .fd = -1 };
}

static enum cursor_step cursor_stop(struct cursor *cursor, enum cursor_step step, const char *words)
{
    snprintf(cursor->problem, sizeof cursor->problem,
             "log/%06" PRIu32 ".log at byte %" PRIu64 ": %s", cursor->number, cursor->offset,
             words);
    return step;
}

/* A missing or reserved file leaves the cursor where it was. */
enum cursor_step cursor_enter(struct cursor *cursor, uint32_t number)
{
    struct frame_file file;
    char path[FILE_PATH_SIZE];
    enum frame_answer answer;
    struct stat status;
    bool failed;
    int fd;

    cursor_path(cursor->folder, number, path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? CURSOR_END : cursor_stop(cursor, CURSOR_FAILED, strerror(errno));
    answer = header_of(fd, number, &file, &failed);
    if (answer == FRAME_NONE) {
        close(fd);
        return CURSOR_END;
    }
    if (cursor->fd >= 0)
        close(cursor->fd);
    cursor->fd = fd;
    cursor->number = number;
    cursor->offset = 0;
    cursor->window_size = 0;
    cursor->size = fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0;
    if (failed)
        return cursor_stop(cursor, CURSOR_FAILED, strerror(errno));
    if (answer == FRAME_NEWER)
        return cursor_stop(cursor, CURSOR_NEWER, "written by a newer version of Latchkey");
    if (answer == FRAME_BAD)
        return cursor_stop(cursor, CURSOR_BAD, "the file's header is damaged");
    cursor->file = file;
    cursor->index = file.first_index;
    cursor->offset = FRAME_FILE_HEADER_SIZE;
    return CURSOR_RECORD;
}

enum cursor_step cursor_seek(struct cursor *cursor, uint64_t position, uint64_t index)
{
    uint32_t number = (uint32_t)(position >> 32);

    if (cursor->fd < 0 || cursor->number != number) {
        enum cursor_step step = cursor_enter(cursor, number);

        if (step != CURSOR_RECORD)
            return step;
    }
    cursor->offset = position & UINT32_MAX;
    cursor->index = index;
    return CURSOR_RECORD;
}

/* Has the bytes from the offset on in the window: as many as a frame can have, or up to the end. */
static bool window_fill(struct cursor *cursor, bool again)
{
    ssize_t got;

    if (!again && cursor->offset >= cursor->window_at &&
        cursor->offset + FRAME_SIZE_MOST <= cursor->window_at + cursor->window_size)
        return true;
    if (!again && cursor->window_size > 0 && cursor->offset >= cursor->window_at &&
        cursor->window_at + cursor->window_size == cursor->size)
        return true;
    got = file_read_at(cursor->fd, cursor->window, CURSOR_WINDOW_BYTES, cursor->offset);
    if (got < 0)
        return false;
    cursor->window_at = cursor->offset;
    cursor->window_size = (size_t)got;
    return true;
}

static struct slice window_rest(const struct cursor *cursor)
{
    size_t past = (size_t)(cursor->offset - cursor->window_at);

    if (past >= cursor->window_size)
        return SLICE_EMPTY;
    return (struct slice){ (const char *)cursor->window + past, cursor->window_size - past };
}

/* Nothing but zeros from the offset to the end of the file. */
static enum cursor_step rest_check(struct cursor *cursor)
{
    uint64_t from = cursor->offset;

    for (uint64_t at = from; at < cursor->size;) {
        ssize_t got = file_read_at(cursor->fd, cursor->window, CURSOR_WINDOW_BYTES, at);

        cursor->window_size = 0;
        if (got <= 0)
            return cursor_stop(cursor, CURSOR_FAILED, strerror(errno));
        if (cursor->window[0] != 0 ||
            memcmp(cursor->window, cursor->window + 1, (size_t)got - 1) != 0)
            return cursor_stop(cursor, CURSOR_BAD, "bytes where the log has ended");
        at += (uint64_t)got;
    }
    return CURSOR_END;
}

static enum cursor_step next_file(struct cursor *cursor)
{
    uint64_t index = cursor->index;
    enum cursor_step step;

    if (cursor->strict) {
        if (cursor->size != cursor->file.file_bytes)
            return cursor_stop(cursor, CURSOR_BAD, "the file does not have its size any more");
        step = rest_check(cursor);
        if (step != CURSOR_END)
            return step;
    }
    step = cursor_enter(cursor, cursor->number + 1);
    if (step == CURSOR_RECORD && cursor->index != index) {
        cursor->index = index;
        cursor->offset = 0;
        return cursor_stop(cursor, CURSOR_BAD,
                           "the file does not go on where the one before ended");
    }
    return step;
}

enum cursor_step cursor_next(struct cursor *cursor, uint64_t end, struct frame *frame)
{
    bool again = false;

    while (cursor->index < end) {
        enum frame_answer answer;
        enum cursor_step step;
        struct slice rest;

        if (!window_fill(cursor, again))
            return cursor_stop(cursor, CURSOR_FAILED, strerror(errno));
        rest = window_rest(cursor);
        answer = log_frame_decode(rest, frame);
        if (answer == FRAME_GOOD && frame->index == cursor->index && frame->batch <= frame->index) {
            cursor->offset += frame->size;
            cursor->index++;
            cursor->batch = frame->batch;
            return CURSOR_RECORD;
        }
        /* The window may be older than the record: read once more before judging. */
        if (!again) {
            again = true;
            continue;
        }
        again = false;
        if (answer == FRAME_GOOD)
            return cursor_stop(cursor, CURSOR_BAD, "a record stands at another's place");
        if (answer == FRAME_BAD)
            return cursor_stop(cursor, CURSOR_BAD, "not a whole record");
        step = next_file(cursor);
        if (step != CURSOR_RECORD)
            return step;
    }
    return CURSOR_END;
}

enum cursor_step cursor_fetch(struct cursor *cursor, uint64_t position, uint64_t index,
                              struct frame *frame)
{
    /* Most records are short: a page first, and all that a frame can be when that was not enough.
     */
    static const size_t sizes[] = { 4096, FRAME_SIZE_MOST };
    enum cursor_step step = cursor_seek(cursor, position, index);

    if (step != CURSOR_RECORD)
        return step;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        ssize_t got = file_read_at(cursor->fd, cursor->window, sizes[i], cursor->offset);

        cursor->window_size = 0;
        if (got < 0)
            return cursor_stop(cursor, CURSOR_FAILED, strerror(errno));
        if (log_frame_decode((struct slice){ (char *)cursor->window, (size_t)got }, frame) ==
                FRAME_GOOD &&
            frame->index == index)
            return CURSOR_RECORD;
    }
    return cursor_stop(cursor, CURSOR_BAD, "not the record that the index has there");
}

enum cursor_step cursor_find_frame(struct cursor *cursor, struct frame *frame)
{
    if (cursor->offset < FRAME_FILE_HEADER_SIZE)
        cursor->offset = FRAME_FILE_HEADER_SIZE - FRAME_ALIGNMENT;
    for (;;) {
        cursor->offset += FRAME_ALIGNMENT;
        if (cursor->offset >= cursor->size)
            return CURSOR_END;
        if (!window_fill(cursor, false))
            return cursor_stop(cursor, CURSOR_FAILED, strerror(errno));
        if (log_frame_decode(window_rest(cursor), frame) == FRAME_GOOD)
            return CURSOR_RECORD;
    }
}
