#include "exchange/stop.h"

#include <assert.h>

#include "exchange/book.h"
#include "exchange/queue.h"

#define QUEUES_PER_MARKET (sizeof(struct stops) / sizeof(struct queue))

size_t stop_places(struct engine_limits limits)
{
    return MARKET_COUNT * QUEUES_PER_MARKET * (limits.orders + (size_t)1);
}

void stop_init(struct engine *engine, uint32_t *places)
{
    size_t room = engine->limits.orders + (size_t)1;

    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        struct stops *stops = &engine->stops[m];

        for (unsigned buy = 0; buy < 2; buy++, places += 3 * room) {
            stops->by_trade[buy] = (struct queue){ places, 0, QUEUE_PRICE };
            stops->by_reference[buy] = (struct queue){ places + room, 0, QUEUE_PRICE };
            stops->following[buy] = (struct queue){ places + 2 * room, 0, QUEUE_REFERENCE };
        }
    }
}

/* What a trailing stop looks at; 0: nothing. */
static int64_t reference(const struct engine *engine, enum market market, bool buy)
{
    uint32_t rank = book_best(engine, market, !buy);

    return rank != 0 ? price_of_rank(rank) : engine->last_prices[market];
}

int64_t stop_trail_price(const struct engine *engine, enum market market, bool buy,
                         int64_t price_trailing)
{
    int64_t from = reference(engine, market, buy), price;

    if (from == 0 || price_trailing <= 0 || price_trailing > PRICE_GREATEST)
        return 0;
    price = buy ? from + price_trailing : from - price_trailing;
    return price > 0 && price <= PRICE_GREATEST ? price : 0;
}

enum order_type stop_type_hit(unsigned type)
{
    bool on_margin = type == ORDER_TYPE_STOP || type == ORDER_TYPE_STOP_LIMIT ||
                     type == ORDER_TYPE_TRAILING_STOP;

    if (order_is_stop_limit(type))
        return on_margin ? ORDER_TYPE_LIMIT : ORDER_TYPE_EXCHANGE_LIMIT;
    return on_margin ? ORDER_TYPE_MARKET : ORDER_TYPE_EXCHANGE_MARKET;
}

static bool reaches(bool buy, int64_t price, int64_t wanted)
{
    return price != 0 && (buy ? price >= wanted : price <= wanted);
}

/* Out of its queues, to the end of the list. */
static void hit(struct engine *engine, struct order *order)
{
    uint32_t place = order_place(engine, order);

    stop_remove(engine, order);
    engine->waiting_count++;
    order->stands = ORDER_IS_HIT;
    order->level_before = engine->hit_last;
    order->level_after = 0;
    *(engine->hit_last != 0 ? &engine->orders[engine->hit_last].level_after : &engine->hit_first) =
        place;
    engine->hit_last = place;
}

void stop_insert(struct engine *engine, struct order *order)
{
    struct stops *stops = &engine->stops[order->market];
    bool buy = order_is_buy(order);

    engine->waiting_count++;
    order->stands = ORDER_WAITS;
    if (order_trails(order->type)) {
        queue_insert(engine, &stops->by_reference[buy], order);
        queue_insert(engine, &stops->following[buy], order);
        return;
    }
    queue_insert(engine, &stops->by_trade[buy], order);
    if (reaches(buy, engine->last_prices[order->market], order->price))
        hit(engine, order);
}

void stop_remove(struct engine *engine, struct order *order)
{
    struct stops *stops = &engine->stops[order->market];
    bool buy = order_is_buy(order);

    engine->waiting_count--;
    if (order->stands == ORDER_IS_HIT) {
        *(order->level_before != 0 ? &engine->orders[order->level_before].level_after
                                   : &engine->hit_first) = order->level_after;
        *(order->level_after != 0 ? &engine->orders[order->level_after].level_before
                                  : &engine->hit_last) = order->level_before;
        order->level_before = order->level_after = 0;
    } else if (order_trails(order->type)) {
        queue_remove(engine, &stops->by_reference[buy], order);
        queue_remove(engine, &stops->following[buy], order);
    } else {
        queue_remove(engine, &stops->by_trade[buy], order);
    }
    order->stands = ORDER_MOVES;
}

static void hit_all(struct engine *engine, const struct queue *queue, bool buy, int64_t price)
{
    struct order *order;

    while ((order = queue_first(engine, queue)) != NULL && reaches(buy, price, order->price))
        hit(engine, order);
}

void stop_trade(struct engine *engine, enum market market, int64_t price)
{
    hit_all(engine, &engine->stops[market].by_trade[false], false, price);
    hit_all(engine, &engine->stops[market].by_trade[true], true, price);
}

struct order *stop_follow(struct engine *engine)
{
    for (unsigned i = 0; i < 2 * MARKET_COUNT; i++) {
        enum market market = (enum market)(i / 2);
        bool buy = i % 2;
        struct order *order = queue_first(engine, &engine->stops[market].following[buy]);
        int64_t now, price;

        if (order == NULL)
            continue;
        now = reference(engine, market, buy);
        price = buy ? now + order->price_trailing : now - order->price_trailing;
        if (now == 0 || (buy ? price >= order->price : price <= order->price))
            continue;
        stop_remove(engine, order);
        order->price = price;
        stop_insert(engine, order);
        return order;
    }
    return NULL;
}

struct order *stop_next(struct engine *engine)
{
    struct order *order;

    for (unsigned i = 0; i < 2 * MARKET_COUNT; i++) {
        enum market market = (enum market)(i / 2);
        const struct queue *queue = &engine->stops[market].by_reference[i % 2];

        if (queue->count > 0)
            hit_all(engine, queue, i % 2, reference(engine, market, i % 2));
    }
    if (engine->hit_first == 0)
        return NULL;
    order = &engine->orders[engine->hit_first];
    stop_remove(engine, order);
    return order;
}

static const char *stops_check(const struct engine *engine, const struct stops *stops,
                               uint32_t *waiting)
{
    for (unsigned buy = 0; buy < 2; buy++) {
        const struct queue *queues[] = { &stops->by_trade[buy], &stops->by_reference[buy],
                                         &stops->following[buy] };

        for (unsigned i = 0; i < 3; i++) {
            const char *wrong = queue_check(engine, queues[i]);

            if (wrong != NULL)
                return wrong;
            for (uint32_t slot = 1; slot <= queues[i]->count; slot++) {
                const struct order *order = &engine->orders[queues[i]->places[slot]];

                if (order->stands != ORDER_WAITS || order_is_buy(order) != buy ||
                    order_trails(order->type) != (i > 0))
                    return "an order waits in a wrong queue";
            }
        }
        *waiting += queues[0]->count + queues[1]->count;
        if (queues[1]->count != queues[2]->count)
            return "a trailing stop does not follow";
    }
    return NULL;
}

const char *stop_check(const struct engine *engine)
{
    uint32_t waiting = 0;

    if (engine->hit_first != 0 || engine->hit_last != 0)
        return "an order is hit and goes nowhere";
    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        const char *wrong = stops_check(engine, &engine->stops[m], &waiting);

        if (wrong != NULL)
            return wrong;
    }
    return waiting == engine->waiting_count ? NULL : "the waiting orders are miscounted";
}
