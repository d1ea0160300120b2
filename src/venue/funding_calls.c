/* What an account lends and borrows: offers, loans, and what has become of them. */
#include "venue/call.h"

#include <stdio.h>

#include "venue/shape.h"

#define ROWS_USUAL      25
#define ROWS_MOST       500
#define PERIOD_USUAL    2
#define RATE_PER_CENT   100
#define FLAGS_OF_OFFERS (ORDER_HIDDEN | ORDER_NO_VAR_RATES)

/* ---- Operating ---- */

static bool fail(struct failure *failure, int code, const char *text)
{
    failure->code = code;
    snprintf(failure->text, sizeof failure->text, "%s", text);
    return false;
}

/* The engine's refusal with what the venue adds to it. */
static bool refusal_fail(const struct command *command, const struct event_refused *refused,
                         struct failure *failure)
{
    const char *code =
        command->currency < CURRENCY_COUNT ? currency_code((enum currency)command->currency) : "";

    fail(failure, refused->why == REFUSAL_SYMBOL ? CALL_PARAMS : CALL_GENERIC,
         refusal_text(refused->why));
    if (refused->why == REFUSAL_OFFER_SIZE)
        snprintf(failure->text, sizeof failure->text, "%s %s", refusal_text(refused->why), code);
    else if (refused->why == REFUSAL_OFFER_BALANCE)
        snprintf(failure->text, sizeof failure->text,
                 "Invalid offer: not enough %s balance available in deposit wallet", code);
    else if (refused->why == REFUSAL_BID_BALANCE)
        snprintf(failure->text, sizeof failure->text,
                 "Invalid offer: not enough %s balance available in trading wallet", code);
    return false;
}

static bool carry_out(struct call *call, const struct command *command, struct venue_effect *effect,
                      struct failure *failure)
{
    switch (venue_apply(call->venue, *command, effect)) {
    case VENUE_DONE:
        return true;
    case VENUE_REFUSED:
        return refusal_fail(command, &effect->refused, failure);
    case VENUE_DISK:
        failure->disk = true;
        return fail(failure, CALL_GENERIC, "temporarily_unavailable");
    }
    return false;
}

static bool submit_read(struct ask ask, struct command *command, struct failure *failure)
{
    struct slice symbol = SLICE_EMPTY, words = SLICE_EMPTY;
    enum currency currency;
    enum offer_type type;
    uint64_t hidden = 0;

    ask_text(ask, "symbol", &symbol);
    if (!funding_find(symbol, &currency))
        return fail(failure, CALL_PARAMS, "symbol: invalid");
    ask_text(ask, "type", &words);
    if (!offer_type_find(words, &type))
        return fail(failure, CALL_GENERIC, "type: invalid");
    command->currency = currency;
    command->type = type;
    command->period = PERIOD_USUAL;
    if (ask_fixed(ask, "amount", &command->amount) != ASK_GOOD)
        return fail(failure, CALL_GENERIC, "amount: invalid");
    if (ask_fixed(ask, "rate", &command->price) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "rate: invalid");
    if (ask_number(ask, "period", &command->period) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "period: invalid");
    if (ask_number(ask, "flags", &command->flags) == ASK_BAD ||
        (command->flags & ~(uint64_t)FLAGS_OF_OFFERS) != 0 ||
        ask_number(ask, "hidden", &hidden) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "flags: invalid");
    command->flags |= hidden != 0 ? ORDER_HIDDEN : 0u;
    return true;
}

/* "Submitting funding offer of 500.0 UST at 2.000 for 2 days.": the rate in per cent a day. */
static void submitted_tell(struct call *call, const struct offer *offer)
{
    char amount[FIXED_TEXT_SIZE], text[160];
    int64_t rate = offer->rate_real * RATE_PER_CENT;

    amount_format(offer->amount < 0 ? -offer->amount : offer->amount, amount);
    snprintf(text, sizeof text, "Submitting funding %s of %s %s at %lld.%04lld for %u days.",
             offer->amount < 0 ? "bid" : "offer", amount,
             currency_code((enum currency)offer->currency), (long long)(rate / FIXED_ONE),
             (long long)(rate % FIXED_ONE / 10000), offer->period);
    shape_notice_open(&call->w, venue_now_ms(call->venue), "fon-req");
    shape_offer(&call->w, offer);
    shape_notice_close(&call->w, "SUCCESS", text);
}

