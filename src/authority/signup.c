#include "authority/signup.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/change.h"
#include "authority/courier.h"
#include "authority/email.h"
#include "authority/link.h"
#include "authority/password.h"
#include "authority/postbox.h"
#include "authority/throttle.h"
#include "store/signups.h"

#define SIGNUP_LIVES_NS DAY_NS

static const char *const who = "sign-up";

static json_t *address_json(const struct visitor *visitor)
{
    return json_pack("{s:s%}", "address", visitor->address.at == NULL ? "" : visitor->address.at,
                     visitor->address.size);
}

/* Keeps the application and mails the link that turns it into an account. */
static enum err signup_write(struct authority *a, struct store_tx *tx,
                             const struct visitor *visitor, const struct store_account *ask)
{
    struct store_signup row = { .kind = ask->kind, .made_at_ns = a->now_ns() };
    char token[LINK_TOKEN_SIZE];
    struct mail mail = { .template = MAIL_EMAIL_CONFIRM, .to = ask->email, .purpose = LINK_EMAIL,
                         .token = token };
    enum err e;

    randombytes_buf(&row.id, sizeof row.id);
    row.id >>= 2; /* the store's integers have a sign */
    memcpy(row.email, ask->email, sizeof row.email);
    memcpy(row.jurisdiction, ask->jurisdiction, sizeof row.jurisdiction);
    memcpy(row.name, ask->name, sizeof row.name);
    memcpy(row.password, ask->password, sizeof row.password);
    snprintf(row.address, sizeof row.address, "%.*s", (int)visitor->address.size,
             visitor->address.size == 0 ? "" : visitor->address.at);
    TRY(store_signup_insert(tx, &row));
    TRY(link_make(a, tx, LINK_EMAIL, 0, NULL, row.id, SIGNUP_LIVES_NS, token));
    mail.data = address_json(visitor);
    e = mail_write(a, tx, &mail);
out:
    sodium_memzero(token, sizeof token);
    return e;
}

static enum err exists_write(struct authority *a, struct store_tx *tx,
                             const struct visitor *visitor, const struct store_account *owner)
{
    const struct mail mail = { .template = MAIL_ACCOUNT_EXISTS, .account = owner->id,
                               .data = address_json(visitor) };

    return mail_write(a, tx, &mail);
}

static enum err asked(struct authority *a, const struct visitor *visitor,
                      const struct store_account *ask, struct refusal *refusal)
{
    const struct throttle letters = { THROTTLE_LETTERS, visitor->address, SLICE_EMPTY };
    const struct throttle mailbox = { THROTTLE_MAILBOX, slice_of(ask->email), SLICE_EMPTY };
    struct store_account owner;
    static const struct refusal nothing;
    struct refusal *full = NULL;
    struct store_tx *tx = NULL;
    enum err e = ERR_MEMORY;

    full = malloc(sizeof *full);
    if (full == NULL)
        goto out;
    *full = nothing;
    TRY(store_begin(a->store, &tx));
    TRY(store_signups_expire(tx, a->now_ns() - SIGNUP_LIVES_NS));
    TRY(throttle_take(a, tx, &letters, 1, refusal));
    if (refusal_is(refusal))
        goto out;
    /* A mailbox that got enough letters gets no more, and whoever asked does not learn it. */
    TRY(throttle_take(a, tx, &mailbox, 1, full));
    if (!refusal_is(full)) {
        e = store_account_get_by_email(tx, slice_of(ask->email), &owner);
        if (e == OK)
            TRY(exists_write(a, tx, visitor, &owner));
        else if (e == ERR_MISSING)
            TRY(signup_write(a, tx, visitor, ask));
        else
            goto out;
    }
    TRY(store_commit(&tx));
    courier_wake(a->courier);
out:
    store_rollback(&tx);
    free(full);
    return e;
}

enum err signup_ask(struct authority *a, const struct visitor *visitor,
                    const struct account_application *ask, struct refusal *refusal)
{
    struct account_application customer = *ask;
    struct store_account row = { .id = 0 };
    enum err e;

    customer.role = SLICE_EMPTY; /* nobody signs up as an operator */
    account_application_read(&customer, &row, refusal);
    if (ask->name.size == 0)
        refusal_add_at(refusal, REFUSAL_INVALID, "name", "name-missing",
                       "say your name, or that of the corporation");
    TRY(password_hash(ask->password, row.password, refusal));
    if (!refusal_is(refusal))
        e = asked(a, visitor, &row, refusal);
out:
    sodium_memzero(&row, sizeof row);
    return e;
}

static enum err account_write(struct authority *a, struct store_tx *tx,
                              const struct store_signup *signup, struct refusal *refusal)
{
    struct store_account row = { .kind = signup->kind, .role = ACCOUNT_CUSTOMER,
                                 .created_at_ns = a->now_ns(),
                                 .email_confirmed_at_ns = a->now_ns() };
    enum err e;

    memcpy(row.email, signup->email, sizeof row.email);
    memcpy(row.jurisdiction, signup->jurisdiction, sizeof row.jurisdiction);
    memcpy(row.name, signup->name, sizeof row.name);
    memcpy(row.password, signup->password, sizeof row.password);
    e = store_account_insert(tx, &row);
    if (e == ERR_EXISTS) {
        refusal_add(refusal, REFUSAL_CLASH, "email-taken",
                    "the address has an account already: log in");
        e = OK;
        goto out;
    }
    if (e != OK)
        goto out;
    TRY(store_signups_delete(tx, slice_of(signup->email)));
    TRY(change_write(tx, (struct change){
                             .who = who, .what = "account opened", .account = row.id,
                             .at_ns = row.created_at_ns,
                             .after = json_pack("{s:s, s:s, s:s, s:s, s:s}", "email", row.email,
                                                "kind", account_kind_text(row.kind),
                                                "jurisdiction", row.jurisdiction, "name", row.name,
                                                "address", signup->address) }));
out:
    sodium_memzero(&row, sizeof row);
    return e;
}

enum err signup_confirm(struct authority *a, struct slice token, char email[ACCOUNT_EMAIL_SIZE],
                        struct refusal *refusal)
{
    struct store_signup signup = { .id = 0 };
    struct store_tx *tx = NULL;
    struct link link;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(link_spend(a, tx, LINK_EMAIL, token, &link, refusal));
    if (refusal_is(refusal))
        goto out;
    e = store_signup_get(tx, link.subject, &signup);
    if (e == ERR_MISSING) {
        refusal_add(refusal, REFUSAL_RULE, "link-used",
                    "another mail's link has opened the account already: log in, or sign up again");
        e = OK;
        goto out;
    }
    if (e != OK)
        goto out;
    TRY(account_write(a, tx, &signup, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(store_commit(&tx));
    memcpy(email, signup.email, ACCOUNT_EMAIL_SIZE);
out:
    store_rollback(&tx);
    sodium_memzero(&signup, sizeof signup);
    return e;
}
