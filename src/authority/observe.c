#include "authority/observe.h"

#include <stdlib.h>
#include <string.h>

#include "authority/change.h"
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

struct ids {
    struct key_list list;
    bool failed;
};

static bool ids_add(void *context, const struct store_key *key)
{
    struct ids *ids = context;

    ids->failed = !key_list_add(&ids->list, key->id);
    return !ids->failed;
}

static enum err order_learn(struct authority *a, uint64_t account, uint64_t at_ns)
{
    struct ids ids = { .failed = false };
    struct store_tx *tx = NULL;
    bool changed;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_account_sandbox_order_set(tx, account, at_ns, &changed));
    if (changed)
        TRY(change_write(tx, (struct change){ .who = "gateway", .what = "sandbox order placed",
                                              .account = account, .at_ns = at_ns,
                                              .after = json_true() }));
    TRY(store_keys_each(tx, account, ids_add, &ids));
    TRY(ids.failed ? ERR_MEMORY : OK);
    TRY(store_commit(&tx));
    e = key_list_publish(a, &ids.list);
out:
    store_rollback(&tx);
    key_list_wipe(&ids.list);
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

enum err observe_learn(struct authority *a, const struct audit_record *record)
{
    uint64_t at_ns = record->received_at_us * NS_PER_US;

    switch (lesson_of(record)) {
    case LESSON_ORDER:
        return order_learn(a, record->account, at_ns);
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

static void ended_keep(void *context, const char *id, enum key_state state, enum key_reason reason)
{
    struct authority *a = context;
    enum err e = key_end(a, reason == KEY_REASON_PLAINTEXT ? "gateway" : "authority", id, state,
                         reason, slice_of(key_reason_words(reason)));

    if (e != OK)
        log_error("observe", "key %.16s has ended, but the store cannot keep it: %s", id,
                  err_text(e));
}

void observe_sweep(struct authority *a)
{
    publish_ended_each(a->publisher, a->now_ns(), ended_keep, a);
}