static bool submit(struct call *call, struct ask ask, struct failure *failure)
{
    struct command command = { .kind = COMMAND_OFFER_SUBMIT, .account = call->account };
    struct venue_effect effect;

    if (!submit_read(ask, &command, failure) || !carry_out(call, &command, &effect, failure))
        return false;
    submitted_tell(call, &effect.offer);
    return true;
}

static bool cancel(struct call *call, struct ask ask, struct failure *failure)
{
    struct command command = { .kind = COMMAND_OFFER_CANCEL, .account = call->account };
    struct venue_effect effect;
    char text[96];

    if (ask_number(ask, "id", &command.order) != ASK_GOOD)
        return fail(failure, CALL_GENERIC, "id: invalid");
    if (!carry_out(call, &command, &effect, failure))
        return false;
    snprintf(text, sizeof text, "Your funding offer has been canceled (ID: %llu).",
             (unsigned long long)command.order);
    shape_notice_open(&call->w, venue_now_ms(call->venue), "foc-req");
    shape_offer(&call->w, &effect.offer);
    shape_notice_close(&call->w, "SUCCESS", text);
    return true;
}

bool call_lend(struct call *call, const char *word, const json_t *payload, struct failure *failure)
{
    struct ask ask = { .body = payload };

    *failure = (struct failure){ 0 };
    return strcmp(word, "fon") == 0 ? submit(call, ask, failure) : cancel(call, ask, failure);
}

/* ---- Calls that change something ---- */

static void operate(struct call *call,
                    bool (*operation)(struct call *call, struct ask ask, struct failure *failure))
{
    struct failure failure = { 0 };

    if (operation(call, call->ask, &failure))
        return;
    if (failure.disk)
        call_fail_disk(call);
    else
        call_fail(call, failure.code, failure.text);
}

CALL(call_offer_submit)
{
    CALL_BEGIN;
    operate(call, submit);
}

CALL(call_offer_cancel)
{
    CALL_BEGIN;
    operate(call, cancel);
}

static void done_tell(struct call *call, const char *type, const char *text)
{
    shape_notice_open(&call->w, venue_now_ms(call->venue), type);
    json_put_nulls(&call->w, 1);
    shape_notice_close(&call->w, "SUCCESS", text);
}

static bool cancel_all(struct call *call, struct ask ask, struct failure *failure)
{
    struct command command = { .kind = COMMAND_OFFER_CANCEL_ALL, .account = call->account };
    struct slice code = SLICE_EMPTY;
    enum currency currency;
    struct venue_effect effect;

    if (ask_text(ask, "currency", &code) == ASK_GOOD) {
        if (!currency_find(code, &currency))
            return fail(failure, CALL_PARAMS, "currency: invalid");
        command.fields = 1;
        command.currency = currency;
    }
    if (!carry_out(call, &command, &effect, failure))
        return false;
    done_tell(call, "foc_all-req", "Your funding offers have been canceled.");
    return true;
}

CALL(call_offer_cancel_all)
{
    CALL_BEGIN;
    operate(call, cancel_all);
}

static bool close_loan(struct call *call, struct ask ask, struct failure *failure)
{
    struct command command = { .kind = COMMAND_LOAN_CLOSE, .account = call->account };
    struct venue_effect effect;

    if (ask_number(ask, "id", &command.order) != ASK_GOOD)
        return fail(failure, CALL_GENERIC, "id: invalid");
    if (!carry_out(call, &command, &effect, failure))
        return false;
    done_tell(call, "fc-req", "Funding has been closed.");
    return true;
}

CALL(call_funding_close)
{
    CALL_BEGIN;
    operate(call, close_loan);
}

