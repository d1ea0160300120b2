/* authority/key_draft.h: what was asked for a key, read and judged by itself (B3, B4, B7)
 *
 * The same reading serves the application for a key, the form that is checked while one types, and
 * later changes, so that they all obey the same rules in the same words.  Each fault names its
 * field, a bad IP rule its place in the list.
 */
#ifndef AUTHORITY_KEY_DRAFT_H
#define AUTHORITY_KEY_DRAFT_H

#include <stddef.h>
#include <stdint.h>

#include "authority/refusal.h"
#include "base/slice.h"
#include "gate/ip_rule.h"
#include "keys/key_text.h"
#include "keys/scope.h"
#include "store/keys.h"

enum { KEY_LABEL_MOST = 64 }; /* bytes of UTF-8 */

/* One key as it was asked for; everything is borrowed text. */
struct key_application {
    struct slice environment, label;
    struct slice scopes[2 * SCOPE_COUNT];
    size_t scope_count;
    struct slice confirmed_groups[2 * SCOPE_GROUP_COUNT];
    size_t confirmed_count;
    struct slice ip_rules[IP_RULES_MOST + 1]; /* one more than allowed, so that it is refused */
    size_t ip_rule_count;
};

struct key_draft {
    struct store_key row;
    char name[KEY_LABEL_MOST + 32]; /* opens each message about it: "key 2", 'key "bot"' */
};

/* Without spaces around it. The label becomes part of the draft's name. */
void key_draft_label_read(struct key_draft *d, struct slice label, struct refusal *refusal);

/* Into d->row.scopes, which was empty.  Elevated ones are refused, but for those that are `held`.
 */
void key_draft_scopes_read(struct key_draft *d, const struct key_application *ask, uint32_t held,
                           struct refusal *refusal);

/* B3: each group of `chosen` is confirmed on its own. */
void key_draft_groups_judge(const struct key_draft *d, const struct key_application *ask,
                            uint32_t chosen, struct refusal *refusal);

/* Each rule that is bad by itself, then what the rules are together. */
void key_draft_rules_read(struct key_draft *d, const struct key_application *ask,
                          struct refusal *refusal);

/* All of the above and the environment. */
void key_draft_read(struct key_draft *d, const struct key_application *ask,
                    struct refusal *refusal);

/* B7: against the usable keys of d->row.account other than d->row.id. */
must_use enum err key_draft_clashes_judge(struct store_tx *tx, const struct key_draft *d,
                                          struct refusal *refusal);

/* The rules of a row, sorted as they are there; how many. ERR_CORRUPT: no list that was written by
 * a draft. */
must_use enum err key_rules_parse(const char *ip_rules, struct ip_rule rules[IP_RULES_MOST],
                                  size_t *count);

#endif
