#include "authority/flag.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/change.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/flag_keys.h"
#include "authority/proposal.h"
#include "authority/settings.h"

enum { TOLD_MOST = 80 }; /* how much of a wrong value a message repeats */

static int told(struct slice text)
{
    return text.size > TOLD_MOST ? TOLD_MOST : (int)text.size;
}

static const char *at(struct slice text)
{
    return text.at == NULL ? "" : text.at;
}

const char *flag_kind_text(enum flag_kind kind)
{
    return kind == FLAG_SUSPICIOUS ? "suspicious" : kind == FLAG_REGULATORY ? "regulatory" : "none";
}

const char *flag_keys_text(enum flag_keys keys)
{
    return keys == FLAG_KEYS_REVOKE ? "revoke" : keys == FLAG_KEYS_SUSPEND ? "suspend" : "leave";
}

static json_t *flag_json(const struct store_flag *flag)
{
    return flag->kind == FLAG_NONE ? json_null()
                                   : json_pack("{s:s, s:s, s:s}", "kind",
                                               flag_kind_text(flag->kind), "keys",
                                               flag_keys_text(flag->keys), "reason", flag->reason);
}

static void flagging_read(const struct flagging *f, struct store_flag *flag,
                          struct refusal *refusal)
{
    if (slice_is(f->kind, SLICE("suspicious")))
        flag->kind = FLAG_SUSPICIOUS;
    else if (slice_is(f->kind, SLICE("regulatory")))
        flag->kind = FLAG_REGULATORY;
    else
        refusal_add(refusal, REFUSAL_INVALID, "flag-unknown",
                    "the flag is \"%.*s\": choose suspicious or regulatory", told(f->kind),
                    at(f->kind));
    if (slice_is(f->keys, SLICE("suspend")))
        flag->keys = FLAG_KEYS_SUSPEND;
    else if (slice_is(f->keys, SLICE("revoke")))
        flag->keys = FLAG_KEYS_REVOKE;
    else if (!slice_is(f->keys, SLICE("leave")))
        refusal_add(refusal, REFUSAL_INVALID, "flag-keys-unknown",
                    "what becomes of the keys is \"%.*s\": choose leave, suspend or revoke",
                    told(f->keys), at(f->keys));
    if (f->reason.size == 0 || f->reason.size >= sizeof flag->reason)
        refusal_add(refusal, REFUSAL_INVALID, "reason-missing",
                    "a flag needs a reason of 1 to %zu bytes", sizeof flag->reason - 1);
    else
        memcpy(flag->reason, f->reason.at, f->reason.size);
}

static enum err flag_tell(struct authority *a, struct store_tx *tx, enum event_kind kind,
                          uint64_t account)
{
    const struct event event = { .kind = kind, .account = account };

    return event_write(a, tx, &event);
}

/* The keys follow after the commit (authority/flag_keys.h). */
static enum err flag_apply(struct authority *a, struct store_tx *tx, const char *who,
                           uint64_t account, const struct store_flag *flag)
{
    struct store_flag before;
    enum err e;

    TRY(store_flag_get(tx, account, &before));
    TRY(store_flag_set(tx, account, flag));
    TRY(change_write(tx, (struct change){ .who = who, .what = "account flagged",
                                          .account = account, .at_ns = a->now_ns(),
                                          .before = flag_json(&before),
                                          .after = flag_json(flag) }));
    e = flag_tell(a, tx, EVENT_ACCOUNT_FLAGGED, account);
out:
    return e;
}

static enum err flag_resolve(struct authority *a, struct store_tx *tx, const char *who,
                             uint64_t account, struct slice reason)
{
    struct store_flag before, lifted;
    enum err e;

    TRY(store_flag_get(tx, account, &before));
    if (before.kind == FLAG_NONE || before.keys == FLAG_KEYS_LIFT)
        goto out;
    lifted = before;
    lifted.keys = FLAG_KEYS_LIFT;
    TRY(store_flag_set(tx, account, &lifted));
    TRY(change_write(tx, (struct change){ .who = who, .what = "account unflagged",
                                          .account = account, .at_ns = a->now_ns(),
                                          .before = flag_json(&before),
                                          .after = json_pack("{s:s%}", "reason", at(reason),
                                                             reason.size) }));
    e = flag_tell(a, tx, EVENT_ACCOUNT_UNFLAGGED, account);
out:
    return e;
}

