#include "exchange/engine.h"

#include <string.h>

#include "exchange/book.h"
#include "exchange/collateral.h"
#include "exchange/holding.h"
#include "exchange/lending.h"
#include "exchange/queue.h"
#include "exchange/state.h"
#include "exchange/stop.h"

/* Returns the sentence unless the condition holds. */
#define MUST(condition, sentence) \
    do {                          \
        if (!(condition))         \
            return sentence;      \
    } while (0)

static const char *resting_order_check(const struct engine *engine, enum market market, bool bid,
                                       uint32_t rank, const struct order *order)
{
    MUST(order->market == market && price_rank(order->price) == rank, "an order at a wrong price");
    MUST(order->state == ORDER_STATE_ACTIVE, "a finished order rests");
    MUST(order_is_buy(order) == bid && order->amount != 0 && (order->amount > 0) == bid,
         "an order on the wrong side");
    MUST(order->stands == ORDER_RESTS, "an order of a book does not rest");
    MUST(!order_is_market(order->type) && !order_type_waits(order->type) &&
             !order_is_ioc(order->type) && !order_is_fok(order->type),
         "an order rests that may not");
    MUST(engine_order_find(engine, order->id) == order, "a resting order cannot be found");
    return NULL;
}

static const char *level_check(const struct engine *engine, enum market market, bool bid,
                               uint32_t rank, uint64_t *resting)
{
    const struct level *level = &engine->books[market].levels[rank];
    int64_t amount = 0;
    uint32_t count = 0, before = 0;

    MUST(level->first != 0, "an empty level is in the set of prices");
    for (uint32_t place = level->first; place != 0; place = engine->orders[place].level_after) {
        const struct order *order = &engine->orders[place];
        const char *wrong = resting_order_check(engine, market, bid, rank, order);

        if (wrong != NULL)
            return wrong;
        MUST(order->level_before == before, "a link of a level does not lead back");
        if ((order->flags & ORDER_HIDDEN) == 0) {
            amount += magnitude(order->amount);
            count++;
        }
        before = place;
        (*resting)++;
    }
    MUST(level->last == before, "a level ends elsewhere");
    MUST(level->amount == amount && level->count == count, "a level does not add up");
    return NULL;
}

static const char *books_check(const struct engine *engine)
{
    uint64_t resting = 0;

    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        const struct book *book = &engine->books[m];
        uint32_t rank, last_bid = 0, first_ask = 0;

        MUST(book->best_ask == 0 || book->best_bid < book->best_ask, "a book is crossed");
        for (rank = rank_set_above(&book->ranks, 0); rank != 0;
             rank = rank_set_above(&book->ranks, rank)) {
            bool bid = rank <= book->best_bid;
            const char *wrong = level_check(engine, (enum market)m, bid, rank, &resting);

            if (wrong != NULL)
                return wrong;
            if (bid)
                last_bid = rank;
            else if (first_ask == 0)
                first_ask = rank;
        }
        MUST(book->best_bid == last_bid && book->best_ask == first_ask,
             "a best price is not the best");
    }
    MUST(resting + engine->waiting_count == engine->order_count,
         "an active order neither rests nor waits");
    return NULL;
}

static const char *order_check(const struct engine *engine, const struct account *account,
                               const struct order *order)
{
    int64_t lock;

    MUST(order->account == account->id, "an order of another account");
    MUST(engine_order_find(engine, order->id) == order, "an active order cannot be found");
    MUST((order->tif_ms != 0) == (order->queue_slots[QUEUE_TIF] != 0),
         "an order's end is not waited for");
    MUST((order->stands == ORDER_WAITS) == order_type_waits(order->type),
         "an order waits that should rest, or rests that should wait");
    MUST(order->partner == 0 ||
             (engine->orders[order->partner].partner == order_place(engine, order) &&
              engine->orders[order->partner].account == order->account),
         "a pair does not hold together");
    MUST(order_lock(engine, order, &lock) && lock == order->locked,
         "an order has locked too much or too little");
    MUST(magnitude(order->amount) <= magnitude(order->amount_orig) &&
             (order->fill_count == 0) == (order->amount == order->amount_orig),
         "an order remains larger than it was");
    return NULL;
}

static const char *account_check(const struct engine *engine, const struct account *account,
                                 uint64_t *active)
{
    int64_t locked[CURRENCY_COUNT] = { 0 };
    uint32_t before = 0, count = 0, on_margin = 0;

    for (uint32_t place = account->order_first; place != 0;
         place = engine->orders[place].account_after) {
        const struct order *order = &engine->orders[place];
        const char *wrong = order_check(engine, account, order);

        if (wrong != NULL)
            return wrong;
        MUST(order->account_before == before, "a link of an account does not lead back");
        locked[currency_paid(order->market, order_is_buy(order))] += order->locked;
        on_margin += order_on_margin(order->type);
        before = place;
        count++;
    }
    MUST(account->order_last == before && account->order_count == count &&
             account->margin_order_count == on_margin,
         "an account miscounts its orders");
    for (unsigned c = 0; c < CURRENCY_COUNT; c++) {
        const struct wallet *wallet = &account->wallets[WALLET_EXCHANGE][c];

        MUST(wallet->locked == locked[c], "a wallet has locked what no order needs");
        MUST(wallet_available(wallet) >= 0, "a wallet has less than is locked");
    }
    *active += count;
    return NULL;
}

