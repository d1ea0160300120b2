/* scanner/finding_pipe.h: what a confined scan tells the process that may use the network
 *
 * The scan runs in a process of its own.  Through a pipe come hashes of secrets and ids of keys,
 * and what could not be looked at; behind a line come the bytes that the key was found in, unless
 * they came before.  The other process, which reads nothing that strangers wrote, gives all that to
 * the authority: it holds those bytes as they are, in memory that it clears, and looks at none.
 */
#ifndef SCANNER_FINDING_PIPE_H
#define SCANNER_FINDING_PIPE_H

#include <jansson.h>
#include <sodium.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "scanner/excerpt.h"
#include "scanner/scan.h"
#include "scanner/source_map.h"

enum finding_line_kind { FINDING_SECRET, FINDING_KEY_ID, FINDING_INCOMPLETE, FINDING_TRACE };
enum {
    FINDING_SUBJECT_SIZE = 256,
    FINDING_PLACE_SIZE = 1024,
    FINDING_TYPE_SIZE = 8,
    FINDING_SHA256_SIZE = 2 * OBJECT_SHA256_SIZE + 1,
};

/* What goes through the pipe, whole: smaller than what a pipe takes at once (pipe(7)). */
struct finding_line {
    uint64_t line, offset; /* of its first byte, in what it stands in */
    enum finding_line_kind kind;
    enum encoding encoding;
    uint32_t work; /* in which of the things that are looked at, from 0 */
    char subject[FINDING_SUBJECT_SIZE]; /* SHA-256 in hex; an id; why it is incomplete; of a trace
                                           the id of the object, and JSON follows as its object */
    char place[FINDING_PLACE_SIZE];
    char excerpt[EXCERPT_SIZE];
    char source[SOURCE_NAME_SIZE]; /* "": none */
    char git_object[2 * OBJECT_ID_MOST + 1], git_type[FINDING_TYPE_SIZE]; /* "": it is none */
    /* What it stands in, or the window around it. */
    uint32_t object_size; /* 0: nothing, it is in the name */
    uint8_t object_is_whole, object_follows; /* 0: no */
    uint64_t object_from;
    char object_sha256[FINDING_SHA256_SIZE];
};

/* In the scanning process: a listener that writes to the pipe and passes everything on. */
struct finding_pipe {
    int fd;
    const struct scan_listener *next; /* outlives it; NULL: nobody else listens */
    struct scan_listener listener;
    uint32_t work;                         /* that is looked at */
    char last_sha256[FINDING_SHA256_SIZE]; /* of the object that was sent last */
};
const struct scan_listener *finding_pipe_listener(struct finding_pipe *pipe);

/* In the other one, waiting for the next line, and into an initialised buffer, which then clears
 * what it lets go, the object that follows it.  False: the end. */
bool finding_pipe_read(int fd, struct finding_line *line, struct buffer *object);

/* As POST /leaks takes it, of a secret or an id, with the excerpt.  The place has "path", unless
 * the key is in that "line" and "offset", its "encoding", of git its "object" and "type", of a
 * source map the "source", and which "scanner" has seen it.
 * NULL: out of memory. */
json_t *finding_line_json(const struct finding_line *line, const char *channel, const char *origin);

/* What follows a trace, as the details of findings: a new object.  NULL: it is none. */
json_t *finding_trace_json(struct slice text);

#endif
