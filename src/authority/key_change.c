#include "authority/key_change.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "authority/admission.h"
#include "authority/change.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/key_confirm.h"
#include "authority/key_issue.h"
#include "authority/publish.h"
#include "base/buffer.h"
#include "store/key_grants.h"

/* A change on its way: the key as it is, and as it shall be. */
struct change_draft {
    struct store_tx *tx;
    struct store_key was;
    struct key_draft d;
};

/* ---- reading ---- */

static enum err draft_begin(struct authority *a, const struct key_asker *asker, const char *id,
                            struct change_draft *c, struct refusal *refusal)
{
    enum err e;

    TRY(store_begin(a->store, &c->tx));
    TRY(key_asker_get(c->tx, asker, id, &c->was, refusal));
    c->d.row = c->was;
    snprintf(c->d.name, sizeof c->d.name, "key \"%s\"", c->was.label);
    /* Its label and rules are its successor's now. */
    if (!refusal_is(refusal) && c->was.replaced_by[0] != '\0')
        refusal_add(refusal, REFUSAL_RULE, "key-rotated",
                    "the key was replaced by a new one and only waits for its end: change its "
                    "successor, or revoke it");
out:
    return e;
}

static uint32_t scopes_all(const struct store_key *key)
{
    return key->scopes | key->scopes_waiting;
}

/* Into d.row.scopes; what waited for mail goes on waiting. */
static void scopes_take(struct change_draft *c, const struct key_wish *wish,
                        struct refusal *refusal)
{
    uint32_t elevated = c->was.scopes & scopes_with(SCOPE_IS_ELEVATED);

    if (!wish->scopes_given)
        return;
    c->d.row.scopes = 0;
    key_draft_scopes_read(&c->d, &wish->ask, elevated, refusal);
    c->d.row.scopes_waiting = c->d.row.scopes & c->was.scopes_waiting;
    c->d.row.scopes &= ~c->was.scopes_waiting;
}

static enum err rules_take(struct change_draft *c, const struct key_wish *wish, bool *within,
                           struct refusal *refusal)
{
    struct ip_rule rules[IP_RULES_MOST], wider[IP_RULES_MOST];
    size_t before = refusal->count, count, wider_count;
    enum err e = OK;

    *within = true;
    if (!wish->ip_rules_given)
        goto out;
    key_draft_rules_read(&c->d, &wish->ask, refusal);
    if (refusal->count != before)
        goto out;
    TRY(key_rules_parse(c->was.ip_rules, wider, &wider_count));
    TRY(key_rules_parse(c->d.row.ip_rules, rules, &count));
    *within = ip_rules_within(rules, count, wider, wider_count);
out:
    return e;
}

/* ---- writing ---- */

static json_t *key_json(const struct store_key *key)
{
    char scopes[SCOPES_TEXT_SIZE], waiting[SCOPES_TEXT_SIZE], end[CLOCK_TEXT_SIZE] = "never";
    char cooling[CLOCK_TEXT_SIZE] = "over";

    scopes_format(key->scopes, scopes);
    scopes_format(key->scopes_waiting, waiting);
    if (key->ends_at_ns != 0)
        clock_format(key->ends_at_ns, end);
    if (key->cooling_until_ns != 0)
        clock_format(key->cooling_until_ns, cooling);
    return json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:s}", "label", key->label, "scopes",
                     scopes, "scopes_waiting", waiting, "ip_rules", key->ip_rules, "public_per_s",
                     (int)key->public_per_s, "private_per_s", (int)key->private_per_s, "ends_at",
                     end, "cooling_until", cooling);
}

/* Leaves in both only what differs, and names it. */
static void difference_keep(json_t *before, json_t *after, struct buffer *names)
{
    const char *name;
    json_t *value;
    void *rest;

    json_object_foreach_safe(after, rest, name, value) {
        if (json_equal(value, json_object_get(before, name))) {
            json_object_del(before, name);
            json_object_del(after, name);
        } else {
            buffer_printf(names, "%s%s", names->size == 0 ? "" : ", ", name);
        }
    }
}

static enum err grants_drop(struct change_draft *c)
{
    uint32_t gone = c->was.scopes & ~c->d.row.scopes & scopes_with(SCOPE_IS_ELEVATED);
    enum err e = OK;

    for (enum scope scope = 0; scope < SCOPE_COUNT; scope++)
        if ((gone & SCOPE_BIT(scope)) != 0)
            TRY(store_key_grant_delete(c->tx, c->was.id, scope));
out:
    return e;
}

