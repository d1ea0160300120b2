/* scanner/http_record.h: an answer of a web server as an archive of the web keeps it
 *
 * WARC keeps what came over the wire, so that a body may stand there in chunks.  What compresses it
 * tells itself by how it begins; only codings that do not are named here.
 *
 * Source: ISO 28500:2017, 6.3; RFC 9112, 7.1.  Pure; whatever the bytes are.
 */
#ifndef SCANNER_HTTP_RECORD_H
#define SCANNER_HTTP_RECORD_H

#include <stdbool.h>

#include "base/slice.h"

struct http_record {
    struct slice head; /* with the empty line behind it */
    struct slice body;
    bool is_chunked;
    struct slice coding; /* that its body has and that does not tell itself; SLICE_EMPTY: none */
};

/* Takes the next line "name: value" off a head, which WARC writes like HTTP; others are passed
 * over. False: the empty line, or no further one. */
bool http_record_field(struct slice *head, struct slice *name, struct slice *value);

/* Whether it is this name; case does not matter. */
bool http_record_word_is(struct slice text, const char *word);

/* False: this is no answer of HTTP/1. */
bool http_record_read(struct slice bytes, struct http_record *record);

/* The body out of its chunks, into memory of the body's size.  False: it is damaged or cut off;
 * what could be had of it is there. */
bool http_record_join(struct slice chunks, char *into, size_t *size);

#endif
