#include "../test.h"

#include "base/fixed.h"
#include "venue/history.h"

#include "fresh.h"

TEST(a_trade_is_on_the_tape_and_in_both_persons_histories)
{
    struct history history;
    struct trade trade = { .id = 9,
                           .amount = -FIXED_ONE,
                           .price = 5,
                           .maker = { .account = 3, .amount = FIXED_ONE },
                           .taker = { .account = 2, .amount = -FIXED_ONE } };
    struct event event = { .kind = EVENT_TRADE, .trade = &trade };
    const struct own_trade *own;

    history_init(&history, fresh_arena(), 100);
    history_take(&history, &event);
    assert_int_equal(((struct tape_row *)ring_newest(&history.tape[0]))->id, 9);
    own = ring_newest(&history_find(&history, 3)->trades);
    assert_true(own->is_maker);
    own = ring_newest(&history_find(&history, 2)->trades);
    assert_false(own->is_maker);
    assert_int_equal(own->side.amount, -FIXED_ONE);
}

TEST(nothing_is_kept_of_simulated_participants)
{
    struct history history;
    struct ledger_row row = { .account = 100, .kind = LEDGER_DEPOSIT };
    struct command command = { .kind = COMMAND_CREDIT };
    struct event event = { .kind = EVENT_LEDGER, .command = &command, .row = &row };

    history_init(&history, fresh_arena(), 100);
    history_take(&history, &event);
    assert_null(history_find(&history, 100));
    row.account = ENGINE_FEE_ACCOUNT;
    history_take(&history, &event);
    assert_null(history_find(&history, ENGINE_FEE_ACCOUNT));
    for (uint64_t account = 99; account > 0; account--) {
        row.account = account;
        history_take(&history, &event);
    }
    assert_int_equal(history.account_count, 99);
    for (uint64_t account = 1; account < 100; account++)
        assert_int_equal(history_find(&history, account)->account, account);
}

TEST(only_closed_orders_are_history)
{
    struct history history;
    struct order order = { .id = 4, .account = 2 };
    struct event event = { .kind = EVENT_ORDER, .order = { ORDER_OPENED, &order } };

    history_init(&history, fresh_arena(), 100);
    history_take(&history, &event);
    assert_null(history_find(&history, 2));
    event.order.change = ORDER_CLOSED;
    history_take(&history, &event);
    assert_int_equal(((struct order *)ring_newest(&history_find(&history, 2)->orders))->id, 4);
}

TEST_MAIN
