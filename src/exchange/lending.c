#include "exchange/credit.h"

#include <assert.h>
#include <stdlib.h>

#include "base/fixed.h"

#define FRR_DISTANCE_PARTS 10 /* at most three of them */

void lending_tell(const struct lending_turn *turn, struct event event)
{
    event.time_ms = turn->engine->time_ms;
    event.command = turn->command;
    turn->sink.take(turn->sink.context, &event);
}

static void tell_offer(const struct lending_turn *turn, enum funding_change change,
                       const struct offer *offer)
{
    lending_tell(turn, (struct event){ .kind = EVENT_OFFER, .offer = { change, offer } });
}

struct wallet *lending_wallet(const struct lending_turn *turn, uint64_t account,
                              enum wallet_kind kind, enum currency currency)
{
    uint32_t place = account_place(turn->engine, account);

    assert(place != 0);
    return &turn->engine->accounts[place].wallets[kind][currency];
}

void lending_tell_wallet(const struct lending_turn *turn, uint64_t account, enum wallet_kind kind,
                         enum currency currency)
{
    const struct wallet *wallet = lending_wallet(turn, account, kind, currency);

    lending_tell(turn, (struct event){ .kind = EVENT_WALLET,
                                       .wallet = { account, kind, currency, wallet->balance,
                                                   wallet->locked } });
}

/* ---- Matching ---- */

static void offer_note_match(struct engine *engine, struct offer *offer, int64_t amount,
                             int64_t rate)
{
    offer->amount -= offer->amount > 0 ? amount : -amount;
    offer->filled_rate = rate;
    offer->updated_ms = engine->time_ms;
    if (offer->amount == 0) {
        offer->state = OFFER_EXECUTED;
        offer_remove(engine->lending, offer);
    }
}

static void offer_tell_matched(const struct lending_turn *turn, struct offer *offer)
{
    tell_offer(turn, offer->amount == 0 ? FUNDING_CLOSED : FUNDING_CHANGED, offer);
    if (offer->amount == 0)
        offer_free(turn->lending, offer);
}

/* One match: all of the state changes first and is told afterwards.  `borrow` NULL: a position
 * takes it, `to` says which. */
static void meet(const struct lending_turn *turn, struct offer *lend, struct offer *borrow,
                 const struct loan *to, int64_t amount)
{
    struct engine *engine = turn->engine;
    bool lender_waited = borrow == NULL || lend->id < borrow->id, is_var = offer_is_var(lend);
    int64_t rate = is_var || lender_waited ? lend->rate_real : borrow->rate_real;
    const struct loan as = { .lender = lend->account,
                             .borrower = to->borrower,
                             .opened_ms = engine->time_ms,
                             .updated_ms = engine->time_ms,
                             .paid_ms = engine->time_ms,
                             .ends_ms = engine->time_ms + lend->period * FUNDING_DAY_MS,
                             .amount = amount,
                             .rate = is_var ? lend->rate : rate,
                             .rate_real = rate,
                             .period = lend->period,
                             .currency = lend->currency,
                             .is_var = is_var,
                             .is_hidden = lend->is_hidden,
                             .is_renewed = lend->is_renewed,
                             .is_kept = to->is_kept,
                             .market = to->market,
                             .position = to->position,
                             .holding = to->holding };
    struct funding_trade trade = { .id = ++turn->lending->match_id,
                                   .time_ms = engine->time_ms,
                                   .currency = (enum currency)lend->currency,
                                   .amount = lender_waited ? -amount : amount,
                                   .rate = rate,
                                   .period = lend->period,
                                   .lend_offer = lend->id,
                                   .lender = lend->account,
                                   .borrow_offer = borrow != NULL ? borrow->id : 0,
                                   .borrower = to->borrower,
                                   .lender_is_maker = lender_waited };
    const struct loan *loan = loan_make(turn->lending, &as);

    offer_note_match(engine, lend, amount, rate);
    if (borrow != NULL)
        offer_note_match(engine, borrow, amount, rate);
    lending_tell(turn, (struct event){ .kind = EVENT_FUNDING_TRADE, .funding_trade = &trade });
    lending_tell(turn, (struct event){ .kind = EVENT_LOAN, .loan = { FUNDING_NEW, loan } });
    offer_tell_matched(turn, lend);
    if (borrow != NULL)
        offer_tell_matched(turn, borrow);
}

