/* scanner/manners.h: GET from servers of others, as a guest
 *
 * Says who asks and whom to write to; asks for nothing again that has not changed; waits as long as
 * the server says, and longer with each failure; keeps to so many requests a minute and so many
 * bytes an hour.  Over libcurl; a connection is kept between calls.
 */
#ifndef SCANNER_MANNERS_H
#define SCANNER_MANNERS_H

#include <curl/curl.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/err.h"

enum {
    MANNERS_TAG_SIZE = 256,
    MANNERS_WHY_SIZE = 256,
    MANNERS_DATE_SIZE = 64,
    MANNERS_URL_SIZE = 2048,
};

struct manners {
    const char *agent, *ca;                       /* the latter NULL: the system's authorities */
    int stop;                                     /* readable: give up; < 0: none */
    uint64_t requests_per_minute, bytes_per_hour; /* 0: as many as it takes */
    const char *authorization; /* header for the server that is asked, not for where it leads to;
                                  NULL: none */
    /* What is kept between calls; zero at first. */
    uint64_t minute_ns, requests, hour_ns, bytes;
    uint64_t not_before_ns; /* monotonic: a budget is used up, or the server asked to wait */
    uint64_t requests_all, bytes_all;
    char why[MANNERS_WHY_SIZE]; /* of the last failure */
    struct manners_answer {
        long status;
        char url[MANNERS_URL_SIZE]; /* that redirects led to; "": too long */
        char etag[MANNERS_TAG_SIZE], date[MANNERS_DATE_SIZE];
    } answer; /* the last one */
    CURL *curl;
};

/* What a server said of a file's state, to ask again by. */
struct manners_tag {
    char etag[MANNERS_TAG_SIZE], modified[MANNERS_TAG_SIZE];
};

void manners_end(struct manners *m);

/* `tag`: of the last time, "" at first, the new one afterwards; NULL: whatever it is.  *changed:
 * the content is here (an initialised buffer).  Up to five redirects, never from https to http.
 * ERR_CONFLICT: not now, see not_before_ns, or stopped.  ERR_MISSING: 404, 410.  ERR_DENIED: 401,
 * 403.  ERR_MALFORMED: 400.  ERR_FULL: more than `most` bytes.  ERR_IO: anything else.
 * ERR_MEMORY. */
must_use enum err manners_get(struct manners *m, const char *url, size_t most,
                              struct manners_tag *tag, struct buffer *content, bool *changed);

/* What the last answer said of itself, for the evidence (E1): a new object with "fetched" (the
 * address), "status", "etag" and "date", those of them that there were.  NULL: out of memory. */
json_t *manners_told(const struct manners *m);

/* Would the failure be the same tomorrow? */
static inline bool manners_is_for_good(enum err e)
{
    return e == ERR_MISSING || e == ERR_DENIED || e == ERR_FULL || e == ERR_MALFORMED;
}

/* The value of a Retry-After (RFC 9110, 10.2.3): seconds, or a date; a day at most. 0: none. */
uint64_t manners_retry_after_s(const char *value, uint64_t now_s);

/* How long to wait after so many failures in a row: 5 s, twice as long each time, an hour at
 * most. */
uint64_t manners_pause_ns(unsigned failures);

#endif
