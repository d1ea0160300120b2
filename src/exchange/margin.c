#include "exchange/margin.h"

#include "base/fixed.h"
#include "exchange/collateral.h"
#include "exchange/credit.h"
#include "exchange/holding.h"
#include "exchange/stop.h"

#define PPM 1000000
/* Beyond it no exposure is taken on, so that no product below overflows: 10^12 of a currency. */
#define EXPOSURE_MOST ((__int128)1000000000000 * FIXED_ONE)

/* In US dollars. */
struct sums {
    __int128 balance, pl, interest, initial, least;
};

/* The price of one of the currency in US dollars; 0: nobody knows. */
static int64_t dollars(const struct engine *engine, enum currency currency)
{
    currency = currency_underlying(currency);
    if (currency == CURRENCY_USD)
        return FIXED_ONE;
    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        const struct market_facts *facts = market_facts((enum market)m);

        if (facts->base == currency && facts->quote == CURRENCY_USD)
            return engine->last_prices[m];
    }
    return 0;
}

static __int128 in_dollars(const struct engine *engine, enum currency currency, __int128 amount)
{
    return amount * dollars(engine, currency) / FIXED_ONE;
}

static __int128 absolute(__int128 number)
{
    return number < 0 ? -number : number;
}

static int64_t bounded(__int128 number)
{
    return number > INT64_MAX ? INT64_MAX : number < -INT64_MAX ? -INT64_MAX : (int64_t)number;
}

int64_t margin_dollars(const struct engine *engine, enum currency currency, int64_t amount)
{
    return bounded(in_dollars(engine, currency, amount));
}

static const struct position *position_at(const struct engine *engine, uint32_t account,
                                          unsigned market)
{
    uint32_t place = engine->accounts[account].positions[market];

    return place == 0 ? NULL : &engine->holdings->positions[place];
}

/* What it would be sold for, or bought back; negative for a short one. */
static __int128 value_of(const struct engine *engine, const struct position *position)
{
    return position == NULL
               ? 0
               : (__int128)position->amount * contract_price(engine, position->market) / FIXED_ONE;
}

/* ---- What orders may come to, in the quote ---- */

struct orders_sum {
    __int128 buys, sells;
};

/* A pair needs its greater value once, and its limit order stands for it. */
int64_t margin_order_price(const struct engine *engine, const struct order *order)
{
    int64_t price = order_is_stop_limit(order->type) ? order->price_aux_limit : order->price;

    if (order->partner != 0 && order->placed_by != 0)
        return 0;
    if (order->partner != 0 && engine->orders[order->partner].price > price)
        price = engine->orders[order->partner].price;
    return price;
}

static struct orders_sum orders_of(const struct engine *engine, uint32_t account, unsigned market,
                                   const struct margin_try *try)
{
    struct orders_sum sum = { 0 };
    uint32_t place = engine->accounts[account].order_first;
    __int128 value;

    for (; place != 0; place = engine->orders[place].account_after) {
        const struct order *order = &engine->orders[place];

        if (order->market != market || !order_on_margin(order->type) ||
            (order->flags & ORDER_FLAGS_REDUCE) || (try != NULL && try->instead == order))
            continue;
        value = (__int128)order->amount * margin_order_price(engine, order) / FIXED_ONE;
        *(value > 0 ? &sum.buys : &sum.sells) += absolute(value);
    }
    if (try != NULL && try->market == market) {
        value = (__int128)try->amount * try->price / FIXED_ONE;
        *(value > 0 ? &sum.buys : &sum.sells) += absolute(value);
    }
    return sum;
}

/* ---- Sums ---- */

/* Contracts stand for themselves.  False: more than can be. */
static bool market_add(const struct engine *engine, uint32_t account, unsigned market,
                       const struct margin_try *try, struct sums *sums)
{
    const struct market_facts *facts = market_facts((enum market)market);
    const struct position *position = position_at(engine, account, market);
    const struct account *owner = &engine->accounts[account];
    struct orders_sum orders = { 0 };
    __int128 value = value_of(engine, position), exposure = absolute(value);

    if (facts->is_contract)
        return true;
    if (owner->margin_order_count > 0 || try != NULL)
        orders = orders_of(engine, account, market, try);
    if (orders.buys > EXPOSURE_MOST || orders.sells > EXPOSURE_MOST || exposure > EXPOSURE_MOST)
        return false;
    if (absolute(value + orders.buys) > exposure)
        exposure = absolute(value + orders.buys);
    if (absolute(value - orders.sells) > exposure)
        exposure = absolute(value - orders.sells);
    sums->initial += in_dollars(engine, facts->quote, exposure) * facts->margin_initial_ppm / PPM;
    if (position == NULL)
        return true;
    sums->least +=
        in_dollars(engine, facts->quote, absolute(value)) * facts->margin_least_ppm / PPM;
    sums->pl += in_dollars(engine, facts->quote, value + position->quote);
    sums->interest += in_dollars(engine, position->amount < 0 ? facts->base : facts->quote,
                                 credit_interest(engine, position));
    return true;
}

