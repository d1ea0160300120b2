#include "authority/key_draft.h"

#include <assert.h>
#include <ctype.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

static_assert(STORE_KEY_LABEL_SIZE == KEY_LABEL_MOST + 1, "the row holds the label");
static_assert(STORE_KEY_RULES_SIZE >= IP_RULES_MOST * IP_RULE_TEXT_SIZE, "the row holds the rules");

/* The first code point of UTF-8 that the JSON reader has checked; *size in bytes.  0: cut off. */
static uint32_t code_point(struct slice text, size_t *size)
{
    const unsigned char *b = (const unsigned char *)text.at;

    *size = b[0] < 0x80 ? 1 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;
    if (*size > text.size)
        return 0;
    switch (*size) {
    case 1:
        return b[0];
    case 2:
        return (b[0] & 0x1fu) << 6 | (b[1] & 0x3fu);
    case 3:
        return (b[0] & 0xfu) << 12 | (b[1] & 0x3fu) << 6 | (b[2] & 0x3fu);
    default:
        return (b[0] & 7u) << 18 | (b[1] & 0x3fu) << 12 | (b[2] & 0x3fu) << 6 | (b[3] & 0x3fu);
    }
}

/* Control characters, and those that show nothing or turn the direction: with them two labels look
 * the same, or one looks like what it is not. */
static bool is_unseen(uint32_t c)
{
    return c < ' ' || (c >= 0x7f && c <= 0xa0) || c == 0xad || c == 0x61c || c == 0x115f ||
           c == 0x1160 || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0x3164 ||
           (c >= 0xfe00 && c <= 0xfe0f) || c == 0xfeff || c == 0xffa0 || c >= 0xe0000;
}

static bool label_is_seen(struct slice label)
{
    size_t size;

    for (size_t i = 0; i < label.size; i += size)
        if (is_unseen(code_point(slice_from(label, i), &size)))
            return false;
    return true;
}

void key_draft_label_read(struct key_draft *d, struct slice label, struct refusal *refusal)
{
    while (label.size > 0 && label.at[0] == ' ')
        label = slice_from(label, 1);
    while (label.size > 0 && label.at[label.size - 1] == ' ')
        label.size--;
    if (label.size == 0 || label.size > KEY_LABEL_MOST) {
        refusal_add_at(refusal, REFUSAL_INVALID, "label", "label-length",
                       "%s: a key needs a label of 1 to %d bytes", d->name, KEY_LABEL_MOST);
        return;
    }
    if (!label_is_seen(label)) {
        refusal_add_at(refusal, REFUSAL_INVALID, "label", "label-characters",
                       "%s: the label has control characters, or ones that nobody sees", d->name);
        return;
    }
    memset(d->row.label, 0, sizeof d->row.label);
    memset(d->row.label_folded, 0, sizeof d->row.label_folded);
    for (size_t i = 0; i < label.size; i++) {
        d->row.label[i] = label.at[i];
        d->row.label_folded[i] = (char)tolower((unsigned char)label.at[i]);
    }
    snprintf(d->name, sizeof d->name, "key \"%s\"", d->row.label);
}

void key_draft_scopes_read(struct key_draft *d, const struct key_application *ask, uint32_t held,
                           struct refusal *refusal)
{
    if (ask->scope_count == 0)
        refusal_add_at(refusal, REFUSAL_INVALID, "scopes", "scope-none",
                       "%s: choose at least one scope", d->name);
    for (size_t i = 0; i < ask->scope_count; i++) {
        struct slice text = ask->scopes[i];
        enum scope scope;

        if (!scope_find(text, &scope)) {
            refusal_add_at(refusal, REFUSAL_INVALID, "scopes", "scope-unknown",
                           "%s: there is no scope \"%.*s\"", d->name,
                        (int)(text.size > 40 ? 40 : text.size), text.at);
        } else if ((scope_get(scope)->flags & SCOPE_IS_ELEVATED) != 0 &&
                   (held & SCOPE_BIT(scope)) == 0) {
            refusal_add_at(refusal, REFUSAL_RULE, "scopes", "scope-elevated",
                        "%s: %s is an elevated permission: no application grants it; make the key "
                        "without it, then its owner asks for it and an operator grants it",
                        d->name, scope_get(scope)->text);
        } else {
            d->row.scopes |= SCOPE_BIT(scope);
        }
    }
}

void key_draft_groups_judge(const struct key_draft *d, const struct key_application *ask,
                            uint32_t chosen, struct refusal *refusal)
{
    bool confirmed[SCOPE_GROUP_COUNT] = { false };

    for (size_t i = 0; i < ask->confirmed_count; i++) {
        struct slice text = ask->confirmed_groups[i];
        enum scope_group group;

        if (scope_group_find(text, &group))
            confirmed[group] = true;
        else
            refusal_add_at(refusal, REFUSAL_INVALID, "confirmed_groups", "group-unknown",
                           "%s: there is no group \"%.*s\": confirm read, trade, wallet or lending",
                           d->name, (int)(text.size > 40 ? 40 : text.size), text.at);
    }
    for (enum scope_group group = 0; group < SCOPE_GROUP_ELEVATED; group++)
        if ((chosen & scopes_of_group(group)) != 0 && !confirmed[group])
            refusal_add_at(refusal, REFUSAL_RULE, "confirmed_groups", "group-unconfirmed",
                           "%s: the group \"%s\" was chosen but not confirmed", d->name,
                           scope_group_text(group));
}