/* `changes` names a loan with 1, it is kept, or 2, it goes back unless something uses it. */
static bool change_of(const json_t *changes, uint64_t id, uint64_t *change)
{
    char name[24];
    const json_t *value;

    *change = 1;
    if (changes == NULL || json_is_null(changes))
        return true;
    snprintf(name, sizeof name, "%llu", (unsigned long long)id);
    value = json_object_get(changes, name);
    return value == NULL || (ask_json_number(value, change) && *change >= 1 && *change <= 2);
}

static bool keep(struct call *call, struct ask ask, struct failure *failure)
{
    const json_t *ids = json_object_get(ask.body, "id");
    const json_t *changes = json_object_get(ask.body, "changes");
    struct venue_effect effect;
    struct slice type = SLICE_EMPTY;
    size_t count = json_is_array(ids) ? json_array_size(ids) : ids != NULL;

    ask_text(ask, "type", &type);
    if (!slice_is(type, SLICE("loan")) && !slice_is(type, SLICE("credit")))
        return fail(failure, CALL_PARAMS, "type: invalid");
    if (count == 0 || (changes != NULL && !json_is_object(changes) && !json_is_null(changes)))
        return fail(failure, CALL_PARAMS, "id: invalid");
    for (size_t i = 0; i < count; i++) {
        struct command command = { .kind = COMMAND_LOAN_KEEP, .account = call->account };
        uint64_t change;

        if (!ask_json_number(json_is_array(ids) ? json_array_get(ids, i) : ids, &command.order) ||
            !change_of(changes, command.order, &change))
            return fail(failure, CALL_PARAMS, "id: invalid");
        command.fields = change == 1;
        if (!carry_out(call, &command, &effect, failure))
            return false;
    }
    done_tell(call, "fk-req", "Funding has been updated.");
    return true;
}

CALL(call_funding_keep)
{
    CALL_BEGIN;
    operate(call, keep);
}

static void auto_put(struct json_writer *w, const struct funding_auto *setting)
{
    json_put_open(w, '[');
    json_put_text(w, currency_code((enum currency)setting->currency));
    json_put_uint(w, setting->period);
    json_put_fixed(w, setting->rate);
    json_put_fixed(w, setting->amount);
    json_put_close(w, ']');
}

static bool auto_set(struct call *call, struct ask ask, struct failure *failure)
{
    struct command command = { .kind = COMMAND_FUNDING_AUTO, .account = call->account };
    struct slice code = SLICE_EMPTY;
    struct funding_auto setting;
    struct venue_effect effect;
    enum currency currency;
    uint64_t status = 0;

    ask_text(ask, "currency", &code);
    if (!currency_find(code, &currency) || !funding_is_lent(currency))
        return fail(failure, CALL_PARAMS, "currency: invalid");
    command.currency = currency;
    command.period = PERIOD_USUAL;
    if (ask_number(ask, "status", &status) != ASK_GOOD || status > 1)
        return fail(failure, CALL_PARAMS, "status: invalid");
    command.fields = status;
    if (ask_fixed(ask, "amount", &command.amount) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "amount: invalid");
    if (ask_fixed(ask, "rate", &command.price) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "rate: invalid");
    if (ask_number(ask, "period", &command.period) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "period: invalid");
    if (!carry_out(call, &command, &effect, failure))
        return false;
    setting = (struct funding_auto){ .amount = command.amount,
                                     .rate = command.price,
                                     .period = (uint16_t)command.period,
                                     .currency = (uint8_t)currency };
    shape_notice_open(&call->w, venue_now_ms(call->venue), "fa-req");
    auto_put(&call->w, &setting);
    shape_notice_close(&call->w, "SUCCESS",
                       status != 0 ? "Lending automatically." : "Not lending automatically.");
    return true;
}

CALL(call_funding_auto)
{
    CALL_BEGIN;
    operate(call, auto_set);
}

CALL(call_funding_auto_status)
{
    const struct funding_auto *setting;
    struct slice code = SLICE_EMPTY;
    enum currency currency;
    CALL_BEGIN;

    ask_text(call->ask, "currency", &code);
    if (!currency_find(code, &currency)) {
        call_fail(call, CALL_PARAMS, "currency: invalid");
        return;
    }
    setting = funding_auto_find(venue_engine(call->venue), call->account, currency);
    if (setting != NULL)
        auto_put(&call->w, setting);
    else
        json_put_nulls(&call->w, 1);
}

