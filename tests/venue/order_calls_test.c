#include "client.h"

#include <time.h>

#define SUBMIT "auth/w/order/submit"

static json_int_t integer_at(const json_t *json, size_t a, size_t b)
{
    return json_integer_value(json_array_get(json_array_get(json, a), b));
}

TEST(malformed_orders_are_refused_in_the_venues_words)
{
    static const struct {
        const char *body, *reply;
    } cases[] = {
        { "{", "[\"error\",10020,\"body: invalid\"]" },
        { "[]", "[\"error\",10020,\"body: invalid\"]" },
        { "{}", "[\"error\",10020,\"symbol: invalid\"]" },
        { "{\"symbol\":\"tNOPE\",\"type\":\"EXCHANGE LIMIT\",\"amount\":1,\"price\":1}",
          "[\"error\",10020,\"symbol: invalid\"]" },
        { "{\"symbol\":\"tBTCUSD\",\"type\":\"exchange limit\",\"amount\":1,\"price\":1}",
          "[\"error\",10001,\"type: invalid\"]" },
        { "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":\"x\",\"price\":1}",
          "[\"error\",10001,\"amount: invalid\"]" },
        { "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":1}",
          "[\"error\",10001,\"price: invalid\"]" },
        { "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":1,\"price\":-5}",
          "[\"error\",10001,\"price: invalid\"]" },
        { "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":1,\"price\":1,"
          "\"cid\":35184372088832}",
          "[\"error\",10001,\"cid: invalid\"]" },
        { "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":1,\"price\":1,"
          "\"flags\":1073741824}",
          "[\"error\",10001,\"flags: invalid\"]" },
        { "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":0.00003,\"price\":1}",
          "[\"error\",10001,\"Invalid order: minimum size for BTCUSD is 0.00004\"]" },
        { "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":\"1000\","
          "\"price\":\"12345.6\"}",
          "[\"error\",10001,\"Invalid order: not enough exchange balance for 1000 BTCUSD at "
          "12345\"]" },
    };

    exchange_start(false);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        call_is(2, SUBMIT, cases[i].body, 500, cases[i].reply);
    call_is(2, "auth/r/orders", "{}", 200, "[]");
}

TEST(a_submit_is_acknowledged_nested_and_a_cancel_flat)
{
    json_t *json = call(2, SUBMIT,
                        "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":\"0.5\","
                        "\"price\":\"10000\",\"gid\":\"77\",\"cid\":0,\"flags\":4096,\"meta\":{}}");
    const json_t *order = json_array_get(json_array_get(json, 4), 0);
    json_int_t id = json_integer_value(json_array_get(order, 0));
    char body[64];

    assert_int_equal(json_array_size(json), 8);
    assert_string_equal(json_string_value(json_array_get(json, 1)), "on-req");
    assert_string_equal(json_string_value(json_array_get(json, 6)), "SUCCESS");
    assert_int_equal(json_array_size(order), 32);
    assert_int_equal(json_integer_value(json_array_get(order, 1)), 77);
    assert_int_equal(json_integer_value(json_array_get(order, 2)),
                     json_integer_value(json_array_get(order, 4)));
    json_decref(json);

    snprintf(body, sizeof body, "{\"id\":%lld,\"amount\":\"0.4\",\"price\":9999}", (long long)id);
    json = call(2, "auth/w/order/update", body);
    assert_string_equal(json_string_value(json_array_get(json, 1)), "ou-req");
    assert_int_equal(integer_at(json, 4, 0), id);
    assert_int_equal(integer_at(json, 4, 16), 9999);
    assert_string_equal(json_string_value(json_array_get(json, 7)),
                        "Submitting update to exchange limit buy order for 0.4 BTC.");
    json_decref(json);

    snprintf(body, sizeof body, "{\"id\":\"%lld\"}", (long long)id);
    call_is(3, "auth/w/order/cancel", body, 500, "[\"error\",10001,\"Order not found.\"]");
    json = call(2, "auth/w/order/cancel", body);
    assert_string_equal(json_string_value(json_array_get(json, 1)), "oc-req");
    assert_int_equal(integer_at(json, 4, 0), id);
    assert_string_equal(json_string_value(json_array_get(json_array_get(json, 4), 13)), "ACTIVE");
    json_decref(json);
    call_is(2, "auth/w/order/cancel", body, 500, "[\"error\",10001,\"Order not found.\"]");
    call_is(2, "auth/w/order/cancel", "{}", 500, "[\"error\",10001,\"id: invalid\"]");
    call_is(2, "auth/w/order/cancel", "{\"cid\":5}", 500,
            "[\"error\",10001,\"cid_date: invalid\"]");
}