static bool sums_of(const struct engine *engine, uint32_t account, const struct margin_try *try,
                    struct sums *sums)
{
    *sums = (struct sums){ 0 };
    for (unsigned c = 0; c < CURRENCY_COUNT; c++)
        if (!currency_is_contract((enum currency)c))
            sums->balance +=
                in_dollars(engine, (enum currency)c,
                           engine->accounts[account].wallets[WALLET_MARGIN][c].balance);
    for (unsigned m = 0; m < MARKET_COUNT; m++)
        if (!market_add(engine, account, m, try, sums))
            return false;
    return true;
}

static __int128 net_of(const struct sums *sums)
{
    return sums->balance + sums->pl - sums->interest;
}

/* ---- Deciding ---- */

bool margin_allows(const struct engine *engine, uint32_t account, const struct margin_try *try)
{
    struct sums now, then;

    if (market_facts(try->market)->is_contract)
        return collateral_allows(engine, account, try);
    if (!sums_of(engine, account, try, &then) || engine->last_prices[try->market] == 0)
        return false;
    if (then.initial <= net_of(&then))
        return true;
    return sums_of(engine, account, NULL, &now) && then.initial <= now.initial;
}

int64_t margin_affordable(const struct engine *engine, const struct order *order, int64_t price,
                          int64_t most)
{
    uint32_t account = account_place(engine, order->account);
    const struct market_facts *facts = market_facts((enum market)order->market);
    const struct position *position = position_at(engine, account, order->market);
    bool buy = order_is_buy(order);
    struct margin_try try = { (enum market)order->market, buy ? most : -most, price, order, 0 };
    const struct margin_try none = { (enum market)order->market, 0, price, order, 0 };
    __int128 reduces = 0, more = 0, each;
    struct sums sums;

    if (facts->is_contract)
        return collateral_affordable(engine, order, price, most);
    if (order->flags & ORDER_FORCED || margin_allows(engine, account, &try))
        return most;
    if (position != NULL && (position->amount < 0) == buy)
        reduces = magnitude(position->amount);
    each = in_dollars(engine, facts->quote, price) * facts->margin_initial_ppm / PPM;
    if (sums_of(engine, account, &none, &sums) && each > 0 && net_of(&sums) > sums.initial)
        more = (net_of(&sums) - sums.initial) * FIXED_ONE / each;
    if (reduces + more >= most)
        return reduces < most ? (int64_t)reduces : most;
    try.amount = (int64_t)(buy ? reduces + more : -(reduces + more));
    return margin_allows(engine, account, &try) ? (int64_t)(reduces + more) : (int64_t)reduces;
}

int64_t margin_least_of(const struct engine *engine, const struct position *position)
{
    const struct market_facts *facts = market_facts((enum market)position->market);

    return bounded(in_dollars(engine, facts->quote, absolute(value_of(engine, position))) *
                   facts->margin_least_ppm / PPM);
}

bool margin_is_short(const struct engine *engine, uint32_t account)
{
    struct sums sums;

    return !sums_of(engine, account, NULL, &sums) || net_of(&sums) < sums.least;
}

enum order_state margin_reduces(const struct engine *engine, const struct order *order)
{
    const struct position *position =
        position_at(engine, account_place(engine, order->account), order->market);

    if ((order->flags & ORDER_FLAGS_REDUCE) == 0)
        return ORDER_STATE_ACTIVE;
    if (position == NULL)
        return ORDER_STATE_POSITION_GONE;
    if ((position->amount > 0) == order_is_buy(order))
        return ORDER_STATE_REDUCE_INCREASES;
    return magnitude(order->amount) > magnitude(position->amount) ? ORDER_STATE_REDUCE_FLIPS
                                                                  : ORDER_STATE_ACTIVE;
}

/* ---- Reading ---- */

struct margin margin_of(const struct engine *engine, uint64_t account)
{
    uint32_t place = account_place(engine, account);
    struct sums sums = { 0 };

    if (place != 0)
        (void)sums_of(engine, place, NULL, &sums);
    return (struct margin){ .pl = bounded(sums.pl),
                            .interest = bounded(sums.interest),
                            .balance = bounded(sums.balance),
                            .net = bounded(net_of(&sums)),
                            .initial = bounded(sums.initial),
                            .least = bounded(sums.least) };
}

int64_t margin_tradable(const struct engine *engine, uint64_t account, enum market market, bool buy,
                        int64_t price)
{
    const struct market_facts *facts = market_facts(market);
    uint32_t place = account_place(engine, account);
    const struct position *position = place == 0 ? NULL : position_at(engine, place, market);
    __int128 each, amount = 0;
    struct sums sums;

    if (facts->is_contract)
        return contract_tradable(engine, account, market, buy, price, CONTRACT_LEVERAGE);
    if (price == 0)
        price = engine->last_prices[market];
    each = in_dollars(engine, facts->quote, price) * facts->margin_initial_ppm / PPM;
    if (place == 0 || each == 0 || !sums_of(engine, place, NULL, &sums))
        return 0;
    if (net_of(&sums) > sums.initial)
        amount = (net_of(&sums) - sums.initial) * FIXED_ONE / each;
    /* What closes a position frees its margin, for as much on the other side. */
    if (position != NULL && (position->amount < 0) == buy)
        amount += 2 * (__int128)magnitude(position->amount);
    return bounded(amount);
}