/* ---- Calls that look ---- */

static const struct account_history *own_history(const struct call *call)
{
    return history_find(venue_history(call->venue), call->account);
}

/* `only` CURRENCY_COUNT: of every currency. */
static void offers_put(struct call *call, enum currency only)
{
    json_put_open(&call->w, '[');
    for (unsigned i = 0; i < CURRENCY_COUNT * 2; i++) {
        const struct offer *o = NULL;

        if (only != CURRENCY_COUNT && i / 2 != only)
            continue;
        while ((o = funding_offer_next(venue_engine(call->venue), (enum currency)(i / 2), i % 2,
                                       o)) != NULL)
            if (o->account == call->account)
                shape_offer(&call->w, o);
    }
    json_put_close(&call->w, ']');
}

/* Those that a position uses, or the others. */
static void loans_put(struct call *call, enum currency only, bool used)
{
    json_put_open(&call->w, '[');
    for (unsigned i = 0; i < CURRENCY_COUNT; i++) {
        const struct loan *l = NULL;

        if (only != CURRENCY_COUNT && i != only)
            continue;
        while ((l = funding_loan_next(venue_engine(call->venue), (enum currency)i, l)) != NULL)
            if ((l->lender == call->account || l->borrower == call->account) &&
                (l->position != 0) == used)
                (used ? shape_credit : shape_loan)(&call->w, l, call->account);
    }
    json_put_close(&call->w, ']');
}

/* Of the rows of a ring, those of a page; `of` tells a row's moment and currency. */
struct row_of {
    uint64_t time_ms;
    enum currency currency;
};

static struct row_of of_offer(const void *row)
{
    const struct offer *offer = row;

    return (struct row_of){ offer->created_ms, (enum currency)offer->currency };
}

/* A currency that no page has: the row is of another kind. */
#define NOT_THIS_KIND CURRENCY_COUNT

static struct row_of of_loan(const void *row)
{
    const struct loan *loan = row;

    return (struct row_of){ loan->opened_ms,
                            loan->position != 0 ? NOT_THIS_KIND : (enum currency)loan->currency };
}

static struct row_of of_credit(const void *row)
{
    const struct loan *loan = row;

    return (struct row_of){ loan->opened_ms,
                            loan->position == 0 ? NOT_THIS_KIND : (enum currency)loan->currency };
}

static struct row_of of_lending(const void *row)
{
    const struct own_lending *lending = row;

    return (struct row_of){ lending->time_ms, lending->currency };
}

static void offer_put(struct call *call, const void *row)
{
    shape_offer(&call->w, row);
}

static void loan_put(struct call *call, const void *row)
{
    shape_loan(&call->w, row, call->account);
}

static void credit_put(struct call *call, const void *row)
{
    shape_credit(&call->w, row, call->account);
}

static void lending_put(struct call *call, const void *row)
{
    shape_lending(&call->w, row);
}

