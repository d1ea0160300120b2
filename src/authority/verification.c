#include "authority/verification.h"

#include <jansson.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/account.h"
#include "authority/change.h"
#include "authority/courier.h"
#include "authority/email.h"
#include "authority/event.h"
#include "authority/review.h"

enum { TOLD_MOST = 80 }; /* how much of a wrong value a message repeats */

static int told(struct slice text)
{
    return text.size > TOLD_MOST ? TOLD_MOST : (int)text.size;
}

static const char *at(struct slice text)
{
    return text.at == NULL ? "" : text.at;
}

static json_t *step_json(enum step step, enum step_state state, struct slice reason)
{
    return json_pack("{s:s, s:s, s:s%}", "step", step_text(step), "state", step_state_text(state),
                     "reason", at(reason), reason.size);
}

static bool is_complete(const enum step_state states[STEPS_SIZE], enum account_kind kind)
{
    enum step step;

    for (unsigned i = 0; (step = step_at(i)) != 0; i++)
        if (step_is_owed(step, kind) && states[step] != STEP_ACCEPTED)
            return false;
    return true;
}

static enum err account_kind_get(struct store_tx *tx, uint64_t account, enum account_kind *kind)
{
    struct store_account row;
    enum err e = store_account_get(tx, account, &row);

    if (e == OK)
        *kind = row.kind;
    sodium_memzero(row.password, sizeof row.password);
    return e;
}

static enum err step_set(struct authority *a, struct store_tx *tx, const char *who,
                         const char *what, uint64_t account, enum step step,
                         enum step_state state, struct slice reason)
{
    enum step_state states[STEPS_SIZE];
    uint64_t now_ns = a->now_ns();
    enum err e;

    TRY(store_steps_get(tx, account, states, STEPS_SIZE));
    TRY(store_step_set(tx, account, step, state, reason, now_ns));
    e = change_write(tx, (struct change){ .who = who, .what = what, .account = account,
                                          .at_ns = now_ns,
                                          .before = step_json(step, states[step], SLICE("")),
                                          .after = step_json(step, state, reason) });
out:
    return e;
}

enum err step_decide(struct authority *a, struct store_tx *tx, const char *who, uint64_t account,
                     enum step step, enum step_state state, struct slice reason)
{
    enum step_state states[STEPS_SIZE];
    enum account_kind kind;
    bool was_complete;
    enum err e;

    TRY(account_kind_get(tx, account, &kind));
    TRY(store_steps_get(tx, account, states, STEPS_SIZE));
    was_complete = is_complete(states, kind);
    TRY(step_set(a, tx, who, "verification step decided", account, step, state, reason));
    states[step] = state;
    if (!was_complete && is_complete(states, kind)) {
        const struct event done = { .kind = EVENT_ACCOUNT_VERIFIED, .account = account,
                                    .data = json_pack("{s:s}", "what", "all steps accepted") };

        e = event_write(a, tx, &done);
    }
out:
    return e;
}

enum err verification_view_get(struct authority *a, uint64_t account,
                               struct verification_view *view)
{
    struct store_tx *tx = NULL;
    enum step step;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(account_kind_get(tx, account, &view->kind));
    TRY(store_steps_get(tx, account, view->states, STEPS_SIZE));
    for (unsigned i = 0; (step = step_at(i)) != 0; i++)
        TRY(store_step_reason_get(tx, account, step, view->reasons[step]));
    TRY(store_documents_list(tx, account, 0, view->documents, VERIFICATION_DOCUMENTS_MOST,
                             &view->document_count));
    TRY(store_signatories_get(tx, account, view->signatories, &view->signatory_count));
    view->complete = is_complete(view->states, view->kind);
out:
    store_rollback(&tx);
    return e;
}

/* Whether the owner may change what the step shows. */
static enum err step_judge(struct store_tx *tx, uint64_t account, enum step step,
                           struct refusal *refusal)
{
    enum step_state states[STEPS_SIZE];
    enum account_kind kind;
    enum err e;

    TRY(account_kind_get(tx, account, &kind));
    TRY(store_steps_get(tx, account, states, STEPS_SIZE));
    if (!step_is_owed(step, kind))
        refusal_add(refusal, REFUSAL_INVALID, "step-not-owed",
                    "an %s account does not owe the %s", account_kind_text(kind),
                    step_words(step));
    else if (states[step] == STEP_SUBMITTED || states[step] == STEP_ACCEPTED)
        refusal_add(refusal, REFUSAL_CLASH, "step-closed", "the %s is %s", step_words(step),
                    states[step] == STEP_SUBMITTED
                        ? "with the venue already"
                        : "accepted already: ask the venue to open it again");
out:
    return e;
}

static enum err contents_judge(struct store_tx *tx, uint64_t account, enum step step,
                               struct refusal *refusal)
{
    struct store_signatory signatories[SIGNATORIES_MOST];
    struct store_documents_sum sum;
    size_t count;
    enum err e;