/* Wallets name an order's group; an update's `meta` is taken like a new one's. */
TEST(meta_and_group_go_where_the_venue_has_them)
{
    json_t *json = call(2, SUBMIT,
                        "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":\"0.5\","
                        "\"price\":\"9000\",\"gid\":78,\"meta\":{\"aff_code\":\"first\"}}");
    json_int_t id = integer_at(json_array_get(json, 4), 0, 0);
    const json_t *meta;
    size_t told_count = 0;
    char body[128];

    json_decref(json);
    snprintf(body, sizeof body,
             "{\"id\":%lld,\"meta\":{\"aff_code\":\"later\",\"protect_selfmatch\":1}}",
             (long long)id);
    json = call(2, "auth/w/order/update", body);
    meta = json_array_get(json_array_get(json, 4), 31);
    assert_string_equal(json_string_value(json_object_get(meta, "aff_code")), "later");
    json_decref(json);
    snprintf(body, sizeof body, "{\"id\":%lld,\"meta\":{\"aff_code\":\"%s\"}}", (long long)id,
             "seventeen-letters");
    call_is(2, "auth/w/order/update", body, 500, "[\"error\",10001,\"aff_code: invalid\"]");
    call_limit(3, "-0.1", "9000");
    json = call(2, "auth/r/wallets", "{}");
    for (size_t i = 0; i < json_array_size(json); i++) {
        meta = json_array_get(json_array_get(json, i), 6);
        if (json_is_object(meta)) {
            assert_int_equal(json_integer_value(json_object_get(meta, "order_gid")), 78);
            told_count++;
        }
    }
    assert_int_equal(told_count, 2); /* BTC and USD */
    json_decref(json);
    /* It meets no other order of its account any more. */
    call_limit(2, "-0.1", "9500");
    snprintf(body, sizeof body, "{\"id\":%lld,\"price\":9600}", (long long)id);
    json_decref(call(2, "auth/w/order/update", body));
    json = call(2, "auth/r/trades/hist", "{}");
    assert_int_equal(json_array_size(json), 1);
    json_decref(json);
    json_decref(call(2, "auth/w/order/cancel/multi", "{\"all\":1}"));
}

