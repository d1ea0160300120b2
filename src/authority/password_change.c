#include "authority/password_change.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/change.h"
#include "authority/courier.h"
#include "authority/device.h"
#include "authority/email.h"
#include "authority/link.h"
#include "authority/password.h"
#include "authority/postbox.h"
#include "authority/throttle.h"

#define LINK_LIVES_NS (3600 * NS_PER_S)

/* The new hash stands, other sessions are over, and it is said to whom it concerns. */
static enum err password_write(struct authority *a, struct store_tx *tx, const char *what,
                               uint64_t account, const char *hash, const char *spared,
                               const struct visitor *visitor)
{
    uint64_t ended;
    char who[32];
    enum err e;

    snprintf(who, sizeof who, "account %llu", (unsigned long long)account);
    TRY(store_account_password_set(tx, account, hash));
    TRY(store_sessions_delete(tx, account, spared, &ended));
    TRY(change_write(tx, (struct change){ .who = who, .what = what, .account = account,
                                          .at_ns = a->now_ns(),
                                          .after = json_pack("{s:I}", "sessions_ended",
                                                             (json_int_t)ended) }));
    e = visitor_event(a, tx, EVENT_PASSWORD_CHANGED, account, visitor);
out:
    return e;
}

/* Who sits at a session may not try out passwords. */
static enum err current_check(struct authority *a, const struct session *session,
                              struct slice current, char hash[ACCOUNT_PASSWORD_SIZE],
                              struct refusal *refusal)
{
    const struct throttle tries = { THROTTLE_DEVICE, slice_of(session->id), SLICE_EMPTY };
    struct store_account owner;
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_account_get(tx, session->account, &owner));
    TRY(throttle_take(a, tx, &tries, 1, refusal));
    TRY(store_commit(&tx));
    if (refusal_is(refusal))
        goto out;
    memcpy(hash, owner.password, ACCOUNT_PASSWORD_SIZE);
    if (password_is(owner.password, current)) {
        TRY(store_begin(a->store, &tx));
        TRY(throttle_forgive(tx, &tries, 1));
        e = store_commit(&tx);
    } else {
        refusal_add_at(refusal, REFUSAL_RULE, "current", "password-wrong",
                       "this is not the present password");
    }
out:
    store_rollback(&tx);
    sodium_memzero(&owner, sizeof owner);
    return e;
}

/* `before`: what the present password was checked against. */
static enum err changed(struct authority *a, const struct visitor *visitor,
                        const struct session *session, const struct password_change *change,
                        const char *before, const char *after, struct refusal *refusal)
{
    struct store_account owner;
    struct store_tx *tx = NULL;
    struct factors factors;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_account_get(tx, session->account, &owner));
    if (strcmp(owner.password, before) != 0) {
        refusal_add_at(refusal, REFUSAL_RULE, "current", "password-wrong",
                       "the password was changed by somebody else just now");
        goto out;
    }
    TRY(factors_count(tx, session->account, &factors));
    if (factors_has(&factors))
        TRY(proof_spend(a, tx, session->account, session->id, change->operation, change->proof,
                        refusal));
    if (!refusal_is(refusal))
        TRY(password_write(a, tx, "password changed", session->account, after, session->id,
                           visitor));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
out:
    store_rollback(&tx);
    sodium_memzero(&owner, sizeof owner);
    return e;
}

enum err password_change(struct authority *a, const struct visitor *visitor,
                         const struct session *session, const struct password_change *change,
                         struct refusal *refusal)
{
    char before[ACCOUNT_PASSWORD_SIZE] = "", after[ACCOUNT_PASSWORD_SIZE] = "";
    enum err e;

    TRY(current_check(a, session, change->current, before, refusal));
    if (!refusal_is(refusal))
        TRY(password_hash(change->password, after, refusal));
    if (!refusal_is(refusal))
        e = changed(a, visitor, session, change, before, after, refusal);
out:
    sodium_memzero(before, sizeof before);
    sodium_memzero(after, sizeof after);
    return e;
}

