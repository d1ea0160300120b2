#include "client.h"

#include "venue/owner.h"

#define START "1764000000000"

static json_t *operate(const char *command, const char *body)
{
    char path[80];

    snprintf(path, sizeof path, "../operator/sandbox/%s", command);
    return call(0, path, body);
}

static void operated(const char *command, const char *body)
{
    json_decref(operate(command, body));
    assert_int_equal(told_status, 200);
}

/* Of an account's own call. */
static void controlled(uint64_t account, const char *command, const char *body, long status)
{
    char path[80];

    snprintf(path, sizeof path, "auth/w/sandbox/%s", command);
    json_decref(call(account, path, body));
    assert_int_equal(told_status, status);
}

static void state_hash(char hash[17])
{
    json_t *json = operate("status", "{\"hash\":1}");

    snprintf(hash, 17, "%s", json_string_value(json_object_get(json, "state_hash")));
    json_decref(json);
}

static json_int_t number_of(const char *name)
{
    json_t *json = operate("status", "{}");
    json_t *at = json_object_get(json, name);
    json_int_t number = json_is_array(at) ? (json_int_t)json_array_size(at)
                                          : json_integer_value(at);

    json_decref(json);
    return number;
}

TEST(a_live_exchange_answers_as_if_there_were_nothing)
{
    exchange.environment = ENVIRONMENT_LIVE;
    exchange.owner = VENUE_OWNER_ANYBODY;
    exchange_start(false);
    call_is(0, "../operator/sandbox/status", "{}", 404,
            "{\"error\":\"not_served\",\"message\":\"POST /operator/sandbox/status is not served "
            "by this exchange\"}");
    call_is(2, "auth/w/sandbox/reset", "{}", 404,
            "{\"error\":\"not_served\",\"message\":\"POST /v2/auth/w/sandbox/reset is not served "
            "by this exchange\"}");
    exchange_stop();
    exchange_remove();
    exchange.folder[0] = '\0';
    exchange.environment = ENVIRONMENT_SANDBOX;
    exchange.owner = 2;
}

TEST(the_owner_alone_controls_the_market)
{
    exchange_start(false);
    controlled(2, "preset", "{\"preset\":\"thin\"}", 200);
    controlled(3, "preset", "{\"preset\":\"quiet\"}", 500);
    controlled(3, "reset", "{}", 500);
    controlled(3, "clock", "{\"mode\":\"freeze\"}", 500);
    controlled(3, "inject", "{\"kind\":\"maintenance\"}", 500);
    controlled(3, "scenario", "{\"yaml\":\"steps: [{do: halt}]\"}", 500);
    controlled(3, "inject", "{\"kind\":\"latency\",\"ms\":1}", 200);
    controlled(2, "no-such-thing", "{}", 500);
    assert_int_equal(number_of("injections"), 1);
    operated("clear", "{}");
    operated("preset", "{\"preset\":\"balanced\"}");
}

TEST(a_fault_of_one_account_does_not_strike_another)
{
    controlled(3, "inject", "{\"kind\":\"error\",\"status\":502,\"uses\":1}", 200);
    json_decref(call(2, "auth/r/wallets", "{}"));
    assert_int_equal(told_status, 200);
    json_decref(call(3, "auth/r/wallets", "{}"));
    assert_int_equal(told_status, 502);
    json_decref(call(3, "auth/r/wallets", "{}"));
    assert_int_equal(told_status, 200);
    controlled(3, "inject", "{\"kind\":\"error\",\"status\":503}", 200);
    json_decref(call(3, "auth/r/wallets", "{}"));
    assert_int_equal(told_status, 503);
    /* Nobody locks himself out of the controls, and nobody sees another's. */
    json_decref(call(2, "auth/r/sandbox/status", "{}"));
    assert_null(strstr(told.at, "error"));
    controlled(2, "clear", "{\"id\":3}", 200); /* the owner may */
    json_decref(call(3, "auth/r/wallets", "{}"));
    assert_int_equal(told_status, 200);
}

TEST(a_scripted_order_is_refused_or_filled)
{
    json_int_t id;

    controlled(3, "inject", "{\"kind\":\"reject\",\"cid\":41}", 200);
    call_limit(3, "0.1", "100");
    call_is(3, "auth/w/order/submit",
            "{\"symbol\":\"tBTCUSD\",\"type\":\"EXCHANGE LIMIT\",\"amount\":\"0.1\",\"price\":"
            "\"100\",\"cid\":41}",
            500,
            "[\"error\",10001,\"Invalid order: not enough exchange balance for 0.1 BTCUSD at "
            "100\"]");
    controlled(3, "inject", "{\"kind\":\"fill\",\"percent\":\"25\"}", 200);
    id = call_limit(3, "0.4", "101");
    {
        json_t *orders = call(3, "auth/r/orders", "{}"), *order;
        size_t i;
        bool seen = false;

        json_array_foreach(orders, i, order) {
            if (json_integer_value(json_array_get(order, 0)) != id)
                continue;
            seen = true;
            assert_true(json_number_value(json_array_get(order, 6)) > 0.29 &&
                        json_number_value(json_array_get(order, 6)) < 0.31);
        }
        assert_true(seen);
        json_decref(orders);
    }
}

