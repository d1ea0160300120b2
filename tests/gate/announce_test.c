#include "gate/announce.h"

#include "../test.h"

static struct route ticker(uint64_t deprecated_at_s, uint64_t sunset_at_s, const char *successor)
{
    struct route route = *route_get(ROUTE_NUMBER_TICKER);

    route.deprecated_at_s = deprecated_at_s;
    route.sunset_at_s = sunset_at_s;
    route.successor = successor;
    return route;
}

TEST(most_routes_have_nothing_to_say)
{
    struct announce_line lines[ANNOUNCE_LINES_MOST];

    assert_false(route_is_announced(route_get(ROUTE_NUMBER_TICKER)));
    assert_int_equal(announce_format(route_get(ROUTE_NUMBER_TICKER), lines), 0);
}

/* The dates are the examples of RFC 9745, section 2.1, and RFC 8594, section 3. */
TEST(an_announced_route_names_both_moments_and_its_successor)
{
    struct route route = ticker(1688169599, 1546300799, "/v2/tickers");
    struct announce_line lines[ANNOUNCE_LINES_MOST];

    assert_true(route_is_announced(&route));
    assert_int_equal(announce_format(&route, lines), 3);
    assert_string_equal(lines[0].name, "Deprecation");
    assert_string_equal(lines[0].value, "@1688169599");
    assert_string_equal(lines[1].name, "Sunset");
    assert_string_equal(lines[1].value, "Mon, 31 Dec 2018 23:59:59 GMT");
    assert_string_equal(lines[2].name, "Link");
    assert_string_equal(lines[2].value, "</v2/tickers>; rel=\"successor-version\"");
}

TEST(what_was_not_announced_is_left_out)
{
    struct announce_line lines[ANNOUNCE_LINES_MOST];
    struct route route = ticker(0, 1798761600, NULL);

    assert_int_equal(announce_format(&route, lines), 1);
    assert_string_equal(lines[0].value, "Fri, 01 Jan 2027 00:00:00 GMT");
    route = ticker(1, 0, NULL);
    assert_int_equal(announce_format(&route, lines), 1);
    assert_string_equal(lines[0].value, "@1");
}

TEST(the_longest_successor_has_room)
{
    struct announce_line lines[ANNOUNCE_LINES_MOST];
    char longest[ROUTE_SUCCESSOR_MOST + 1];
    struct route route = ticker(0, 0, longest);
    size_t size;

    memset(longest, 'a', ROUTE_SUCCESSOR_MOST);
    longest[0] = '/';
    longest[ROUTE_SUCCESSOR_MOST] = '\0';
    assert_int_equal(announce_format(&route, lines), 1);
    size = strlen(lines[0].value);
    assert_string_equal(lines[0].value + size - 8, "version\"");
}

TEST(all_of_v1_points_to_v2)
{
    struct announce_line lines[ANNOUNCE_LINES_MOST];

    assert_int_equal(announce_format(route_get(ROUTE_NUMBER_V1), lines), 1);
    assert_string_equal(lines[0].value, "</v2/>; rel=\"successor-version\"");
}

TEST_MAIN
