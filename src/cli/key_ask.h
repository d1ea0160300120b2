/* cli/key_ask.h: the key that somebody asks for, as POST /keys wants it */
#ifndef CLI_KEY_ASK_H
#define CLI_KEY_ASK_H

#include <jansson.h>

#include "cli/options.h"

/* Every scope of the four groups; those that wait for a mail only with `withdrawals` (C2).
 * Elevated scopes are in no group: nobody gets them by asking for everything (D5). */
json_t *key_scopes_all(bool withdrawals);

/* The names of the four groups, each to be confirmed on its own (B3). */
json_t *key_groups_all(void);

json_t *key_list_json(const struct option_list *list);

#endif