static struct slice member(const json_t *detail, const char *name)
{
    return slice_of(json_string_value(json_object_get(detail, name)));
}

enum err flag_settle(struct authority *a, struct store_tx *tx, const char *who,
                     const struct store_review *review, bool accepted)
{
    struct store_flag flag = { .raised_at_ns = a->now_ns() };
    json_t *detail = NULL;
    struct refusal *faults = NULL;
    enum err e = OK;

    if (!accepted)
        return OK;
    detail = json_loads(review->detail, 0, NULL);
    if (slice_is(member(detail, "action"), SLICE("unflag"))) {
        e = flag_resolve(a, tx, who, review->account, member(detail, "reason"));
        goto out;
    }
    faults = calloc(1, sizeof *faults);
    TRY(faults == NULL ? ERR_MEMORY : OK);
    flagging_read(&(struct flagging){ member(detail, "kind"), member(detail, "keys"),
                                      member(detail, "reason") },
                  &flag, faults);
    e = refusal_is(faults) ? ERR_CORRUPT : flag_apply(a, tx, who, review->account, &flag);
out:
    free(faults);
    json_decref(detail);
    return e;
}

/* `detail` is taken over. */
static enum err flag_propose(struct authority *a, const char *who, uint64_t account,
                             json_t *detail, struct slice reason, struct refusal *refusal)
{
    return proposal_make(a,
                         &(struct proposal){ .who = who, .account = account, .kind = REVIEW_FLAG,
                                             .reason = reason, .detail = detail },
                         refusal);
}

enum err account_flag(struct authority *a, const char *who, uint64_t account,
                      const struct flagging *f, struct refusal *refusal)
{
    struct store_flag flag = { .raised_at_ns = a->now_ns() };
    struct store_account row;
    struct store_tx *tx = NULL;
    enum err e;

    flagging_read(f, &flag, refusal);
    proposal_own_judge(who, account, refusal);
    TRY(store_begin(a->store, &tx));
    TRY(store_account_get(tx, account, &row));
    sodium_memzero(row.password, sizeof row.password);
    if (refusal_is(refusal))
        goto out;
    if (a->settings->two_person) {
        store_rollback(&tx);
        return flag_propose(a, who, account,
                            json_pack("{s:s, s:s, s:s, s:s}", "action", "flag", "kind",
                                      flag_kind_text(flag.kind), "keys",
                                      flag_keys_text(flag.keys), "reason", flag.reason),
                            f->reason, refusal);
    }
    TRY(flag_apply(a, tx, who, account, &flag));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
    e = flag_keys_follow(a, who, account);
out:
    store_rollback(&tx);
    return e;
}

static enum err unflag_judge(struct store_tx *tx, const char *who, uint64_t account,
                             struct slice reason, struct refusal *refusal)
{
    struct store_account row;
    struct store_flag flag;
    enum err e;

    if (reason.size == 0 || reason.size >= ACCOUNT_REASON_SIZE)
        refusal_add(refusal, REFUSAL_INVALID, "reason-missing",
                    "resolving a flag needs a reason of 1 to %d bytes", ACCOUNT_REASON_SIZE - 1);
    proposal_own_judge(who, account, refusal);
    TRY(store_account_get(tx, account, &row));
    sodium_memzero(row.password, sizeof row.password);
    TRY(store_flag_get(tx, account, &flag));
    if (flag.kind == FLAG_NONE)
        refusal_add(refusal, REFUSAL_CLASH, "flag-none", "%s has no flag", row.email);
out:
    return e;
}

enum err account_unflag(struct authority *a, const char *who, uint64_t account,
                        struct slice reason, struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(unflag_judge(tx, who, account, reason, refusal));
    if (refusal_is(refusal))
        goto out;
    if (a->settings->two_person) {
        store_rollback(&tx);
        return flag_propose(a, who, account,
                            json_pack("{s:s, s:s%}", "action", "unflag", "reason", at(reason),
                                      reason.size),
                            reason, refusal);
    }
    TRY(flag_resolve(a, tx, who, account, reason));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
    e = flag_keys_follow(a, who, account);
out:
    store_rollback(&tx);
    return e;
}
