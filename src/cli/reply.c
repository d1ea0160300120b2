#include "cli/reply.h"

#include <string.h>

#include "base/buffer.h"

static const char *const two_columns[] = { "", "", NULL };

const char *reply_text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

void reply_cell(struct table *t, const json_t *value)
{
    char number[32];

    if (json_is_integer(value)) {
        snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        table_add(t, number);
    } else if (json_is_boolean(value)) {
        table_add(t, json_is_true(value) ? "yes" : "no");
    } else {
        table_add(t, json_string_value(value));
    }
}

void reply_list_cell(struct table *t, const json_t *list, const char *name)
{
    struct buffer text;
    const json_t *item;
    size_t i;

    buffer_init(&text);
    json_array_foreach(list, i, item) {
        const char *words = name == NULL ? json_string_value(item) : reply_text(item, name);

        buffer_printf(&text, "%s%s", i > 0 ? ", " : "", words == NULL ? "?" : words);
    }
    table_add(t, text.at);
    buffer_wipe(&text);
}

void reply_row(struct table *t, const char *label, const json_t *value)
{
    table_add_toned(t, label, TONE_DIM);
    reply_cell(t, value);
}

enum tone reply_state_tone(const char *state)
{
    static const struct {
        const char *state;
        enum tone tone;
    } tones[] = {
        { "active", TONE_GOOD },  { "accepted", TONE_GOOD }, { "enrolled", TONE_GOOD },
        { "live", TONE_GOOD },    { "revoked", TONE_BAD },   { "expired", TONE_BAD },
        { "rejected", TONE_BAD }, { "missing", TONE_WARN },  { "suspended", TONE_WARN },
        { "pending", TONE_WARN }, { "cooling", TONE_WARN },  { "waiting-mail", TONE_WARN },
    };

    for (size_t i = 0; state != NULL && i < sizeof tones / sizeof *tones; i++)
        if (strcmp(tones[i].state, state) == 0)
            return tones[i].tone;
    return TONE_PLAIN;
}

static void state_row(struct table *t, const char *label, const char *state)
{
    table_add_toned(t, label, TONE_DIM);
    table_add_toned(t, state, reply_state_tone(state));
}

void account_print(const json_t *account, FILE *out)
{
    const json_t *steps = json_object_get(account, "steps"), *step;
    const json_t *flag = json_object_get(account, "flag");
    const json_t *waiting = json_object_get(account, "waiting");
    struct table t;
    size_t i;

    table_init(&t, two_columns);
    reply_row(&t, "account", json_object_get(account, "id"));
    reply_row(&t, "e-mail", json_object_get(account, "email"));
    reply_row(&t, "kind", json_object_get(account, "kind"));
    reply_row(&t, "jurisdiction", json_object_get(account, "jurisdiction"));
    reply_row(&t, "created", json_object_get(account, "created_at"));
    json_array_foreach(steps, i, step)
        state_row(&t, reply_text(step, "step"), reply_text(step, "state"));
    state_row(&t, "second factor", reply_text(account, "totp"));
    reply_row(&t, "keys", json_object_get(account, "keys"));
    if (json_is_object(flag)) {
        table_add_toned(&t, "flag", TONE_DIM);
        table_add_toned(&t, reply_text(flag, "kind"), TONE_BAD);
        reply_row(&t, "flag reason", json_object_get(flag, "reason"));
    }
    table_print(&t, out);
    table_wipe(&t);
    if (json_is_integer(waiting))
        fprintf(out,
                "\nNothing has changed yet: a second operator has to confirm it, in the console "
                "(review %" JSON_INTEGER_FORMAT ") or by the same command.\n",
                json_integer_value(waiting));
}

static void readiness_rows(struct table *t, const json_t *readiness)
{
    static const struct {
        const char *field, *label;
    } steps[] = {
        { "wallets_called", "wallets called" },
        { "sandbox_order", "sandbox order" },
        { "cooling_over", "cooling-off over" },
        { "ready", "ready for orders" },
    };

    for (size_t i = 0; json_is_object(readiness) && i < sizeof steps / sizeof *steps; i++) {
        bool done = json_is_true(json_object_get(readiness, steps[i].field));

        table_add_toned(t, steps[i].label, TONE_DIM);
        table_add_toned(t, done ? "yes" : "no", done ? TONE_GOOD : TONE_WARN);
    }
}

/* A scope that is not live is no scope yet, or no more: its state stands behind it. */
static void scopes_row(struct table *t, const json_t *scopes)
{
    struct buffer text;
    const json_t *scope;
    size_t i;

    buffer_init(&text);
    json_array_foreach(scopes, i, scope) {
        const char *name = reply_text(scope, "scope"), *state = reply_text(scope, "state");

        buffer_printf(&text, "%s%s", i > 0 ? ", " : "", name == NULL ? "?" : name);
        if (state != NULL && strcmp(state, "live") != 0)
            buffer_printf(&text, " (%s)", state);
    }
    table_add_toned(t, "scopes", TONE_DIM);
    table_add(t, text.at);
    buffer_wipe(&text);
}

void key_print(const json_t *key, FILE *out)
{
    const json_t *rates = json_object_get(key, "rates");
    struct table t;

    table_init(&t, two_columns);
    reply_row(&t, "key", json_object_get(key, "id"));
    reply_row(&t, "label", json_object_get(key, "label"));
    reply_row(&t, "environment", json_object_get(key, "environment"));
    reply_row(&t, "account", json_object_get(key, "email"));
    state_row(&t, "state", reply_text(key, "state"));
    if (reply_text(key, "reason") != NULL && *reply_text(key, "reason") != '\0')
        reply_row(&t, "reason", json_object_get(key, "reason"));
    scopes_row(&t, json_object_get(key, "scopes"));
    table_add_toned(&t, "addresses", TONE_DIM);
    reply_list_cell(&t, json_object_get(key, "ip_rules"), NULL);
    reply_row(&t, "created", json_object_get(key, "created_at"));
    reply_row(&t, "last used", json_object_get(key, "last_used_at"));
    reply_row(&t, "cooling until", json_object_get(key, "cooling_until"));
    readiness_rows(&t, json_object_get(key, "readiness"));
    reply_row(&t, "public calls/s", json_object_get(rates, "public_per_s"));
    reply_row(&t, "private calls/s", json_object_get(rates, "private_per_s"));
    reply_row(&t, "nonces out of order", json_object_get(key, "nonce_window"));
    reply_row(&t, "ends", json_object_get(key, "ends_at"));
    table_print(&t, out);
    table_wipe(&t);
}

void keys_print(const json_t *reply, FILE *out)
{
    static const char *const titles[] = { "KEY",   "ENV",       "ACCOUNT", "LABEL",
                                          "STATE", "LAST USED", NULL };
    const json_t *keys = json_object_get(reply, "keys"), *key;
    struct table t;
    size_t i;

    table_init(&t, titles);
    json_array_foreach(keys, i, key) {
        reply_cell(&t, json_object_get(key, "id"));
        reply_cell(&t, json_object_get(key, "environment"));
        reply_cell(&t, json_object_get(key, "email"));
        reply_cell(&t, json_object_get(key, "label"));
        table_add_toned(&t, reply_text(key, "state"), reply_state_tone(reply_text(key, "state")));
        reply_cell(&t, json_object_get(key, "last_used_at"));
    }
    table_print(&t, out);
    table_wipe(&t);
}
