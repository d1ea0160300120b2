/* authority/alert_body.h: what stands in an alert, and what it is answered with (E1)
 *
 *     [{"token": "lks_live_…", "type": "…", "url": "https://…", "source": "commit"}, …]
 *     [{"token_hash": "9f86d0…", "token_type": "…", "label": "true_positive"}, …]
 *
 * The token's own form decides what it is; `type` is not looked at but sent back.  GitLab calls the
 * url "location".  Source: GitHub's secret scanning partner program; GitLab's Token Revocation API.
 *
 * Pure.
 */
#ifndef AUTHORITY_ALERT_BODY_H
#define AUTHORITY_ALERT_BODY_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/slice.h"

enum {
    ALERT_BODY_MOST = 16 << 20,
    ALERT_ENTRIES_MOST = 100000,
};

/* Borrowed from the parsed body; empty where absent. */
struct alert_entry {
    struct slice token, type, url, source;
};

/* NULL: no array of objects; *too_many: more than ALERT_ENTRIES_MOST of them. */
json_t *alert_body_parse(struct slice body, bool *too_many);

/* False: the entry has no token, nothing can be said about it. */
bool alert_entry_get(const json_t *body, size_t index, struct alert_entry *entry);

/* Appends an answer's next entry, "[" before the first; alert_answer_end closes it. */
void alert_answer_append(struct buffer *answer, const struct alert_entry *entry, bool is_ours);
void alert_answer_end(struct buffer *answer);

#endif
