#include "exchange/credit.h"

#include "exchange/holding.h"

int64_t credit_need(const struct position *position, enum currency *currency)
{
    const struct market_facts *facts = market_facts(position->market);
    int64_t owed = position->amount < 0 ? -position->amount : -position->quote;

    *currency = position->amount < 0 ? facts->base : facts->quote;
    return position->amount == 0 || owed < 0 || facts->is_contract ? 0 : owed;
}

static uint32_t holding_of(const struct engine *engine, const struct position *position)
{
    return (uint32_t)(position - engine->holdings->positions);
}

/* Oldest first: `after` NULL begins. */
static struct loan *credit_next(const struct engine *engine, const struct position *position,
                                const struct loan *after)
{
    uint32_t place = after != NULL
                         ? after->credit_after
                         : engine->lending->credits[holding_of(engine, position)].first;

    return place == 0 ? NULL : &engine->lending->loans[place];
}

int64_t credit_sum(const struct engine *engine, const struct position *position)
{
    const struct loan *loan = NULL;
    int64_t sum = 0;

    while ((loan = credit_next(engine, position, loan)) != NULL)
        sum += loan->amount;
    return sum;
}

int64_t credit_interest(const struct engine *engine, const struct position *position)
{
    const struct loan *loan = NULL;
    int64_t sum = 0;

    while ((loan = credit_next(engine, position, loan)) != NULL)
        if (__builtin_add_overflow(sum, loan_owed(loan, engine->time_ms), &sum))
            return INT64_MAX;
    return sum;
}

static void tell_loan(const struct lending_turn *turn, enum funding_change change,
                      const struct loan *loan)
{
    lending_tell(turn, (struct event){ .kind = EVENT_LOAN, .loan = { change, loan } });
}

/* Some of a loan becomes one of its own.  NULL: there is no room for another one. */
static struct loan *loan_split(const struct lending_turn *turn, struct loan *loan, int64_t amount)
{
    struct loan as = *loan, *part;

    if (turn->lending->loan_count >= FUNDING_LOANS_MOST)
        return NULL;
    as.amount = amount;
    part = loan_make(turn->lending, &as);
    loan->amount -= amount;
    loan->updated_ms = turn->engine->time_ms;
    return part;
}

/* ---- Borrowing: each returns what is still wanted ---- */

static int64_t use_own(const struct lending_turn *turn, const struct position *position,
                       enum currency currency, int64_t wanted)
{
    struct lending *lending = turn->lending;

    for (uint32_t i = lending->lent[currency].first; i != 0 && wanted > 0;
         i = lending->loans[i].after) {
        struct loan *loan = &lending->loans[i], *used = loan;

        if (loan->borrower != position->account || loan->position != 0)
            continue;
        if (loan->amount > wanted) {
            used = loan_split(turn, loan, wanted);
            if (used == NULL)
                continue;
            tell_loan(turn, FUNDING_CHANGED, loan);
        }
        loan_use(lending, used, position->id, holding_of(turn->engine, position));
        used->market = position->market;
        used->updated_ms = turn->engine->time_ms;
        wanted -= used->amount;
        tell_loan(turn, FUNDING_USED, used);
    }
    return wanted;
}

static bool may_take(const struct offer *offer, uint64_t account, bool takes_var)
{
    return offer->account != account && (takes_var || !offer_is_var(offer));
}

static int64_t take_offers(const struct lending_turn *turn, const struct position *position,
                           enum currency currency, int64_t wanted, bool takes_var)
{
    struct lending *lending = turn->lending;
    const struct loan to = { .borrower = position->account,
                             .market = position->market,
                             .position = position->id,
                             .holding = holding_of(turn->engine, position) };
    uint32_t place = lending->sides[currency][true].first, after;

