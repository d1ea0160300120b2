#include "authority/observe.h"

#include <stdlib.h>
#include <string.h>

#include "authority/change.h"
#include "authority/key_grant.h"
#include "authority/key_life.h"
#include "authority/publish.h"
#include "base/log.h"
#include "gate/route.h"
#include "gate/verdict.h"
#include "store/accounts.h"

enum lesson { LESSON_NONE, LESSON_ORDER, LESSON_WALLETS, LESSON_PLAINTEXT, LESSON_UNUSED };

static enum lesson lesson_of(const struct audit_record *record)
{
    unsigned flags = route_flags_of(record->route, record->route_flags);

    if (record->kind != RECORD_REQUEST || (record->flags & RECORD_AUTHENTIC) == 0)
        return LESSON_NONE;
    /* A trial ends no key. */
    if (record->verdict == VERDICT_PLAINTEXT_REVOKED && (record->flags & RECORD_DRY_RUN) == 0)
        return LESSON_PLAINTEXT;
    if (record->verdict == VERDICT_KEY_EXPIRED && (record->flags & RECORD_DRY_RUN) == 0)
        return LESSON_UNUSED;
    if (record->verdict != VERDICT_PASS || record->status < 200 || record->status > 299)
        return LESSON_NONE;
    if ((flags & ROUTE_WALLETS) != 0)
        return LESSON_WALLETS;
    return record->environment == ENVIRONMENT_SANDBOX && route_places_order(record->route, flags)
               ? LESSON_ORDER
               : LESSON_NONE;
}

bool observe_wants(struct authority *a, const struct audit_record *record)
{
    enum lesson lesson = lesson_of(record);
    struct gate_key fixed;

    if (lesson == LESSON_NONE || record->environment >= ENVIRONMENT_COUNT ||
        !publish_fixed_get(a->publisher, record->environment, record->key, &fixed))
        return false;
    switch (lesson) {
    case LESSON_ORDER:
        return (fixed.flags & GATE_KEY_SANDBOX_ORDER) == 0;
    case LESSON_WALLETS:
        return (fixed.flags & GATE_KEY_WALLETS_CALLED) == 0;
    default:
        return fixed.state <= KEY_SUSPENDED;
    }
}

/* ---- slices ---- */

struct spread {
    uint64_t account;
    char after[KEY_RANDOM_SIZE]; /* published up to this key */
    bool is_begun;
};

void observer_init(struct observer *o, struct authority *a)
{
    *o = (struct observer){ .authority = a };
}

void observer_wipe(struct observer *o)
{
    free(o->spreads);
    *o = (struct observer){ 0 };
}

struct ids {
    struct key_list list;
    bool failed;
};

static bool ids_add(void *context, const struct store_key *key)
{
    struct ids *ids = context;

    ids->failed = !key_list_add(&ids->list, key->id);
    return !ids->failed && ids->list.count < OBSERVE_KEYS;
}

/* *more: whether the account may have keys behind this slice. */
static enum err spread_slice(struct authority *a, struct spread *spread, bool *more)
{
    struct ids ids = { .failed = false };
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_keys_after(tx, spread->account, spread->is_begun ? spread->after : NULL, ids_add,
                         &ids));
    TRY(ids.failed ? ERR_MEMORY : OK);
    store_rollback(&tx);
    TRY(key_list_publish(a, &ids.list));
    *more = ids.list.count == OBSERVE_KEYS;
    if (*more) {
        memcpy(spread->after, ids.list.ids[ids.list.count - 1], sizeof spread->after);
        spread->is_begun = true;
    }
out:
    store_rollback(&tx);
    key_list_wipe(&ids.list);
    return e;
}

static enum err spread_add(struct observer *o, const struct spread *spread)
{
    if (o->spread_count == o->spread_capacity) {
        size_t capacity = o->spread_capacity == 0 ? 16 : 2 * o->spread_capacity;
        struct spread *spreads = realloc(o->spreads, capacity * sizeof *spreads);

        if (spreads == NULL)
            return ERR_MEMORY;
        o->spreads = spreads;
        o->spread_capacity = capacity;
    }
    o->spreads[o->spread_count++] = *spread;
    return OK;
}

static enum err spreads_go_on(struct observer *o)
{
    bool more;
    enum err e;

    TRY(spread_slice(o->authority, &o->spreads[0], &more));
    if (!more) {
        o->spread_count--;
        memmove(o->spreads, o->spreads + 1, o->spread_count * sizeof *o->spreads);
    }
out:
    return e;
}

static bool is_spreading(const struct observer *o, uint64_t account)
{
    for (size_t i = 0; i < o->spread_count; i++)
        if (o->spreads[i].account == account)
            return true;
    return false;
}

