#include "venue/call.h"

#include "base/fixed.h"
#include "venue/rate.h"
#include "venue/shape.h"

/* ---- What an order at market would cost ---- */

struct sweep {
    int64_t wanted, filled; /* unsigned */
    __int128 value;
};

static void sweep_add(struct sweep *sweep, int64_t price, int64_t amount)
{
    int64_t left = sweep->wanted - sweep->filled;

    if (amount > left)
        amount = left;
    sweep->value += (__int128)price * amount;
    sweep->filled += amount;
}

/* Takes from the book what an order of this size and limit would meet; hidden orders are nobody's
 * to know. */
static void sweep_run(const struct engine *engine, enum market market, bool buy, int64_t limit,
                      struct sweep *sweep)
{
    struct book_level level = { .market = market, .bid = !buy };

    while (sweep->filled < sweep->wanted && engine_level_next(engine, &level)) {
        if (limit != 0 && (buy ? level.price > limit : level.price < limit))
            return;
        sweep_add(sweep, level.price, level.amount);
    }
}

/* The same from the funding book, of periods that are not longer. */
static void lent_sweep_run(const struct engine *engine, enum currency currency, bool lends,
                           uint64_t period, int64_t limit, struct sweep *sweep)
{
    const struct offer *o = NULL;

    while (sweep->filled < sweep->wanted &&
           (o = funding_offer_next(engine, currency, !lends, o)) != NULL) {
        if (o->is_hidden || o->period > period)
            continue;
        if (limit != 0 && (lends ? o->rate_real < limit : o->rate_real > limit))
            return;
        sweep_add(sweep, o->rate_real, o->amount < 0 ? -o->amount : o->amount);
    }
}

CALL(call_average)
{
    struct slice symbol = SLICE_EMPTY;
    int64_t amount = 0, limit = 0;
    uint64_t period = FUNDING_PERIOD_MOST;
    struct sweep sweep = { 0 };
    enum market market = MARKET_BTCUSD;
    enum currency currency;
    bool is_lent;
    CALL_BEGIN;

    ask_text(call->ask, "symbol", &symbol);
    is_lent = funding_find(symbol, &currency);
    if (!is_lent && !call_market(call, symbol, &market))
        return;
    if (ask_fixed(call->ask, "amount", &amount) != ASK_GOOD || amount == 0 || amount == INT64_MIN) {
        call_fail(call, CALL_PARAMS, "amount: invalid");
        return;
    }
    /* One name in the documents, another in a client. */
    if (ask_fixed(call->ask, ask_has(call->ask, "price_limit") ? "price_limit" : "rate_limit",
                  &limit) == ASK_BAD ||
        limit < 0) {
        call_fail(call, CALL_PARAMS, "price_limit: invalid");
        return;
    }
    if (ask_number(call->ask, "period", &period) == ASK_BAD) {
        call_fail(call, CALL_PARAMS, "period: invalid");
        return;
    }
    sweep.wanted = amount < 0 ? -amount : amount;
    if (is_lent) /* signed like an offer: > 0 lends */
        lent_sweep_run(venue_engine(call->venue), currency, amount > 0, period, limit, &sweep);
    else
        sweep_run(venue_engine(call->venue), market, amount > 0, limit, &sweep);
    json_put_open(&call->w, '[');
    json_put_fixed(&call->w, sweep.filled == 0 ? 0 : (int64_t)(sweep.value / sweep.filled));
    json_put_fixed(&call->w, amount < 0 ? -sweep.filled : sweep.filled);
    json_put_close(&call->w, ']');
}

/* ---- Exchange rates ---- */

static bool currency_read(struct call *call, const char *name, enum currency *currency)
{
    struct slice code = SLICE_EMPTY;

    if (ask_text(call->ask, name, &code) == ASK_GOOD && currency_find(code, currency))
        return true;
    call_fail(call, CALL_PARAMS, "currency: invalid");
    return false;
}

