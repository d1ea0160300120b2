/* audit/record.h: what one line of the audit log says
 *
 * Drawn in docs/formats/record.md.  A record is a request (by whom, from where, what, how decided,
 * how answered) or a change of the authority's state (JSON text).  It never holds a secret, a
 * signature or a query string.
 *
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef AUDIT_RECORD_H
#define AUDIT_RECORD_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum {
    RECORD_VERSION = 1,
    RECORD_REQUEST_ID_SIZE = 16,
    RECORD_KEY_SIZE = 16,     /* the random part of the key id, base62 text */
    RECORD_PATH_MOST = 384,   /* bytes; a longer path is cut and RECORD_PATH_CUT set */
    RECORD_FIXED_SIZE = 128,  /* encoded bytes before the path or the text */
    RECORD_TEXT_MOST = 16384, /* JSON of a change */
    RECORD_ENCODED_MOST = RECORD_FIXED_SIZE + RECORD_TEXT_MOST,
};

enum record_kind {
    RECORD_REQUEST = 1,
    RECORD_CHANGE = 2, /* a line of the change log */
};

enum record_transport { RECORD_TRANSPORT_TLS = 1, RECORD_TRANSPORT_PLAIN = 2 };

enum record_flag {
    RECORD_AUTHENTIC = 1,        /* the signature was right: `key` is proved, not just claimed */
    RECORD_KEY_NAMED = 2,        /* `key` holds the key id that the request named */
    RECORD_OUTCOME_UNKNOWN = 4,  /* the worker died before the answer was complete */
    RECORD_PATH_CUT = 8,
    RECORD_DRY_RUN = 32,         /* the verdict is what it would have been: all of it passed */
    RECORD_BY_TOKEN = 64,        /* AUTHENTIC by an auth token of the key, not by a signature */
    RECORD_KEY_FOREIGN = 16,     /* `key` belongs to the other environment than the record's door */
};

/* As it lies in an audit slot of the gate segment and as callers hold it.  Open and sized. */
struct audit_record {
    uint64_t received_at_us;             /* wall clock, microseconds since 1970 */
    uint64_t account;                    /* 0: nobody known */
    uint64_t nonce;                      /* 0: none, or not a number */
    uint32_t latency_us;                 /* received to answer sent; saturates */
    uint32_t bytes_sent;                 /* saturates */
    uint8_t request_id[RECORD_REQUEST_ID_SIZE]; /* the reply's X-Request-Id, unique for ever */
    char key[RECORD_KEY_SIZE];           /* zeros when none was named */
    uint8_t address[16];                 /* IPv6, or IPv4 mapped into ::ffff:0:0/96 */
    uint16_t status;                     /* HTTP; 0 when the outcome is unknown */
    uint16_t verdict;                    /* number of gate/verdict.def */
    uint16_t route;                      /* number of gate/route.def; 0: unknown path */
    uint16_t path_size;
    uint8_t kind;                        /* enum record_kind */
    uint8_t environment;                 /* enum environment */
    uint8_t transport;                   /* enum record_transport */
    uint8_t method;                      /* enum http_method of gate/route.h */
    uint8_t flags;                       /* enum record_flag, or-ed */
    uint8_t route_flags;                 /* enum route_flag of an own table's route; else 0 */
    uint8_t reserved[2];                 /* zero */
    char path[RECORD_PATH_MOST];         /* decoded, without the query; not terminated */
};
static_assert(sizeof(struct audit_record) == 480, "drawn in docs/formats/segment.md");

/* Encodes into `out` (at least RECORD_FIXED_SIZE + RECORD_PATH_MOST bytes); returns the size. */
size_t record_encode(const struct audit_record *record, uint8_t *out);

/* Encodes a change: header as above with kind RECORD_CHANGE, then the JSON text instead of a path.
 * ERR_FULL: text longer than RECORD_TEXT_MOST.  `out` has RECORD_ENCODED_MOST bytes. */
must_use enum err record_encode_change(const struct audit_record *header, struct slice json,
                                       uint8_t *out, size_t *size);

/* Decodes either kind; `text` borrows the change's JSON from `encoded` (empty for a request).
 * ERR_VERSION: newer layout.  ERR_MALFORMED: anything else that is not what encode writes. */
must_use enum err record_decode(struct slice encoded, struct audit_record *record,
                                struct slice *text);

#endif