int64_t margin_fundable(const struct engine *engine, uint64_t account, enum market market, bool buy)
{
    const struct market_facts *facts = market_facts(market);
    enum currency currency = buy ? facts->quote : facts->base;
    const struct lending *lending = engine->lending;
    __int128 sum = 0;

    if (!funding_is_lent(currency))
        return INT64_MAX; /* the venue lends it, or nobody needs to */
    for (uint32_t i = lending->sides[currency][true].first; i != 0; i = lending->offers[i].after)
        sum += lending->offers[i].account != account ? lending->offers[i].amount : 0;
    for (uint32_t i = lending->lent[currency].first; i != 0; i = lending->loans[i].after)
        sum += lending->loans[i].borrower == account && lending->loans[i].position == 0
                   ? lending->loans[i].amount
                   : 0;
    return bounded(sum);
}

/* Does anything but its own balance decide what may leave a margin wallet? */
static bool is_pledged(const struct account *account)
{
    bool pledged = account->margin_order_count > 0;

    for (unsigned m = 0; m < MARKET_COUNT; m++)
        pledged |= account->positions[m] != 0;
    for (unsigned c = 0; c < CURRENCY_COUNT; c++)
        pledged |= account->wallets[WALLET_MARGIN][c].balance < 0;
    return pledged;
}

int64_t wallet_free(const struct engine *engine, uint64_t account, enum wallet_kind kind,
                    enum currency currency)
{
    uint32_t place = account_place(engine, account);
    const struct account *owner = &engine->accounts[place];
    const struct wallet *wallet = &owner->wallets[kind][currency];
    __int128 has = wallet_available(wallet), spare;
    int64_t price;
    struct sums sums;

    if (place == 0)
        return 0;
    if (kind != WALLET_MARGIN || !is_pledged(owner))
        return (int64_t)has;
    if (currency_is_contract(currency)) {
        int64_t free = collateral_free(engine, place, currency);

        return free < 0 ? 0 : free;
    }
    price = dollars(engine, currency);
    if (price == 0 || !sums_of(engine, place, NULL, &sums))
        return 0;
    spare = (net_of(&sums) - sums.initial) * FIXED_ONE / price;
    has = spare < has ? spare : has;
    return has < 0 ? 0 : (int64_t)has;
}

/* The price at which net and least meet, when nothing else moves. */
static int64_t price_liquidating(const struct engine *engine, const struct position *position)
{
    const struct market_facts *facts = market_facts(position->market);
    uint32_t account = account_place(engine, position->account);
    int64_t quote_dollars = dollars(engine, facts->quote);
    __int128 value = value_of(engine, position), own, rest, per_unit, price;
    struct sums sums;

    if (!facts->is_contract && (quote_dollars == 0 || !sums_of(engine, account, NULL, &sums)))
        return 0;
    own = in_dollars(engine, facts->quote, absolute(value)) * facts->margin_least_ppm / PPM;
    /* What there is besides the position's own value, in the quote; at the price sought it is
     * -amount x price + least margin x |amount| x price. */
    rest = facts->is_contract
               ? (__int128)position->collateral + position->quote
               : (net_of(&sums) - (sums.least - own)) * FIXED_ONE / quote_dollars - value;
    per_unit =
        (__int128)magnitude(position->amount) * facts->margin_least_ppm / PPM - position->amount;
    if (per_unit == 0)
        return 0;
    price = rest * FIXED_ONE / per_unit;
    return price <= 0 ? 0 : bounded(price);
}

struct position_worth position_worth(const struct engine *engine, const struct position *position)
{
    __int128 value = value_of(engine, position), cost = magnitude(position->quote);
    struct margin margin = margin_of(engine, position->account);
    __int128 dollars_worth =
        in_dollars(engine, market_facts(position->market)->quote, absolute(value));
    struct position_worth worth = { .pl = bounded(value + position->quote) };
    int64_t most;

    if (cost != 0)
        worth.pl_perc = bounded((value + position->quote) * 100 * FIXED_ONE / cost);
    worth.price_liq = price_liquidating(engine, position);
    if (margin.net > 0)
        worth.leverage = bounded(dollars_worth * FIXED_ONE / margin.net);
    worth.funding = credit_interest(engine, position);
    if (market_facts(position->market)->is_contract) {
        worth.leverage = position->collateral == 0
                             ? 0
                             : bounded(absolute(value) * FIXED_ONE / position->collateral);
        worth.funding = position->funded;
        contract_collateral_limits(engine, position, &worth.collateral_least, &most);
    }
    return worth;
}