CALL(call_fx)
{
    enum currency from, to;
    int64_t rate;
    CALL_BEGIN;

    if (!currency_read(call, "ccy1", &from) || !currency_read(call, "ccy2", &to))
        return;
    if (!rate_find(venue_candles(call->venue), from, to, &rate)) {
        call_fail(call, CALL_GENERIC, "rate: not available");
        return;
    }
    json_put_open(&call->w, '[');
    json_put_fixed(&call->w, rate);
    json_put_close(&call->w, ']');
}

/* ---- How large an order could be ---- */

static int64_t available(const struct call *call, enum wallet_kind kind, enum currency currency)
{
    return wallet_free(venue_engine(call->venue), call->account, kind, currency);
}

/* At `rate`, or at the best price when none is given; 0 when there is neither. */
static int64_t exchange_available(const struct call *call, enum market market, bool buy,
                                  int64_t rate)
{
    struct book_level best = { .market = market, .bid = false };
    const struct market_facts *facts = market_facts(market);
    __int128 amount;

    if (!buy)
        return available(call, WALLET_EXCHANGE, facts->base);
    if (rate == 0 && engine_level_next(venue_engine(call->venue), &best))
        rate = best.price;
    if (rate == 0)
        return 0;
    amount = (__int128)available(call, WALLET_EXCHANGE, facts->quote) * FIXED_ONE / rate;
    return amount > INT64_MAX ? INT64_MAX : (int64_t)amount;
}

/* False after failing. */
static bool direction_read(struct call *call, bool *buy, int64_t *rate)
{
    int64_t direction = FIXED_ONE;

    if (ask_fixed(call->ask, "dir", &direction) == ASK_BAD ||
        (direction != FIXED_ONE && direction != -FIXED_ONE)) {
        call_fail(call, CALL_PARAMS, "dir: invalid");
        return false;
    }
    if (ask_fixed(call->ask, "rate", rate) == ASK_BAD || *rate < 0) {
        call_fail(call, CALL_PARAMS, "rate: invalid");
        return false;
    }
    *buy = direction > 0;
    return true;
}

/* False after failing. */
static bool leverage_read(struct call *call, uint64_t *leverage)
{
    if (ask_number(call->ask, "lev", leverage) == ASK_BAD || *leverage < 1 ||
        *leverage > CONTRACT_LEVERAGE_MOST) {
        call_fail(call, CALL_GENERIC, "lev: invalid");
        return false;
    }
    return true;
}

CALL(call_order_available)
{
    struct slice symbol = SLICE_EMPTY, type = SLICE_EMPTY;
    int64_t rate = 0, amount = 0;
    uint64_t leverage = CONTRACT_LEVERAGE;
    enum currency currency;
    enum market market;
    bool buy;
    CALL_BEGIN;

    ask_text(call->ask, "symbol", &symbol);
    ask_text(call->ask, "type", &type);
    if (!direction_read(call, &buy, &rate))
        return;
    if (slice_is(type, SLICE("FUNDING"))) {
        if (!call_funding(call, symbol, &currency))
            return;
        amount = available(call, WALLET_FUNDING, currency);
    } else if (!slice_is(type, SLICE("EXCHANGE")) && !slice_is(type, SLICE("MARGIN")) &&
               !slice_is(type, SLICE("DERIV"))) {
        call_fail(call, CALL_PARAMS, "type: invalid");
        return;
    } else if (!call_market(call, symbol, &market)) {
        return;
    } else if (slice_is(type, SLICE("EXCHANGE"))) {
        amount = exchange_available(call, market, buy, rate);
    } else if (slice_is(type, SLICE("MARGIN"))) {
        amount = margin_tradable(venue_engine(call->venue), call->account, market, buy, rate);
    } else if (market_facts(market)->is_contract) {
        if (!leverage_read(call, &leverage))
            return;
        amount = contract_tradable(venue_engine(call->venue), call->account, market, buy, rate,
                                   (unsigned)leverage);
    }
    json_put_open(&call->w, '[');
    json_put_fixed(&call->w, amount);
    json_put_close(&call->w, ']');
}
