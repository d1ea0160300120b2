/* cli/sandbox_call.h: talking to a sandbox exchange
 *
 * JSON over the exchange's own Unix socket, which answers only the user who runs it and root.
 * Every answer is the state of the sandbox: docs/sandbox.md.
 */
#ifndef CLI_SANDBOX_CALL_H
#define CLI_SANDBOX_CALL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct sandbox_client {
    const char *socket; /* NULL: $LATCHKEY_SANDBOX_SOCKET, else run/exchange-sandbox.sock */
    bool json;          /* one JSON document instead of words for people */
};

/* Rows for the option table of a command. */
#define SANDBOX_OPTIONS(client)                                                              \
    { .name = "json", .kind = OPTION_SWITCH, .help = "print JSON instead of words",          \
      .into = &(client).json },                                                              \
    { .name = "socket", .kind = OPTION_TEXT, .value = "PATH", .into = &(client).socket,      \
      .help = "the exchange's socket [$LATCHKEY_SANDBOX_SOCKET or run/exchange-sandbox.sock]" }

/* Adds the field unless the value is NULL, or 0. */
void sandbox_put_text(json_t *body, const char *name, const char *value);
void sandbox_put_number(json_t *body, const char *name, uint64_t value);

/* One command; `body` is taken over.  Prints the state that it left, or on standard error why it
 * was refused.  Returns an exit code. */
int sandbox_call(const struct sandbox_client *client, const char *command, json_t *body);

/* The state for people. */
void sandbox_print(const json_t *state, FILE *out);

#endif
