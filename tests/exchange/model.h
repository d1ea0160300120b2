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

enum { MODEL_ACCOUNTS = 5, MODEL_ORDERS = 2048, MODEL_TRADES = 2048 };

struct model_order {
    bool rests, waits; /* in the book; for a price */
    uint64_t hit;      /* > 0: it waits for its turn to act, the least first */
    uint64_t partner;  /* id of the other one of a pair, 0: none */
    bool is_second;    /* the stop of a pair */
    uint64_t id, account, gid, turn, tif_ms;
    uint64_t market, type, flags;
    int64_t amount, price, aux_limit, trailing;
};

struct model_trade {
    uint64_t maker, taker;
    int64_t price, amount;
};

struct model {
    struct model_order orders[MODEL_ORDERS];
    unsigned order_count;
    uint64_t latest_id, turn, hits, time_ms;
    int64_t last_prices[MARKET_COUNT];
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

static inline bool model_lives(const struct model_order *order)
{
    return order->rests || order->waits || order->hit > 0;
}

static inline struct model_order *model_by_id(const struct model *model, uint64_t id)
{
    for (unsigned i = 0; id != 0 && i < model->order_count; i++)
        if (model->orders[i].id == id)
            return (struct model_order *)&model->orders[i];
    return NULL;
}

/* What the order and the other one of its pair need together. */
static inline int64_t model_needs(const struct model *model, const struct model_order *order)
{
    const struct model_order *other = model_by_id(model, order->partner);
    int64_t price = order->type == ORDER_TYPE_EXCHANGE_STOP_LIMIT ? order->aux_limit : order->price;
    int64_t lock = model_lock(order->amount, price);

    if (other != NULL && model_lock(other->amount, other->price) > lock)
        return model_lock(other->amount, other->price);
    return lock;
}

static inline int64_t model_locked(const struct model *model, uint64_t account,
                                   enum currency currency)
{
    int64_t sum = 0;

