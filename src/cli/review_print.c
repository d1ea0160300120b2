#include "cli/review_print.h"

#include <stdlib.h>

#include "cli/reply.h"

/* A text as it is; a list or an object of the evidence as JSON. */
static void evidence_row(struct table *t, const char *name, const json_t *value)
{
    char *text = json_is_string(value) || json_is_number(value)
                     ? NULL
                     : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    if (text == NULL) {
        reply_row(t, name, value);
        return;
    }
    table_add_toned(t, name, TONE_DIM);
    table_add(t, text);
    free(text);
}

void review_print(const json_t *review, FILE *out)
{
    static const char *const titles[] = { "", "", NULL };
    const json_t *account = json_object_get(review, "account"), *item;
    const char *state = reply_text(review, "state"), *name;
    struct table t;
    size_t i;

    table_init(&t, titles);
    reply_row(&t, "review", json_object_get(review, "id"));
    reply_row(&t, "kind", json_object_get(review, "kind"));
    table_add_toned(&t, "state", TONE_DIM);
    table_add_toned(&t, state, reply_state_tone(state));
    reply_row(&t, "account", json_object_get(account, "email"));
    if (json_is_object(json_object_get(review, "key")))
        reply_row(&t, "key", json_object_get(json_object_get(review, "key"), "id"));
    reply_row(&t, "opened", json_object_get(review, "opened_at"));
    json_object_foreach((json_t *)json_object_get(review, "detail"), name, item)
        evidence_row(&t, name, item);
    json_array_foreach(json_object_get(review, "documents"), i, item)
        reply_row(&t, "document", json_object_get(item, "name"));
    json_array_foreach(json_object_get(review, "votes"), i, item)
    {
        reply_row(&t, reply_text(item, "outcome"), json_object_get(item, "by"));
        reply_row(&t, "", json_object_get(item, "reason"));
    }
    reply_row(&t, "decided", json_object_get(review, "decided_at"));
    table_print(&t, out);
    table_wipe(&t);
    if (state != NULL && strcmp(state, "seconding") == 0)
        fputs("\nNothing has changed yet: a second operator has to confirm it.\n", out);
}