/* Row, change log and event. */
static enum err draft_write(struct authority *a, const struct key_asker *asker, const char *what,
                            struct change_draft *c, struct refusal *refusal)
{
    json_t *before = key_json(&c->was), *after = key_json(&c->d.row);
    struct buffer names;
    enum err e;

    buffer_init(&names);
    difference_keep(before, after, &names);
    if (json_object_size(after) == 0) {
        refusal_add(refusal, REFUSAL_INVALID, "change-nothing",
                    "%s: there is nothing to change: it is so already", c->d.name);
        e = OK;
        goto out;
    }
    TRY(names.failed ? ERR_MEMORY : OK);
    TRY(store_key_change(c->tx, &c->d.row));
    TRY(grants_drop(c));
    TRY(change_write(c->tx, (struct change){ .who = asker->who, .what = what,
                                             .account = c->was.account, .key = c->was.id,
                                             .environment = c->was.environment,
                                             .at_ns = a->now_ns(), .before = json_incref(before),
                                             .after = json_incref(after) }));
    e = event_write(a, c->tx,
                    &(struct event){ .kind = EVENT_KEY_CHANGED, .account = c->was.account,
                                     .key = c->was.id, .address = asker->address,
                                     .data = json_pack("{s:s%}", "what", names.at, names.size) });
out:
    buffer_wipe(&names);
    json_decref(before);
    json_decref(after);
    return e;
}

static enum err draft_commit(struct authority *a, struct change_draft *c)
{
    enum err e;

    TRY(store_commit(&c->tx));
    courier_wake(a->courier);
    e = publish_key(a->publisher, c->was.id);
out:
    return e;
}

/* ---- the services ---- */

enum err key_rename(struct authority *a, const struct key_asker *asker, const char *id,
                    struct slice label, struct refusal *refusal)
{
    struct change_draft c = { .tx = NULL };
    enum err e;

    TRY(draft_begin(a, asker, id, &c, refusal));
    if (refusal_is(refusal))
        goto out;
    key_draft_label_read(&c.d, label, refusal);
    if (!refusal_is(refusal))
        TRY(key_draft_clashes_judge(c.tx, &c.d, refusal));
    if (!refusal_is(refusal))
        TRY(draft_write(a, asker, "key renamed", &c, refusal));
    if (!refusal_is(refusal))
        e = draft_commit(a, &c);
out:
    store_rollback(&c.tx);
    return e;
}

static void rate_tighten(uint32_t *rate, uint64_t wanted, const char *field,
                         struct refusal *refusal)
{
    if (wanted > *rate)
        refusal_add_at(refusal, REFUSAL_RULE, field, "rate-higher",
                       "the rate can only be lowered, from %u a second; a higher one is the "
                       "venue's to give",
                       (unsigned)*rate);
    else if (wanted != 0)
        *rate = (uint32_t)wanted;
}

static void end_tighten(struct store_key *key, uint64_t wanted, uint64_t now_ns,
                        struct refusal *refusal)
{
    if (wanted == 0 || wanted == key->ends_at_ns)
        return;
    if (wanted <= now_ns)
        refusal_add_at(refusal, REFUSAL_INVALID, "ends_at", "end-past",
                       "the end has to be in the future; to end the key now, revoke it");
    else if (key->ends_at_ns != 0 && wanted > key->ends_at_ns)
        refusal_add_at(refusal, REFUSAL_RULE, "ends_at", "end-later",
                       "the key has an end already, and it cannot be put off");
    else {
        key->ends_at_ns = wanted;
        key->ends_reason = KEY_REASON_OWNER;
    }
}

enum err key_change_check(struct authority *a, const struct key_asker *asker, const char *id,
                          const struct key_wish *wish, bool *tightens, struct refusal *problems)
{
    struct change_draft c = { .tx = NULL };
    bool within;
    enum err e;

    *tightens = false;
    TRY(draft_begin(a, asker, id, &c, problems));
    if (refusal_is(problems))
        goto out;
    scopes_take(&c, wish, problems);
    TRY(rules_take(&c, wish, &within, problems));
    if (!refusal_is(problems))
        TRY(key_draft_clashes_judge(c.tx, &c.d, problems));
    *tightens = within && (scopes_all(&c.d.row) & ~scopes_all(&c.was)) == 0;
out:
    store_rollback(&c.tx);
    return e;
}

