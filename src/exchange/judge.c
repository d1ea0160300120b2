#include "exchange/state.h"

#include <assert.h>

#include "base/fixed.h"
#include "exchange/book.h"
#include "exchange/collateral.h"
#include "exchange/holding.h"
#include "exchange/lending.h"
#include "exchange/margin.h"
#include "exchange/money.h"
#include "exchange/stop.h"

static const char *const refusals[REFUSAL_COUNT] = {
#define REFUSAL(name, words) words,
#include "exchange/refusal.def"
#undef REFUSAL
};

const char *refusal_text(enum refusal refusal)
{
    assert(refusal < REFUSAL_COUNT);
    return refusals[refusal];
}

bool lock_for(bool is_market, int64_t amount, int64_t price, int64_t *lock)
{
    *lock = 0;
    if (amount < 0)
        *lock = -amount;
    else if (!is_market)
        return fixed_multiply(amount, price, true, lock);
    return true;
}

/* As if the order were alone. */
static bool order_lock_alone(const struct order *order, int64_t *lock)
{
    int64_t price = order_is_stop_limit(order->type) ? order->price_aux_limit : order->price;

    return lock_for(order_is_market(order->type), order->amount, price, lock);
}

/* Of both orders of a pair together. */
static bool pair_lock(const struct engine *engine, const struct order *order, int64_t *lock)
{
    int64_t other = 0;

    if (!order_lock_alone(order, lock) ||
        (order->partner != 0 && !order_lock_alone(&engine->orders[order->partner], &other)))
        return false;
    if (other > *lock)
        *lock = other;
    return true;
}

bool order_lock(const struct engine *engine, const struct order *order, int64_t *lock)
{
    *lock = 0;
    return order_on_margin(order->type) || (order->partner != 0 && order->placed_by != 0) ||
           pair_lock(engine, order, lock);
}

int64_t submit_amount(const struct engine *engine, const struct command *c)
{
    const struct position *position;

    if ((c->flags & ORDER_CLOSE) == 0)
        return c->amount;
    position = position_find(engine, c->account, (enum market)c->market);
    return position == NULL ? 0 : -position->amount;
}

uint8_t order_leverage(enum market market, uint64_t wanted)
{
    if (!market_facts(market)->is_contract)
        return 0;
    return wanted == 0 ? CONTRACT_LEVERAGE : (uint8_t)wanted;
}

int64_t submit_price(const struct engine *engine, const struct command *c)
{
    if (order_is_market((uint8_t)c->type))
        return 0;
    if (order_trails((unsigned)c->type))
        return stop_trail_price(engine, (enum market)c->market, c->amount > 0, c->price_trailing);
    return price_cut(c->price);
}

/* Only a position can be closed or reduced. */
static enum refusal flags_judge(uint64_t flags, unsigned type)
{
    if ((flags & ~(uint64_t)ORDER_FLAGS_KNOWN) != 0 ||
        ((flags & ORDER_FLAGS_REDUCE) && !order_on_margin(type)))
        return REFUSAL_FLAGS;
    return REFUSAL_NONE;
}

static enum refusal size_judge(enum market market, int64_t amount, struct event_refused *refused)
{
    const struct market_facts *facts = market_facts(market);

    if (amount == 0 || amount == INT64_MIN)
        return REFUSAL_AMOUNT;
    if (magnitude(amount) < facts->size_least) {
        refused->limit = facts->size_least;
        return REFUSAL_SIZE_LEAST;
    }
    if (magnitude(amount) > facts->size_greatest) {
        refused->limit = facts->size_greatest;
        return REFUSAL_SIZE_GREATEST;
    }
    return REFUSAL_NONE;
}

/* Can the account lock `more`?  One that was never credited can lock nothing, not even nothing: it
 * has no place in the engine. */
static enum refusal balance_judge(const struct engine *engine, uint64_t account,
                                  enum currency currency, int64_t more,
                                  struct event_refused *refused)
{
    uint32_t place = account_place(engine, account);

    refused->limit = 0;
    if (place == 0)
        return REFUSAL_BALANCE;
    refused->limit = wallet_available(&engine->accounts[place].wallets[WALLET_EXCHANGE][currency]);
    return more > refused->limit ? REFUSAL_BALANCE : REFUSAL_NONE;
}

/* Is all of it backed, and is there somebody who lends what it needs?  `try->amount` is what the
 * order comes to. */
