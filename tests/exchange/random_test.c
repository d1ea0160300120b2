/* Seeded random runs: the invariants after each command, the same run twice, and the model beside.
 */
#include "floor.h"
#include "model.h"

#include "exchange/state.h"

#include <stdlib.h>

#define ROOM ((struct engine_limits){ .orders = 2048, .accounts = 8 })

static const enum order_type types[] = {
    ORDER_TYPE_EXCHANGE_LIMIT,  ORDER_TYPE_EXCHANGE_LIMIT,      ORDER_TYPE_EXCHANGE_LIMIT,
    ORDER_TYPE_EXCHANGE_LIMIT,  ORDER_TYPE_EXCHANGE_LIMIT,      ORDER_TYPE_EXCHANGE_LIMIT,
    ORDER_TYPE_EXCHANGE_MARKET, ORDER_TYPE_EXCHANGE_IOC,        ORDER_TYPE_EXCHANGE_FOK,
    ORDER_TYPE_EXCHANGE_STOP,   ORDER_TYPE_EXCHANGE_STOP_LIMIT, ORDER_TYPE_EXCHANGE_TRAILING_STOP
};
static const uint32_t flags[] = { 0,
                                  0,
                                  0,
                                  0,
                                  ORDER_POST_ONLY,
                                  ORDER_HIDDEN,
                                  ORDER_PROTECT_SELFMATCH,
                                  ORDER_HIDDEN | ORDER_POST_ONLY };

/* Buyers mostly bid below and sellers ask above, so that books fill; sometimes they cross. */
static int64_t price_near(uint64_t *seed, uint64_t market, bool buys)
{
    int64_t tick = market == MARKET_ETHBTC ? 1000 : UNIT;
    int64_t away = (int64_t)dice_below(seed, 30) - 3;

    return (market == MARKET_ETHBTC ? 5000000 : 100 * UNIT) + (buys ? -away : away) * tick;
}

/* Odd amounts, so that every rounding happens. */
static int64_t amount_near(uint64_t *seed, uint64_t market)
{
    int64_t amount = market_facts(market)->size_least + (int64_t)dice_below(seed, 3 * UNIT);

    return dice(seed) & 1 ? amount : -amount;
}

static bool one_in(uint64_t *seed, uint64_t chances)
{
    return dice_below(seed, chances) == 0;
}

static struct command random_submit(uint64_t *seed, const struct floor *floor, uint64_t account)
{
    uint64_t market = one_in(seed, 3) ? MARKET_ETHBTC : MARKET_BTCUSD;
    int64_t amount = amount_near(seed, market);
    struct command command = { .kind = COMMAND_SUBMIT,
                               .account = account,
                               .market = market,
                               .type = types[dice_below(seed, sizeof types / sizeof *types)],
                               .flags = flags[dice_below(seed, sizeof flags / sizeof *flags)],
                               .gid = dice_below(seed, 4),
                               .amount = amount };
    bool waits = order_type_waits((unsigned)command.type);

    command.price = price_near(seed, market, (amount > 0) != waits);
    if (waits) {
        command.price_aux_limit = price_near(seed, market, amount > 0);
        command.price_trailing =
            1 + (int64_t)dice_below(seed, market == MARKET_ETHBTC ? 9999 : UNIT);
    }
    if (command.type == ORDER_TYPE_EXCHANGE_LIMIT && one_in(seed, 8)) {
        command.flags |= ORDER_OCO;
        command.price_oco_stop = price_near(seed, market, amount < 0);
    }
    if (one_in(seed, 10))
        command.tif_ms = floor->time_ms + 1 + dice_below(seed, 400);
    return command;
}

