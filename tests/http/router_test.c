#include "../test.h"

#include "http/router.h"

static const struct http_route routes[] = {
    { "GET", "/keys", NULL },
    { "POST", "/keys", NULL },
    { "POST", "/orders/hist", NULL },
    { "POST", "/orders/{symbol}", NULL },
    { "POST", "/orders/{symbol}/hist", NULL },
    { "GET", "/book/{symbol}/{precision}", NULL },
};

static enum http_route_answer find(const char *method, const char *path,
                                   const struct http_route **found, struct http_values *values)
{
    return http_route_find(routes, sizeof routes / sizeof *routes, method, path, found, values);
}

TEST(the_first_row_that_fits_wins)
{
    static const struct {
        const char *method, *path;
        enum http_route_answer answer;
        size_t row;
    } cases[] = {
        { "GET", "/keys", HTTP_ROUTE_FOUND, 0 },
        { "POST", "/keys", HTTP_ROUTE_FOUND, 1 },
        { "DELETE", "/keys", HTTP_ROUTE_OTHER_METHOD, 0 },
        { "POST", "/orders/hist", HTTP_ROUTE_FOUND, 2 },
        { "POST", "/orders/tBTCUSD", HTTP_ROUTE_FOUND, 3 },
        { "POST", "/orders/tBTCUSD/hist", HTTP_ROUTE_FOUND, 4 },
        { "POST", "/orders/", HTTP_ROUTE_MISSING, 0 },
        { "POST", "/orders", HTTP_ROUTE_MISSING, 0 },
        { "GET", "/keys/", HTTP_ROUTE_MISSING, 0 },
        { "GET", "/KEYS", HTTP_ROUTE_MISSING, 0 },
        { "GET", "/book/tBTCUSD/P0/x", HTTP_ROUTE_MISSING, 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct http_route *found = NULL;
        struct http_values values;

        assert_int_equal(find(cases[i].method, cases[i].path, &found, &values), cases[i].answer);
        if (cases[i].answer == HTTP_ROUTE_FOUND)
            assert_ptr_equal(found, &routes[cases[i].row]);
        else
            assert_null(found);
    }
}

TEST(names_stand_for_their_segments)
{
    const struct http_route *found;
    struct http_values values;

    assert_int_equal(find("GET", "/book/tBTCF0:USTF0/R0", &found, &values), HTTP_ROUTE_FOUND);
    assert(slice_is(values.at[0], SLICE("tBTCF0:USTF0")));
    assert(slice_is(values.at[1], SLICE("R0")));
}

TEST_MAIN