    for (; place != 0 && wanted > 0 && lending->loan_count < FUNDING_LOANS_MOST; place = after) {
        struct offer *offer = &lending->offers[place];
        int64_t amount = offer->amount < wanted ? offer->amount : wanted;

        after = offer->after;
        if (!may_take(offer, position->account, takes_var))
            continue;
        lending_take(turn, offer, &to, amount);
        wanted -= amount;
    }
    return wanted;
}

static void ask_venue(const struct lending_turn *turn, const struct position *position,
                      enum currency currency, int64_t wanted)
{
    struct lending *lending = turn->lending;
    int64_t frr = lending->frr[currency];
    uint64_t now_ms = turn->engine->time_ms;
    const struct loan as = { .lender = ENGINE_FEE_ACCOUNT,
                             .borrower = position->account,
                             .opened_ms = now_ms,
                             .updated_ms = now_ms,
                             .paid_ms = now_ms,
                             .ends_ms = now_ms + FUNDING_PERIOD_MOST * FUNDING_DAY_MS,
                             .amount = wanted,
                             .rate = frr != 0 ? frr : FUNDING_RATE_VENUE,
                             .rate_real = frr != 0 ? frr : FUNDING_RATE_VENUE,
                             .period = FUNDING_PERIOD_MOST,
                             .currency = (uint8_t)currency,
                             .market = position->market,
                             .position = position->id,
                             .holding = holding_of(turn->engine, position) };
    struct loan *loan = NULL;

    while ((loan = credit_next(turn->engine, position, loan)) != NULL) {
        if (loan->lender != ENGINE_FEE_ACCOUNT)
            continue;
        loan_pay(turn, loan, now_ms);
        loan->amount += wanted;
        loan->updated_ms = now_ms;
        tell_loan(turn, FUNDING_CHANGED, loan);
        return;
    }
    tell_loan(turn, FUNDING_NEW, loan_make(lending, &as));
}

/* ---- Giving back ---- */

/* What the account borrowed on purpose is its own again and waits to be used. */
static bool stays_unused(const struct lending_turn *turn, struct loan *loan, int64_t amount)
{
    struct loan *part = loan;

    if (!loan->is_kept)
        return false;
    if (amount < loan->amount) {
        part = loan_split(turn, loan, amount);
        if (part == NULL)
            return false;
        tell_loan(turn, FUNDING_CHANGED, loan);
    }
    loan_use(turn->lending, part, 0, 0);
    part->updated_ms = turn->engine->time_ms;
    tell_loan(turn, FUNDING_UNUSED, part);
    return true;
}

/* The latest first. */
static void give_back(const struct lending_turn *turn, const struct position *position,
                      int64_t surplus)
{
    struct lending *lending = turn->lending;
    uint32_t place = lending->credits[holding_of(turn->engine, position)].last, before;

    for (; place != 0 && surplus > 0; place = before) {
        struct loan *loan = &lending->loans[place];
        int64_t amount = loan->amount < surplus ? loan->amount : surplus;

        before = loan->credit_before;
        surplus -= amount;
        if (stays_unused(turn, loan, amount))
            continue;
        if (amount < loan->amount)
            loan_shrink(turn, loan, amount);
        else
            loan_end(turn, loan, LOAN_RETURNED);
    }
}

void credit_adjust(const struct lending_turn *turn, const struct position *position, bool takes_var)
{
    enum currency currency;
    int64_t need = credit_need(position, &currency);
    int64_t missing = need - credit_sum(turn->engine, position);

    if (missing < 0)
        give_back(turn, position, -missing);
    if (missing > 0)
        missing = use_own(turn, position, currency, missing);
    if (missing > 0)
        missing = take_offers(turn, position, currency, missing, takes_var);
    if (missing > 0)
        ask_venue(turn, position, currency, missing);
}

void credit_end(const struct lending_turn *turn, struct loan *loan, enum loan_state state)
{
    const struct position *position =
        loan->position == 0
            ? NULL
            : position_find(turn->engine, loan->borrower, (enum market)loan->market);

    loan_end(turn, loan, state);
    if (position != NULL)
        credit_adjust(turn, position, true);
}