static const char *accounts_check(const struct engine *engine)
{
    __int128 sums[CURRENCY_COUNT] = { 0 };
    uint64_t active = 0;

    for (uint32_t place = 1; place <= engine->account_count; place++) {
        const struct account *account = &engine->accounts[place];
        const char *wrong = account_check(engine, account, &active);

        if (wrong != NULL)
            return wrong;
        MUST(engine_account_find(engine, account->id) == account, "an account cannot be found");
        for (unsigned i = 0; i < WALLET_COUNT * CURRENCY_COUNT; i++)
            sums[i % CURRENCY_COUNT] +=
                account->wallets[i / CURRENCY_COUNT][i % CURRENCY_COUNT].balance;
    }
    MUST(active == engine->order_count, "the active orders are miscounted");
    for (const struct position *p = position_next(engine, NULL); p != NULL;
         p = position_next(engine, p)) {
        sums[market_facts(p->market)->base] += p->amount;
        sums[market_facts(p->market)->quote] += p->quote;
    }
    for (unsigned c = 0; c < CURRENCY_COUNT; c++)
        MUST(sums[c] == engine->credited[c],
             "balances and positions do not add up to what was credited");
    return NULL;
}

const char *engine_check(const struct engine *engine)
{
    const char *wrong = books_check(engine);

    if (wrong == NULL)
        wrong = queue_check(engine, &engine->due);
    if (wrong == NULL)
        wrong = stop_check(engine);
    if (wrong == NULL)
        wrong = accounts_check(engine);
    if (wrong == NULL)
        wrong = holding_check(engine);
    if (wrong == NULL)
        wrong = collateral_check(engine);
    return wrong != NULL ? wrong : lending_check(engine);
}

/* splitmix64's mixer over a running sum: every bit of the past moves every bit of the result. */
static void hash_add(uint64_t *hash, uint64_t word)
{
    uint64_t z = *hash + word + UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    *hash = z ^ z >> 31;
}

static void hash_order(uint64_t *hash, const struct order *order)
{
    struct order copy;
    uint64_t word;

    /* Links are places, which say nothing; priorities are hashed with the books. */
    memcpy(&copy, order, sizeof copy);
    copy.level_before = copy.level_after = copy.account_before = copy.account_after = 0;
    copy.partner = 0; /* placed_by tells */
    memset(copy.queue_slots, 0, sizeof copy.queue_slots);
    for (size_t i = 0; i < sizeof copy / sizeof word; i++) {
        memcpy(&word, (const char *)&copy + i * sizeof word, sizeof word);
        hash_add(hash, word);
    }
}

static void hash_account(uint64_t *hash, const struct engine *engine, const struct account *account)
{
    hash_add(hash, account->id);
    if (engine->rules & RULE_FEE_TIERS)
        hash_add(hash, (uint64_t)fee_volume(engine, account));
    for (unsigned w = 0; w < WALLET_COUNT; w++) {
        for (unsigned c = 0; c < CURRENCY_COUNT; c++) {
            hash_add(hash, (uint64_t)account->wallets[w][c].balance);
            hash_add(hash, (uint64_t)account->wallets[w][c].locked);
        }
    }
    for (uint32_t place = account->order_first; place != 0;
         place = engine->orders[place].account_after)
        hash_order(hash, &engine->orders[place]);
}

uint64_t engine_state_hash(const struct engine *engine)
{
    const uint64_t counters[] = { engine->started_ms, engine->time_ms,  engine->command_count,
                                  engine->order_id,   engine->trade_id, engine->row_id,
                                  engine->rules };
    uint64_t hash = 0;

    for (unsigned i = 0; i < sizeof counters / sizeof *counters; i++)
        hash_add(&hash, counters[i]);
    for (uint32_t place = 1; place <= engine->account_count; place++)
        hash_account(&hash, engine, &engine->accounts[place]);
    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        const struct book *book = &engine->books[m];

        hash_add(&hash, (uint64_t)engine->last_prices[m]);
        hash_add(&hash, (uint64_t)engine->contracts[m].premium_sum);
        hash_add(&hash, engine->contracts[m].sample_ms);
        for (uint32_t rank = rank_set_above(&book->ranks, 0); rank != 0;
             rank = rank_set_above(&book->ranks, rank)) {
            for (uint32_t place = book->levels[rank].first; place != 0;
                 place = engine->orders[place].level_after)
                hash_add(&hash, engine->orders[place].id);
        }
    }
    lending_hash(engine, &hash, hash_add);
    holding_hash(engine, &hash, hash_add);
    return hash;
}