void lending_take(const struct lending_turn *turn, struct offer *lend, const struct loan *to,
                  int64_t amount)
{
    meet(turn, lend, NULL, to, amount);
}

static bool may_meet(const struct offer *lend, const struct offer *borrow)
{
    return lend->account != borrow->account && lend->period >= borrow->period &&
           (borrow->takes_var || !offer_is_var(lend));
}

void lending_match(const struct lending_turn *turn, struct offer *offer)
{
    struct lending *lending = turn->lending;
    bool lends = offer->amount > 0;
    uint32_t place = lending->sides[offer->currency][!lends].first, after;

    for (; place != 0 && lending->loan_count < FUNDING_LOANS_MOST; place = after) {
        struct offer *other = &lending->offers[place];
        struct offer *lend = lends ? offer : other, *borrow = lends ? other : offer;
        bool is_last;

        after = other->after;
        if (lend->rate_real > borrow->rate_real)
            return;
        if (!may_meet(lend, borrow))
            continue;
        is_last = magnitude(offer->amount) <= magnitude(other->amount);
        meet(turn, lend, borrow, &(struct loan){ .borrower = borrow->account, .is_kept = true },
             is_last ? magnitude(offer->amount) : magnitude(other->amount));
        if (is_last)
            return;
    }
}

void lending_offer(const struct lending_turn *turn, const struct offer *as)
{
    struct offer *offer = offer_make(turn->lending, as);
    enum currency currency = (enum currency)offer->currency;

    offer->created_ms = offer->updated_ms = turn->engine->time_ms;
    offer->amount_orig = offer->amount;
    offer->rate_real = offer_rate_real(turn->lending, offer);
    offer_insert(turn->lending, offer);
    if (offer->amount > 0) {
        lending_wallet(turn, offer->account, WALLET_FUNDING, currency)->locked += offer->amount;
        lending_tell_wallet(turn, offer->account, WALLET_FUNDING, currency);
    }
    tell_offer(turn, FUNDING_NEW, offer);
    lending_match(turn, offer);
}

static void offer_cancel(const struct lending_turn *turn, struct offer *offer)
{
    enum currency currency = (enum currency)offer->currency;

    offer_remove(turn->lending, offer);
    offer->state = OFFER_CANCELED;
    offer->updated_ms = turn->engine->time_ms;
    if (offer->amount > 0) {
        lending_wallet(turn, offer->account, WALLET_FUNDING, currency)->locked -= offer->amount;
        lending_tell_wallet(turn, offer->account, WALLET_FUNDING, currency);
    }
    tell_offer(turn, FUNDING_CLOSED, offer);
    offer_free(turn->lending, offer);
}

/* ---- Judging ---- */

static int64_t interest_of(int64_t amount, int64_t rate, uint16_t period)
{
    __int128 interest = (__int128)amount * rate / FIXED_ONE * period;

    return interest > INT64_MAX ? INT64_MAX : (int64_t)interest;
}

/* What interest all that the account borrows, and wants to borrow, comes to by its end. */
static int64_t burden_of(const struct lending *lending, uint64_t account, enum currency currency)
{
    __int128 sum = 0;

    for (uint32_t i = lending->sides[currency][0].first; i != 0; i = lending->offers[i].after) {
        const struct offer *o = &lending->offers[i];

        if (o->account == account)
            sum += interest_of(-o->amount, o->rate_real, o->period);
    }
    for (uint32_t i = lending->lent[currency].first; i != 0; i = lending->loans[i].after) {
        const struct loan *l = &lending->loans[i];

        if (l->borrower == account && l->position == 0)
            sum += interest_of(l->amount, l->rate_real, l->period);
    }
    return sum > INT64_MAX ? INT64_MAX : (int64_t)sum;
}

static unsigned offers_of(const struct lending *lending, uint64_t account)
{
    unsigned count = 0;

    for (unsigned c = 0; c < CURRENCY_COUNT; c++)
        for (unsigned side = 0; side < 2; side++)
            for (uint32_t i = lending->sides[c][side].first; i != 0; i = lending->offers[i].after)
                count += lending->offers[i].account == account;
    return count;
}

static enum refusal rate_judge(const struct lending *lending, const struct command *c)
{
    int64_t frr = lending->frr[c->currency];