/* What is wrong with one rule by itself.  An exclusion is judged by what it excludes: whether
 * anything lets that in, only the list can tell. */
static bool rule_judge(const struct key_draft *d, struct slice text, size_t index,
                       struct refusal *refusal)
{
    struct slice bare = text.size > 0 && text.at[0] == '!' ? slice_from(text, 1) : text;
    char words[IP_WORDS_SIZE], field[REFUSAL_FIELD_SIZE];
    struct ip_rule rules[IP_RULES_MOST];

    if (ip_rules_parse(&bare, 1, rules, words) == IP_FINE)
        return true;
    snprintf(field, sizeof field, "ip_rules.%zu", index);
    refusal_add_at(refusal, REFUSAL_INVALID, field, "ip-rule", "%s: %s", d->name, words);
    return false;
}

void key_draft_rules_read(struct key_draft *d, const struct key_application *ask,
                          struct refusal *refusal)
{
    struct ip_rule rules[IP_RULES_MOST];
    char words[IP_WORDS_SIZE];
    bool fine = true;
    size_t size = 0;

    for (size_t i = 0; i < ask->ip_rule_count; i++)
        fine &= rule_judge(d, ask->ip_rules[i], i, refusal);
    if (!fine)
        return;
    if (ip_rules_parse(ask->ip_rules, ask->ip_rule_count, rules, words) != IP_FINE) {
        refusal_add_at(refusal, REFUSAL_INVALID, "ip_rules", "ip-rule", "%s: %s", d->name, words);
        return;
    }
    memset(d->row.ip_rules, 0, sizeof d->row.ip_rules);
    for (size_t i = 0; i < ask->ip_rule_count; i++) {
        if (i > 0)
            d->row.ip_rules[size++] = ' ';
        size += ip_rule_format(&rules[i], d->row.ip_rules + size);
    }
    SHA256((const uint8_t *)d->row.ip_rules, size, d->row.ip_rules_sha256);
}

void key_draft_read(struct key_draft *d, const struct key_application *ask,
                    struct refusal *refusal)
{
    key_draft_label_read(d, ask->label, refusal);
    if (!environment_parse(ask->environment, &d->row.environment))
        refusal_add_at(refusal, REFUSAL_INVALID, "environment", "environment-unknown",
                       "%s: the environment is live or sandbox", d->name);
    key_draft_scopes_read(d, ask, 0, refusal);
    key_draft_groups_judge(d, ask, d->row.scopes, refusal);
    key_draft_rules_read(d, ask, refusal);
}

static void clash_say(const struct key_draft *d, const struct store_key *other, bool label,
                      struct refusal *refusal)
{
    struct key_id id = { .environment = other->environment };
    char text[KEY_ID_TEXT_SIZE];

    memcpy(id.random, other->id, sizeof id.random);
    key_id_format(&id, text);
    if (label)
        refusal_add_at(
            refusal, REFUSAL_CLASH, "label", "label-clash",
            "%s: the account's key %s has this label: choose another, or revoke that key", d->name,
            text);
    else
        refusal_add_at(refusal, REFUSAL_CLASH, "ip_rules", "ip-rules-clash",
                    "%s: the account's key %s, \"%s\", has the same IP rules: choose others, or "
                    "revoke that key",
                    d->name, text, other->label);
}

static bool is_other(const struct key_draft *d, const struct store_key *other)
{
    return memcmp(d->row.id, other->id, sizeof other->id) != 0;
}

enum err key_draft_clashes_judge(struct store_tx *tx, const struct key_draft *d,
                                 struct refusal *refusal)
{
    struct store_key other;
    bool present;
    enum err e;

    TRY(store_key_find_label(tx, d->row.account, slice_of(d->row.label_folded), &other, &present));
    if (present && is_other(d, &other))
        clash_say(d, &other, true, refusal);
    TRY(store_key_find_rules(tx, d->row.account, d->row.ip_rules_sha256, &other, &present));
    if (present && is_other(d, &other))
        clash_say(d, &other, false, refusal);
out:
    return e;
}

enum err key_rules_parse(const char *ip_rules, struct ip_rule rules[IP_RULES_MOST], size_t *count)
{
    struct slice texts[IP_RULES_MOST], rest = slice_of(ip_rules);
    char words[IP_WORDS_SIZE];

    *count = 0;
    while (rest.size > 0 && *count < IP_RULES_MOST) {
        const char *space = memchr(rest.at, ' ', rest.size);
        size_t size = space == NULL ? rest.size : (size_t)(space - rest.at);

        texts[(*count)++] = (struct slice){ rest.at, size };
        rest = slice_from(rest, space == NULL ? size : size + 1);
    }
    return ip_rules_parse(texts, *count, rules, words) == IP_FINE ? OK : ERR_CORRUPT;
}
