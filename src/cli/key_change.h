/* cli/key_change.h: what the commands that change one key share */
#ifndef CLI_KEY_CHANGE_H
#define CLI_KEY_CHANGE_H

#include "cli/client.h"
#include "cli/reply.h"

/* POST /keys/KEY/VERB with `body` (taken over), then prints the reply.  Exit code. */
must_use int key_change(const struct client *c, const char *key, const char *verb, json_t *body,
                        void (*print)(const json_t *reply, FILE *out));

/* The secret of a new key, and that it is shown this once. */
void key_secret_print(const json_t *key, FILE *out);

#endif