static enum err reset_mail(struct authority *a, struct store_tx *tx, uint64_t account,
                           const struct visitor *visitor)
{
    char token[LINK_TOKEN_SIZE], address[SESSION_ADDRESS_SIZE];
    struct mail mail = { .template = MAIL_PASSWORD_RESET, .account = account,
                         .purpose = LINK_PASSWORD, .token = token };
    enum err e;

    TRY(link_make(a, tx, LINK_PASSWORD, account, NULL, 0, LINK_LIVES_NS, token));
    mail.data = json_pack("{s:s}", "address", visitor_address(visitor, address));
    TRY(mail_write(a, tx, &mail));
    e = visitor_event(a, tx, EVENT_PASSWORD_FORGOT, account, visitor);
out:
    sodium_memzero(token, sizeof token);
    return e;
}

enum err password_forgot(struct authority *a, const struct visitor *visitor, struct slice email,
                         struct refusal *refusal)
{
    char name[ACCOUNT_EMAIL_SIZE], address[SESSION_ADDRESS_SIZE];
    const struct throttle letters = { THROTTLE_LETTERS, visitor->address, SLICE_EMPTY };
    struct throttle mailbox = { THROTTLE_MAILBOX, SLICE_EMPTY, SLICE_EMPTY };
    struct store_account owner = { .id = 0 };
    struct refusal *full = calloc(1, sizeof *full);
    struct store_tx *tx = NULL;
    enum err e = full == NULL ? ERR_MEMORY : OK;

    if (e == OK && !email_parse(email, name))
        refusal_add_at(refusal, REFUSAL_INVALID, "email", "email-malformed",
                       "write the address like ada@example.com");
    if (e != OK || refusal_is(refusal))
        goto out;
    mailbox.first = slice_of(name);
    TRY(store_begin(a->store, &tx));
    TRY(throttle_take(a, tx, &letters, 1, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(throttle_take(a, tx, &mailbox, 1, full));
    e = store_account_get_by_email(tx, slice_of(name), &owner);
    if (e != OK && e != ERR_MISSING)
        goto out;
    TRY(change_write(tx, (struct change){ .who = "nobody", .what = "password forgotten",
                                          .account = owner.id, .at_ns = a->now_ns(),
                                          .after = json_pack("{s:s}", "address",
                                                             visitor_address(visitor, address)) }));
    if (owner.id != 0 && !refusal_is(full))
        TRY(reset_mail(a, tx, owner.id, visitor));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
out:
    store_rollback(&tx);
    sodium_memzero(&owner, sizeof owner);
    free(full);
    return e;
}

static enum err link_check(struct authority *a, struct slice token, struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    struct link link;
    enum err e;

    TRY(store_begin(a->store, &tx));
    e = link_view(a, tx, LINK_PASSWORD, token, &link, refusal);
out:
    store_rollback(&tx);
    return e;
}

/* Only the mailbox's owner gets here, so what strangers have done no longer counts against them. */
static enum err device_begin(struct authority *a, struct store_tx *tx, uint64_t account,
                             const struct visitor *visitor, struct login *login)
{
    bool strange;
    enum err e;

    TRY(store_devices_delete(tx, account));
    TRY(store_account_email_confirm(tx, account, a->now_ns()));
    e = device_note(a, tx, account, visitor->device, login->device, &strange);
out:
    return e;
}

enum err password_reset(struct authority *a, const struct visitor *visitor, struct slice token,
                        struct slice password, struct login *login, struct refusal *refusal)
{
    char hash[ACCOUNT_PASSWORD_SIZE] = "";
    struct store_tx *tx = NULL;
    struct link link;
    enum err e;

    *login = (struct login){ 0 };
    TRY(link_check(a, token, refusal)); /* before a tenth of a second is spent on it */
    if (!refusal_is(refusal))
        TRY(password_hash(password, hash, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(link_spend(a, tx, LINK_PASSWORD, token, &link, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(password_write(a, tx, "password reset", link.account, hash, NULL, visitor));
    TRY(device_begin(a, tx, link.account, visitor, login));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
out:
    store_rollback(&tx);
    sodium_memzero(hash, sizeof hash);
    return e;
}
