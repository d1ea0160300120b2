/* tests/exchange/model.h: the exchange again, as simple as can be
 *
 * Orders in a list, every search from its beginning, locks added up anew whenever somebody asks. It
 * shares only the tables of markets and base/fixed.h with the engine.
 */
#ifndef MODEL_H
#define MODEL_H

#include "../test.h"

#include "base/fixed.h"
#include "exchange/engine.h"

enum { MODEL_ACCOUNTS = 5, MODEL_ORDERS = 4096, MODEL_TRADES = 512 };

struct model_order {
    bool rests;
    uint64_t id, account, gid, turn;
    uint64_t market, type, flags;
    int64_t amount, price;
};

struct model_trade {
    uint64_t maker, taker;
    int64_t price, amount;
};

struct model {
    struct model_order orders[MODEL_ORDERS];
    unsigned order_count;
    uint64_t latest_id, turn;
    int64_t balances[MODEL_ACCOUNTS][CURRENCY_COUNT]; /* of account 0: the fees */
    struct model_trade trades[MODEL_TRADES];          /* of the latest command */
    unsigned trade_count;
    bool refused;
};

static inline int64_t model_times(int64_t a, int64_t b, bool up)
{
    __int128 exact = (__int128)a * b;

    return (int64_t)((exact + (up ? FIXED_ONE - 1 : 0)) / FIXED_ONE);
}

static inline int64_t model_size(const struct model_order *order)
{
    return order->amount < 0 ? -order->amount : order->amount;
}

static inline int64_t model_lock(int64_t amount, int64_t price)
{
    return amount < 0 ? -amount : model_times(amount, price, true);
}

static inline enum currency model_pays(uint64_t market, bool buys)
{
    const struct market_facts *facts = market_facts((enum market)market);

    return buys ? facts->quote : facts->base;
}

static inline int64_t model_locked(const struct model *model, uint64_t account,
                                   enum currency currency)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < model->order_count; i++) {
        const struct model_order *o = &model->orders[i];

        if (o->rests && o->account == account && model_pays(o->market, o->amount > 0) == currency)
            sum += model_lock(o->amount, o->price);
    }
    return sum;
}

static inline int64_t model_free(const struct model *model, uint64_t account, enum currency c)
{
    return model->balances[account][c] - model_locked(model, account, c);
}

static inline bool model_meets(const struct model_order *taker, const struct model_order *maker)
{
    if (!maker->rests || maker->market != taker->market ||
        (maker->amount > 0) == (taker->amount > 0))
        return false;
    if (taker->type == ORDER_TYPE_EXCHANGE_MARKET)
        return true;
    return taker->amount > 0 ? maker->price <= taker->price : maker->price >= taker->price;
}

/* The order that must be filled next, among those with a turn after `past` at equal price. */
static inline struct model_order *model_best(struct model *model, const struct model_order *taker)
{
    struct model_order *best = NULL;

    for (unsigned i = 0; i < model->order_count; i++) {
        struct model_order *o = &model->orders[i];
        int64_t better;

        if (!model_meets(taker, o))
            continue;
        better = best == NULL        ? 1
                 : taker->amount > 0 ? best->price - o->price
                                     : o->price - best->price;
        if (better > 0 || (better == 0 && o->turn < best->turn))
            best = o;
    }
    return best;
}

static inline void model_fee(struct model *model, uint64_t account, enum currency currency,
                             int64_t received, int64_t ppm)
{
    int64_t fee = (int64_t)(((__int128)received * ppm + 999999) / 1000000);

    model->balances[account][currency] -= fee;
    model->balances[0][currency] += fee;
}

static inline void model_trade(struct model *model, struct model_order *maker,
                               struct model_order *taker, int64_t amount)
{
    const struct market_facts *facts = market_facts((enum market)taker->market);
    bool buys = taker->amount > 0;
    uint64_t buyer = buys ? taker->account : maker->account;
    uint64_t seller = buys ? maker->account : taker->account;
    int64_t value = model_times(amount, maker->price, false);

    model->balances[buyer][facts->quote] -= value;
    model->balances[buyer][facts->base] += amount;
    model->balances[seller][facts->base] -= amount;
    model->balances[seller][facts->quote] += value;
    model_fee(model, buyer, facts->base, amount, buys ? 2000 : 1000);
    model_fee(model, seller, facts->quote, value, buys ? 1000 : 2000);
    maker->amount += buys ? amount : -amount;
    taker->amount -= buys ? amount : -amount;
    maker->rests = maker->amount != 0;
    assert_true(model->trade_count < MODEL_TRADES);
    model->trades[model->trade_count++] =
        (struct model_trade){ maker->id, taker->id, maker->price, buys ? amount : -amount };
}

static inline bool model_fillable(const struct model *model, const struct model_order *taker)
{
    struct model copy = *model;
    struct model_order order = *taker, *maker;

    while (order.amount != 0 && (maker = model_best(&copy, &order)) != NULL) {
        int64_t amount =
            model_size(maker) < model_size(&order) ? model_size(maker) : model_size(&order);

        if ((order.flags & ORDER_PROTECT_SELFMATCH) && maker->account == order.account)
            return false;
        order.amount -= order.amount > 0 ? amount : -amount;
        maker->rests = false;
    }
    return order.amount == 0;
}

