#include "gate/route.h"

#include "../test.h"

static const struct route all[] = {
#define ROUTE(number, name, method, pattern, class, scope, flags)                            \
    { number, HTTP_METHOD_##method, ROUTE_##class, SCOPE_##scope, flags, #name, pattern },
#include "gate/route.def"
#undef ROUTE
};
enum { COUNT = sizeof all / sizeof all[0] };

static void assert_found(enum http_method method, const char *path, unsigned number)
{
    const struct route *route = route_find(method, slice_of(path));

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
        char path[256];

        fill_in(all[i].pattern, "tBTCF0:USTF0", path);
        assert_found((enum http_method)all[i].method, path, all[i].number);
        for (size_t j = 0; j < i; j++)
            assert_int_not_equal(all[j].number, all[i].number);
    }
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
        bool below = slice_starts(slice_of(all[i].pattern), SLICE("v2/auth/"));

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
    static const char *const broken[] = { "%", "/a%2", "/a%zz", "/a%-1", "/a%00b" };
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
    for (unsigned i = 0; i < HTTP_METHOD_COUNT; i++)
        assert_int_equal(http_method_find(slice_of(http_method_text(i))), i);
    assert_int_equal(http_method_find(SLICE("BREW")), HTTP_METHOD_OTHER);
}

TEST_MAIN
