/* scanner/worker.h: one confined process that looks at a few things and tells what it found
 *
 * The process is made for these things, gives up what a scan does not need (scanner/confine.h) and
 * ends.  Whatever happens to it, the caller goes on.
 */
#ifndef SCANNER_WORKER_H
#define SCANNER_WORKER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "scanner/finding_pipe.h"

struct work {
    const char *place; /* shown in findings */
    int fd;            /* < 0: `place` is a path */
    bool is_git;       /* of `fd` comes what scanner/git_pipe.h sends */
    json_t *details;   /* of findings in it; NULL: none */
};

typedef void worker_each(void *context, const struct finding_line *line, struct buffer *object);

/* Waits for it.  `stop`: a descriptor that becomes readable when there is no more time; < 0: none.
 * Calls `each` with every line as it comes, those that are incomplete too, and with the object that
 * came with it, which `each` may take over.
 * ERR_CORRUPT: something ended the process before its work was done.  ERR_CONFLICT: stopped.
 * ERR_MEMORY: there is no such process. */
must_use enum err worker_scan(const struct work *work, size_t count, int stop,
                              worker_each *each, void *context);

#endif
