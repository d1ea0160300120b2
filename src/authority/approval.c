#include "authority/approval.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/courier.h"
#include "authority/event.h"
#include "authority/hold.h"
#include "authority/link.h"
#include "authority/postbox.h"
#include "authority/review.h"
#include "authority/settings.h"
#include "keys/scope.h"

static const char *account_name(const struct store_account *account)
{
    return account->name[0] == '\0' ? account->email : account->name;
}

static enum err signatory_write(struct authority *a, struct store_tx *tx,
                                const struct store_account *account, const struct store_key *key,
                                const struct store_signatory *signatory, const char *address)
{
    char token[LINK_TOKEN_SIZE], scopes[SCOPES_TEXT_SIZE];
    struct mail mail = { .template = MAIL_APPROVAL_ASKED, .account = account->id,
                         .to = signatory->email, .purpose = LINK_APPROVAL, .token = token };
    enum err e;

    scopes_format(key->scopes | key->scopes_waiting, scopes);
    TRY(link_make(a, tx, LINK_APPROVAL, account->id, key->id, signatory->id, APPROVAL_LIVES_NS,
                  token));
    mail.data = json_pack("{s:s, s:s, s:s, s:s%, s:s, s:s, s:s}", "name", signatory->name,
                          "account_name", account_name(account), "label", key->label, "id",
                          key->id, sizeof key->id, "scopes", scopes, "ip_rules", key->ip_rules,
                          "address", address == NULL ? "" : address);
    e = mail_write(a, tx, &mail);
out:
    sodium_memzero(token, sizeof token);
    return e;
}

static unsigned needed_of(const struct authority *a, size_t listed)
{
    return listed == 0 || a->settings->approvals < listed ? a->settings->approvals
                                                          : (unsigned)listed;
}

enum err approval_ask(struct authority *a, struct store_tx *tx, const char *who,
                      const struct store_key *key, const char *address)
{
    struct store_signatory listed[SIGNATORIES_MOST];
    struct review_opening opening = { .who = who, .kind = REVIEW_APPROVAL,
                                      .account = key->account, .key = key->id,
                                      .lives_ns = APPROVAL_LIVES_NS };
    const struct event asked = { .kind = EVENT_APPROVAL_ASKED, .account = key->account,
                                 .key = key->id, .address = address };
    struct store_account account;
    uint64_t review;
    size_t count;
    enum err e;

    TRY(store_account_get(tx, key->account, &account));
    sodium_memzero(account.password, sizeof account.password);
    TRY(store_signatories_get(tx, key->account, listed, &count));
    TRY(hold_add(a, tx, who, key->id, KEY_REASON_APPROVAL));
    opening.detail = json_pack("{s:i, s:i}", "needed", (int)needed_of(a, count), "listed",
                               (int)count);
    TRY(review_open(a, tx, &opening, &review));
    for (size_t i = 0; i < count; i++)
        TRY(signatory_write(a, tx, &account, key, &listed[i], address));
    e = event_write(a, tx, &asked);
out:
    return e;
}

/* The link's signatory, the review and how it stands.  Refused: nothing is left to decide. */
static enum err standing_get(struct authority *a, struct store_tx *tx, const struct link *link,
                             struct approval_view *view, struct store_review *review,
                             struct refusal *refusal)
{
    struct store_signatory listed[SIGNATORIES_MOST];
    struct store_vote *votes = calloc(REVIEW_VOTES_MOST, sizeof *votes);
    bool present = false, is_listed = false;
    size_t count = 0, vote_count;
    enum err e = ERR_MEMORY;

    if (votes == NULL)
        goto out;
    TRY(store_signatories_get(tx, link->account, listed, &count));
    for (size_t i = 0; i < count && !is_listed; i++) {
        is_listed = listed[i].id == link->subject;
        if (is_listed)
            view->signatory = listed[i];
    }
    TRY(store_review_find_open(tx, REVIEW_APPROVAL, link->account, link->key, 0, review,
                               &present));
    if (!is_listed || !present) {
        refusal_add(refusal, REFUSAL_RULE, "approval-over",
                    is_listed ? "the key is decided about already, or was revoked"
                              : "you are no listed signatory of this account any more");
        goto out;
    }
    TRY(store_account_get(tx, link->account, &view->account));
    TRY(store_key_get(tx, link->key, &view->key));
    TRY(store_votes_get(tx, review->id, votes, &vote_count));
    for (size_t i = 0; i < vote_count; i++)
        votes[i].accepts ? view->accepted++ : view->rejected++;
    view->listed = (unsigned)count;
    view->needed = needed_of(a, count);
out:
    sodium_memzero(view->account.password, sizeof view->account.password);
    sodium_memzero(view->key.secret_sealed, sizeof view->key.secret_sealed);
    free(votes);
    return e;
}

enum err approval_view_get(struct authority *a, struct slice token, struct approval_view *view,
                           struct refusal *refusal)
{
    struct store_review *review = calloc(1, sizeof *review);
    struct store_tx *tx = NULL;
    struct link link;
    enum err e = ERR_MEMORY;

    *view = (struct approval_view){ 0 };
    if (review == NULL)
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(link_view(a, tx, LINK_APPROVAL, token, &link, refusal));
    if (!refusal_is(refusal))
        e = standing_get(a, tx, &link, view, review, refusal);
out:
    store_rollback(&tx);
    free(review);
    return e;
}

/* Counts the vote; once the outcome stands, it happens. */
static enum err vote_count(struct authority *a, struct store_tx *tx, struct approval_view *view,
                           const struct store_review *review, bool accepts,
                           struct key_list *moved)
{
    char who[REVIEW_VOTER_SIZE];
    bool accepted, rejected;
    struct slice reason;
    enum err e;

    snprintf(who, sizeof who, "signatory %llu", (unsigned long long)view->signatory.id);
    TRY(review_vote(a, tx, who, review->id, accepts, SLICE("")));
    accepts ? view->accepted++ : view->rejected++;
    accepted = view->accepted >= view->needed;
    rejected = !accepted && view->rejected > view->listed - view->needed;
    if (!accepted && !rejected)
        goto out;
    reason = accepted ? SLICE("approved by the signatories") : SLICE("rejected by a signatory");
    TRY(review_close(a, tx, who, review, accepted ? REVIEW_ACCEPTED : REVIEW_REJECTED, reason));
    e = hold_settle(a, tx, who, review->key, KEY_REASON_APPROVAL, accepted, reason, moved);
out:
    return e;
}

enum err approval_decide(struct authority *a, struct slice token, bool accepts,
                         struct refusal *refusal)
{
    struct store_review *review = calloc(1, sizeof *review);
    struct approval_view view = { .needed = 0 };
    struct key_list moved = { 0 };
    struct store_tx *tx = NULL;
    struct link link;
    enum err e = ERR_MEMORY;

    if (review == NULL)
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(link_spend(a, tx, LINK_APPROVAL, token, &link, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(standing_get(a, tx, &link, &view, review, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(vote_count(a, tx, &view, review, accepts, &moved));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
    e = key_list_publish(a, &moved);
out:
    store_rollback(&tx);
    key_list_wipe(&moved);
    free(review);
    return e;
}
