#include "../test.h"

#include "base/fixed.h"
#include "venue/alert.h"

TEST(an_alert_fires_when_trades_reach_its_price_or_cross_it)
{
    struct alert alert = { .price = 100, .count = 10, .side = ALERT_SEES_BELOW };

    assert_false(alert_sees(&alert, 99));
    assert_true(alert_sees(&alert, 100));
    assert_false(alert_sees(&alert, 100)); /* it stays there */
    assert_false(alert_sees(&alert, 101));
    assert_false(alert_sees(&alert, 102));
    assert_true(alert_sees(&alert, 98));
    assert_true(alert_sees(&alert, 105));
    assert_int_equal(alert.count, 7);
}

TEST(an_alert_takes_the_place_of_one_at_its_price)
{
    static struct alerts alerts;
    struct alert alert = { .market = MARKET_ETHUSD, .price = 220 * FIXED_ONE, .count = 1 };
    char text[ALERT_TEXT_SIZE];

    assert_true(alert_set(&alerts, alert));
    alert.count = 5;
    assert_true(alert_set(&alerts, alert));
    assert_int_equal(alerts.count, 1);
    assert_int_equal(alert_find(&alerts, MARKET_ETHUSD, 220 * FIXED_ONE)->count, 5);
    assert_null(alert_find(&alerts, MARKET_BTCUSD, 220 * FIXED_ONE));
    alert_format(&alert, text);
    assert_string_equal(text, "price:tETHUSD:220");
    assert_false(alert_delete(&alerts, MARKET_ETHUSD, 1));
    assert_true(alert_delete(&alerts, MARKET_ETHUSD, 220 * FIXED_ONE));
    assert_int_equal(alerts.count, 0);
}

TEST(there_are_as_many_as_can_be)
{
    static struct alerts alerts;

    for (int64_t i = 0; i < ALERTS_MOST; i++)
        assert_true(alert_set(&alerts, (struct alert){ .price = 1 + i }));
    assert_false(alert_set(&alerts, (struct alert){ .price = 1 + ALERTS_MOST }));
    assert_true(alert_set(&alerts, (struct alert){ .price = 7 }));
}

TEST_MAIN
