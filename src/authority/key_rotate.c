#include "authority/key_rotate.h"

#include <jansson.h>
#include <sodium.h>
#include <string.h>

#include "authority/admission.h"
#include "authority/change.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/key_confirm.h"
#include "authority/key_life.h"
#include "authority/postbox.h"
#include "authority/publish.h"
#include "keys/scope.h"
#include "store/key_grants.h"

static enum err rotation_judge(struct authority *a, struct store_tx *tx,
                               const struct store_key *old, uint64_t old_days,
                               struct refusal *refusal)
{
    if (old_days > KEY_ROTATE_DAYS_MOST)
        refusal_add_at(refusal, REFUSAL_INVALID, "old_days", "old-days",
                       "the old key may go on for 0 to %d days", KEY_ROTATE_DAYS_MOST);
    if (old->replaced_by[0] != '\0')
        refusal_add(refusal, REFUSAL_RULE, "key-rotated",
                    "the key was replaced by a new one already: rotate its successor");
    if (old->state == KEY_SUSPENDED)
        refusal_add(refusal, REFUSAL_RULE, "key-suspended",
                    "the key is suspended: it can be replaced when it is active again");
    if (!publish_has_room(a->publisher, old->environment, 1))
        refusal_add(refusal, REFUSAL_RULE, "segment-full",
                    "the %s gate segment has no room for another key: the operator starts the "
                    "authority with a larger --keys",
                    environment_text(old->environment));
    return key_account_judge(tx, old->account, refusal);
}

/* What the gateways know and the store has not heard of yet counts too (D1). */
static uint64_t wallets_at(struct authority *a, const struct store_key *old)
{
    struct gate_live live;

    publish_live_get(a->publisher, old->environment, old->id, &live);
    return old->wallets_at_ns == 0 && live.wallets_called ? a->now_ns() : old->wallets_at_ns;
}

static void successor_fill(struct authority *a, const struct store_key *old, const char *address,
                           struct store_key *row)
{
    uint32_t mail = old->scopes & scopes_with(SCOPE_NEEDS_MAIL);

    *row = *old;
    memcpy(row->replaces, old->id, sizeof row->replaces);
    row->words[0] = '\0';
    row->wallets_at_ns = wallets_at(a, old);
    row->scopes &= ~mail;
    row->scopes_waiting |= mail;
    snprintf(row->created_from, sizeof row->created_from, "%s", address == NULL ? "" : address);
    row->created_country[0] = '\0';
}

static enum err grants_carry(struct store_tx *tx, const char *from, const char *to)
{
    struct store_key_grant grants[SCOPE_COUNT];
    size_t count;
    enum err e;

    TRY(store_key_grants_get(tx, from, grants, &count));
    for (size_t i = 0; i < count; i++) {
        memcpy(grants[i].key, to, sizeof grants[i].key);
        TRY(store_key_grant_set(tx, &grants[i]));
    }
out:
    return e;
}

static json_t *end_json(uint64_t ends_at_ns)
{
    char text[CLOCK_TEXT_SIZE] = "never";

    if (ends_at_ns != 0)
        clock_format(ends_at_ns, text);
    return json_pack("{s:s}", "ends_at", text);
}

/* The old key's end; one that was announced for earlier stays. */
static enum err old_end(struct authority *a, struct store_tx *tx, const struct key_asker *asker,
                        struct store_key *old, uint64_t old_days)
{
    uint64_t now_ns = a->now_ns(), ends_at_ns = now_ns + old_days * DAY_NS;
    json_t *before = end_json(old->ends_at_ns);
    enum err e;

    if (old->ends_at_ns == 0 || ends_at_ns < old->ends_at_ns) {
        old->ends_at_ns = ends_at_ns;
        old->ends_reason = KEY_REASON_ROTATED;
    }
    TRY(change_write(tx, (struct change){ .who = asker->who, .what = "key rotated",
                                          .account = old->account, .key = old->id,
                                          .environment = old->environment, .at_ns = now_ns,
                                          .before = before,
                                          .after = json_pack("{s:o, s:s%}", "end",
                                                             end_json(old->ends_at_ns),
                                                             "replaced_by", old->replaced_by,
                                                             sizeof old->replaced_by) }));
    TRY(store_key_change(tx, old));
    if (old_days == 0)
        e = key_move(a, tx, asker->who, old, KEY_REVOKED, KEY_REASON_ROTATED, SLICE(""));
out:
    return e;
}

static enum err rotation_write(struct authority *a, struct store_tx *tx,
                               const struct key_asker *asker, struct store_key *old,
                               uint64_t old_days, struct store_key *row, struct key_grant *grant)
{
    char until[MOMENT_TEXT_SIZE];
    bool waits;
    enum err e;

    successor_fill(a, old, asker->address, row);
    /* Before the successor is there, so that they do not clash; its id is drawn by key_make. */
    TRY(store_key_successor_set(tx, old->id, old->id));
    TRY(key_make(a, tx, asker->who, row, grant));
    memcpy(old->replaced_by, row->id, sizeof old->replaced_by);
    TRY(store_key_successor_set(tx, old->id, row->id));
    TRY(grants_carry(tx, old->id, row->id));
    TRY(old_end(a, tx, asker, old, old_days));
    moment_words(old->ends_at_ns, until);
    TRY(event_write(a, tx, &(struct event){ .kind = EVENT_KEY_ROTATED, .account = row->account,
                                            .key = row->id, .address = asker->address,
                                            .data = json_pack("{s:s}", "old_until", until) }));
    TRY(key_confirm_ask(a, tx, row, asker->address));
    /* The scopes were admitted with the old key; whoever asks from elsewhere may be somebody else.
     */
    e = admission_judge(a, tx, asker->who, row, 0,
                        &(struct applicant){ slice_of(asker->address), asker->agent }, &waits);
out:
    return e;
}

enum err key_rotate(struct authority *a, const struct key_asker *asker, const char *id,
                    uint64_t old_days, struct key_grant *grant, struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    struct store_key old, row;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(key_asker_get(tx, asker, id, &old, refusal));
    if (!refusal_is(refusal))
        TRY(rotation_judge(a, tx, &old, old_days, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(key_asker_prove(a, tx, asker, old.account, refusal));
    if (!refusal_is(refusal))
        TRY(rotation_write(a, tx, asker, &old, old_days, &row, grant));
    TRY(store_commit(&tx)); /* also a refused proof: it counts */
    courier_wake(a->courier);
    if (refusal_is(refusal))
        goto out;
    TRY(publish_key(a->publisher, row.id));
    e = publish_key(a->publisher, old.id);
out:
    store_rollback(&tx);
    if (e != OK)
        sodium_memzero(grant, sizeof *grant);
    return e;
}