    if (c->type == OFFER_LIMIT)
        return c->price < 0 || c->price > FUNDING_RATE_MOST ? REFUSAL_RATE : REFUSAL_NONE;
    if (c->price > FUNDING_RATE_MOST || c->price < -FUNDING_RATE_MOST)
        return REFUSAL_RATE;
    return magnitude(c->price) * FRR_DISTANCE_PARTS > frr * 3 ? REFUSAL_FRR_DISTANCE : REFUSAL_NONE;
}

static struct offer offer_of(const struct lending *lending, const struct command *c)
{
    struct offer offer = { .account = c->account,
                           .amount = c->amount,
                           .rate = c->price,
                           .period = (uint16_t)c->period,
                           .currency = (uint8_t)c->currency,
                           .type = (uint8_t)c->type,
                           .is_hidden = (c->flags & ORDER_HIDDEN) != 0,
                           .takes_var = (c->flags & ORDER_NO_VAR_RATES) == 0 };

    offer.rate_real = offer_rate_real(lending, &offer);
    return offer;
}

static enum refusal money_for(const struct engine *engine, const struct command *c,
                              struct event_refused *refused)
{
    const struct lending *lending = engine->lending;
    enum currency currency = (enum currency)c->currency;
    uint32_t place = account_place(engine, c->account);
    const struct account *account = &engine->accounts[place];
    const struct offer offer = offer_of(lending, c);
    int64_t burden;

    if (c->amount > 0) {
        if (place != 0)
            refused->limit = wallet_available(&account->wallets[WALLET_FUNDING][currency]);
        return c->amount > refused->limit ? REFUSAL_OFFER_BALANCE : REFUSAL_NONE;
    }
    refused->limit = wallet_free(engine, c->account, WALLET_MARGIN, currency);
    if (__builtin_add_overflow(burden_of(lending, c->account, currency),
                               interest_of(-c->amount, offer.rate_real, offer.period), &burden))
        burden = INT64_MAX;
    return place == 0 || burden > refused->limit ? REFUSAL_BID_BALANCE : REFUSAL_NONE;
}

static enum refusal offer_judge(const struct engine *engine, const struct command *c,
                                struct event_refused *refused)
{
    const struct lending *lending = engine->lending;
    enum refusal why;

    if (c->type >= OFFER_TYPE_END || offer_type_text((unsigned)c->type) == NULL)
        return REFUSAL_TYPE;
    if ((c->flags & ~(uint64_t)(ORDER_HIDDEN | ORDER_NO_VAR_RATES)) != 0)
        return REFUSAL_FLAGS;
    if (c->amount == 0 || c->amount == INT64_MIN)
        return REFUSAL_AMOUNT;
    if ((why = rate_judge(lending, c)) != REFUSAL_NONE)
        return why;
    if (c->period < FUNDING_PERIOD_LEAST || c->period > FUNDING_PERIOD_MOST)
        return REFUSAL_PERIOD;
    refused->limit = funding_least(engine, (enum currency)c->currency);
    if (magnitude(c->amount) < refused->limit)
        return REFUSAL_OFFER_SIZE;
    refused->limit = 0;
    if (lending->offer_count == FUNDING_OFFERS_MOST ||
        offers_of(lending, c->account) >= FUNDING_OFFERS_OWN)
        return REFUSAL_OFFERS_MANY;
    return money_for(engine, c, refused);
}

static enum refusal auto_judge(const struct engine *engine, const struct command *c,
                               struct event_refused *refused)
{
    if (c->fields == 0)
        return REFUSAL_NONE;
    if (c->price < 0 || c->price > FUNDING_RATE_MOST)
        return REFUSAL_RATE;
    if (c->period < FUNDING_PERIOD_LEAST || c->period > FUNDING_PERIOD_MOST)
        return REFUSAL_PERIOD;
    refused->limit = funding_least(engine, (enum currency)c->currency);
    if (c->amount <= 0 || c->amount < refused->limit)
        return REFUSAL_OFFER_SIZE;
    return engine->lending->auto_count == FUNDING_AUTOS_MOST ? REFUSAL_OFFERS_MANY : REFUSAL_NONE;
}

enum refusal lending_judge(const struct engine *engine, const struct command *c,
                           struct event_refused *refused)
{
    const struct offer *offer;
    const struct loan *loan;

