#include "exchange/collateral.h"

#include "base/fixed.h"
#include "exchange/holding.h"

#define PPM 1000000

static int64_t bounded(__int128 number)
{
    return number > INT64_MAX ? INT64_MAX : number < -INT64_MAX ? -INT64_MAX : (int64_t)number;
}

/* ---- What orders need ---- */

struct side_need {
    __int128 cost;    /* of all orders of the side, over their leverage */
    __int128 amount;  /* of the base, > 0 */
    int64_t cheapest; /* of one of the base */
};

static void side_add(struct side_need *side, int64_t amount, int64_t price, unsigned leverage)
{
    __int128 value = (__int128)magnitude(amount) * price;
    __int128 over = (__int128)FIXED_ONE * leverage;
    int64_t each = price / (int64_t)leverage;

    side->cost += (value + over - 1) / over;
    if (side->amount == 0 || each < side->cheapest)
        side->cheapest = each;
    side->amount += magnitude(amount);
}

/* `closes` of the base costs nothing. */
static __int128 side_sum(const struct side_need *side, int64_t closes)
{
    __int128 amount = closes < side->amount ? closes : side->amount;

    return side->cost - amount * side->cheapest / FIXED_ONE;
}

static int64_t position_amount(const struct engine *engine, uint32_t account, unsigned market)
{
    uint32_t place = engine->accounts[account].positions[market];

    return place == 0 ? 0 : engine->holdings->positions[place].amount;
}

/* Of all orders of a market, `try` among them or NULL. */
static __int128 need_of(const struct engine *engine, uint32_t account, unsigned market,
                        const struct margin_try *try)
{
    int64_t held = position_amount(engine, account, market);
    uint32_t place = engine->accounts[account].order_first;
    struct side_need sides[2] = { 0 }; /* [true] those that buy */

    if (engine->accounts[account].margin_order_count == 0)
        place = 0;
    for (; place != 0; place = engine->orders[place].account_after) {
        const struct order *order = &engine->orders[place];
        int64_t price = margin_order_price(engine, order);

        if (order->market == market && price != 0 && order->amount != 0 &&
            (order->flags & ORDER_FLAGS_REDUCE) == 0 && (try == NULL || try->instead != order))
            side_add(&sides[order_is_buy(order)], order->amount, price, order->leverage);
    }
    if (try != NULL && try->market == market && try->amount != 0)
        side_add(&sides[try->amount > 0], try->amount, try->price, try->leverage);
    return side_sum(&sides[true], held < 0 ? -held : 0) +
           side_sum(&sides[false], held > 0 ? held : 0);
}

static __int128 need_sum(const struct engine *engine, uint32_t account, enum currency currency,
                         const struct margin_try *try)
{
    __int128 sum = 0;

    for (unsigned m = 0; m < MARKET_COUNT; m++)
        if (market_facts((enum market)m)->is_contract &&
            market_facts((enum market)m)->quote == currency)
            sum += need_of(engine, account, m, try);
    return sum;
}

int64_t collateral_sum(const struct engine *engine, uint32_t account, enum currency currency)
{
    int64_t sum = 0;

    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        uint32_t place = engine->accounts[account].positions[m];

        if (place != 0 && market_facts((enum market)m)->quote == currency)
            sum += engine->holdings->positions[place].collateral;
    }
    return sum;
}

static __int128 free_of(const struct engine *engine, uint32_t account, enum currency currency,
                        const struct margin_try *try)
{
    const struct wallet *wallet = &engine->accounts[account].wallets[WALLET_MARGIN][currency];

    return (__int128)wallet->balance - collateral_sum(engine, account, currency) -
           need_sum(engine, account, currency, try);
}

int64_t collateral_free(const struct engine *engine, uint32_t account, enum currency currency)
{
    return bounded(free_of(engine, account, currency, NULL));
}

bool collateral_allows(const struct engine *engine, uint32_t account, const struct margin_try *try)
{
    enum currency quote = market_facts(try->market)->quote;

    return free_of(engine, account, quote, try) >= 0 ||
           need_sum(engine, account, quote, try) <= need_sum(engine, account, quote, NULL);
}

/* With `free` of the quote, beyond what only closes. */
static int64_t buyable(int64_t closes, __int128 free, int64_t price, unsigned leverage)
{
    return bounded(closes +
                   (free <= 0 || price == 0 ? 0 : free * (int64_t)leverage * FIXED_ONE / price));
}

int64_t collateral_affordable(const struct engine *engine, const struct order *order, int64_t price,
                              int64_t most)
{
    uint32_t account = account_place(engine, order->account);
    enum market market = (enum market)order->market;
    const struct margin_try without = { .market = market, .instead = order };
    int64_t held = position_amount(engine, account, market);
    int64_t closes = (held > 0) != order_is_buy(order) ? magnitude(held) : 0, can;

    if (order->flags & ORDER_FLAGS_REDUCE)
        return most;
    can = buyable(closes, free_of(engine, account, market_facts(market)->quote, &without), price,
                  order->leverage);
    return can < most ? can : most;
}

int64_t contract_tradable(const struct engine *engine, uint64_t account, enum market market,
                          bool buy, int64_t price, unsigned leverage)
{
    uint32_t place = account_place(engine, account);
    int64_t held;

    if (place == 0)
        return 0;
    held = position_amount(engine, place, market);
    return buyable((held > 0) != buy ? magnitude(held) : 0,
                   collateral_free(engine, place, market_facts(market)->quote),
                   price != 0 ? price : contract_price(engine, market), leverage);
}