/* ---- lessons ---- */

static enum err order_learn(struct authority *a, struct observer *o, uint64_t account,
                            uint64_t at_ns)
{
    struct spread spread = { .account = account };
    struct store_tx *tx = NULL;
    bool changed, more;
    enum err e;

    if (is_spreading(o, account))
        return OK;
    TRY(store_begin(a->store, &tx));
    TRY(store_account_sandbox_order_set(tx, account, at_ns, &changed));
    if (changed)
        TRY(change_write(tx, (struct change){ .who = "gateway", .what = "sandbox order placed",
                                              .account = account, .at_ns = at_ns,
                                              .after = json_true() }));
    TRY(store_commit(&tx));
    TRY(spread_slice(a, &spread, &more));
    if (more)
        e = spread_add(o, &spread);
out:
    store_rollback(&tx);
    return e;
}

static enum err wallets_learn(struct authority *a, const char *id, uint64_t at_ns)
{
    struct store_tx *tx = NULL;
    struct store_key key;
    bool changed;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_key_get(tx, id, &key));
    TRY(store_key_wallets_set(tx, id, at_ns, &changed));
    if (changed)
        TRY(change_write(tx, (struct change){ .who = "gateway", .what = "wallets called",
                                              .account = key.account, .key = key.id,
                                              .environment = key.environment, .at_ns = at_ns,
                                              .after = json_true() }));
    TRY(store_commit(&tx));
    e = publish_key(a->publisher, id);
out:
    store_rollback(&tx);
    return e;
}

enum err observe_learn(struct authority *a, struct observer *o, const struct audit_record *record)
{
    uint64_t at_ns = record->received_at_us * NS_PER_US;

    switch (lesson_of(record)) {
    case LESSON_ORDER:
        return order_learn(a, o, record->account, at_ns);
    case LESSON_WALLETS:
        return wallets_learn(a, record->key, at_ns);
    case LESSON_PLAINTEXT:
        return key_end(a, "gateway", record->key, KEY_REVOKED, KEY_REASON_PLAINTEXT,
                       slice_of(key_reason_words(KEY_REASON_PLAINTEXT)));
    case LESSON_UNUSED:
        return key_end(a, "gateway", record->key, KEY_EXPIRED, KEY_REASON_UNUSED,
                       slice_of(key_reason_words(KEY_REASON_UNUSED)));
    default:
        return OK;
    }
}

/* ---- the sweep ---- */

struct endings {
    struct key_ending ended[OBSERVE_SLOTS];
    size_t count;
};

static void ended_add(void *context, const char *id, enum key_state state, enum key_reason reason)
{
    struct endings *endings = context;
    struct key_ending *ending = &endings->ended[endings->count++];

    memcpy(ending->id, id, sizeof ending->id);
    ending->to = state;
    ending->reason = reason;
}

/* Those that end together, after a night of 90 days, are ended some at a time as well: the slots
 * that were looked at are looked at again. */
static enum err sweep_slice(struct observer *o, bool *more)
{
    struct publish_place next = o->sweep;
    struct endings *endings = malloc(sizeof *endings);
    enum err e;

    TRY(endings == NULL ? ERR_MEMORY : OK);
    endings->count = 0;
    *more = publish_ended_each(o->authority->publisher, o->authority->now_ns(), &next,
                               OBSERVE_SLOTS, ended_add, endings);
    if (endings->count > OBSERVE_KEYS) {
        TRY(keys_end(o->authority, endings->ended, OBSERVE_KEYS));
        *more = true;
        goto out;
    }
    if (endings->count > 0)
        TRY(keys_end(o->authority, endings->ended, endings->count));
    o->sweep = next;
    if (!*more)
        e = key_grants_sweep(o->authority, more);
out:
    free(endings);
    return e;
}

void observe_sweep_begin(struct observer *o)
{
    if (o->sweeps)
        return;
    o->sweep = (struct publish_place){ 0 };
    o->sweeps = true;
}

enum err observe_go_on(struct observer *o, bool *more)
{
    enum err e = OK;

    if (o->spread_count > 0)
        TRY(spreads_go_on(o));
    else if (o->sweeps)
        TRY(sweep_slice(o, &o->sweeps));
out:
    *more = o->spread_count > 0 || o->sweeps;
    return e;
}

void observe_sweep(struct authority *a)
{
    struct observer o;
    bool more = true;
    enum err e = OK;

    observer_init(&o, a);
    observe_sweep_begin(&o);
    while (e == OK && more)
        e = observe_go_on(&o, &more);
    if (e != OK)
        log_error("observe", "keys have ended, but the store cannot keep it: %s", err_text(e));
    observer_wipe(&o);
}
