#include "client.h"

static size_t rows(uint64_t account, const char *path, const char *body)
{
    json_t *json = call(account, path, body);
    size_t count = json_array_size(json);

    assert_int_equal(told_status, 200);
    json_decref(json);
    return count;
}

TEST(settings_come_back_as_json_after_a_kill)
{
    json_t *json;

    exchange_start(false);
    json = call(2, "auth/w/settings/set",
                "{\"settings\":{\"api:a\":{\"x\":[1,0.1]},\"api:b\":\"text\",\"api:c\":null}}");
    assert_int_equal(json_array_size(json), 8);
    assert_string_equal(json_string_value(json_array_get(json, 1)), "acc_ss");
    assert_int_equal(json_integer_value(json_array_get(json_array_get(json, 4), 0)), 3);
    json_decref(json);
    exchange_kill();
    exchange_start(false);
    call_is(2, "auth/r/settings", "{\"keys\":[\"api:b\",\"api:a\"]}", 200,
            "[[\"api:a\",{\"x\":[1,0.1]}],[\"api:b\",\"text\"]]");
    call_is(2, "auth/r/settings", "{\"keys\":[\"api:*\"]}", 200,
            "[[\"api:a\",{\"x\":[1,0.1]}],[\"api:b\",\"text\"],[\"api:c\",null]]");
    call_is(3, "auth/r/settings", "{\"keys\":[\"api:*\"]}", 200, "[]");
    call_is(2, "auth/r/settings/core", "{\"keys\":[\"bfx:x\"]}", 200, "[]");
}

TEST(settings_are_deleted_in_each_form_that_clients_send)
{
    json_decref(call(2, "auth/w/settings/del", "{\"keys\":[\"api:a\",\"api:none\"]}"));
    assert_non_null(strstr(told.at, "\"acc_sd\",null,null,[1],null,\"SUCCESS\""));
    json_decref(call(2, "auth/w/settings/del", "{\"settings\":{\"api:b\":1}}"));
    json_decref(call(2, "auth/w/settings/del", "{\"settings\":[\"api:c\"]}"));
    call_is(2, "auth/r/settings", "{}", 200, "[]");
    call_is(2, "auth/w/settings/del", "{}", 500, "[\"error\",10020,\"keys: invalid\"]");
    call_is(2, "auth/w/settings/del", "{\"keys\":[7]}", 500, "[\"error\",10020,\"keys: invalid\"]");
}

TEST(settings_that_are_none_are_refused)
{
    static const char *const bodies[] = {
        "{}",
        "{\"settings\":[]}",
        "{\"settings\":{}}",
        "{\"settings\":{\"bfx:x\":1}}",
        "{\"settings\":{\"api:good\":1,\"api:a b\":1}}",
    };

    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++)
        call_is(2, "auth/w/settings/set", bodies[i], 500,
                "[\"error\",10020,\"settings: invalid\"]");
    call_is(2, "auth/r/settings", "{}", 200, "[]");
}

TEST(alerts_are_set_listed_and_deleted_by_both_paths)
{
    call_is(2, "auth/w/alert/set",
            "{\"type\":\"price\",\"symbol\":\"tETHUSD\",\"price\":220,\"count\":5}", 200,
            "[\"price:tETHUSD:220\",\"price\",\"tETHUSD\",220,5]");
    call_is(2, "auth/w/alert/set", "{\"type\":\"price\",\"symbol\":\"tBTCUSD\",\"price\":\"0.5\"}",
            200, "[\"price:tBTCUSD:0.5\",\"price\",\"tBTCUSD\",0.5,100]");
    exchange_kill();
    exchange_start(false);
    assert_int_equal(rows(2, "auth/r/alerts", "{\"type\":\"price\"}"), 2);
    assert_int_equal(rows(2, "auth/r/alerts?type=price", "{}"), 2);
    assert_int_equal(rows(3, "auth/r/alerts", "{}"), 0);
    call_is(2, "auth/w/alert/price:tETHUSD:220/del", "{}", 200, "[true]");
    call_is(2, "auth/w/alert/del", "{\"symbol\":\"tBTCUSD\",\"price\":0.5}", 200, "[true]");
    call_is(2, "auth/r/alerts", "{}", 200, "[]");
    call_is(2, "auth/w/alert/price:tETHUSD:220/del", "{}", 500,
            "[\"error\",10020,\"alert: invalid\"]");
    call_is(2, "auth/w/alert/price:tETHUSD/del", "{}", 500, "[\"error\",10020,\"alert: invalid\"]");
    call_is(2, "auth/w/alert/x/del", "{}", 500, "[\"error\",10020,\"alert: invalid\"]");
    call_is(2, "auth/w/alert/set", "{\"symbol\":\"tETHUSD\",\"price\":1}", 500,
            "[\"error\",10020,\"type: invalid\"]");
    call_is(2, "auth/w/alert/set", "{\"type\":\"price\",\"symbol\":\"tETHUSD\"}", 500,
            "[\"error\",10020,\"price: invalid\"]");
}

TEST(an_alert_counts_down_when_trades_reach_its_price)
{
    json_decref(call(2, "auth/w/alert/set",
                     "{\"type\":\"price\",\"symbol\":\"tBTCUSD\",\"price\":10000,\"count\":2}"));
    call_limit(2, "-0.5", "10000");
    call_limit(3, "0.5", "10000");
    call_is(2, "auth/r/alerts", "{}", 200,
            "[[\"price:tBTCUSD:10000\",\"price\",\"tBTCUSD\",10000,1]]");
}

TEST(what_was_changed_is_listed)
{
    json_t *json = call(2, "auth/r/audit/hist", "{\"limit\":1}");
    const json_t *row = json_array_get(json, 0);

    assert_int_equal(json_array_size(json), 1);
    assert_int_equal(json_array_size(row), 7);
    assert_string_equal(json_string_value(json_array_get(row, 2)),
                        "alert set: price:tBTCUSD:10000");
    json_decref(json);
    call_is(2, "auth/r/logins/hist", "{}", 200, "[]");
    call_is(2, "auth/r/logins/hist", "{\"limit\":251}", 500,
            "[\"error\",10020,\"limit: invalid\"]");
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