/* ---- What a position has ---- */

/* At the mark, of the quote. */
static __int128 value_of(const struct engine *engine, const struct position *position)
{
    return (__int128)position->amount * contract_price(engine, (enum market)position->market) /
           FIXED_ONE;
}

/* What it must have besides its gain to keep this margin. */
static __int128 needed(const struct engine *engine, const struct position *position, uint32_t ppm)
{
    __int128 value = value_of(engine, position);

    return (value < 0 ? -value : value) * ppm / PPM - (value + position->quote);
}

bool collateral_is_short(const struct engine *engine, const struct position *position)
{
    return position->collateral <
           needed(engine, position, market_facts(position->market)->margin_least_ppm);
}

void contract_collateral_limits(const struct engine *engine, const struct position *position,
                                int64_t *least, int64_t *most)
{
    const struct market_facts *facts = market_facts(position->market);
    int64_t free;

    *least = *most = 0;
    if (!facts->is_contract)
        return;
    *least = bounded(needed(engine, position, facts->margin_initial_ppm));
    if (*least < 0)
        *least = 0;
    free = collateral_free(engine, account_place(engine, position->account), facts->quote);
    *most = position->collateral + (free > 0 ? free : 0);
}

/* ---- Fills ---- */

/* A position that was forced to close costs what it had set aside, no more and no less.  Who closes
 * by himself pays with all that is not set aside for others. */
int64_t collateral_cover(const struct engine *engine, const struct order *order,
                         const struct settled_side *side, int64_t held, int64_t booked)
{
    enum currency quote = market_facts(order->market)->quote;
    uint32_t account = account_place(engine, order->account);
    const struct position *position = side->changes[0].position;
    int64_t lacks;

    if (order->flags & ORDER_FORCED)
        return position->collateral - held - booked;
    lacks = collateral_sum(engine, account, quote) -
            engine->accounts[account].wallets[WALLET_MARGIN][quote].balance;
    return lacks > 0 ? lacks : 0;
}

/* The value of what a side has opened; 0: it has only closed. */
static int64_t opened(const struct trade *trade, const struct settled_side *side)
{
    const struct holding_change *last = &side->changes[side->change_count - 1];

    if (last->change == POSITION_NEW)
        return magnitude(last->position->quote);
    if (last->change == POSITION_CLOSED)
        return 0;
    return (last->position->amount > 0) == (side->amount > 0) ? trade->value : 0;
}

void collateral_take(struct engine *engine, const struct order *order, const struct trade *trade,
                     const struct settled_side *side)
{
    enum currency quote = market_facts(order->market)->quote;
    struct position *position = side->changes[side->change_count - 1].position;
    int64_t wanted = opened(trade, side) / order->leverage, free;

    if (wanted == 0)
        return;
    free = collateral_free(engine, account_place(engine, order->account), quote);
    if (free > 0)
        position->collateral += wanted < free ? wanted : free;
}

/* ---- Setting it ---- */

enum refusal collateral_judge(const struct engine *engine, const struct command *command,
                              struct event_refused *refused)
{
    const struct position *position;
    int64_t least;

    if (command->market >= MARKET_COUNT || !market_facts((enum market)command->market)->is_contract)
        return REFUSAL_SYMBOL;
    position = position_find(engine, command->account, (enum market)command->market);
    if (position == NULL)
        return REFUSAL_POSITION;
    contract_collateral_limits(engine, position, &least, &refused->limit);
    if (command->amount < least || command->amount < 0)
        return REFUSAL_COLLATERAL;
    return command->amount > refused->limit ? REFUSAL_AVAILABLE : REFUSAL_NONE;
}

void collateral_apply(const struct lending_turn *turn)
{
    struct engine *engine = turn->engine;
    const struct command *c = turn->command;
    uint32_t account = account_place(engine, c->account);
    struct position *position =
        &engine->holdings->positions[engine->accounts[account].positions[c->market]];
    const struct holding_change change = { position, POSITION_CHANGED };

    position->collateral = c->amount;
    position->updated_ms = engine->time_ms;
    engine->margin_moved = true;
    holding_tell(turn, &change, POSITION_BY_SETTING, true);
}

/* ---- Proving ---- */

static const char *set_aside_check(const struct engine *engine, uint32_t account, unsigned currency)
{
    const struct wallet *wallet = &engine->accounts[account].wallets[WALLET_MARGIN][currency];

    if (account != FEE_PLACE && currency_is_contract((enum currency)currency) &&
        collateral_sum(engine, account, (enum currency)currency) > wallet->balance)
        return "more is set aside than there is";
    return NULL;
}

const char *collateral_check(const struct engine *engine)
{
    const char *wrong = NULL;

    for (uint32_t place = 1; place <= engine->account_count; place++)
        for (unsigned c = 0; c < CURRENCY_COUNT && wrong == NULL; c++)
            wrong = set_aside_check(engine, place, c);
    for (const struct position *p = position_next(engine, NULL); p != NULL && wrong == NULL;
         p = position_next(engine, p))
        if (p->collateral < 0 ||
            (p->collateral > 0 && !market_facts((enum market)p->market)->is_contract))
            wrong = "a position has set aside what it should not";
    return wrong;
}