static enum refusal margin_judge(const struct engine *engine, uint64_t account,
                                 const struct margin_try *try, struct event_refused *refused)
{
    const struct position *position = position_find(engine, account, try->market);
    uint32_t place = account_place(engine, account);
    __int128 held = position == NULL ? 0 : position->amount;
    __int128 opens = held + try->amount, value;
    bool buy = try->amount > 0;

    if (place == 0)
        return REFUSAL_TRADABLE;
    refused->limit = margin_tradable(engine, account, try->market, buy, try->price);
    if (!margin_allows(engine, place, try))
        return REFUSAL_TRADABLE;
    if ((opens > 0) != buy || opens == 0 || market_facts(try->market)->is_contract)
        return REFUSAL_NONE; /* it closes, makes smaller, or borrows nothing */
    if ((held > 0) == buy)
        opens = try->amount;
    value = buy ? opens * try->price / FIXED_ONE : -opens;
    return value > margin_fundable(engine, account, try->market, buy) ? REFUSAL_TRADABLE
                                                                      : REFUSAL_NONE;
}

/* A time in force that is over already would end the order before it begins. */
static bool tif_is_ahead(const struct engine *engine, const struct command *c)
{
    return c->tif_ms == 0 || (c->tif_ms > engine->time_ms && c->tif_ms > c->time_ms);
}

/* `refused->price` and `*lock` become what the balance is judged by. */
static enum refusal submit_price_judge(const struct engine *engine, const struct command *c,
                                       struct event_refused *refused, int64_t *lock)
{
    int64_t other = 0;

    refused->price = submit_price(engine, c);
    if (order_is_market((uint8_t)c->type)) {
        /* Judged at the best price; what slips from there ends the order in mid-fill. */
        uint32_t best = book_best(engine, (enum market)c->market, c->amount < 0);

        refused->price = best == 0 ? 0 : price_of_rank(best);
    } else if (refused->price == 0) {
        return order_trails((unsigned)c->type) ? REFUSAL_PRICE_TRAILING : REFUSAL_PRICE;
    }
    if (order_is_stop_limit((unsigned)c->type)) {
        refused->price = price_cut(c->price_aux_limit);
        if (refused->price == 0)
            return REFUSAL_PRICE_AUX_LIMIT;
    }
    if ((c->flags & ORDER_OCO) && price_cut(c->price_oco_stop) == 0)
        return REFUSAL_PRICE_OCO_STOP;
    if (!lock_for(false, c->amount, refused->price, lock))
        *lock = INT64_MAX;
    if ((c->flags & ORDER_OCO) && !lock_for(false, c->amount, price_cut(c->price_oco_stop), &other))
        *lock = INT64_MAX;
    if (other > *lock)
        *lock = other;
    return REFUSAL_NONE;
}

/* Is there a place for it in the engine, and in the level where it may come to rest? */
static bool has_room(const struct engine *engine, const struct command *c, int64_t price)
{
    uint32_t more = c->flags & ORDER_OCO ? 2 : 1;

    /* Each order on margin may open a position. */
    if (order_on_margin((unsigned)c->type) &&
        engine->holdings->count + engine->margin_order_count + more > POSITIONS_MOST)
        return false;
    return engine->limits.orders - engine->order_count >= more &&
           (order_is_market((uint8_t)c->type) || order_type_waits((unsigned)c->type) ||
            book_has_room(engine, (enum market)c->market, price, c->amount));
}

/* Which fields are possible at all. */
static enum refusal submit_form_judge(const struct engine *engine, const struct command *c)
{
    if (c->market >= MARKET_COUNT)
        return REFUSAL_SYMBOL;
    if (c->type >= ORDER_TYPE_END || order_type_text((unsigned)c->type) == NULL)
        return REFUSAL_TYPE;
    if (c->gid >= COMMAND_CLIENT_ID_END)
        return REFUSAL_GID;
    if (c->cid >= COMMAND_CLIENT_ID_END || c->cid_oco >= COMMAND_CLIENT_ID_END)
        return REFUSAL_CID;
    if (!tif_is_ahead(engine, c))
        return REFUSAL_TIF;
    if (market_facts((enum market)c->market)->is_contract) {
        if (!order_on_margin((unsigned)c->type))
            return REFUSAL_TYPE;
        if (c->leverage > CONTRACT_LEVERAGE_MOST)
            return REFUSAL_LEVERAGE;
    }
    if ((c->flags & ORDER_OCO) && c->type != ORDER_TYPE_EXCHANGE_LIMIT &&
        c->type != ORDER_TYPE_LIMIT)
        return REFUSAL_FLAGS;
    return flags_judge(c->flags, (unsigned)c->type);
}

static enum refusal submit_judge(const struct engine *engine, const struct command *c,
                                 struct event_refused *refused)
{
    enum refusal why = submit_form_judge(engine, c);
    struct command sized = *c;
    int64_t lock;