TEST(maintenance_is_told_as_the_venue_tells_it)
{
    operated("inject", "{\"kind\":\"maintenance\"}");
    call_is(0, "platform/status", NULL, 200, "[0]");
    call_is(3, "auth/r/wallets", "{}", 500, "[\"error\",20060,\"maintenance\"]");
    operated("clear", "{}");
    call_is(0, "platform/status", NULL, 200, "[1]");
}

TEST(money_is_given_and_taken)
{
    json_t *wallets;

    controlled(4, "balance", "{\"currency\":\"USD\",\"amount\":\"-999999\"}", 200);
    controlled(4, "balance", "{\"currency\":\"USD\",\"amount\":\"-2\"}", 500);
    controlled(4, "balance", "{\"currency\":\"QQQ\",\"amount\":\"2\"}", 500);
    operated("balance", "{\"account\":4,\"currency\":\"BTC\",\"amount\":\"5\"}");
    wallets = call(4, "auth/r/wallets", "{}");
    assert_non_null(strstr(told.at, "\"USD\",1,"));
    assert_non_null(strstr(told.at, "\"BTC\",15,"));
    json_decref(wallets);
}

TEST(a_restart_keeps_clock_seed_and_preset)
{
    json_t *before;

    operated("clock", "{\"mode\":\"freeze\"}");
    operated("seed", "{\"seed\":99}");
    operated("preset", "{\"preset\":\"volatile\"}");
    controlled(3, "inject", "{\"kind\":\"latency\",\"ms\":7}", 200);
    before = operate("status", "{\"hash\":1}");
    exchange_kill();
    exchange_start(false);
    {
        json_t *again = operate("status", "{\"hash\":1}");

        assert_true(json_equal(before, again));
        json_decref(again);
    }
    json_decref(before);
}

TEST(a_reset_with_a_time_repeats_itself)
{
    char first[17], again[17], other[17];

    exchange_stop();
    exchange_start(true);
    operated("reset", "{\"seed\":5,\"time_ms\":" START "}");
    state_hash(first);
    assert_int_equal(number_of("injections"), 0);
    operated("clock", "{\"step_ms\":60000}");
    state_hash(other);
    assert_string_not_equal(first, other);
    call_limit(3, "0.1", "100");
    operated("reset", "{\"seed\":5,\"time_ms\":" START "}");
    state_hash(again);
    assert_string_equal(first, again);
    assert_int_equal(number_of("resets"), 2);
    exchange_kill();
    exchange_start(true);
    state_hash(again);
    assert_string_equal(first, again);
    operated("reset", "{\"seed\":6,\"time_ms\":" START "}");
    state_hash(other);
    assert_string_not_equal(first, other);
}

TEST(what_was_recorded_is_played_to_the_same_state)
{
    char recorded[17], hash[17];

    call_limit(3, "0.1", "100");
    operated("record", "{\"name\":\"one\"}");
    state_hash(recorded);
    operated("clock", "{\"step_ms\":60000}");
    state_hash(hash);
    assert_string_not_equal(recorded, hash);
    operated("replay", "{\"name\":\"one\"}");
    state_hash(hash);
    assert_string_equal(recorded, hash);
    json_decref(operate("replay", "{\"name\":\"two\"}"));
    assert_int_equal(told_status, 500);
    json_decref(operate("record", "{\"name\":\"../../etc\"}"));
    assert_int_equal(told_status, 500);
    exchange_kill();
    exchange_start(true);
    state_hash(hash);
    assert_string_equal(recorded, hash);
}

TEST(a_clock_goes_on_from_where_it_stands)
{
    json_t *json = operate("clock", "{\"mode\":\"rate\",\"rate\":\"60\"}");
    json_int_t time_ms = json_integer_value(
                   json_object_get(json_object_get(json, "clock"), "time_ms")),
               later_ms = time_ms;

    json_decref(json);
    while (later_ms < time_ms + 1000) {
        json = operate("status", "{}");
        later_ms = json_integer_value(json_object_get(json_object_get(json, "clock"), "time_ms"));
        json_decref(json);
    }
    operated("clock", "{\"mode\":\"real\"}");
    json_decref(operate("clock", "{\"mode\":\"rate\",\"rate\":\"1001\"}"));
    assert_int_equal(told_status, 500);
    json_decref(operate("clock", "{}"));
    assert_int_equal(told_status, 500);
    exchange_stop();
    exchange_remove();
}

TEST_MAIN
