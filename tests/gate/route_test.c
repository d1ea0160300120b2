#include "gate/route.h"

#include "../test.h"

static const struct route all[] = {
#define ROUTE(number, name, method, pattern, class, scope, flags, deprecated, sunset, successor) \
    { number, HTTP_METHOD_##method, ROUTE_##class, SCOPE_##scope, flags,                         \
      #name,  pattern,              deprecated,    sunset,        successor },
#include "gate/route.def"
#undef ROUTE
};
enum { COUNT = sizeof all / sizeof all[0] };

static void assert_found(enum http_method method, const char *path, unsigned number)
{
    const struct route *route = route_find(route_table_venue(), method, slice_of(path));

    if (number == 0) {
        assert_null(route);
        return;
    }
    assert_non_null(route);
    assert_string_equal(route->name, route_get(number)->name);
}

/* A path that the pattern was written for. */
static void fill_in(const char *pattern, const char *parameter, char *path)
{
    while (*pattern != '\0') {
        if (*pattern == '*') {
            path = stpcpy(path, "any/thing");
            break;
        }
        if (*pattern != '{') {
            *path++ = *pattern++;
            continue;
        }
        pattern = strchr(pattern, '}') + 1;
        path = stpcpy(path, parameter);
    }
    *path = '\0';
}

TEST(every_row_is_found_by_its_own_path_and_stands_in_order)
{
    for (size_t i = 0; i < COUNT; i++) {
        enum http_method method = (enum http_method)all[i].method;
        char path[256];

        fill_in(all[i].pattern, "tBTCF0:USTF0", path);
        assert_found(method != HTTP_METHOD_ANY ? method : HTTP_METHOD_POST, path, all[i].number);
        assert_ptr_equal(route_get(all[i].number), &route_table_venue()->rows[i]);
        assert_in_range(all[i].number, 1, ROUTE_NUMBER_OWN - 1);
        if (i > 0 && route_order(&all[i - 1], &all[i]) >= 0)
            fail_msg("%s stands before %s", all[i - 1].name, all[i].name);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(all[j].number, all[i].number);
    }
}

static void assert_asks(const struct route *route, const char *what, unsigned class,
                        unsigned scope, int writes, int elevated, int order)
{
    if (route == NULL)
        fail_msg("%s has no route", what);
    else if (route->class != class || route->scope != scope || route_is_write(route) != writes ||
             route_is_elevated(route) != elevated ||
             ((route->flags & ROUTE_COUNTS_AS_ORDER) != 0) != order ||
             route_is_retired(route, UINT64_MAX))
        fail_msg("%s asks for something else than the reference says", what);
}

TEST(every_call_of_the_reference_has_its_route)
{
#define REFERENCE(method, path, class, scope, writes, elevated, order)                        \
    assert_asks(route_find(route_table_venue(), HTTP_METHOD_##method, SLICE(path)), path,     \
                ROUTE_##class, SCOPE_##scope, writes, elevated, order);
#define REFERENCE_INPUT(kind, name, class, scope, writes, elevated, order)
#include "reference_routes.def"
#undef REFERENCE
#undef REFERENCE_INPUT
}

TEST(every_input_of_the_websocket_has_its_route)
{
#define REFERENCE(method, path, class, scope, writes, elevated, order)
#define REFERENCE_INPUT(kind, name, class, scope, writes, elevated, order)             \
    assert_asks(route_find_input(ROUTE_INPUT_##kind, SLICE(name)), name, ROUTE_##class, \
                SCOPE_##scope, writes, elevated, order);
#include "reference_routes.def"
#undef REFERENCE
#undef REFERENCE_INPUT
}

TEST(unknown_inputs_belong_to_no_route)
{
    static const char *const names[] = { "", "nope", "on/x", "/on", "wallet",
                                         "*", "{x}", "o", "onn" };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_null(route_find_input(ROUTE_INPUT_EVENT, slice_of(names[i])));
        assert_null(route_find_input(ROUTE_INPUT_SUBSCRIBE, slice_of(names[i])));
        assert_null(route_find_input(ROUTE_INPUT_CHANNEL_0, slice_of(names[i])));
    }
    assert_null(route_find_input(ROUTE_INPUT_CALC, SLICE("margin_")));
    assert_null(route_find_input(ROUTE_INPUT_CALC, SLICE("walletx_BTC")));
    assert_null(route_find_input(ROUTE_INPUT_CALC, SLICE("_wallet")));
}

TEST(no_http_request_reaches_what_belongs_to_the_websocket)
{
    for (unsigned method = 0; method < HTTP_METHOD_WS; method++) {
        assert_found((enum http_method)method, "/ws/2/input/on", 0);
        assert_found((enum http_method)method, "/ws/2/event/auth", 0);
    }
    assert_int_equal(http_method_find(SLICE("WS")), HTTP_METHOD_OTHER);
}

TEST(a_segment_that_leads_elsewhere_belongs_to_no_route)
{
    static const char *const paths[] = {
        "/v2/auth/r/orders/..", "/v2/auth/r/orders/.", "/v2/./auth/r/wallets",
        "/v2/auth/r/orders/tBTCUSD/../hist", "/../v2/auth/r/wallets", "/v1/..",
    };

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        assert_found(HTTP_METHOD_POST, paths[i], 0);
    assert_found(HTTP_METHOD_POST, "/v2/auth/r/orders/t..", ROUTE_NUMBER_ORDERS_SYMBOL);
}

TEST(a_record_of_an_own_table_says_its_flags_itself)
{
    assert_int_equal(route_flags_of(ROUTE_NUMBER_WALLETS, 0), ROUTE_WALLETS);
    assert_int_equal(route_flags_of(ROUTE_NUMBER_TICKER, ROUTE_WALLETS), 0);
    assert_int_equal(route_flags_of(0, ROUTE_WALLETS), 0);
    assert_int_equal(route_flags_of(999, ROUTE_WALLETS), 0);
    assert_int_equal(route_flags_of(ROUTE_NUMBER_OWN, ROUTE_WALLETS), ROUTE_WALLETS);
}

TEST(an_announced_route_is_retired_at_its_sunset)
{
    struct route route = *route_get(ROUTE_NUMBER_TICKER);

    assert_false(route_is_retired(&route, UINT64_MAX));
    route.deprecated_at_s = 10;
    assert_false(route_is_retired(&route, UINT64_MAX));
    route.sunset_at_s = 20;
    assert_false(route_is_retired(&route, UINT64_C(19999999999)));
    assert_true(route_is_retired(&route, UINT64_C(20000000000)));
}

TEST(a_literal_beats_a_parameter)
{
    assert_found(HTTP_METHOD_POST, "/v2/auth/r/orders/hist", ROUTE_NUMBER_ORDERS_HIST);
    assert_found(HTTP_METHOD_POST, "/v2/auth/r/orders/tBTCUSD", ROUTE_NUMBER_ORDERS_SYMBOL);
    assert_found(HTTP_METHOD_POST, "/v2/auth/r/orders/tBTCUSD/hist",
                 ROUTE_NUMBER_ORDERS_SYMBOL_HIST);
    assert_found(HTTP_METHOD_POST, "/v2/auth/r/funding/offers/hist",
                 ROUTE_NUMBER_FUNDING_OFFERS_HIST);
    assert_found(HTTP_METHOD_POST, "/v2/auth/r/trades/calc", ROUTE_NUMBER_OWN_TRADES_CALC);
    assert_found(HTTP_METHOD_POST, "/v2/auth/w/alert/del", ROUTE_NUMBER_ALERT_DEL);
    assert_found(HTTP_METHOD_POST, "/v2/auth/w/alert/price:tBTCUSD:5/del",
                 ROUTE_NUMBER_ALERT_DEL_PRICE);
}

TEST(repeated_slashes_count_as_one)
{
    assert_found(HTTP_METHOD_POST, "//v2//auth/r///wallets/", ROUTE_NUMBER_WALLETS);
    assert_found(HTTP_METHOD_GET, "v2/ticker/tBTCUSD", ROUTE_NUMBER_TICKER);
}

TEST(section_names_are_found_in_any_case_and_nothing_else_is)
{
    assert_found(HTTP_METHOD_GET, "/v2/candles/trade:1m:tBTCUSD/HIST", ROUTE_NUMBER_CANDLES);
    assert_found(HTTP_METHOD_GET, "/v2/trades/tBTCUSD/Hist", ROUTE_NUMBER_TRADES_HIST);
    assert_found(HTTP_METHOD_GET, "/v2/Ticker/tBTCUSD", 0);
}

TEST(unknown_paths_belong_to_no_route)
{
    static const char *const paths[] = {
        "", "/", "/v2", "/v2/auth", "/v2/auth/r", "/v2/auth/r/nope", "/v2/nope", "/v3/ticker/x",
        "/v2/ticker", "/v2/ticker/a/b", "/v2/auth/r/wallets/nope", "/zz", "/a/b/c/d/e/f/g/h/i/j",
        "/v2/auth/zz/zz/zz", "/v2/book/tBTCUSD",
    };

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        assert_found(HTTP_METHOD_GET, paths[i], 0);
        assert_found(HTTP_METHOD_POST, paths[i], 0);
    }
    assert_found(HTTP_METHOD_GET, "/v2/auth/r/wallets", 0);
    assert_found(HTTP_METHOD_POST, "/v2/ticker/tBTCUSD", 0);
    assert_found(HTTP_METHOD_HEAD, "/v2/ticker/tBTCUSD", ROUTE_NUMBER_TICKER);
}

TEST(all_of_v1_is_retired)
{
    assert_found(HTTP_METHOD_POST, "/v1/account_infos", ROUTE_NUMBER_V1);
    assert_found(HTTP_METHOD_GET, "/v1", ROUTE_NUMBER_V1);
    assert_true((route_get(ROUTE_NUMBER_V1)->flags & ROUTE_RETIRED) != 0);
    assert_found(HTTP_METHOD_GET, "/v10", 0);
}

TEST(signed_routes_are_those_below_auth_and_depth_has_its_own_scope)
{
    for (size_t i = 0; i < COUNT; i++) {
        bool below = slice_starts(slice_of(all[i].pattern), SLICE("/v2/auth/"));

        if (all[i].method != HTTP_METHOD_WS)
            assert_int_equal(all[i].class == ROUTE_PRIVATE, below);
    }
    assert_int_equal(route_get(ROUTE_NUMBER_BOOK)->scope, SCOPE_DEPTH_READ);
    assert_int_equal(route_get(ROUTE_NUMBER_TICKER)->scope, SCOPE_NONE);
    assert_null(route_get(0));
    assert_null(route_get(60000));
}

TEST(escapes_are_decoded_once)
{
    char decoded[PATH_MOST];
    size_t size;

    assert_true(path_decode(SLICE("/v2/tBTCF0%3AUSTF0%2c%253A+"), decoded, &size));
    assert_memory_equal(decoded, "/v2/tBTCF0:USTF0,%3A+", size);
    assert_int_equal(size, 21);
}

TEST(broken_escapes_are_refused)
{
    static const char *const broken[] = { "%", "/a%2", "/a%zz", "/a%-1", "/a%00b",
                                          "/a%2fb", "/%2F" };
    char decoded[PATH_MOST], longest[PATH_MOST + 1];
    size_t size;

    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++)
        assert_false(path_decode(slice_of(broken[i]), decoded, &size));
    memset(longest, 'a', sizeof longest);
    assert_true(path_decode((struct slice){ longest, PATH_MOST }, decoded, &size));
    assert_false(path_decode((struct slice){ longest, PATH_MOST + 1 }, decoded, &size));
}

TEST(methods_survive_the_round_trip)
{
    for (unsigned i = 0; i < HTTP_METHOD_WS; i++)
        assert_int_equal(http_method_find(slice_of(http_method_text(i))), i);
    assert_int_equal(http_method_find(SLICE("BREW")), HTTP_METHOD_OTHER);
}

TEST(only_what_places_one_order_counts_as_having_placed_it)
{
    static const unsigned placing[] = { ROUTE_NUMBER_ORDER_SUBMIT, ROUTE_NUMBER_WS_ON };
    static const unsigned others[] = { ROUTE_NUMBER_ORDER_MULTI, ROUTE_NUMBER_WS_OX_MULTI,
                                       ROUTE_NUMBER_WS_OC, ROUTE_NUMBER_WS_AUTH };

    for (size_t i = 0; i < sizeof placing / sizeof *placing; i++)
        assert_true(route_places_order(placing[i], route_flags_of(placing[i], 0)));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(route_places_order(others[i], route_flags_of(others[i], 0)));
}

TEST_MAIN
