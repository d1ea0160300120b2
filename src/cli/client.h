/* cli/client.h: talking to the authority
 *
 * HTTP with JSON over the authority's Unix socket (docs/architecture.md).  The socket checks the
 * uid of its peer, so there is nothing to log in with.
 */
#ifndef CLI_CLIENT_H
#define CLI_CLIENT_H

#include <stdio.h>

#include <jansson.h>

#include "base/buffer.h"
#include "base/err.h"
#include "cli/options.h"

struct client {
    const char *socket; /* NULL: $LATCHKEY_SOCKET, else run/authority.sock */
    bool json;          /* one JSON document instead of words for people */
};

/* Rows for the option table of a command that talks to the authority. */
#define CLIENT_OPTIONS(client)                                                               \
    { .name = "json", .kind = OPTION_SWITCH, .help = "print JSON instead of words",          \
      .into = &(client).json },                                                              \
    { .name = "socket", .kind = OPTION_TEXT, .value = "PATH", .into = &(client).socket,      \
      .help = "the authority's socket [$LATCHKEY_SOCKET or run/authority.sock]" }

const char *client_socket(const struct client *c);

/* "/accounts/" and then `part` percent-encoded, whatever it contains. */
void path_append(struct buffer *path, const char *part);
/* "?name=value" or "&name=value"; a NULL value appends nothing. */
void query_append(struct buffer *path, const char *name, const char *value);

/* One exchange.  `body` may be NULL and is taken over; `reply` is the caller's, NULL when the
 * answer was no JSON.  Waits at most `wait_s`.
 * ERR_MISSING: nobody listens.  ERR_DENIED: may not open the socket.  ERR_IO: cut off midway. */
must_use enum err client_exchange(const char *socket, const char *method, const char *path,
                                  json_t *body, long wait_s, long *status, json_t **reply);

/* PUT of bytes as they are.  Errors as above. */
must_use enum err client_put(const char *socket, const char *path, struct slice bytes, long wait_s,
                             long *status);

/* The same for a command: a refusal or a dead socket is told on standard error (with --json the
 * refusal's document on standard output too).  Returns an exit code; *reply is set when it is 0. */
must_use int client_call(const struct client *c, const char *method, const char *path, json_t *body,
                         json_t **reply);

/* GET of a list that comes in pages: `list` in *reply has those of all pages, and "next" is null.
 * Pages follow each other by "after" for as long as one names a "next". */
must_use int client_pages(const struct client *c, const char *path, const char *list,
                          json_t **reply);

/* GET for a body of any size: `take` gets each piece, and ends the transfer by returning false, of
 * which it has told why.  COMMAND_DONE only when the body is complete. */
must_use int client_stream(const struct client *c, const char *path,
                           bool (*take)(void *context, struct slice piece), void *context);

/* One JSON document and a line feed on standard output. */
void client_print(const json_t *document);

/* Ends a command whose client_call gave `exit`: when that is 0 the reply is shown, in words by
 * `print` or as JSON, and freed.  Returns `exit`. */
must_use int client_show(const struct client *c, int exit, json_t *reply,
                         void (*print)(const json_t *reply, FILE *out));

#endif