TEST(active_orders_are_filtered_by_symbol_and_id)
{
    json_int_t first = call_limit(2, "0.1", "9000"), second = call_limit(2, "0.1", "9001");
    char body[96];
    json_t *json;

    json = call(2, "auth/r/orders/tBTCUSD", "");
    assert_int_equal(json_array_size(json), 2);
    json_decref(json);
    call_is(2, "auth/r/orders/tETHUSD", "{}", 200, "[]");
    call_is(3, "auth/r/orders", "{}", 200, "[]");
    call_is(2, "auth/r/orders/tNOPE", "{}", 500, "[\"error\",10020,\"symbol: invalid\"]");
    snprintf(body, sizeof body, "{\"id\":[%lld,1]}", (long long)second);
    json = call(2, "auth/r/orders", body);
    assert_int_equal(json_array_size(json), 1);
    assert_int_equal(integer_at(json, 0, 0), second);
    json_decref(json);
    snprintf(body, sizeof body, "{\"id\":[%lld]}", (long long)first);
    json = call(2, "auth/w/order/cancel/multi", body);
    assert_string_equal(json_string_value(json_array_get(json, 7)),
                        "Submitting 1 order cancellations.");
    json_decref(json);
    json = call(2, "auth/w/order/cancel/multi", "{\"all\":1}");
    assert_int_equal(json_array_size(json_array_get(json, 4)), 1);
    json_decref(json);
    call_is(2, "auth/r/orders", "{}", 200, "[]");
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

/* By its own timer: nothing else happens at this exchange. */
TEST(an_order_is_gone_when_its_time_is_over)
{
    time_t end = time(NULL) + 3;
    char body[192], when[24];
    struct tm parts;
    const json_t *order;
    json_t *json;
    json_int_t id, end_ms = (json_int_t)end * 1000;

    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", gmtime_r(&end, &parts));
    snprintf(body, sizeof body,
             "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":1,\"price\":1,"
             "\"tif\":\"%s\"}",
             when);
    json = call(2, SUBMIT, body);
    order = json_array_get(json_array_get(json, 4), 0);
    id = json_integer_value(json_array_get(order, 0));
    assert_true(json_integer_value(json_array_get(order, 10)) == end_ms);
    json_decref(json);
    for (size_t left = 1; left > 0; pause_ms(20)) {
        json = call(2, "auth/r/orders", "{}");
        left = json_array_size(json);
        json_decref(json);
    }
    json = call(2, "auth/r/orders/hist", "{}");
    order = json_array_get(json, 0);
    assert_true(json_integer_value(json_array_get(order, 0)) == id);
    assert_true(json_integer_value(json_array_get(order, 5)) == end_ms);
    assert_string_equal(json_string_value(json_array_get(order, 13)), "CANCELED");
    json_decref(json);
    call_is(2, SUBMIT,
            "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":1,\"price\":1,"
            "\"tif\":\"2020-01-01 00:00:00\"}",
            500, "[\"error\",10001,\"tif: invalid\"]");
}

TEST(orders_that_wait_are_told_with_what_they_wait_for)
{
    json_t *json = call(2, SUBMIT,
                        "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE STOP LIMIT\",\"amount\":"
                        "\"0.5\",\"price\":\"20000\",\"price_aux_limit\":\"20100\"}");
    const json_t *order = json_array_get(json_array_get(json, 4), 0);
    char body[96];

    assert_string_equal(json_string_value(json_array_get(order, 8)), "EXCHANGE STOP LIMIT");
    assert_int_equal(json_integer_value(json_array_get(order, 16)), 20000);
    assert_int_equal(json_integer_value(json_array_get(order, 19)), 20100);
    snprintf(body, sizeof body, "{\"id\":%lld,\"price_aux_limit\":\"20200\"}",
             (long long)json_integer_value(json_array_get(order, 0)));
    json_decref(json);
    json = call(2, "auth/w/order/update", body);
    assert_int_equal(integer_at(json, 4, 19), 20200);
    json_decref(json);

    json = call(2, SUBMIT,
                "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":\"0.5\","
                "\"price\":\"9000\",\"flags\":16384,\"price_oco_stop\":\"21000\"}");
    assert_string_equal(json_string_value(json_array_get(json, 7)), "Submitting 2 orders.");
    order = json_array_get(json_array_get(json, 4), 1);
    assert_string_equal(json_string_value(json_array_get(order, 8)), "EXCHANGE STOP");
    assert_int_equal(json_integer_value(json_array_get(order, 16)), 21000);
    assert_true(json_integer_value(json_array_get(order, 25)) ==
                json_integer_value(json_array_get(json_array_get(json_array_get(json, 4), 0), 0)));
    json_decref(json);
    call_is(2, SUBMIT,
            "{\"symbol\":\"tLTCUSD\",\"type\":\"EXCHANGE TRAILING STOP\",\"amount\":1,"
            "\"price_trailing\":\"1\"}",
            500, "[\"error\",10001,\"price_trailing: invalid\"]");
    json = call(2, "auth/w/order/cancel/multi", "{\"all\":1}");
    assert_int_equal(json_array_size(json_array_get(json, 4)), 2); /* the pair goes as one */
    json_decref(json);
    call_is(2, "auth/r/orders", "{}", 200, "[]");
}

TEST(a_client_id_names_one_order_a_day)
{
    static const char *const body =
        "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":1,\"price\":1,\"cid\":70}";

    json_decref(call(2, SUBMIT, body));
    assert_int_equal(told_status, 200);
    call_is(2, SUBMIT, body, 500, "[\"error\",10001,\"cid: duplicate\"]");
    json_decref(call(2, "auth/w/order/cancel/multi", "{\"all\":1}"));
    call_is(2, SUBMIT, body, 500, "[\"error\",10001,\"cid: duplicate\"]");
    call_is(2, SUBMIT,
            "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":1,\"price\":1,"
            "\"cid\":71,\"flags\":16384,\"price_oco_stop\":2,\"cid_oco\":71}",
            500, "[\"error\",10001,\"cid: duplicate\"]");
    json_decref(call(3, SUBMIT, body));
    assert_int_equal(told_status, 200);
    json_decref(call(3, "auth/w/order/cancel/multi", "{\"all\":1}"));
}

TEST(operations_succeed_and_fail_one_by_one)
{
    json_t *json = call(2, "auth/w/order/multi",
                        "{\"ops\":[[\"on\",{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\","
                        "\"amount\":\"0.1\",\"price\":\"9000\"}],[\"oc\",{\"id\":1}],[\"xx\",{}],"
                        "[\"oc_multi\",{\"all\":1}]]}");
    const json_t *notices = json_array_get(json, 4);

    assert_int_equal(json_array_size(notices), 4);
    assert_string_equal(json_string_value(json_array_get(json_array_get(notices, 0), 6)),
                        "SUCCESS");
    assert_string_equal(json_string_value(json_array_get(json_array_get(notices, 1), 6)), "ERROR");
    assert_string_equal(json_string_value(json_array_get(json_array_get(notices, 1), 7)),
                        "Order not found.");
    assert_int_equal(json_array_size(json_array_get(notices, 1)), 8);
    assert_string_equal(json_string_value(json_array_get(json_array_get(notices, 2), 6)), "ERROR");
    assert_int_equal(json_array_size(json_array_get(json_array_get(notices, 3), 4)), 1);
    json_decref(json);
    call_is(2, "auth/w/order/multi", "{\"ops\":[]}", 500, "[\"error\",10020,\"ops: invalid\"]");
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