    if (why != REFUSAL_NONE)
        return why;
    sized.amount = submit_amount(engine, c);
    if (sized.amount == 0 && (c->flags & ORDER_CLOSE))
        return REFUSAL_POSITION;
    if ((c->flags & ORDER_CLOSE) == 0 && /* what is left of a position may be of any size */
        (why = size_judge((enum market)c->market, c->amount, refused)) != REFUSAL_NONE)
        return why;
    if ((why = submit_price_judge(engine, &sized, refused, &lock)) != REFUSAL_NONE)
        return why;
    if (!order_on_margin((unsigned)c->type)) {
        why = balance_judge(engine, c->account,
                            currency_paid((enum market)c->market, c->amount > 0), lock, refused);
    } else if ((c->flags & ORDER_FLAGS_REDUCE) == 0) {
        const struct margin_try try = { .market = (enum market)c->market,
                                        .amount = c->amount,
                                        .price = refused->price,
                                        .leverage = order_leverage((enum market)c->market,
                                                                   c->leverage) };

        why = margin_judge(engine, c->account, &try, refused);
    } else if (account_place(engine, c->account) == 0) {
        why = REFUSAL_TRADABLE;
    }
    if (why == REFUSAL_NONE && !has_room(engine, &sized, refused->price))
        why = REFUSAL_ORDERS_FULL;
    return why;
}

/* The prices of an order that waits. */
static enum refusal stop_prices_updated(const struct engine *engine, const struct order *order,
                                        const struct command *c, struct order *updated)
{
    if (c->fields & UPDATE_PRICE_AUX_LIMIT) {
        updated->price_aux_limit = price_cut(c->price_aux_limit);
        if (!order_is_stop_limit(order->type) || updated->price_aux_limit == 0)
            return REFUSAL_PRICE_AUX_LIMIT;
    }
    if (c->fields & UPDATE_PRICE_TRAILING) {
        updated->price_trailing = c->price_trailing;
        updated->price =
            stop_trail_price(engine, order->market, order_is_buy(order), c->price_trailing);
        if (!order_trails(order->type) || updated->price == 0)
            return REFUSAL_PRICE_TRAILING;
    }
    return REFUSAL_NONE;
}

enum refusal order_updated(const struct engine *engine, const struct order *order,
                           const struct command *c, struct order *updated)
{
    const uint64_t both = UPDATE_AMOUNT | UPDATE_DELTA;
    const uint64_t known = both | UPDATE_PRICE | UPDATE_GID | UPDATE_FLAGS | UPDATE_TIF |
                           UPDATE_PRICE_AUX_LIMIT | UPDATE_PRICE_TRAILING | UPDATE_LEVERAGE |
                           UPDATE_AFFILIATE;
    int64_t amount = c->amount, filled = order->amount_orig - order->amount;

    *updated = *order;
    if (c->fields == 0 || (c->fields & ~known) != 0)
        return REFUSAL_COMMAND;
    if ((c->fields & both) == both)
        return REFUSAL_AMOUNT;
    if ((c->fields & UPDATE_DELTA) && __builtin_add_overflow(order->amount, amount, &amount))
        return REFUSAL_AMOUNT;
    if (c->fields & both) {
        if (amount == 0 || (amount > 0) != order_is_buy(order))
            return REFUSAL_AMOUNT;
        updated->amount = amount;
        if (__builtin_add_overflow(filled, amount, &updated->amount_orig))
            return REFUSAL_AMOUNT;
    }
    if (c->fields & UPDATE_PRICE) {
        updated->price = price_cut(c->price);
        if (updated->price == 0 || order_trails(order->type))
            return REFUSAL_PRICE;
    }
    if (c->fields & UPDATE_GID) {
        if (c->gid >= COMMAND_CLIENT_ID_END)
            return REFUSAL_GID;
        updated->gid = c->gid;
    }
    if (c->fields & UPDATE_TIF)
        updated->tif_ms = c->tif_ms;
    if (c->fields & UPDATE_AFFILIATE)
        memcpy(updated->affiliate, c->affiliate, sizeof updated->affiliate);
    if (c->fields & UPDATE_LEVERAGE) {
        if (order->leverage == 0 || c->leverage == 0 || c->leverage > CONTRACT_LEVERAGE_MOST)
            return REFUSAL_LEVERAGE;
        updated->leverage = (uint8_t)c->leverage;
    }
    if (c->fields & UPDATE_FLAGS) {
        enum refusal why = flags_judge(c->flags, order->type);

        if (why != REFUSAL_NONE)
            return why;
        /* A pair is made at once, or not at all. */
        updated->flags = ((uint32_t)c->flags & ~(uint32_t)ORDER_OCO) | (order->flags & ORDER_OCO);
    }
    return stop_prices_updated(engine, order, c, updated);
}

