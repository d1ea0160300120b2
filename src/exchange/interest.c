#include "exchange/credit.h"

#include "base/fixed.h"

#define MS_PER_HOUR UINT64_C(3600000)
#define PPM         1000000

/* ---- Interest ---- */

void lending_row(const struct lending_turn *turn, uint64_t account, enum wallet_kind wallet,
                 enum currency currency, enum ledger_kind kind, int64_t amount)
{
    struct wallet *changed;
    struct ledger_row row;

    if (amount == 0)
        return;
    if (account == ENGINE_FEE_ACCOUNT) {
        turn->engine->accounts[FEE_PLACE].wallets[wallet][currency].balance += amount;
        return;
    }
    changed = lending_wallet(turn, account, wallet, currency);
    changed->balance += amount;
    row = (struct ledger_row){ .id = ++turn->engine->row_id,
                               .account = account,
                               .time_ms = turn->engine->time_ms,
                               .kind = kind,
                               .wallet = wallet,
                               .currency = currency,
                               .amount = amount,
                               .balance = changed->balance };
    lending_tell(turn, (struct event){ .kind = EVENT_LEDGER, .row = &row });
    lending_tell_wallet(turn, account, wallet, currency);
}

int64_t loan_owed(const struct loan *loan, uint64_t until_ms)
{
    __int128 owed;

    if (until_ms <= loan->paid_ms)
        return 0;
    owed = (__int128)loan->amount * loan->rate_real * (int64_t)(until_ms - loan->paid_ms) /
           FIXED_ONE / (int64_t)FUNDING_DAY_MS;
    return owed > INT64_MAX ? INT64_MAX : (int64_t)owed;
}

bool loan_pay(const struct lending_turn *turn, struct loan *loan, uint64_t until_ms)
{
    enum currency currency = (enum currency)loan->currency;
    int64_t owed = loan_owed(loan, until_ms), paid = owed, fee;
    bool is_used = loan->position != 0;

    if (is_used) {
        turn->engine->margin_moved = true;
    } else {
        int64_t has = wallet_free(turn->engine, loan->borrower, WALLET_MARGIN, currency);

        paid = owed > has ? has : owed;
    }
    fee = (int64_t)(((__int128)paid * (loan->is_hidden ? FUNDING_FEE_HIDDEN_PPM : FUNDING_FEE_PPM) +
                     PPM - 1) /
                    PPM);
    if (loan->lender == ENGINE_FEE_ACCOUNT)
        fee = paid;
    lending_row(turn, ENGINE_FEE_ACCOUNT, WALLET_EXCHANGE, currency, LEDGER_INTEREST, fee);
    lending_row(turn, loan->borrower, WALLET_MARGIN, currency,
                is_used ? LEDGER_USED_FUNDING_FEE : LEDGER_UNUSED_FUNDING_FEE, -paid);
    lending_row(turn, loan->lender, WALLET_FUNDING, currency, LEDGER_INTEREST, paid - fee);
    loan->paid_ms = until_ms;
    return paid == owed;
}

/* What comes back to a lender is free again. */
static void lender_unlock(const struct lending_turn *turn, const struct loan *loan, int64_t amount)
{
    enum currency currency = (enum currency)loan->currency;

    if (loan->lender == ENGINE_FEE_ACCOUNT)
        return;
    lending_wallet(turn, loan->lender, WALLET_FUNDING, currency)->locked -= amount;
    lending_tell_wallet(turn, loan->lender, WALLET_FUNDING, currency);
}

static void offer_anew(const struct lending_turn *turn, const struct loan *loan)
{
    const struct offer offer = { .account = loan->lender,
                                 .amount = loan->amount,
                                 .rate = loan->rate,
                                 .period = loan->period,
                                 .currency = loan->currency,
                                 .type = loan->is_var ? OFFER_FRRDELTAVAR : OFFER_LIMIT,
                                 .is_hidden = loan->is_hidden,
                                 .is_renewed = true,
                                 .takes_var = true };

    if (turn->lending->offer_count < FUNDING_OFFERS_MOST)
        lending_offer(turn, &offer);
}

void loan_shrink(const struct lending_turn *turn, struct loan *loan, int64_t amount)
{
    struct loan back;

    loan_pay(turn, loan, turn->engine->time_ms);
    loan->amount -= amount;
    loan->updated_ms = turn->engine->time_ms;
    lender_unlock(turn, loan, amount);
    lending_tell(turn, (struct event){ .kind = EVENT_LOAN, .loan = { FUNDING_CHANGED, loan } });
    back = *loan;
    back.amount = amount;
    if (back.is_renewed)
        offer_anew(turn, &back);
}