enum err key_tighten(struct authority *a, const struct key_asker *asker, const char *id,
                     const struct key_wish *wish, struct refusal *refusal)
{
    struct change_draft c = { .tx = NULL };
    bool within;
    enum err e;

    TRY(draft_begin(a, asker, id, &c, refusal));
    if (refusal_is(refusal))
        goto out;
    scopes_take(&c, wish, refusal);
    if ((scopes_all(&c.d.row) & ~scopes_all(&c.was)) != 0)
        refusal_add_at(refusal, REFUSAL_RULE, "scopes", "scope-added",
                       "%s: tightening takes permissions away; adding some needs the second factor",
                       c.d.name);
    TRY(rules_take(&c, wish, &within, refusal));
    if (!within)
        refusal_add_at(refusal, REFUSAL_RULE, "ip_rules", "ip-rules-wider",
                       "%s: the rules let in an address that the key's present ones do not; "
                       "adding some needs the second factor",
                       c.d.name);
    rate_tighten(&c.d.row.public_per_s, wish->public_per_s, "public_per_s", refusal);
    rate_tighten(&c.d.row.private_per_s, wish->private_per_s, "private_per_s", refusal);
    end_tighten(&c.d.row, wish->ends_at_ns, a->now_ns(), refusal);
    if (!refusal_is(refusal))
        TRY(key_draft_clashes_judge(c.tx, &c.d, refusal));
    if (!refusal_is(refusal))
        TRY(draft_write(a, asker, "key tightened", &c, refusal));
    if (!refusal_is(refusal))
        e = draft_commit(a, &c);
out:
    store_rollback(&c.tx);
    return e;
}

/* What was added waits as it would with a new key. */
static void added_apply(struct change_draft *c, uint32_t added, uint64_t now_ns)
{
    struct store_key *row = &c->d.row;
    uint32_t mail = added & scopes_with(SCOPE_NEEDS_MAIL);
    uint64_t cooled_at_ns = now_ns + KEY_COOLING_NS;

    row->scopes_waiting |= mail;
    row->scopes &= ~mail;
    /* A key that may place orders has cooled, or cools: no scope beside that starts it anew. */
    if (row->environment == ENVIRONMENT_LIVE &&
        (added & scopes_of_group(SCOPE_GROUP_TRADE)) != 0 &&
        (c->was.scopes & SCOPE_BIT(SCOPE_ORDERS_WRITE)) == 0 &&
        row->cooling_until_ns < cooled_at_ns)
        row->cooling_until_ns = cooled_at_ns;
}

static enum err loosening_judge(struct change_draft *c, const struct key_wish *wish,
                                uint32_t *added, struct refusal *refusal)
{
    bool within;
    enum err e;

    TRY(key_account_judge(c->tx, c->was.account, refusal));
    scopes_take(c, wish, refusal);
    *added = scopes_all(&c->d.row) & ~scopes_all(&c->was);
    key_draft_groups_judge(&c->d, &wish->ask, *added, refusal);
    TRY(rules_take(c, wish, &within, refusal));
    if (wish->public_per_s != 0 || wish->private_per_s != 0 || wish->ends_at_ns != 0)
        refusal_add(refusal, REFUSAL_INVALID, "not-loosened",
                    "rates and the end are lowered by tightening; more is the venue's to give");
    if (!refusal_is(refusal))
        TRY(key_draft_clashes_judge(c->tx, &c->d, refusal));
    if (!refusal_is(refusal) && *added == 0 &&
        scopes_all(&c->d.row) == scopes_all(&c->was) &&
        strcmp(c->d.row.ip_rules, c->was.ip_rules) == 0)
        refusal_add(refusal, REFUSAL_INVALID, "change-nothing",
                    "%s: there is nothing to change: it is so already", c->d.name);
out:
    return e;
}

enum err key_loosen(struct authority *a, const struct key_asker *asker, const char *id,
                    const struct key_wish *wish, struct refusal *refusal)
{
    struct change_draft c = { .tx = NULL };
    uint32_t added = 0;
    bool waits;
    enum err e;

    TRY(draft_begin(a, asker, id, &c, refusal));
    if (!refusal_is(refusal))
        TRY(loosening_judge(&c, wish, &added, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(key_asker_prove(a, c.tx, asker, c.was.account, refusal));
    if (!refusal_is(refusal)) {
        added_apply(&c, added, a->now_ns());
        TRY(draft_write(a, asker, "key loosened", &c, refusal));
        if ((added & scopes_with(SCOPE_NEEDS_MAIL)) != 0)
            TRY(key_confirm_ask(a, c.tx, &c.d.row, asker->address));
        TRY(admission_judge(a, c.tx, asker->who, &c.d.row, added,
                            &(struct applicant){ slice_of(asker->address), asker->agent },
                            &waits));
    }
    e = draft_commit(a, &c); /* also a refused proof: it counts */
out:
    store_rollback(&c.tx);
    return e;
}