static struct command random_update(uint64_t *seed, const struct floor *floor,
                                    const struct order *order, struct command command)
{
    static const uint64_t fields[] = { UPDATE_AMOUNT,
                                       UPDATE_DELTA,
                                       UPDATE_PRICE,
                                       UPDATE_AMOUNT | UPDATE_PRICE,
                                       UPDATE_DELTA | UPDATE_PRICE,
                                       UPDATE_TIF,
                                       UPDATE_PRICE | UPDATE_PRICE_AUX_LIMIT,
                                       UPDATE_PRICE_TRAILING };
    uint64_t market = order == NULL ? MARKET_BTCUSD : order->market, what = dice_below(seed, 8);

    command.kind = COMMAND_UPDATE;
    if (order != NULL && order->type == ORDER_TYPE_EXCHANGE_TRAILING_STOP && one_in(seed, 2))
        what = 7;
    if (order != NULL && order->type == ORDER_TYPE_EXCHANGE_STOP_LIMIT && one_in(seed, 2))
        what = 6;
    command.fields = fields[what];
    command.amount = amount_near(seed, market);
    if (order != NULL && !one_in(seed, 8))
        command.amount = order->amount > 0 ? llabs(command.amount) : -llabs(command.amount);
    command.price = price_near(seed, market, command.amount > 0);
    if (command.fields & UPDATE_TIF)
        command.tif_ms = one_in(seed, 4) ? 0 : floor->time_ms + dice_below(seed, 400);
    if (command.fields & UPDATE_PRICE_AUX_LIMIT)
        command.price_aux_limit = price_near(seed, market, command.amount > 0);
    if (command.fields & UPDATE_PRICE_TRAILING)
        command.price_trailing = 1 + (int64_t)dice_below(seed, 9999);
    return command;
}

/* Cancels come often enough to keep the books small. */
static struct command random_command(uint64_t *seed, const struct floor *floor)
{
    uint64_t account = 1 + dice_below(seed, MODEL_ACCOUNTS - 1), what = dice_below(seed, 1000);
    struct command command = { .account = account };
    const struct order *order;

    if (what < 600)
        return random_submit(seed, floor, account);
    command.order = floor->order - dice_below(seed, 150);
    order = engine_order_find(floor->engine, command.order);
    if (order != NULL && what % 8 != 0)
        command.account = order->account;
    if (what < 800)
        return random_update(seed, floor, order, command);
    if (what < 994) {
        command.kind = COMMAND_CANCEL;
    } else if (what < 998) {
        command.kind = COMMAND_CANCEL_GROUP;
        command.gid = 1 + dice_below(seed, 3);
    } else {
        command.kind = COMMAND_CANCEL_ALL;
    }
    return command;
}

/* The last account is poor, and often refused. */
static struct command credit_of(uint64_t i)
{
    int64_t wealth = i / 3 < MODEL_ACCOUNTS - 2 ? 20 : 1;

    return (struct command){ .kind = COMMAND_CREDIT,
                             .account = 1 + i / 3,
                             .currency = (enum currency[]){ CURRENCY_BTC, CURRENCY_ETH,
                                                            CURRENCY_USD }[i % 3],
                             .amount = (i % 3 == 2 ? 1500 : 15) * wealth * UNIT };
}

static void run(struct floor *floor, uint64_t seed, unsigned count)
{
    floor_open(floor, ROOM);
    floor->writes = false;
    for (uint64_t i = 0; i < 3 * (MODEL_ACCOUNTS - 1); i++)
        floor_apply(floor, credit_of(i));
    for (unsigned i = 0; i < count; i++) {
        floor->time_ms += i % 5;
        if (engine_due_ms(floor->engine) <= floor->time_ms)
            floor_apply(floor, (struct command){ .kind = COMMAND_TIMER });
        floor_apply(floor, random_command(&seed, floor));
    }
}

TEST(the_invariants_hold_after_each_of_250000_commands)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct floor floor;

        run(&floor, seed, 50000);
        assert_true(floor.event_count > 200000);
        floor_close(&floor);
    }
}

TEST(the_same_commands_give_the_same_events_and_the_same_state)
{
    struct floor one, other;

    run(&one, 9, 20000);
    run(&other, 9, 20000);
    assert_true(one.events_hash == other.events_hash);
    assert_true(one.event_count == other.event_count);
    assert_true(engine_state_hash(one.engine) == engine_state_hash(other.engine));
    floor_close(&one);
    floor_close(&other);
}

/* ---- Beside the model. ---- */

struct pair {
    struct floor floor;
    struct model model;
    struct model_trade trades[MODEL_TRADES];
    unsigned trade_count;
    unsigned hit_count, paired_count; /* stops that were hit; orders that came in pairs */
    enum refusal why;
};