    for (unsigned i = 0; i < model->order_count; i++) {
        const struct model_order *o = &model->orders[i];

        if (model_lives(o) && o->account == account && !(o->partner != 0 && o->is_second) &&
            model_pays(o->market, o->amount > 0) == currency)
            sum += model_needs(model, o);
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

/* Ends an order, and the other one of its pair. */
static inline void model_end(struct model *model, struct model_order *order)
{
    struct model_order *other = model_by_id(model, order->partner);

    order->rests = order->waits = false;
    order->hit = order->partner = 0;
    if (other == NULL)
        return;
    other->rests = other->waits = false;
    other->hit = other->partner = 0;
}

/* A fill ends the other one of a pair. */
static inline void model_part(struct model *model, struct model_order *order)
{
    struct model_order *other = model_by_id(model, order->partner);

    order->partner = 0;
    if (other != NULL) {
        other->partner = 0;
        model_end(model, other);
    }
}

static inline bool model_trails(const struct model_order *order)
{
    return order->type == ORDER_TYPE_EXCHANGE_TRAILING_STOP;
}

static inline bool model_reached(const struct model_order *order, int64_t price)
{
    return price != 0 && (order->amount > 0 ? price >= order->price : price <= order->price);
}

/* Hits all stops of this kind and side that the price reaches, the nearest and then the oldest
 * first. */
static inline void model_hit(struct model *model, uint64_t market, bool buys, bool trailing,
                             int64_t price)
{
    struct model_order *next;

    do {
        next = NULL;
        for (unsigned i = 0; i < model->order_count; i++) {
            struct model_order *o = &model->orders[i];
            int64_t nearer;

            if (!o->waits || o->market != market || (o->amount > 0) != buys ||
                model_trails(o) != trailing || !model_reached(o, price))
                continue;
            nearer = next == NULL ? 1 : buys ? next->price - o->price : o->price - next->price;
            if (nearer > 0 || (nearer == 0 && o->id < next->id))
                next = o;
        }
        if (next != NULL) {
            next->waits = false;
            next->hit = ++model->hits;
        }
    } while (next != NULL);
}

/* The order that must be filled next. */
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
    model_part(model, maker);
    model_part(model, taker);
    model->last_prices[maker->market] = maker->price;
    model_hit(model, maker->market, false, false, maker->price);
    model_hit(model, maker->market, true, false, maker->price);
}

/* Is enough across, up to the first order of its own if it is protected against itself? */
static inline bool model_fillable(const struct model *model, const struct model_order *taker)
{
    const struct model_order *bar = NULL;
    int64_t sum = 0;

    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < model->order_count; i++) {
            const struct model_order *o = &model->orders[i];
            bool is_bar = (taker->flags & ORDER_PROTECT_SELFMATCH) && o->account == taker->account;
            int64_t worse;

            if (!model_meets(taker, o) || is_bar != (pass == 0))
                continue;
            worse = bar == NULL         ? -1
                    : taker->amount > 0 ? o->price - bar->price
                                        : bar->price - o->price;
            if (worse > 0 || (worse == 0 && o->turn > bar->turn))
                continue;
            if (pass == 0)
                bar = o;
            else
                sum += model_size(o);
        }
    }
    return sum >= model_size(taker);
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

static inline int64_t model_reference(struct model *model, uint64_t market, bool buys)
{
    const struct model_order taker = { .market = market,
                                       .type = ORDER_TYPE_EXCHANGE_MARKET,
                                       .amount = buys ? 1 : -1 };
    const struct model_order *best = model_best(model, &taker);

    return best != NULL ? best->price : model->last_prices[market];
}

static inline bool model_waits(uint64_t type)
{
    return type == ORDER_TYPE_EXCHANGE_STOP || type == ORDER_TYPE_EXCHANGE_STOP_LIMIT ||
           type == ORDER_TYPE_EXCHANGE_TRAILING_STOP;
}

static inline void model_wait(struct model *model, struct model_order *order)
{
    order->waits = true;
    if (model_trails(order) || !model_reached(order, model->last_prices[order->market]))
        return;
    order->waits = false;
    order->hit = ++model->hits;
}

/* The price of a trailing stop that begins now; 0: none. */
static inline int64_t model_trail(struct model *model, uint64_t market, bool buys, int64_t distance)
{
    int64_t from = model_reference(model, market, buys);
    int64_t price = buys ? from + distance : from - distance;

    return from == 0 || price <= 0 ? 0 : price;
}

static inline void model_submit(struct model *model, const struct command *c)
{
    struct model_order *order = &model->orders[model->order_count], *second = order + 1;
    enum currency pays = model_pays(c->market, c->amount > 0);
    int64_t lock;

    assert_true(model->order_count + 1 < MODEL_ORDERS);
    *order = (struct model_order){ .account = c->account,
                                   .gid = c->gid,
                                   .market = c->market,
                                   .type = c->type,
                                   .flags = c->flags,
                                   .tif_ms = c->tif_ms,
                                   .amount = c->amount,
                                   .price = c->price,
                                   .aux_limit = c->price_aux_limit,
                                   .trailing = c->price_trailing };
    if (model_trails(order))
        order->price = model_trail(model, c->market, c->amount > 0, c->price_trailing);
    model->refused = model_trails(order) && order->price == 0;
    if (c->type == ORDER_TYPE_EXCHANGE_MARKET) {
        const struct model_order *best = model_best(model, order);

        order->price = best == NULL ? 0 : best->price;
    }
    lock = model_needs(model, order);
    if ((c->flags & ORDER_OCO) && model_lock(c->amount, c->price_oco_stop) > lock)
        lock = model_lock(c->amount, c->price_oco_stop);
    model->refused |= lock > model_free(model, c->account, pays);
    if (model->refused)
        return;
    order->id = ++model->latest_id;
    /* A seller has locked what he sells, so his own base is not his to give twice; a market buyer
     * pays from what is free, which the search below asks for. */
    model->order_count++;
    if (c->flags & ORDER_OCO) {
        *second = *order;
        second->type = ORDER_TYPE_EXCHANGE_STOP;
        second->price = c->price_oco_stop;
        second->id = ++model->latest_id;
        second->partner = order->id;
        second->is_second = true;
        order->partner = second->id;
        model->order_count++;
        model_wait(model, second);
    }
    if (model_waits(c->type)) {
        model_wait(model, order);
        return;
    }
    model_place(model, order);
    if (!order->rests)
        model_end(model, order);
}

/* Whoever is hit acts, while somebody is. */
static inline void model_settle(struct model *model)
{
    struct model_order *first;

    do {
        for (unsigned i = 0; i < model->order_count; i++) {
            struct model_order *o = &model->orders[i];
            int64_t price;

            if (!o->waits || !model_trails(o))
                continue;
            price = model_trail(model, o->market, o->amount > 0, o->trailing);
            if (price != 0 && (o->amount > 0 ? price < o->price : price > o->price))
                o->price = price;
        }
        for (uint64_t i = 0; i < 2 * MARKET_COUNT; i++)
            model_hit(model, i / 2, i % 2, true, model_reference(model, i / 2, i % 2));
        first = NULL;
        for (unsigned i = 0; i < model->order_count; i++) {
            struct model_order *o = &model->orders[i];

            if (o->hit > 0 && (first == NULL || o->hit < first->hit))
                first = o;
        }
        if (first == NULL)
            return;
        model_part(model, first);
        first->hit = 0;
        if (first->type == ORDER_TYPE_EXCHANGE_STOP_LIMIT)
            first->price = first->aux_limit;
        first->type = first->type == ORDER_TYPE_EXCHANGE_STOP_LIMIT ? ORDER_TYPE_EXCHANGE_LIMIT
                                                                    : ORDER_TYPE_EXCHANGE_MARKET;
        model_place(model, first);
    } while (true);
}

static inline struct model_order *model_find(struct model *model, uint64_t account, uint64_t id)
{
    for (unsigned i = 0; i < model->order_count; i++) {
        struct model_order *o = &model->orders[i];

        if (model_lives(o) && o->id == id && o->account == account)
            return o;
    }
    return NULL;
}

/* What the prices of an update make of the order; false: they cannot be. */
static inline bool model_update_prices(struct model *model, const struct command *c,
                                       struct model_order *order)
{
    if (c->fields & UPDATE_PRICE)
        order->price = c->price;
    if (c->fields & UPDATE_PRICE_AUX_LIMIT)
        order->aux_limit = c->price_aux_limit;
    if (c->fields & UPDATE_PRICE_TRAILING) {
        order->trailing = c->price_trailing;
        order->price = model_trail(model, order->market, order->amount > 0, c->price_trailing);
    }
    return order->price != 0 && !((c->fields & UPDATE_PRICE) && model_trails(order)) &&
           !((c->fields & UPDATE_PRICE_TRAILING) && !model_trails(order)) &&
           !((c->fields & UPDATE_PRICE_AUX_LIMIT) &&
             order->type != ORDER_TYPE_EXCHANGE_STOP_LIMIT) &&
           !((c->fields & UPDATE_TIF) && c->tif_ms != 0 && c->tif_ms <= model->time_ms);
}

static inline void model_update(struct model *model, const struct command *c)
{
    struct model_order *order = model_find(model, c->account, c->order), updated;
    const struct model_order *other;
    int64_t more;

    model->refused = order == NULL;
    if (model->refused)
        return;
    updated = *order;
    if (c->fields & UPDATE_AMOUNT)
        updated.amount = c->amount;
    if (c->fields & UPDATE_DELTA)
        updated.amount += c->amount;
    if (c->fields & UPDATE_TIF)
        updated.tif_ms = c->tif_ms;
    model->refused =
        updated.amount == 0 || (updated.amount > 0) != (order->amount > 0) ||
        (updated.amount != order->amount &&
         model_size(&updated) < market_facts((enum market)order->market)->size_least) ||
        !model_update_prices(model, c, &updated);
    if (model->refused)
        return;
    other = model_by_id(model, order->partner);
    more = model_needs(model, &updated) - model_needs(model, order);
    if (other != NULL && order->type == ORDER_TYPE_EXCHANGE_STOP_LIMIT)
        fail_msg("no stop limit has a partner");
    model->refused = more > 0 && more > model_free(model, c->account,
                                                   model_pays(order->market, order->amount > 0));
    if (model->refused)
        return;
    if (order->rests && updated.price == order->price &&
        model_size(&updated) <= model_size(order)) {
        *order = updated;
        return;
    }
    *order = updated;
    order->rests = order->waits = false;
    if (model_waits(order->type)) {
        model_wait(model, order);
        return;
    }
    model_place(model, order);
    if (!order->rests)
        model_end(model, order);
}

static inline void model_cancel(struct model *model, const struct command *c)
{
    model->refused = c->kind == COMMAND_CANCEL && model_find(model, c->account, c->order) == NULL;
    for (unsigned i = 0; i < model->order_count; i++) {
        struct model_order *o = &model->orders[i];
        bool is_meant = c->kind == COMMAND_TIMER        ? o->tif_ms != 0 && o->tif_ms <= c->time_ms
                        : o->account != c->account      ? false
                        : c->kind == COMMAND_CANCEL_ALL ? true
                        : c->kind == COMMAND_CANCEL     ? o->id == c->order
                                                        : o->gid == c->gid;

        if (is_meant && model_lives(o))
            model_end(model, o);
    }
}

static inline void model_apply(struct model *model, const struct command *c)
{
    unsigned kept = 0;

    model->trade_count = 0;
    model->refused = false;
    model->time_ms = c->time_ms;
    for (unsigned i = 0; i < model->order_count; i++)
        if (model_lives(&model->orders[i]))
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
    model_settle(model);
}

#endif