static void page_put(struct call *call, const struct ring *ring, enum currency only,
                     struct row_of (*of)(const void *row),
                     void (*put)(struct call *call, const void *row))
{
    struct ask_page page;

    if (!call_page(call, ROWS_USUAL, ROWS_MOST, &page))
        return;
    json_put_open(&call->w, '[');
    for (size_t i = 0; i < ring->count && page.limit > 0; i++) {
        const void *row = page_row(ring, &page, i);
        struct row_of is = of(row);

        if (!page_has(&page, is.time_ms) ||
            is.currency == NOT_THIS_KIND || (only != CURRENCY_COUNT && is.currency != only))
            continue;
        put(call, row);
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

CALL(call_offers)
{
    CALL_BEGIN;
    offers_put(call, CURRENCY_COUNT);
}

CALL(call_offers_of_symbol)
{
    enum currency currency;
    CALL_BEGIN;

    if (call_funding(call, values->at[0], &currency))
        offers_put(call, currency);
}

CALL(call_offers_hist)
{
    CALL_BEGIN;
    page_put(call, &own_history(call)->offers, CURRENCY_COUNT, of_offer, offer_put);
}

CALL(call_offers_hist_of_symbol)
{
    enum currency currency;
    CALL_BEGIN;

    if (call_funding(call, values->at[0], &currency))
        page_put(call, &own_history(call)->offers, currency, of_offer, offer_put);
}

CALL(call_credits)
{
    CALL_BEGIN;
    loans_put(call, CURRENCY_COUNT, true);
}

CALL(call_credits_of_symbol)
{
    enum currency currency;
    CALL_BEGIN;

    if (call_funding(call, values->at[0], &currency))
        loans_put(call, currency, true);
}

CALL(call_credits_hist)
{
    CALL_BEGIN;
    page_put(call, &own_history(call)->loans, CURRENCY_COUNT, of_credit, credit_put);
}

CALL(call_credits_hist_of_symbol)
{
    enum currency currency;
    CALL_BEGIN;

    if (call_funding(call, values->at[0], &currency))
        page_put(call, &own_history(call)->loans, currency, of_credit, credit_put);
}

CALL(call_loans)
{
    CALL_BEGIN;
    loans_put(call, CURRENCY_COUNT, false);
}

CALL(call_loans_of_symbol)
{
    enum currency currency;
    CALL_BEGIN;

    if (call_funding(call, values->at[0], &currency))
        loans_put(call, currency, false);
}

CALL(call_loans_hist)
{
    CALL_BEGIN;
    page_put(call, &own_history(call)->loans, CURRENCY_COUNT, of_loan, loan_put);
}

CALL(call_loans_hist_of_symbol)
{
    enum currency currency;
    CALL_BEGIN;

    if (call_funding(call, values->at[0], &currency))
        page_put(call, &own_history(call)->loans, currency, of_loan, loan_put);
}

CALL(call_lendings)
{
    CALL_BEGIN;
    page_put(call, &own_history(call)->lendings, CURRENCY_COUNT, of_lending, lending_put);
}

CALL(call_lendings_of_symbol)
{
    enum currency currency;
    CALL_BEGIN;

    if (call_funding(call, values->at[0], &currency))
        page_put(call, &own_history(call)->lendings, currency, of_lending, lending_put);
}

/* ---- Sums ---- */

struct lent_sum {
    __int128 amount, yields, days; /* weighted by amount */
};

static void sum_put(struct json_writer *w, const struct lent_sum *borrowed,
                    const struct lent_sum *lent)
{
    const struct lent_sum *sums[] = { borrowed, lent };

    json_put_open(w, '[');
    for (unsigned i = 0; i < 2; i++)
        json_put_fixed(w, sums[i]->amount == 0 ? 0 : (int64_t)(sums[i]->yields / sums[i]->amount));
    for (unsigned i = 0; i < 2; i++)
        json_put_fixed(
            w, sums[i]->amount == 0 ? 0 : (int64_t)(sums[i]->days * FIXED_ONE / sums[i]->amount));
    json_put_close(w, ']');
}

void funding_info_put(struct json_writer *w, const struct engine *engine, uint64_t account,
                      enum currency currency)
{
    struct lent_sum borrowed = { 0 }, lent = { 0 };
    const struct loan *l = NULL;

    while ((l = funding_loan_next(engine, currency, l)) != NULL) {
        struct lent_sum *sum = l->lender == account     ? &lent
                               : l->borrower == account ? &borrowed
                                                        : NULL;

        if (sum == NULL)
            continue;
        sum->amount += l->amount;
        sum->yields += (__int128)l->amount * l->rate_real;
        sum->days += (__int128)l->amount * l->period;
    }
    json_put_open(w, '[');
    json_put_text(w, "sym");
    shape_funding_symbol(w, currency);
    sum_put(w, &borrowed, &lent);
    json_put_close(w, ']');
}

CALL(call_funding_info)
{
    enum currency currency;
    CALL_BEGIN;

    if (call_funding(call, values->at[0], &currency))
        funding_info_put(&call->w, venue_engine(call->venue), call->account, currency);
}
