/* trail/cursor.h: reads the log in its order
 *
 * Goes from frame to frame and from file to file.  Knows three ends: no more records, a place that
 * does not add up, and a file that cannot be read.
 */
#ifndef TRAIL_CURSOR_H
#define TRAIL_CURSOR_H

#include "base/err.h"
#include "base/file.h"
#include "trail/frame.h"

#define CURSOR_WINDOW_BYTES ((size_t)256 << 10)
static_assert(CURSOR_WINDOW_BYTES >= 2 * FRAME_SIZE_MOST, "a frame always fits the window");

/* A place in the log: file number in the upper half, offset in the lower. */
#define CURSOR_POSITION(number, offset) ((uint64_t)(number) << 32 | (uint64_t)(offset))

struct cursor {
    const char *folder;     /* DATA/audit, borrowed */
    int fd;                 /* -1: none */
    bool strict;            /* also wants zeros behind the last frame of a file */
    uint32_t number;        /* of the file it is in */
    uint64_t offset;        /* of the next frame */
    uint64_t index;         /* that the next frame must have */
    uint64_t batch;         /* of the last frame */
    uint64_t size;          /* of the file */
    struct frame_file file; /* its header */
    uint8_t *window;
    uint64_t window_at;
    size_t window_size;
    char problem[256]; /* why CURSOR_BAD or CURSOR_FAILED */
};

enum cursor_step {
    CURSOR_RECORD,
    CURSOR_END,
    CURSOR_BAD, /* at (number, offset) lies what the log cannot have written */
    CURSOR_NEWER,
    CURSOR_FAILED,
};

/* "folder/log/000001.log" */
void cursor_path(const char *folder, uint32_t number, char path[FILE_PATH_SIZE]);

/* Highest number of a log file from `first` on; 0: none.  ERR_MISSING: a lower one is not there,
 * *number is it. */
must_use enum err cursor_files_count(const char *folder, uint32_t first, uint32_t *number);

/* Reads one file's header: FRAME_GOOD only when its number and size are those of the file. */
must_use enum err cursor_header_read(const char *folder, uint32_t number, enum frame_answer *answer,
                                     struct frame_file *file);

must_use enum err cursor_open(struct cursor *cursor, const char *folder, bool strict);
void cursor_close(struct cursor *cursor);

/* To the first frame of a file.  CURSOR_RECORD: it is there; CURSOR_END: reserved or not there. */
must_use enum cursor_step cursor_enter(struct cursor *cursor, uint32_t number);

/* To a place known from before. */
must_use enum cursor_step cursor_seek(struct cursor *cursor, uint64_t position, uint64_t index);

/* The next record below `end`, the number of records that are known to be whole (UINT64_MAX: reads
 * on until nothing comes).  frame->record is valid until the next step. */
must_use enum cursor_step cursor_next(struct cursor *cursor, uint64_t end, struct frame *frame);

/* The record at a place known from before, wherever the cursor is; it is at no place afterwards. */
must_use enum cursor_step cursor_fetch(struct cursor *cursor, uint64_t position, uint64_t index,
                                       struct frame *frame);

/* After CURSOR_BAD: the next place in the same file, behind the bad one, where a whole frame lies.
 */
must_use enum cursor_step cursor_find_frame(struct cursor *cursor, struct frame *frame);

#endif
