#include "exchange/book.h"

#include <assert.h>

static struct level *level_of(struct engine *engine, const struct order *order)
{
    return &engine->books[order->market].levels[price_rank(order->price)];
}

void book_insert(struct engine *engine, struct order *order)
{
    struct book *book = &engine->books[order->market];
    struct level *level = level_of(engine, order);
    uint32_t rank = price_rank(order->price), place = order_place(engine, order);

    order->level_before = level->last;
    order->level_after = 0;
    if (level->last != 0)
        engine->orders[level->last].level_after = place;
    else
        level->first = place;
    level->last = place;
    if ((order->flags & ORDER_HIDDEN) == 0) {
        level->amount += magnitude(order->amount);
        level->count++;
    }
    order->stands = ORDER_RESTS;
    if (order->level_before != 0)
        return;
    rank_set_add(&book->ranks, rank);
    if (order_is_buy(order) && rank > book->best_bid)
        book->best_bid = rank;
    if (!order_is_buy(order) && (book->best_ask == 0 || rank < book->best_ask))
        book->best_ask = rank;
}

void book_remove(struct engine *engine, struct order *order)
{
    struct book *book = &engine->books[order->market];
    struct level *level = level_of(engine, order);
    uint32_t rank = price_rank(order->price);

    *(order->level_before != 0 ? &engine->orders[order->level_before].level_after : &level->first) =
        order->level_after;
    *(order->level_after != 0 ? &engine->orders[order->level_after].level_before : &level->last) =
        order->level_before;
    if ((order->flags & ORDER_HIDDEN) == 0) {
        level->amount -= magnitude(order->amount);
        level->count--;
    }
    order->level_before = order->level_after = 0;
    order->stands = ORDER_MOVES;
    if (level->first != 0)
        return;
    rank_set_remove(&book->ranks, rank);
    if (rank == book->best_bid)
        book->best_bid = rank_set_below(&book->ranks, rank);
    else if (rank == book->best_ask)
        book->best_ask = rank_set_above(&book->ranks, rank);
}

void book_resize(struct engine *engine, const struct order *order, int64_t amount)
{
    if ((order->flags & ORDER_HIDDEN) == 0)
        level_of(engine, order)->amount += magnitude(amount) - magnitude(order->amount);
}

uint32_t book_best(const struct engine *engine, enum market market, bool bid)
{
    return bid ? engine->books[market].best_bid : engine->books[market].best_ask;
}

uint32_t book_worse(const struct engine *engine, enum market market, bool bid, uint32_t rank)
{
    const struct rank_set *ranks = &engine->books[market].ranks;

    return bid ? rank_set_below(ranks, rank) : rank_set_above(ranks, rank);
}

bool book_has_room(const struct engine *engine, enum market market, int64_t price, int64_t amount)
{
    int64_t sum;

    return !__builtin_add_overflow(engine->books[market].levels[price_rank(price)].amount,
                                   magnitude(amount), &sum);
}

bool book_fills_whole(const struct engine *engine, const struct order *order)
{
    bool buy = order_is_buy(order);
    int64_t left = magnitude(order->amount);
    uint32_t rank = book_best(engine, order->market, !buy);

    while (price_meets(buy, order->price, rank)) {
        uint32_t place = engine->books[order->market].levels[rank].first;

        for (; place != 0; place = engine->orders[place].level_after) {
            const struct order *other = &engine->orders[place];

            if ((order->flags & ORDER_PROTECT_SELFMATCH) && other->account == order->account)
                return false;
            if (other->flags & ORDER_FLAGS_REDUCE) /* a fill before it may end it */
                continue;
            left -= magnitude(other->amount) < left ? magnitude(other->amount) : left;
            if (left == 0)
                return true;
        }
        rank = book_worse(engine, order->market, !buy, rank);
    }
    return false;
}