/* Matches an order that does not rest, and lets the remainder rest if it may. */
static inline void model_place(struct model *model, struct model_order *order)
{
    bool market = order->type == ORDER_TYPE_EXCHANGE_MARKET;
    struct model_order *maker;

    if ((order->flags & ORDER_POST_ONLY) && !market && model_best(model, order) != NULL)
        return;
    if (order->type == ORDER_TYPE_EXCHANGE_FOK && !model_fillable(model, order))
        return;
    while (order->amount != 0 && (maker = model_best(model, order)) != NULL) {
        int64_t amount =
            model_size(maker) < model_size(order) ? model_size(maker) : model_size(order);
        int64_t can = amount;

        if ((order->flags & ORDER_PROTECT_SELFMATCH) && maker->account == order->account)
            return;
        if (market && order->amount > 0) {
            enum currency quote = model_pays(order->market, true);
            __int128 most =
                (__int128)model_free(model, order->account, quote) * FIXED_ONE / maker->price;

            can = most < amount ? (int64_t)most : amount;
        }
        if (can > 0)
            model_trade(model, maker, order, can);
        if (can < amount)
            return;
    }
    order->rests = order->amount != 0 && order->type == ORDER_TYPE_EXCHANGE_LIMIT;
    order->turn = ++model->turn;
}

static inline void model_submit(struct model *model, const struct command *c)
{
    struct model_order *order = &model->orders[model->order_count];
    enum currency pays = model_pays(c->market, c->amount > 0);
    struct model_order *best;
    int64_t price = c->price;

    assert_true(model->order_count < MODEL_ORDERS);
    *order = (struct model_order){ .account = c->account,
                                   .gid = c->gid,
                                   .market = c->market,
                                   .type = c->type,
                                   .flags = c->flags,
                                   .amount = c->amount,
                                   .price = c->price };
    if (c->type == ORDER_TYPE_EXCHANGE_MARKET) {
        best = model_best(model, order);
        price = best == NULL ? 0 : best->price;
    }
    model->refused = model_lock(c->amount, price) > model_free(model, c->account, pays);
    if (model->refused)
        return;
    order->id = ++model->latest_id;
    /* A seller has locked what he sells, so his own base is not his to give twice; a market buyer
     * pays from what is free, which the search below asks for. */
    model->order_count++;
    model_place(model, order);
}

static inline struct model_order *model_find(struct model *model, uint64_t account, uint64_t id)
{
    for (unsigned i = 0; i < model->order_count; i++) {
        struct model_order *o = &model->orders[i];

        if (o->rests && o->id == id && o->account == account)
            return o;
    }
    return NULL;
}

static inline void model_update(struct model *model, const struct command *c)
{
    struct model_order *order = model_find(model, c->account, c->order);
    int64_t amount, price, more;
    enum currency pays;

    model->refused = order == NULL;
    if (model->refused)
        return;
    amount = c->fields & UPDATE_AMOUNT  ? c->amount
             : c->fields & UPDATE_DELTA ? order->amount + c->amount
                                        : order->amount;
    price = c->fields & UPDATE_PRICE ? c->price : order->price;
    pays = model_pays(order->market, order->amount > 0);
    model->refused = amount == 0 || (amount > 0) != (order->amount > 0) ||
                     (amount != order->amount &&
                      (amount < 0 ? -amount : amount) < market_facts(order->market)->size_least);
    if (model->refused)
        return;
    more = model_lock(amount, price) - model_lock(order->amount, order->price);
    model->refused = more > 0 && more > model_free(model, c->account, pays);
    if (model->refused)
        return;
    if (price == order->price && (amount < 0 ? -amount : amount) <= model_size(order)) {
        order->amount = amount;
        return;
    }
    order->rests = false;
    order->amount = amount;
    order->price = price;
    model_place(model, order);
}

static inline void model_cancel(struct model *model, const struct command *c)
{
    model->refused = c->kind == COMMAND_CANCEL && model_find(model, c->account, c->order) == NULL;
    for (unsigned i = 0; i < model->order_count; i++) {
        struct model_order *o = &model->orders[i];

        if (o->account == c->account &&
            (c->kind == COMMAND_CANCEL_ALL || (c->kind == COMMAND_CANCEL && o->id == c->order) ||
             (c->kind == COMMAND_CANCEL_GROUP && o->gid == c->gid)))
            o->rests = false;
    }
}

static inline void model_apply(struct model *model, const struct command *c)
{
    unsigned kept = 0;

    model->trade_count = 0;
    model->refused = false;
    for (unsigned i = 0; i < model->order_count; i++)
        if (model->orders[i].rests)
            model->orders[kept++] = model->orders[i];
    model->order_count = kept;
    if (c->kind == COMMAND_CREDIT)
        model->balances[c->account][c->currency] += c->amount;
    else if (c->kind == COMMAND_SUBMIT)
        model_submit(model, c);
    else if (c->kind == COMMAND_UPDATE)
        model_update(model, c);
    else
        model_cancel(model, c);
}

#endif
