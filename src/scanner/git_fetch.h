/* scanner/git_fetch.h: what a repository of git has, asked of its server over HTTP
 *
 *     TRY(git_remote_open("https://host/name.git", &limits, &remote));
 *     TRY(git_remote_list(remote));                         every ref, with notes and pulls
 *     TRY(git_remote_fetch(remote, NULL, &seen, take, context));
 *     out:
 *     if (e != OK) log(git_remote_trouble(remote)->why);
 *     git_remote_close(&remote);
 *
 * One pack comes, whole in itself (no thin one), and goes to `take` as it comes; nothing is kept.
 * A caller hands it to scanner/pack_stream.h in another process, which has no network.
 *
 * Only the first request follows redirects, at most five, and never from https to http; what it
 * leads to is the repository from then on.  A user name or password in the address is refused:
 * addresses are logged.  As with git, ~/.netrc has them.
 *
 * Source: gitprotocol-v2(5), gitprotocol-http(5).  Older servers, which do not speak version 2 of
 * the protocol, are refused.
 */
#ifndef SCANNER_GIT_FETCH_H
#define SCANNER_GIT_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"

enum {
    GIT_ID_MOST = 32, /* bytes of an id: SHA-1 has 20, SHA-256 has 32 */
    GIT_WHY_SIZE = 256,
};

struct git_limits {
    const char *ca;    /* file with the certificate authorities to believe; NULL: the system's */
    const char *agent; /* User-Agent; NULL: "latchkey/" and the version */
    uint64_t pack_bytes;
    size_t ref_count;
    unsigned time_s;  /* for one request and its answer */
    unsigned stall_s; /* without a byte */
    int stop;         /* readable: give up; < 0: none */
};

extern const struct git_limits git_limits_default; /* 2 GB, a million, an hour, 60 s, none */

struct git_ref {
    const char *name; /* "HEAD", "refs/heads/main" */
    uint8_t id[GIT_ID_MOST];
};

/* Ids of as many bytes each as GIT_ID_MOST; the last ones of a SHA-1 are zero. */
struct git_ids {
    const uint8_t (*at)[GIT_ID_MOST];
    size_t count;
};

/* Why the last call failed, for people and for whoever asks again later. */
struct git_trouble {
    char why[GIT_WHY_SIZE];
    long status;            /* of HTTP; 0: there was no answer */
    uint64_t retry_after_s; /* that the server asks for; 0: it does not */
};

struct git_remote;

/* Asks nothing yet.  ERR_MALFORMED: no address of http or https, or with a user name in it.
 * ERR_MEMORY. */
must_use enum err git_remote_open(const char *url, const struct git_limits *limits,
                                  struct git_remote **remote);
void git_remote_close(struct git_remote **remote);

/* Asks for all refs.  ERR_MISSING: no such repository; ERR_DENIED: not for everybody;
 * ERR_VERSION: no server of git, or an older one; ERR_MALFORMED: its answer is none; ERR_FULL: a
 * limit; ERR_CONFLICT: stopped; ERR_IO: no answer, not all of it, or one that something is wrong
 * there; ERR_MEMORY. */
must_use enum err git_remote_list(struct git_remote *remote);

/* Of the last list, in the server's order; borrowed until the next one. */
const struct git_ref *git_remote_refs(const struct git_remote *remote, size_t *count);

/* 20 or 32; known after a list. */
size_t git_remote_id_bytes(const struct git_remote *remote);

/* Asks, after a list, for `wants` with all that they lead to but what `haves` lead to.  NULL: all
 * refs, and nothing.  Where nothing is wanted that is not there already, nothing is asked for and
 * `take` is not called.  It gets the bytes of the pack; false ends the call with ERR_IO.  Errors as
 * of a list. */
must_use enum err git_remote_fetch(struct git_remote *remote, const struct git_ids *wants,
                                   const struct git_ids *haves,
                                   bool (*take)(void *context, struct slice bytes), void *context);

const struct git_trouble *git_remote_trouble(const struct git_remote *remote);

#endif
