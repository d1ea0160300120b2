#include "authority/account.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/change.h"
#include "authority/email.h"
#include "authority/jurisdiction.h"
#include "authority/password.h"
#include "authority/review.h"
#include "authority/verification.h"
#include "store/keys.h"

enum { TOLD_MOST = 80 }; /* how much of a wrong value a message repeats */

static int told(struct slice text)
{
    return text.size > TOLD_MOST ? TOLD_MOST : (int)text.size;
}

static const char *at(struct slice text)
{
    return text.at == NULL ? "" : text.at;
}

const char *account_kind_text(enum account_kind kind)
{
    return kind == ACCOUNT_CORPORATE ? "corporate" : "individual";
}

const char *account_role_text(enum account_role role)
{
    return role == ACCOUNT_OPERATOR ? "operator" : "customer";
}

const char *step_state_text(enum step_state state)
{
    static const char *const texts[] = {
        [STEP_MISSING] = "missing",
        [STEP_ACCEPTED] = "accepted",
        [STEP_REJECTED] = "rejected",
        [STEP_SUBMITTED] = "submitted",
    };

    return texts[state];
}

/* Names are shown to operators and in mails: no control characters, no line breaks. */
static bool name_is_printable(struct slice name)
{
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.at[i] < ' ' || name.at[i] == 0x7f)
            return false;
    return name.size < ACCOUNT_NAME_SIZE;
}

static void person_read(const struct account_application *ask, struct store_account *account,
                        struct refusal *refusal)
{
    account->role = ACCOUNT_CUSTOMER;
    if (slice_is(ask->role, SLICE("operator")))
        account->role = ACCOUNT_OPERATOR;
    else if (ask->role.size > 0 && !slice_is(ask->role, SLICE("customer")))
        refusal_add_at(refusal, REFUSAL_INVALID, "role", "role-unknown",
                       "role is \"%.*s\": choose customer or operator", told(ask->role),
                       at(ask->role));
    if (name_is_printable(ask->name))
        snprintf(account->name, sizeof account->name, "%.*s", (int)ask->name.size, at(ask->name));
    else
        refusal_add_at(refusal, REFUSAL_INVALID, "name", "name-malformed",
                       "the name is one line of at most %d bytes", ACCOUNT_NAME_SIZE - 1);
}

void account_application_read(const struct account_application *ask, struct store_account *account,
                              struct refusal *refusal)
{
    person_read(ask, account, refusal);
    if (!email_parse(ask->email, account->email))
        refusal_add_at(refusal, REFUSAL_INVALID, "email", "email-malformed",
                       "\"%.*s\" is not an e-mail address: write it like ada@example.com",
                    told(ask->email), at(ask->email));
    if (slice_is(ask->kind, SLICE("individual")))
        account->kind = ACCOUNT_INDIVIDUAL;
    else if (slice_is(ask->kind, SLICE("corporate")))
        account->kind = ACCOUNT_CORPORATE;
    else
        refusal_add_at(refusal, REFUSAL_INVALID, "kind", "kind-unknown",
                       "kind is \"%.*s\": choose individual or corporate", told(ask->kind),
                    at(ask->kind));
    if (!jurisdiction_parse(ask->jurisdiction, account->jurisdiction))
        refusal_add_at(refusal, REFUSAL_INVALID, "jurisdiction", "jurisdiction-unknown",
                       "jurisdiction is \"%.*s\": give the two letters of a country (ISO 3166-1), "
                    "like CH",
                    told(ask->jurisdiction), at(ask->jurisdiction));
}

static json_t *account_json(const struct store_account *account)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s}", "email", account->email, "kind",
                     account_kind_text(account->kind), "jurisdiction", account->jurisdiction,
                     "role", account_role_text(account->role), "name", account->name);
}

