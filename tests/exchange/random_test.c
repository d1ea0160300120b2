/* Seeded random runs: the invariants after each command, the same run twice, and the model beside.
 */
#include "crowd.h"
#include "floor.h"
#include "model.h"

#include "exchange/state.h"

static void run(struct floor *floor, uint64_t seed, unsigned count)
{
    floor_open(floor, CROWD_ROOM);
    floor->writes = false;
    for (uint64_t i = 0; i < 3 * (CROWD_ACCOUNTS); i++)
        floor_apply(floor, crowd_credit(i));
    for (unsigned i = 0; i < count; i++) {
        floor->time_ms += i % 5;
        if (engine_due_ms(floor->engine) <= floor->time_ms)
            floor_apply(floor, (struct command){ .kind = COMMAND_TIMER });
        floor_apply(floor, crowd_command(&seed, floor));
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
    floor_open(&pair.floor, CROWD_ROOM);
    for (uint64_t i = 0; i < 3 * (CROWD_ACCOUNTS); i++)
        pair_apply(&pair, crowd_credit(i));
    for (unsigned i = 0; i < 1000000; i++) {
        pair.floor.time_ms += i % 5;
        if (engine_due_ms(pair.floor.engine) <= pair.floor.time_ms)
            pair_apply(&pair, (struct command){ .kind = COMMAND_TIMER });
        pair_apply(&pair, crowd_command(&seed, &pair.floor));
        trades += pair.trade_count;
        if (i % 20 == 0)
            pair_compare(&pair);
    }
    assert_true(trades > 150000);
    assert_true(pair.hit_count > 20000 && pair.paired_count > 20000);
    floor_close(&pair.floor);
}

TEST_MAIN