static void pair_take(void *context, const struct event *event)
{
    struct pair *pair = context;

    if (event->kind == EVENT_REFUSED)
        pair->why = event->refused.why;
    if (event->kind == EVENT_ORDER && event->order.change == ORDER_NEW)
        pair->floor.order = event->order.order->id;
    if (event->kind == EVENT_ORDER && event->order.change == ORDER_UPDATED &&
        event->order.order->stands == ORDER_MOVES && event->order.order->type_previous != 0)
        pair->hit_count++;
    if (event->kind == EVENT_ORDER && event->order.change == ORDER_NEW)
        pair->paired_count += event->order.order->partner != 0;
    if (event->kind == EVENT_TRADE)
        pair->trades[pair->trade_count++] =
            (struct model_trade){ event->trade->maker.order, event->trade->taker.order,
                                  event->trade->price, event->trade->amount };
}

static void wallets_compare(const struct pair *pair)
{
    for (uint64_t a = 0; a < MODEL_ACCOUNTS; a++) {
        const struct account *account = engine_account_find(pair->floor.engine, a);

        for (unsigned c = 0; account != NULL && c < CURRENCY_COUNT; c++) {
            const struct wallet *wallet = &account->wallets[WALLET_EXCHANGE][c];

            assert_int_equal(wallet->balance, pair->model.balances[a][c]);
            assert_int_equal(wallet->locked, model_locked(&pair->model, a, c));
        }
    }
}

static void orders_compare(const struct pair *pair)
{
    unsigned alive = 0;

    for (unsigned i = 0; i < pair->model.order_count; i++) {
        const struct model_order *expected = &pair->model.orders[i];
        const struct order *order = engine_order_find(pair->floor.engine, expected->id);

        if (!model_lives(expected)) {
            assert_null(order);
            continue;
        }
        alive++;
        assert_non_null(order);
        assert_int_equal(order->amount, expected->amount);
        assert_int_equal(order->price, expected->price);
    }
    assert_int_equal(engine_order_count(pair->floor.engine), alive);
}

static void pair_apply(struct pair *pair, struct command command)
{
    command.time_ms = pair->floor.time_ms;
    pair->trade_count = 0;
    pair->why = REFUSAL_NONE;
    engine_apply(pair->floor.engine, &command, (struct event_sink){ pair_take, pair });
    if (pair->model.latest_id == 0)
        pair->model.latest_id = 100000000000;
    model_apply(&pair->model, &command);
    assert_int_equal(pair->why != REFUSAL_NONE, pair->model.refused);
    assert_int_equal(pair->trade_count, pair->model.trade_count);
    assert_memory_equal(pair->trades, pair->model.trades, pair->trade_count * sizeof *pair->trades);
    for (unsigned m = 0; m < MARKET_COUNT; m++)
        assert_int_equal(pair->floor.engine->last_prices[m], pair->model.last_prices[m]);
}

static void pair_compare(const struct pair *pair)
{
    const char *wrong = engine_check(pair->floor.engine);

    if (wrong != NULL)
        fail_msg("%s", wrong);
    wallets_compare(pair);
    orders_compare(pair);
}

/* Trades are compared after each command, everything after each 20th: a mistake stays. */
TEST(the_engine_does_what_the_model_does_a_million_times)
{
    static struct pair pair;
    uint64_t seed = 77, trades = 0;

    print_message("# seed %llu\n", (unsigned long long)seed);
    floor_open(&pair.floor, ROOM);
    for (uint64_t i = 0; i < 3 * (MODEL_ACCOUNTS - 1); i++)
        pair_apply(&pair, credit_of(i));
    for (unsigned i = 0; i < 1000000; i++) {
        pair.floor.time_ms += i % 5;
        if (engine_due_ms(pair.floor.engine) <= pair.floor.time_ms)
            pair_apply(&pair, (struct command){ .kind = COMMAND_TIMER });
        pair_apply(&pair, random_command(&seed, &pair.floor));
        trades += pair.trade_count;
        if (i % 20 == 0)
            pair_compare(&pair);
    }
    assert_true(trades > 150000);
    assert_true(pair.hit_count > 20000 && pair.paired_count > 20000);
    floor_close(&pair.floor);
}

TEST_MAIN