bool order_keeps_place(const struct order *order, const struct order *updated)
{
    return order->stands == ORDER_RESTS && updated->price == order->price &&
           magnitude(updated->amount) <= magnitude(order->amount) &&
           ((updated->flags ^ order->flags) & ORDER_HIDDEN) == 0;
}

static const struct order *own_order(const struct engine *engine, const struct command *c)
{
    const struct order *order = engine_order_find(engine, c->order);

    return order != NULL && order->account == c->account ? order : NULL;
}

static enum refusal update_judge(const struct engine *engine, const struct command *c,
                                 struct event_refused *refused)
{
    const struct order *order = own_order(engine, c);
    struct order updated;
    enum refusal why;
    int64_t lock, held;

    if (order == NULL)
        return REFUSAL_ORDER;
    why = order_updated(engine, order, c, &updated);
    if (why != REFUSAL_NONE)
        return why;
    if ((c->fields & UPDATE_TIF) && !tif_is_ahead(engine, c))
        return REFUSAL_TIF;
    if (updated.amount != order->amount) {
        why = size_judge(order->market, updated.amount, refused);
        if (why != REFUSAL_NONE)
            return why;
    }
    if (order->stands == ORDER_RESTS &&
        !book_has_room(engine, order->market, updated.price, updated.amount))
        return REFUSAL_ORDERS_FULL;
    refused->price = order_is_stop_limit(order->type) ? updated.price_aux_limit : updated.price;
    if (order_on_margin(order->type)) {
        const struct margin_try try = { .market = (enum market)order->market,
                                        .amount = updated.amount,
                                        .price = refused->price,
                                        .instead = order,
                                        .leverage = updated.leverage };

        return updated.flags & ORDER_FLAGS_REDUCE ? REFUSAL_NONE
                                                  : margin_judge(engine, c->account, &try, refused);
    }
    if (!pair_lock(engine, &updated, &lock))
        lock = INT64_MAX;
    held = order->locked + (order->partner != 0 ? engine->orders[order->partner].locked : 0);
    /* A lock that shrinks needs no balance. */
    if (lock <= held)
        return REFUSAL_NONE;
    return balance_judge(engine, c->account, currency_paid(order->market, order_is_buy(order)),
                         lock - held, refused);
}

static enum refusal judge(const struct engine *engine, const struct command *c,
                          struct event_refused *refused)
{
    if (c->kind == COMMAND_TIMER)
        return REFUSAL_NONE;
    if (c->kind == COMMAND_RULES)
        return (c->fields & ~RULES_KNOWN) == 0 && c->account == 0 ? REFUSAL_NONE : REFUSAL_COMMAND;
    if (c->account == ENGINE_FEE_ACCOUNT)
        return REFUSAL_COMMAND;
    switch ((enum command_kind)c->kind) {
    case COMMAND_CREDIT:
    case COMMAND_TRANSFER:
    case COMMAND_WITHDRAW:
    case COMMAND_WITHDRAW_RETURN:
        return money_judge(engine, c, refused);
    case COMMAND_SUBMIT:
        return submit_judge(engine, c, refused);
    case COMMAND_UPDATE:
        return update_judge(engine, c, refused);
    case COMMAND_CANCEL:
        return own_order(engine, c) != NULL ? REFUSAL_NONE : REFUSAL_ORDER;
    case COMMAND_CANCEL_GROUP:
        return c->gid != 0 && c->gid < COMMAND_CLIENT_ID_END ? REFUSAL_NONE : REFUSAL_GID;
    case COMMAND_CANCEL_ALL:
    case COMMAND_TIMER:
    case COMMAND_RULES:
        return REFUSAL_NONE;
    case COMMAND_POSITION_CLAIM:
    case COMMAND_POSITION_INCREASE:
    case COMMAND_POSITION_TERM:
        return holding_judge(engine, c, refused);
    case COMMAND_COLLATERAL:
        return collateral_judge(engine, c, refused);
    case COMMAND_OFFER_SUBMIT:
    case COMMAND_OFFER_CANCEL:
    case COMMAND_OFFER_CANCEL_ALL:
    case COMMAND_LOAN_CLOSE:
    case COMMAND_LOAN_KEEP:
    case COMMAND_FUNDING_AUTO:
        return lending_judge(engine, c, refused);
    }
    return REFUSAL_COMMAND;
}

enum refusal engine_judge(const struct engine *engine, const struct command *command,
                          struct event_refused *refused)
{
    struct event_refused unwanted;

    if (refused == NULL)
        refused = &unwanted;
    *refused = (struct event_refused){ 0 };
    refused->why = judge(engine, command, refused);
    return refused->why;
}
