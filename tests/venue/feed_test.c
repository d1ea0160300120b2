#include "venue/feed.h"

#include <stdio.h>

#include "../test.h"

static struct feed feed;
static struct history history;
static char seen[256];

static void see(void *context, const struct feed_entry *entry)
{
    char word[32];

    (void)context;
    snprintf(word, sizeof word, "%s%llu ",
             entry->kind == FEED_TRADE    ? "trade"
             : entry->kind == FEED_CHANGE ? "change"
                                          : feed_word(entry),
             (unsigned long long)(entry->kind == FEED_ORDER ? entry->order.id : 0));
    strncat(seen, word, sizeof seen - strlen(seen) - 1);
}

static const char *emptied(void)
{
    seen[0] = '\0';
    feed_empty(&feed, see, NULL);
    return seen;
}

static void order_tell(uint64_t command, enum order_change change, uint64_t id,
                       enum order_state state)
{
    const struct order order = { .id = id, .account = 7, .state = (uint8_t)state };
    const struct command said = { .kind = COMMAND_SUBMIT };
    struct event event = { .kind = EVENT_ORDER,
                           .command = &said,
                           .order = { .change = change, .order = &order } };

    feed_take(&feed, &event, command, &history, 7);
}

static void trade_tell(uint64_t command, uint64_t maker, uint64_t taker)
{
    const struct trade trade = { .id = 1, .maker.account = maker, .taker.account = taker };
    struct event event = { .kind = EVENT_TRADE, .trade = &trade };

    feed_take(&feed, &event, command, &history, 7);
}

TEST(one_command_is_one_message_an_order_and_orders_come_first)
{
    feed_init(&feed);
    order_tell(1, ORDER_NEW, 5, ORDER_STATE_ACTIVE);
    trade_tell(1, 8, 7);
    order_tell(1, ORDER_FILLED, 5, ORDER_STATE_ACTIVE);
    trade_tell(1, 8, 7);
    order_tell(1, ORDER_CLOSED, 5, ORDER_STATE_EXECUTED);
    order_tell(2, ORDER_NEW, 6, ORDER_STATE_ACTIVE);
    order_tell(2, ORDER_OPENED, 6, ORDER_STATE_ACTIVE);
    order_tell(3, ORDER_UPDATED, 6, ORDER_STATE_ACTIVE);
    assert_string_equal(emptied(), "oc5 trade0 trade0 on6 ou6 ");
    assert_string_equal(emptied(), "");
    feed_wipe(&feed);
}

TEST(a_trade_with_oneself_has_two_sides)
{
    feed_init(&feed);
    trade_tell(1, 7, 7);
    trade_tell(1, 8, 9);
    assert_string_equal(emptied(), "trade0 trade0 ");
    feed_wipe(&feed);
}

TEST_MAIN