    switch ((enum command_kind)c->kind) {
    case COMMAND_OFFER_SUBMIT:
        return funding_is_lent((enum currency)c->currency) ? offer_judge(engine, c, refused)
                                                           : REFUSAL_SYMBOL;
    case COMMAND_OFFER_CANCEL:
        offer = funding_offer_find(engine, c->order);
        return offer != NULL && offer->account == c->account ? REFUSAL_NONE : REFUSAL_OFFER;
    case COMMAND_OFFER_CANCEL_ALL:
        return c->fields == 0 || funding_is_lent((enum currency)c->currency) ? REFUSAL_NONE
                                                                             : REFUSAL_CURRENCY;
    case COMMAND_LOAN_CLOSE:
    case COMMAND_LOAN_KEEP:
        loan = funding_loan_find(engine, c->order);
        return loan != NULL && loan->borrower == c->account ? REFUSAL_NONE : REFUSAL_LOAN;
    case COMMAND_FUNDING_AUTO:
        return funding_is_lent((enum currency)c->currency) ? auto_judge(engine, c, refused)
                                                           : REFUSAL_CURRENCY;
    default:
        return REFUSAL_COMMAND;
    }
}

/* ---- Carrying out ---- */

/* With `fields` 0: of every currency. */
static void cancel_many(const struct lending_turn *turn)
{
    const struct command *c = turn->command;
    struct lending *lending = turn->lending;
    bool any = false;

    for (unsigned i = 0; i < CURRENCY_COUNT * 2; i++) {
        uint32_t place = lending->sides[i / 2][i % 2].first, after;

        for (; place != 0; place = after) {
            struct offer *offer = &lending->offers[place];

            after = offer->after;
            if (offer->account != c->account || (c->fields != 0 && i / 2 != c->currency))
                continue;
            offer_cancel(turn, offer);
            any = true;
        }
    }
    if (!any)
        lending_tell(turn, (struct event){ .kind = EVENT_DONE });
}

static void loan_keep(const struct lending_turn *turn, struct loan *loan)
{
    loan->is_kept = turn->command->fields != 0;
    loan->updated_ms = turn->engine->time_ms;
    lending_tell(turn, (struct event){ .kind = EVENT_LOAN, .loan = { FUNDING_CHANGED, loan } });
}

static void auto_set(const struct lending_turn *turn)
{
    const struct command *c = turn->command;
    struct lending *lending = turn->lending;
    struct funding_auto *setting = NULL;

    for (uint32_t i = 0; i < lending->auto_count && setting == NULL; i++)
        if (lending->autos[i].account == c->account && lending->autos[i].currency == c->currency)
            setting = &lending->autos[i];
    if (setting == NULL && c->fields != 0)
        setting = &lending->autos[lending->auto_count++];
    if (setting != NULL)
        *setting = (struct funding_auto){ .account = c->account,
                                          .amount = c->fields != 0 ? c->amount : 0,
                                          .rate = c->price,
                                          .period = (uint16_t)c->period,
                                          .currency = (uint8_t)c->currency };
    lending_tell(turn, (struct event){ .kind = EVENT_DONE });
}

static struct offer *own_offer(const struct lending_turn *turn)
{
    const struct offer *offer = funding_offer_find(turn->engine, turn->command->order);

    return &turn->lending->offers[offer - turn->lending->offers];
}

static struct loan *own_loan(const struct lending_turn *turn)
{
    const struct loan *loan = funding_loan_find(turn->engine, turn->command->order);

    return &turn->lending->loans[loan - turn->lending->loans];
}

void lending_apply(const struct lending_turn *turn)
{
    struct offer offer;

    switch ((enum command_kind)turn->command->kind) {
    case COMMAND_OFFER_SUBMIT:
        offer = offer_of(turn->lending, turn->command);
        lending_offer(turn, &offer);
        break;
    case COMMAND_OFFER_CANCEL:
        offer_cancel(turn, own_offer(turn));
        break;
    case COMMAND_OFFER_CANCEL_ALL:
        cancel_many(turn);
        break;
    case COMMAND_LOAN_CLOSE:
        credit_end(turn, own_loan(turn), LOAN_RETURNED);
        break;
    case COMMAND_LOAN_KEEP:
        loan_keep(turn, own_loan(turn));
        break;
    case COMMAND_FUNDING_AUTO:
        auto_set(turn);
        break;
    default:
        break;
    }
}
