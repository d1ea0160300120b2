/* gate/refusal.h: what a refused client reads
 *
 * Status, JSON body and headers of every verdict but PASS, word by word as docs/errors.md says.  An
 * array only with 500 and 429, because stock clients take an array with any other status for data.
 *
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef GATE_REFUSAL_H
#define GATE_REFUSAL_H

#include "gate/gate.h"

enum {
    REFUSAL_BODY_SIZE = 512,
    REFUSAL_HEADERS_MOST = 4,
    REFUSAL_VALUE_SIZE = 64,
    REFUSAL_NONCE_MOST = 32, /* characters of the client's nonce that a 401 repeats */
};

struct refusal_header {
    const char *name; /* static */
    char value[REFUSAL_VALUE_SIZE];
};

struct refusal {
    int status;
    size_t body_size;
    char body[REFUSAL_BODY_SIZE]; /* application/json, also NUL-terminated */
    size_t header_count;
    struct refusal_header headers[REFUSAL_HEADERS_MOST];
};

/* `request_id` is the text of X-Request-Id.  The outcome's verdict is not PASS; the request is the
 * one it was decided for. */
void refusal_format(const struct gate_request *request, const struct gate_outcome *outcome,
                    struct slice request_id, struct refusal *refusal);

#endif
