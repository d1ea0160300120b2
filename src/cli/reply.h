/* cli/reply.h: showing the authority's replies to people
 *
 * Replies are drawn in docs/architecture.md: ACCOUNT, KEY, RECORD.  A field that is not there is
 * shown as "-": a newer authority may leave one out.
 */
#ifndef CLI_REPLY_H
#define CLI_REPLY_H

#include <jansson.h>

#include "cli/table.h"

/* A text field, or NULL. */
const char *reply_text(const json_t *object, const char *name);

/* Adds a text, a number, a yes or a no; NULL and JSON's null as "-". */
void reply_cell(struct table *t, const json_t *value);

/* Adds a list of texts, or of objects by their field `name`, with commas. */
void reply_list_cell(struct table *t, const json_t *list, const char *name);

/* One row of two columns: the label and the field. */
void reply_row(struct table *t, const char *label, const json_t *value);

/* Good for what may pass, bad for what may not: "active", "accepted", "revoked", ... */
enum tone reply_state_tone(const char *state);

void account_print(const json_t *account, FILE *out);
void key_print(const json_t *key, FILE *out);
void keys_print(const json_t *reply, FILE *out); /* of GET /keys */

#endif
