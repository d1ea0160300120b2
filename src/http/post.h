/* http/post.h: one POST to a server that a stranger named
 *
 * https only, no redirects, no proxy, no cookies; the address is judged at the moment of connecting
 * (http/peer.h); of the answer only the status counts, and what is longer than 64 kB is not read.
 * With `private`, http and all addresses are allowed too: for a try-out and for networks whose
 * operator knows each account's owner.
 *
 * The caller runs the transfer in a curl multi handle.
 */
#ifndef HTTP_POST_H
#define HTTP_POST_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

enum { POST_WORDS_SIZE = 256 };

/* Whether a POST there would be tried at all; `words` says why not. */
bool post_url_check(const char *url, bool private, char words[POST_WORDS_SIZE]);

struct post;

/* `headers`: lines "name: value", a NULL ends them.  All is copied.  ERR_MEMORY.
 * ERR_DENIED: post_url_check refuses. */
must_use enum err post_open(const char *url, const char *const *headers, struct slice body,
                            bool private, struct post **post);
/* Not while a multi handle has it.  Accepts NULL and sets it. */
void post_close(struct post **post);

CURL *post_curl(const struct post *post);

/* How it ended: true for 2xx.  *status is 0 when no answer came, and `words` says why. */
bool post_outcome(const struct post *post, CURLcode code, unsigned *status,
                  char words[POST_WORDS_SIZE]);

#endif
