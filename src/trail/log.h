/* trail/log.h: writes the files that are the truth
 *
 * Log files are reserved whole, filled with zeros and synced before they are used, so that a full
 * disk shows while there is still room, and so that a sync of records moves no metadata.  A batch
 * is one write and one fdatasync; it lies in one file.
 *
 * Called by one thread, except log_reserve.
 */
#ifndef TRAIL_LOG_H
#define TRAIL_LOG_H

#include <sys/types.h>

#include "base/err.h"
#include "base/file.h"
#include "trail/frame.h"
#include "trail/trail.h"

enum {
    LOG_FILE_BYTES = TRAIL_FILE_BYTES,
    LOG_FILE_BYTES_LEAST = 128 << 10,
    LOG_FILE_BYTES_MOST = 1 << 30,
    LOG_PROBLEM_SIZE = 256,
};

struct log {
    const char *folder;  /* DATA/audit, borrowed */
    uint64_t file_bytes; /* of files made from now on */
    int fd;              /* -1: none yet */
    uint32_t number;
    dev_t device; /* of the open file, to notice another one under its name */
    ino_t inode;
    uint64_t size;      /* of the open file */
    uint64_t offset;    /* where the next frame goes; 0: the file has no header yet */
    uint64_t dirty_end; /* bytes of a failed write may stand up to here */
    uint64_t index;     /* records on disk */
    uint64_t compare_after_ns;
    bool is_misnamed; /* the problem is one that log_check found and can end */
    bool is_lost;     /* the disk cannot be believed any more: restart and recover */
    uint8_t *bytes;   /* of the batch being written */
    size_t capacity;
    char problem[LOG_PROBLEM_SIZE]; /* "" when the last append was fine */
};

/* Makes log file `number`, unless it is there.  `problem` says why not.  ERR_FULL: no room left on
 * the disk.  ERR_IO. */
must_use enum err log_reserve(const char *folder, uint32_t number, uint64_t file_bytes,
                              char problem[LOG_PROBLEM_SIZE]);

void log_init(struct log *log, const char *folder, uint64_t file_bytes);
void log_close(struct log *log);

/* Goes on in a file behind record `index`, and syncs what stands before.  offset 0: an unused file.
 * `wipe`: a dying process left bytes behind the place.  ERR_IO, see problem. */
must_use enum err log_continue(struct log *log, uint32_t number, uint64_t offset, uint64_t index,
                               bool wipe);

/* Appends `count` records as one batch; OK when they are on disk.  `tree` stands over all records
 * so far (for the header of a new file).
 *
 *   ERR_FULL   no room in this file: log_continue in the next one, and again
 *   ERR_RANGE  more than any file can take
 *   ERR_IO     nothing of it counts; see problem, try again later
 */
must_use enum err log_append(struct log *log, const struct slice *records, size_t count,
                             const struct merkle_frontier *tree);

/* Is the open file still the one with its name, whole?  ERR_IO, see problem. */
must_use enum err log_check(struct log *log);

#endif
