#include "authority/login.h"

#include <sodium.h>
#include <stdio.h>

#include "authority/change.h"
#include "authority/courier.h"
#include "authority/device.h"
#include "authority/email.h"
#include "authority/password.h"
#include "authority/throttle.h"

enum { THROTTLES_MOST = 3 };

/* One attempt, as it goes through its two transactions. */
struct attempt {
    char email[ACCOUNT_EMAIL_SIZE];
    struct store_account owner; /* id 0: there is no such account */
    struct throttle throttles[THROTTLES_MOST];
    size_t throttle_count;
};

static void attempt_wipe(struct attempt *t)
{
    sodium_memzero(t, sizeof *t);
}

static void throttles_choose(struct attempt *t, const struct visitor *visitor, bool known)
{
    struct slice email = slice_of(t->email);

    t->throttle_count = 0;
    if (known) {
        t->throttles[t->throttle_count++] =
            (struct throttle){ THROTTLE_DEVICE, visitor->device, email };
        return;
    }
    t->throttles[t->throttle_count++] =
        (struct throttle){ THROTTLE_ADDRESS, visitor->address, SLICE_EMPTY };
    t->throttles[t->throttle_count++] = (struct throttle){ THROTTLE_PAIR, visitor->address, email };
    t->throttles[t->throttle_count++] = (struct throttle){ THROTTLE_ACCOUNT, email, SLICE_EMPTY };
}

/* Reads whom the password is for and counts the attempt. */
static enum err attempt_begin(struct authority *a, const struct visitor *visitor, struct attempt *t,
                              struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    bool known;
    enum err e;

    TRY(store_begin(a->store, &tx));
    e = store_account_get_by_email(tx, slice_of(t->email), &t->owner);
    if (e == ERR_MISSING)
        t->owner = (struct store_account){ .id = 0 };
    else if (e != OK)
        goto out;
    TRY(device_is_known(tx, t->owner.id, visitor->device, &known));
    throttles_choose(t, visitor, known);
    TRY(throttle_take(a, tx, t->throttles, t->throttle_count, refusal));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}

/* One row of the change log and a commit whether there is such an account or not, so that the
 * answers take alike. */
static enum err attempt_refuse(struct authority *a, const struct visitor *visitor,
                               const struct attempt *t, struct refusal *refusal)
{
    char address[SESSION_ADDRESS_SIZE];
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(change_write(tx, (struct change){ .who = "nobody", .what = "login refused",
                                          .account = t->owner.id, .at_ns = a->now_ns(),
                                          .after = json_pack("{s:s}", "address",
                                                             visitor_address(visitor, address)) }));
    if (t->owner.id != 0)
        TRY(visitor_event(a, tx, EVENT_LOGIN_FAILED, t->owner.id, visitor));
    TRY(store_commit(&tx));
    refusal_add(refusal, REFUSAL_RULE, "login-wrong",
                "e-mail or password is wrong, or the link that confirms the address was not "
                "followed yet");
out:
    store_rollback(&tx);
    return e;
}

/* The login is complete: the device is known, the owner hears of it. */
static enum err arrived(struct authority *a, struct store_tx *tx, uint64_t account,
                        const struct visitor *visitor, struct login *login)
{
    bool strange;
    enum err e;

    TRY(device_note(a, tx, account, visitor->device, login->device, &strange));
    e = visitor_event(a, tx, strange ? EVENT_LOGIN_NEW : EVENT_LOGIN, account, visitor);
out:
    return e;
}

static enum err attempt_accept(struct authority *a, const struct visitor *visitor,
                               const struct attempt *t, struct login *login,
                               struct refusal *refusal)
{
    struct store_account owner;
    struct store_tx *tx = NULL;
    struct factors factors;
    char who[32], id[SESSION_ID_SIZE] = "";
    bool ended;
    enum err e;

    snprintf(who, sizeof who, "account %llu", (unsigned long long)t->owner.id);
    TRY(store_begin(a->store, &tx));
    TRY(store_account_get(tx, t->owner.id, &owner));
    if (strcmp(owner.password, t->owner.password) != 0) { /* changed in the meantime */
        store_rollback(&tx);
        e = attempt_refuse(a, visitor, t, refusal);
        goto out;
    }
    TRY(throttle_forgive(tx, t->throttles, t->throttle_count));
    if (visitor->session.size > 0 && visitor->session.size < sizeof id) {
        memcpy(id, visitor->session.at, visitor->session.size);
        TRY(store_session_delete(tx, t->owner.id, id, &ended));
    }
    TRY(session_open(a, tx, t->owner.id, SESSION_PASSWORD, visitor, login->token));
    TRY(change_write(tx, (struct change){ .who = who, .what = "password accepted",
                                          .account = t->owner.id, .at_ns = a->now_ns() }));
    TRY(factors_count(tx, t->owner.id, &factors));
    if (!factors_has(&factors))
        TRY(arrived(a, tx, t->owner.id, visitor, login));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
out:
    store_rollback(&tx);
    sodium_memzero(&owner, sizeof owner);
    return e;
}

enum err login_begin(struct authority *a, const struct visitor *visitor, struct slice email,
                     struct slice password, struct login *login, struct refusal *refusal)
{
    struct attempt t = { .throttle_count = 0 };
    enum err e;

    *login = (struct login){ 0 };
    if (!email_parse(email, t.email)) /* nobody's, and judged like one that is somebody's */
        snprintf(t.email, sizeof t.email, "?");
    TRY(attempt_begin(a, visitor, &t, refusal));
    if (refusal_is(refusal))
        goto out;
    if (password_is(t.owner.id == 0 ? password_nobody : t.owner.password, password) &&
        t.owner.id != 0)
        e = attempt_accept(a, visitor, &t, login, refusal);
    else
        e = attempt_refuse(a, visitor, &t, refusal);
out:
    attempt_wipe(&t);
    return e;
}

enum err login_finish(struct authority *a, const struct visitor *visitor,
                      const struct session *session, const uint8_t operation[OPERATION_SIZE],
                      const struct proof *proof, struct login *login, struct refusal *refusal)
{
    struct store_tx *tx = NULL;
    char who[32];
    enum err e;

    *login = (struct login){ 0 };
    snprintf(who, sizeof who, "account %llu", (unsigned long long)session->account);
    TRY(store_begin(a->store, &tx));
    TRY(proof_spend(a, tx, session->account, session->id, operation, proof, refusal));
    if (refusal_is(refusal)) {
        TRY(visitor_event(a, tx, EVENT_LOGIN_FAILED, session->account, visitor));
    } else {
        TRY(session_raise(a, tx, session->id, login->token));
        TRY(change_write(tx, (struct change){ .who = who, .what = "logged in",
                                              .account = session->account,
                                              .at_ns = a->now_ns() }));
        TRY(arrived(a, tx, session->account, visitor, login));
    }
    TRY(store_commit(&tx));
    courier_wake(a->courier);
out:
    store_rollback(&tx);
    return e;
}
