/* scanner/finding_pipe.h: what a confined scan tells the process that may use the network
 *
 * The scan runs in a process of its own.  Through a pipe come hashes of secrets and ids of keys,
 * never secrets, and what could not be looked at; the other process, which reads nothing that
 * strangers wrote, gives them to the authority.
 */
#ifndef SCANNER_FINDING_PIPE_H
#define SCANNER_FINDING_PIPE_H

#include <jansson.h>
#include <sodium.h>
#include <stdbool.h>

#include "scanner/scan.h"

enum finding_line_kind { FINDING_SECRET, FINDING_KEY_ID, FINDING_INCOMPLETE };
enum { FINDING_SUBJECT_SIZE = 256, FINDING_PLACE_SIZE = 1024 };

/* What goes through the pipe, whole: smaller than what a pipe takes at once (pipe(7)). */
struct finding_line {
    uint64_t line;
    enum finding_line_kind kind;
    char subject[FINDING_SUBJECT_SIZE]; /* SHA-256 in hex; an id; why it is incomplete */
    char place[FINDING_PLACE_SIZE];
};

/* In the scanning process: a listener that writes to the pipe and passes everything on. */
struct finding_pipe {
    int fd;
    const struct scan_listener *next; /* outlives it; NULL: nobody else listens */
    struct scan_listener listener;
};
const struct scan_listener *finding_pipe_listener(struct finding_pipe *pipe);

/* In the other one, waiting for the next line.  False: the end. */
bool finding_pipe_read(int fd, struct finding_line *line);

/* As POST /leaks takes it, of a secret or an id; the place has "path" and "line". */
json_t *finding_line_json(const struct finding_line *line, const char *channel, const char *origin);

#endif