    TRY(store_documents_sum(tx, account, (uint16_t)step, &sum));
    TRY(store_signatories_get(tx, account, signatories, &count));
    if (step == STEP_SIGNATORIES && count == 0)
        refusal_add(refusal, REFUSAL_RULE, "signatories-missing",
                    "list the authorised signatories first, with name and e-mail");
    else if (step != STEP_SIGNATORIES && sum.waiting_count == 0)
        refusal_add(refusal, REFUSAL_RULE, "documents-missing",
                    "upload the %s first, as PDF, PNG or JPEG", step_words(step));
out:
    return e;
}

enum err verification_submit(struct authority *a, const char *who, uint64_t account,
                             struct slice name, struct refusal *refusal)
{
    struct review_opening opening = { .who = who, .kind = REVIEW_DOCUMENT, .account = account };
    struct store_tx *tx = NULL;
    enum step step = 0;
    uint64_t review;
    enum err e = OK;

    if (!step_parse(name, &step)) {
        refusal_add(refusal, REFUSAL_INVALID, "step-unknown", "there is no step \"%.*s\"",
                    told(name), at(name));
        goto out;
    }
    TRY(store_begin(a->store, &tx));
    TRY(step_judge(tx, account, step, refusal));
    if (!refusal_is(refusal))
        TRY(contents_judge(tx, account, step, refusal));
    if (refusal_is(refusal))
        goto out;
    opening.step = (uint16_t)step;
    opening.detail = json_pack("{s:s, s:s}", "step", step_text(step), "words", step_words(step));
    TRY(review_open(a, tx, &opening, &review));
    TRY(store_documents_submit(tx, account, (uint16_t)step, review));
    TRY(step_set(a, tx, who, "verification step submitted", account, step, STEP_SUBMITTED,
                 SLICE("")));
    TRY(store_commit(&tx));
    courier_wake(a->courier);
out:
    store_rollback(&tx);
    return e;
}

/* Printable UTF-8 of 1 to 128 bytes. */
static bool name_read(struct slice name, char into[SIGNATORY_NAME_SIZE])
{
    json_t *text;

    if (name.size == 0 || name.size >= SIGNATORY_NAME_SIZE)
        return false;
    for (size_t i = 0; i < name.size; i++)
        if ((uint8_t)name.at[i] < ' ' || name.at[i] == 0x7f)
            return false;
    text = json_stringn(name.at, name.size); /* NULL: not UTF-8 */
    json_decref(text);
    snprintf(into, SIGNATORY_NAME_SIZE, "%.*s", (int)name.size, name.at);
    return text != NULL;
}

static void list_read(const struct signatory_entry *entries, size_t count,
                      struct store_signatory *list, struct refusal *refusal)
{
    for (size_t i = 0; i < count; i++) {
        if (!name_read(entries[i].name, list[i].name))
            refusal_add(refusal, REFUSAL_INVALID, "signatory-name",
                        "signatory %zu: a name has 1 to %d bytes and no control characters",
                        i + 1, SIGNATORY_NAME_SIZE - 1);
        if (!email_parse(entries[i].email, list[i].email))
            refusal_add(refusal, REFUSAL_INVALID, "signatory-email",
                        "signatory %zu: \"%.*s\" is not an e-mail address", i + 1,
                        told(entries[i].email), at(entries[i].email));
        for (size_t k = 0; k < i; k++)
            if (strcmp(list[k].email, list[i].email) == 0)
                refusal_add(refusal, REFUSAL_INVALID, "signatory-twice",
                            "signatories %zu and %zu have the same e-mail address; each approves "
                            "for themselves",
                            k + 1, i + 1);
    }
}

static json_t *list_json(const struct store_signatory *list, size_t count)
{
    json_t *array = json_array();

    for (size_t i = 0; i < count; i++)
        json_array_append_new(array, json_string(list[i].email));
    return json_pack("{s:o}", "signatories", array);
}

enum err signatories_set(struct authority *a, const char *who, uint64_t account,
                         const struct signatory_entry *entries, size_t count,
                         struct refusal *refusal)
{
    struct store_signatory list[SIGNATORIES_MOST] = { { 0 } }, before[SIGNATORIES_MOST];
    struct store_tx *tx = NULL;
    size_t before_count;
    enum err e = OK;

    if (count == 0 || count > SIGNATORIES_MOST)
        refusal_add(refusal, REFUSAL_INVALID, "signatories-count",
                    "list 1 to %d authorised signatories", SIGNATORIES_MOST);
    else
        list_read(entries, count, list, refusal);
    if (refusal_is(refusal))
        goto out;
    TRY(store_begin(a->store, &tx));
    TRY(step_judge(tx, account, STEP_SIGNATORIES, refusal));
    if (refusal_is(refusal))
        goto out;
    TRY(store_signatories_get(tx, account, before, &before_count));
    TRY(store_signatories_set(tx, account, list, count, a->now_ns()));
    TRY(change_write(tx, (struct change){ .who = who, .what = "signatories listed",
                                          .account = account, .at_ns = a->now_ns(),
                                          .before = list_json(before, before_count),
                                          .after = list_json(list, count) }));
    e = store_commit(&tx);
out:
    store_rollback(&tx);
    return e;
}