void loan_end(const struct lending_turn *turn, struct loan *loan, enum loan_state state)
{
    uint64_t until_ms = turn->engine->time_ms;
    struct loan copy;

    if (until_ms > loan->ends_ms)
        until_ms = loan->ends_ms;
    if (until_ms < loan->opened_ms + FUNDING_LOAN_LEAST_MS)
        until_ms = loan->opened_ms + FUNDING_LOAN_LEAST_MS;
    if (!loan_pay(turn, loan, until_ms))
        state = LOAN_UNPAID;
    loan_remove(turn->lending, loan);
    loan->state = (uint8_t)state;
    loan->updated_ms = turn->engine->time_ms;
    lender_unlock(turn, loan, loan->amount);
    lending_tell(turn, (struct event){ .kind = EVENT_LOAN, .loan = { FUNDING_CLOSED, loan } });
    copy = *loan;
    loan_free(turn->lending, loan);
    if (copy.is_renewed)
        offer_anew(turn, &copy);
}

/* ---- What time does ---- */

/* Rates that follow the FRR do so from one payout to the next, so that a day has one rate. */
static void payout(const struct lending_turn *turn, uint64_t at_ms)
{
    struct lending *lending = turn->lending;

    for (unsigned c = 0; c < CURRENCY_COUNT; c++) {
        uint32_t place = lending->lent[c].first, after;

        for (; place != 0; place = after) {
            struct loan *loan = &lending->loans[place];

            after = loan->after;
            if (loan->opened_ms >= at_ms || loan->ends_ms <= at_ms)
                continue;
            if (!loan_pay(turn, loan, at_ms)) {
                loan_end(turn, loan, LOAN_UNPAID);
                continue;
            }
            if (loan->is_var)
                loan->rate_real = rate_real(lending, (enum currency)c, true, loan->rate);
            loan->updated_ms = turn->engine->time_ms;
            lending_tell(turn,
                         (struct event){ .kind = EVENT_LOAN, .loan = { FUNDING_CHANGED, loan } });
        }
    }
}

static void loans_expire(const struct lending_turn *turn, uint64_t at_ms)
{
    struct lending *lending = turn->lending;

    lending->end_ms = UINT64_MAX;
    for (unsigned c = 0; c < CURRENCY_COUNT; c++) {
        uint32_t place = lending->lent[c].first, after;

        for (; place != 0; place = after) {
            struct loan *loan = &lending->loans[place];

            after = loan->after;
            if (loan->ends_ms <= at_ms)
                credit_end(turn, loan, LOAN_EXPIRED);
            else if (loan->ends_ms < lending->end_ms)
                lending->end_ms = loan->ends_ms;
        }
    }
}

static void frr_take(const struct lending_turn *turn, enum currency currency)
{
    struct lending *lending = turn->lending;
    struct event_frr told = { .currency = currency };
    unsigned __int128 rates = 0, periods = 0;
    uint64_t fixed = 0;

    for (uint32_t i = lending->lent[currency].first; i != 0; i = lending->loans[i].after) {
        const struct loan *loan = &lending->loans[i];

        told.lent += loan->amount;
        told.used += loan->position != 0 ? loan->amount : 0;
        periods += (unsigned __int128)(uint64_t)loan->amount * loan->period;
        if (loan->is_var)
            continue;
        rates += (unsigned __int128)(uint64_t)loan->amount * (uint64_t)loan->rate_real;
        fixed += (uint64_t)loan->amount;
    }
    if (fixed != 0)
        lending->frr[currency] = (int64_t)(rates / fixed);
    if (told.lent != 0)
        told.period_avg = (int64_t)(periods * FIXED_ONE / (uint64_t)told.lent);
    told.rate = lending->frr[currency];
    lending_tell(turn, (struct event){ .kind = EVENT_FRR, .frr = told });
}

/* After the FRR has moved: the rates of one side, and the order in which they stand. */
static void side_sort(struct lending *lending, enum currency currency, bool lends)
{
    struct lending_list *side = &lending->sides[currency][lends];
    uint32_t place = side->first, after;

    *side = (struct lending_list){ 0 };
    for (; place != 0; place = after) {
        struct offer *offer = &lending->offers[place];

        after = offer->after;
        offer->rate_real = offer_rate_real(lending, offer);
        offer_insert(lending, offer);
    }
}

