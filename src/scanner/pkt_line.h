/* scanner/pkt_line.h: the lines of the protocol of git, out of bytes as they come
 *
 *     0008NAK\n   0001   0000
 *     ^^^^        four hexadecimal digits: the size of the line with them, or what kind of end
 *
 * Source: gitprotocol-common(5), gitprotocol-v2(5).  Pure; whatever the bytes are.
 */
#ifndef SCANNER_PKT_LINE_H
#define SCANNER_PKT_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/slice.h"

enum { PKT_HEAD_BYTES = 4, PKT_BYTES_MOST = 65520 };

enum pkt_kind {
    PKT_LINE,
    PKT_FLUSH,        /* 0000: the end of a message */
    PKT_DELIMITER,    /* 0001: of a section */
    PKT_RESPONSE_END, /* 0002 */
};

/* A line that is not whole yet. */
struct pkt_reader {
    char bytes[PKT_BYTES_MOST];
    size_t size;
};

enum pkt_verdict {
    PKT_TAKEN,   /* all of the bytes */
    PKT_STOPPED, /* by `line`, or earlier */
    PKT_WRONG,   /* this is no line */
};

void pkt_begin(struct pkt_reader *reader);

/* Calls `line` for each one that is whole by now, until it returns false.  `bytes`: what the line
 * says, borrowed, as it stands there; of the other kinds nothing. */
must_use enum pkt_verdict
pkt_read(struct pkt_reader *reader, struct slice bytes,
         bool (*line)(void *context, enum pkt_kind kind, struct slice bytes), void *context);

/* Whether nothing is left of a line that is not whole. */
bool pkt_is_between(const struct pkt_reader *reader);

/* A line with the line feed that most end with. */
void pkt_append(struct buffer *message, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "0000" or "0001". */
void pkt_append_end(struct buffer *message, enum pkt_kind kind);

#endif
