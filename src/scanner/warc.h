/* scanner/warc.h: the records of an archive of the web, out of bytes as they come
 *
 *     WARC/1.0 CR LF  name: value CR LF  …  CR LF  body  CR LF CR LF
 *
 * libarchive knows this format, but passes over requests and whatever else is no answer, and over
 * all heads.
 *
 * Source: ISO 28500:2017, 4 and 5.  Pure; whatever the bytes are.
 */
#ifndef SCANNER_WARC_H
#define SCANNER_WARC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum { WARC_HEAD_MOST = 64 * 1024 };

struct warc_record {
    struct slice head;
    struct slice type; /* "response" */
    struct slice uri;  /* SLICE_EMPTY: it has none */
    uint64_t body_bytes;
};

/* Any ends the reading by returning false; slices are borrowed until then. */
struct warc_listener {
    bool (*begin)(void *context, const struct warc_record *record);
    bool (*bytes)(void *context, struct slice bytes);
    bool (*end)(void *context);
    void *context;
};

struct warc_reader {
    char head[WARC_HEAD_MOST];
    size_t head_size;
    uint64_t left; /* of the body */
    enum { WARC_GAP, WARC_HEAD, WARC_BODY } at;
};

void warc_begin(struct warc_reader *reader);

/* False: this is no record, or the listener wants no more. */
bool warc_read(struct warc_reader *reader, struct slice bytes,
               const struct warc_listener *listener);

/* Whether the last record is whole. */
bool warc_is_between(const struct warc_reader *reader);

#endif