static void rematch(const struct lending_turn *turn, enum currency currency)
{
    struct lending *lending = turn->lending;
    uint32_t place = lending->sides[currency][0].first, after;

    for (; place != 0; place = after) {
        after = lending->offers[place].after;
        lending_match(turn, &lending->offers[place]);
    }
}

static void unused_return(const struct lending_turn *turn, enum currency currency)
{
    struct lending *lending = turn->lending;
    uint32_t place = lending->lent[currency].first, after;

    for (; place != 0; place = after) {
        after = lending->loans[place].after;
        if (!lending->loans[place].is_kept && lending->loans[place].position == 0)
            loan_end(turn, &lending->loans[place], LOAN_RETURNED);
    }
}

/* What the account lends already, or wants to. */
static int64_t lent_by(const struct lending *lending, uint64_t account, enum currency currency)
{
    int64_t sum = 0;

    for (uint32_t i = lending->sides[currency][1].first; i != 0; i = lending->offers[i].after)
        sum += lending->offers[i].account == account ? lending->offers[i].amount : 0;
    for (uint32_t i = lending->lent[currency].first; i != 0; i = lending->loans[i].after)
        sum += lending->loans[i].lender == account ? lending->loans[i].amount : 0;
    return sum;
}

static void auto_offer(const struct lending_turn *turn, const struct funding_auto *setting)
{
    struct lending *lending = turn->lending;
    enum currency currency = (enum currency)setting->currency;
    struct offer offer = { .account = setting->account,
                           .rate = setting->rate,
                           .period = setting->period,
                           .currency = setting->currency,
                           .type = OFFER_LIMIT,
                           .takes_var = true };
    uint32_t place = account_place(turn->engine, setting->account);
    int64_t available;

    if (setting->amount == 0 || place == 0 || lending->offer_count == FUNDING_OFFERS_MOST)
        return;
    available = wallet_available(&turn->engine->accounts[place].wallets[WALLET_FUNDING][currency]);
    offer.amount = setting->amount - lent_by(lending, setting->account, currency);
    if (offer.amount > available)
        offer.amount = available;
    if (offer.amount > 0 && offer.amount >= funding_least(turn->engine, currency))
        lending_offer(turn, &offer);
}

static void hour(const struct lending_turn *turn)
{
    struct lending *lending = turn->lending;

    for (unsigned c = 0; c < CURRENCY_COUNT; c++) {
        if (!funding_is_lent((enum currency)c))
            continue;
        unused_return(turn, (enum currency)c);
        frr_take(turn, (enum currency)c);
        side_sort(lending, (enum currency)c, false);
        side_sort(lending, (enum currency)c, true);
        rematch(turn, (enum currency)c);
    }
    for (uint32_t i = 0; i < lending->auto_count; i++)
        auto_offer(turn, &lending->autos[i]);
}

static uint64_t next_of(uint64_t time_ms, uint64_t every_ms, uint64_t past_ms)
{
    uint64_t at_ms = time_ms / every_ms * every_ms + past_ms;

    return at_ms > time_ms ? at_ms : at_ms + every_ms;
}

static uint64_t due_ms(const struct lending *lending)
{
    uint64_t due = lending->hour_ms < lending->payout_ms ? lending->hour_ms : lending->payout_ms;

    return lending->end_ms < due ? lending->end_ms : due;
}

void lending_pass(const struct lending_turn *turn)
{
    struct lending *lending = turn->lending;
    uint64_t now_ms = turn->engine->time_ms, at_ms;

    if (lending->hour_ms == 0) {
        lending->hour_ms = next_of(now_ms, MS_PER_HOUR, 0);
        lending->payout_ms = next_of(now_ms, FUNDING_DAY_MS, FUNDING_PAYOUT_PAST_MS);
    }
    while ((at_ms = due_ms(lending)) <= now_ms) {
        if (at_ms == lending->hour_ms) {
            lending->hour_ms += MS_PER_HOUR;
            hour(turn);
        } else if (at_ms == lending->payout_ms) {
            lending->payout_ms += FUNDING_DAY_MS;
            payout(turn, at_ms);
        } else {
            loans_expire(turn, at_ms);
        }
    }
}

uint64_t lending_due_ms(const struct engine *engine)
{
    const struct lending *lending = engine->lending;

    if (lending->hour_ms == 0 ||
        lending->offer_count + lending->loan_count + lending->auto_count == 0)
        return UINT64_MAX;
    return due_ms(lending);
}
