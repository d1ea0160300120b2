#include "console/key_form.h"

#include <string.h>

/* Texts of an array; what is no array of texts, or longer than there is room, is refused. */
static size_t texts_read(struct call *c, const json_t *object, const char *name,
                         struct slice *texts, size_t most)
{
    const json_t *array = json_object_get(object, name);
    size_t count = json_array_size(array);

    if (array != NULL && !json_is_array(array))
        refusal_add(&c->refusal, REFUSAL_INVALID, "not-a-list", "\"%s\" has to be a list", name);
    if (count > most) {
        refusal_add(&c->refusal, REFUSAL_INVALID, "list-long", "\"%s\" has more than %zu entries",
                    name, most);
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(array, i);

        if (!json_is_string(value)) {
            refusal_add(&c->refusal, REFUSAL_INVALID, "not-a-text",
                        "\"%s\" has to be a list of texts", name);
            return 0;
        }
        texts[i] = (struct slice){ json_string_value(value), json_string_length(value) };
    }
    return count;
}

void key_application_read(struct call *c, const json_t *object, struct key_application *ask)
{
    ask->environment = call_text(c, object, "environment");
    ask->label = call_text(c, object, "label");
    ask->scope_count = texts_read(c, object, "scopes", ask->scopes,
                                  sizeof ask->scopes / sizeof *ask->scopes);
    ask->confirmed_count =
        texts_read(c, object, "confirmed_groups", ask->confirmed_groups,
                   sizeof ask->confirmed_groups / sizeof *ask->confirmed_groups);
    ask->ip_rule_count = texts_read(c, object, "ip_rules", ask->ip_rules,
                                    sizeof ask->ip_rules / sizeof *ask->ip_rules);
}

static const char *scope_state(const struct key_view *view, enum scope scope)
{
    if (view->key.state != KEY_ACTIVE)
        return view->key.state == KEY_SUSPENDED ? "suspended" : "ended";
    if (((view->key.scopes | view->key.scopes_waiting) & SCOPE_BIT(scope)) == 0)
        return "requested";
    if ((view->key.scopes_waiting & SCOPE_BIT(scope)) != 0)
        return "waiting-mail";
    if (scope_get(scope)->group == SCOPE_GROUP_TRADE && !view->readiness.cooling_over)
        return "cooling";
    return "live";
}

static json_t *granted_until(const struct key_view *view, enum scope scope)
{
    for (size_t i = 0; i < view->grant_count; i++)
        if (view->grants[i].scope == scope)
            return moment_json(view->grants[i].ends_at_ns);
    return json_null();
}

static json_t *scopes_json(const struct key_view *view)
{
    json_t *list = json_array();

    for (enum scope scope = 0; scope < SCOPE_COUNT; scope++)
        if (((view->key.scopes | view->key.scopes_waiting | view->scopes_requested) &
             SCOPE_BIT(scope)) != 0)
            json_array_append_new(
                list, json_pack("{s:s, s:s, s:s, s:o}", "scope", scope_get(scope)->text, "group",
                                scope_group_text(scope_get(scope)->group), "state",
                                scope_state(view, scope), "granted_until",
                                granted_until(view, scope)));
    return list;
}

static json_t *rules_json(const char *rules)
{
    json_t *list = json_array();

    while (*rules != '\0') {
        size_t size = strcspn(rules, " ");

        json_array_append_new(list, json_stringn(rules, size));
        rules += size + (rules[size] == ' ');
    }
    return list;
}

static json_t *reason_json(const struct store_key *key)
{
    if (key->state == KEY_ACTIVE)
        return json_null();
    return json_string(key->words[0] != '\0' ? key->words : key_reason_words(key->reason));
}

static json_t *holds_json(const struct key_view *view)
{
    json_t *list = json_array();

    for (size_t i = 0; i < view->hold_count; i++)
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:o}", "reason", key_reason_text(view->holds[i].reason),
                            "words", key_reason_words(view->holds[i].reason), "since",
                            moment_json(view->holds[i].since_ns)));
    return list;
}

/* The full id of another key of the same environment; null for zeros. */
static json_t *name_json(const struct store_key *key, const char other[RECORD_KEY_SIZE])
{
    struct key_id id = { .environment = key->environment };
    char text[KEY_ID_TEXT_SIZE];

    if (other[0] == '\0')
        return json_null();
    memcpy(id.random, other, sizeof id.random);
    key_id_format(&id, text);
    return json_string(text);
}

static json_t *text_or_null(const char *text)
{
    return text[0] == '\0' ? json_null() : json_string(text);
}

/* Where it comes from, what it waits for and when it ends. */
static json_t *life_json(const struct key_view *view)
{
    const struct store_key *key = &view->key;

    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "holds", holds_json(view), "replaces",
                     name_json(key, key->replaces), "replaced_by",
                     name_json(key, key->replaced_by), "ends_at", moment_json(key->ends_at_ns),
                     "ends_reason",
                     key->ends_at_ns == 0 ? json_null()
                                          : json_string(key_reason_words(key->ends_reason)),
                     "expires_if_unused_at", moment_json(view->unused_end_ns), "created_from",
                     text_or_null(key->created_from));
}

json_t *key_json(const struct key_view *view)
{
    const struct store_key *key = &view->key;
    const struct readiness *ready = &view->readiness;
    json_t *life = life_json(view);
    json_t *json = json_pack(
        "{s:s, s:I, s:s, s:s, s:s, s:o, s:o, s:s, s:o, s:o, s:o, s:o,"
        " s:{s:b, s:b, s:b, s:b}, s:{s:i, s:i}, s:b}",
        "id", view->id, "account", (json_int_t)key->account, "email", view->email, "environment",
        environment_text(key->environment), "label", key->label, "scopes", scopes_json(view),
        "ip_rules", rules_json(key->ip_rules), "state", key_state_text(key->state), "reason",
        reason_json(key), "created_at", moment_json(key->created_at_ns), "cooling_until",
        moment_json(key->cooling_until_ns), "last_used_at", moment_json(view->last_used_at_ns),
        "readiness", "wallets_called", ready->wallets_called, "sandbox_order",
        ready->sandbox_order, "cooling_over", ready->cooling_over, "ready", ready->ready, "rates",
        "public_per_s", (int)key->public_per_s, "private_per_s", (int)key->private_per_s,
        "nonce_window", key->nonce_window);

    json_object_update_missing(json, life);
    json_decref(life);
    return json;
}
