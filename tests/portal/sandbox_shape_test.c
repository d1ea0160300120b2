#include "../test.h"

#include <stdlib.h>

#include "portal/sandbox_shape.h"

static json_t *parsed(const char *text)
{
    json_t *json = json_loads(text, 0, NULL);

    assert_non_null(json);
    return json;
}

static void assert_json(json_t *json, const char *text)
{
    char *is = json_dumps(json, JSON_COMPACT | JSON_REAL_PRECISION(10));

    assert_string_equal(is, text);
    free(is);
    json_decref(json);
}

#define ORDER                                                                                   \
    "[7,null,9,\"tBTCUSD\",11,12,0.5,1.5,\"EXCHANGE LIMIT\",null,null,null,64,\"ACTIVE\",null," \
    "null,100.5,0,0,0,null,null,null,0,1,null,null,null,\"API>BFX\",null,null,null]"
#define SHOWN                                                                                \
    "{\"id\":7,\"symbol\":\"tBTCUSD\",\"created_ms\":11,\"amount\":0.5,\"amount_orig\":1.5," \
    "\"type\":\"EXCHANGE LIMIT\",\"flags\":64,\"status\":\"ACTIVE\",\"price\":100.5,"        \
    "\"price_avg\":0,\"price_aux_limit\":0}"

TEST(orders_and_wallets_are_read_by_their_places)
{
    json_t *orders = parsed("[" ORDER "]");
    json_t *wallets = parsed("[[\"exchange\",\"USD\",10.5,0,9,null,null]]");

    assert_json(sandbox_orders_json(orders), "{\"orders\":[" SHOWN "]}");
    assert_json(sandbox_wallets_json(wallets),
                "{\"wallets\":[{\"type\":\"exchange\",\"currency\":\"USD\",\"balance\":10.5,"
                "\"available\":9}]}");
    json_decref(orders);
    json_decref(wallets);
}

TEST(a_notification_is_about_an_order_or_a_list_of_one)
{
    json_t *placed = parsed("[1,\"on-req\",null,null,[" ORDER "],null,\"SUCCESS\",\"\"]");
    json_t *cancelled = parsed("[1,\"oc-req\",null,null," ORDER ",null,\"SUCCESS\",\"\"]");

    assert_json(sandbox_notified_json(placed), SHOWN);
    assert_json(sandbox_notified_json(cancelled), SHOWN);
    json_decref(placed);
    json_decref(cancelled);
}

TEST(what_has_another_shape_is_no_answer)
{
    static const char *const others[] = { "[]", "{}", "[[]]", "[1]", "[\"error\",1,\"x\"]" };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        json_t *other = parsed(others[i]);

        assert_null(sandbox_order_json(other));
        assert_null(sandbox_notified_json(other));
        assert_null(sandbox_state_json(other));
        if (i > 0)
            assert_null(sandbox_orders_json(other));
        json_decref(other);
    }
}

TEST(the_state_comes_with_markets_and_presets_and_without_what_pages_need_not_know)
{
    json_t *told = parsed("{\"environment\":\"sandbox\",\"clock\":{},\"seed\":1,\"preset\":"
                          "\"quiet\",\"resets\":0,\"owner\":true,\"injections\":[]}");
    json_t *shown = sandbox_state_json(told), *market;

    assert_non_null(shown);
    assert_null(json_object_get(shown, "environment"));
    market = json_array_get(json_object_get(shown, "markets"), 0);
    assert_string_equal(json_string_value(json_object_get(market, "symbol")), "tBTCUSD");
    assert_string_equal(json_string_value(json_object_get(market, "quote")), "USD");
    assert_true(json_array_size(json_object_get(shown, "presets")) >= 7);
    json_decref(shown);
    json_decref(told);
}

TEST(a_refusal_is_the_venues_words_and_names_the_field)
{
    json_t *wrong = parsed("[\"error\",10020,\"amount: invalid\"]");
    json_t *poor = parsed("[\"error\",10001,\"Invalid order: not enough exchange balance\"]");
    json_t *other = parsed("{\"error\":\"not_served\"}");
    struct refusal r;

    refusal_init(&r);
    assert_true(sandbox_refused(wrong, &r));
    assert_string_equal(r.reasons[0].field, "amount");
    assert_string_equal(r.reasons[0].text, "amount: invalid");
    refusal_init(&r);
    assert_true(sandbox_refused(poor, &r));
    assert_string_equal(r.reasons[0].field, "");
    refusal_init(&r);
    assert_false(sandbox_refused(other, &r));
    assert_false(refusal_is(&r));
    json_decref(wrong);
    json_decref(poor);
    json_decref(other);
}

TEST(only_short_values_with_names_from_the_list_go_on)
{
    static const char *const names[] = { "a", "b", "c", "d", NULL };
    json_t *from = parsed("{\"a\":1,\"b\":\"12345\",\"c\":\"123456\",\"d\":[1],\"account\":7}");

    assert_json(sandbox_body(from, names, 5), "{\"a\":1,\"b\":\"12345\"}");
    json_decref(from);
}

TEST_MAIN