enum err account_open(struct authority *a, const char *who, const struct account_application *ask,
                      uint64_t *account, struct refusal *refusal)
{
    struct store_account row = { .created_at_ns = a->now_ns() };
    struct store_tx *tx = NULL;
    enum err e;

    account_application_read(ask, &row, refusal);
    TRY(password_hash(ask->password, row.password, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(store_begin(a->store, &tx));
    e = store_account_insert(tx, &row);
    if (e == ERR_EXISTS) {
        refusal_add(refusal, REFUSAL_CLASH, "email-taken", "%s has an account already", row.email);
        e = OK;
        goto out;
    }
    if (e != OK)
        goto out;
    TRY(change_write(tx, (struct change){ .who = who, .what = "account opened",
                                          .account = row.id, .at_ns = row.created_at_ns,
                                          .after = account_json(&row) }));
    TRY(store_commit(&tx));
    *account = row.id;
out:
    store_rollback(&tx);
    return e;
}

enum err account_find(struct authority *a, struct slice name, uint64_t *account)
{
    struct store_account row;
    struct store_tx *tx = NULL;
    uint64_t id = 0;
    enum err e;

    for (size_t i = 0; i < name.size && i < 18; i++) {
        if (name.at[i] < '0' || name.at[i] > '9') {
            id = 0;
            break;
        }
        id = id * 10 + (uint64_t)(name.at[i] - '0');
    }
    TRY(store_begin(a->store, &tx));
    if (id != 0 && name.size <= 18)
        e = store_account_get(tx, id, &row);
    else if (email_parse(name, row.email))
        e = store_account_get_by_email(tx, slice_of(row.email), &row);
    else
        e = ERR_MISSING;
    if (e == OK)
        *account = row.id;
out:
    store_rollback(&tx);
    return e;
}

enum err account_view_read(struct store_tx *tx, uint64_t account, struct account_view *view)
{
    enum err e;

    TRY(store_account_get(tx, account, &view->account));
    TRY(store_flag_get(tx, account, &view->flag));
    TRY(store_steps_get(tx, account, view->steps, STEPS_SIZE));
    TRY(factors_count(tx, account, &view->factors));
    TRY(store_keys_count(tx, account, &view->key_count));
out:
    return e;
}

enum err account_view_get(struct authority *a, uint64_t account, struct account_view *view)
{
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    e = account_view_read(tx, account, view);
out:
    store_rollback(&tx);
    return e;
}

enum err account_list(struct authority *a, uint64_t after, struct account_view *views,
                      size_t capacity, size_t *count)
{
    struct store_account row;
    struct store_tx *tx = NULL;
    size_t got = 1;
    enum err e;

    *count = 0;
    TRY(store_begin(a->store, &tx));
    while (*count < capacity) {
        TRY(store_accounts_list(tx, after, &row, 1, &got));
        if (got == 0)
            break;
        TRY(account_view_read(tx, row.id, &views[*count]));
        after = row.id;
        (*count)++;
    }
out:
    store_rollback(&tx);
    return e;
}

/* A review of the step that is open is decided with it. */
static enum err step_settle(struct authority *a, struct store_tx *tx, const char *who,
                            uint64_t account, enum step step, enum step_state state,
                            struct slice reason)
{
    struct store_review *review = calloc(1, sizeof *review);
    bool present = false;
    enum err e = ERR_MEMORY;

    if (review == NULL)
        goto out;
    TRY(store_review_find_open(tx, REVIEW_DOCUMENT, account, NULL, (uint16_t)step, review,
                               &present));
    if (present)
        TRY(review_close(a, tx, who, review,
                         state == STEP_ACCEPTED ? REVIEW_ACCEPTED : REVIEW_REJECTED, reason));
    e = step_decide(a, tx, who, account, step, state, reason);
out:
    free(review);
    return e;
}

enum err account_search(struct authority *a, struct slice text, struct account_view *views,
                        size_t capacity, size_t *count)
{
    struct store_account *rows = calloc(capacity, sizeof *rows);
    struct store_tx *tx = NULL;
    uint64_t id;
    enum err e = ERR_MEMORY;

    *count = 0;
    if (rows == NULL)
        goto out;
    e = account_find(a, text, &id);
    if (e == OK)
        rows[(*count)++].id = id;
    else if (e != ERR_MISSING)
        goto out;
    TRY(store_begin(a->store, &tx));
    if (*count == 0)
        TRY(store_accounts_search(tx, text, rows, capacity, count));
    for (size_t i = 0; i < *count; i++)
        TRY(account_view_read(tx, rows[i].id, &views[i]));
out:
    store_rollback(&tx);
    if (rows != NULL)
        sodium_memzero(rows, capacity * sizeof *rows);
    free(rows);
    return e;
}

/* Which steps are meant: one, or all that the account owes. */
static bool is_meant(const struct verification *v, enum step asked, enum step step,
                     enum account_kind kind)
{
    return slice_is(v->step, SLICE("all")) ? step_is_owed(step, kind) : step == asked;
}

static void verification_read(const struct verification *v, enum step *step,
                              enum step_state *state, struct refusal *refusal)
{
    *step = 0;
    if (!slice_is(v->step, SLICE("all")) && !step_parse(v->step, step))
        refusal_add(refusal, REFUSAL_INVALID, "step-unknown",
                    "there is no step \"%.*s\": choose identity, address, incorporation, "
                    "signatories or all",
                    told(v->step), at(v->step));
    *state = slice_is(v->outcome, SLICE("rejected")) ? STEP_REJECTED : STEP_ACCEPTED;
    if (*state == STEP_ACCEPTED && !slice_is(v->outcome, SLICE("accepted")))
        refusal_add(refusal, REFUSAL_INVALID, "outcome-unknown",
                    "the outcome is \"%.*s\": choose accepted or rejected", told(v->outcome),
                    at(v->outcome));
    if (*state == STEP_REJECTED && v->reason.size == 0)
        refusal_add(refusal, REFUSAL_INVALID, "reason-missing",
                    "a rejection needs a reason, so that the owner knows what to send again");
    if (v->reason.size >= ACCOUNT_REASON_SIZE)
        refusal_add(refusal, REFUSAL_INVALID, "reason-long", "the reason has at most %d bytes",
                    ACCOUNT_REASON_SIZE - 1);
}

enum err account_verify(struct authority *a, const char *who, uint64_t account,
                        const struct verification *v, struct refusal *refusal)
{
    struct store_account row;
    enum step_state state;
    struct store_tx *tx = NULL;
    enum step asked, step;
    enum err e = OK;

    verification_read(v, &asked, &state, refusal);
    if (refusal_is(refusal))
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(store_account_get(tx, account, &row));
    if (asked != 0 && !step_is_owed(asked, row.kind)) {
        refusal_add(refusal, REFUSAL_INVALID, "step-not-owed",
                    "an %s account does not owe the %s", account_kind_text(row.kind),
                    step_words(asked));
        goto out;
    }
    for (unsigned i = 0; (step = step_at(i)) != 0; i++)
        if (is_meant(v, asked, step, row.kind))
            TRY(step_settle(a, tx, who, account, step, state, v->reason));
    TRY(store_commit(&tx));
out:
    store_rollback(&tx);
    return e;
}
