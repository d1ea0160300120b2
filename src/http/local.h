/* http/local.h: calls of another process on this machine, over its Unix socket
 *
 * The other end knows by the kernel who calls (http/server.h), so there is nothing to log in with.
 * Over libcurl, without proxies; JSON both ways, and what was sent and received is wiped:
 * passwords, codes and secrets go through here.
 */
#ifndef HTTP_LOCAL_H
#define HTTP_LOCAL_H

#include <curl/curl.h>
#include <jansson.h>

#include "base/err.h"
#include "base/slice.h"

enum { LOCAL_REPLY_MOST_BYTES = 64 << 20 };

struct local_call {
    const char *socket;
    const char *method, *path;
    const json_t *body; /* NULL: none */
    struct slice bytes; /* instead, as they are; empty: none */
    const char *header; /* one more, "Name: value"; NULL: none */
    long wait_s;        /* at most */
};

/* One exchange, whatever its status; `reply` is the caller's, NULL when the answer was no JSON.
 *
 * ERR_MISSING  nobody listens
 * ERR_DENIED   the socket may not be opened
 * ERR_IO       cut off midway, larger than LOCAL_REPLY_MOST_BYTES, or too late
 * ERR_MEMORY */
must_use enum err local_exchange(const struct local_call *call, long *status, json_t **reply);

/* libcurl's CURLOPT_WRITEFUNCTION into a struct buffer, as far as a reply may be large. */
size_t local_take(char *bytes, size_t size, size_t count, void *into);

/* Runs what is set up on the handle against a path of the socket.  Errors as above. */
must_use enum err local_perform(CURL *curl, const char *socket, const char *path);

#endif
