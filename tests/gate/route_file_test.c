#include "gate/route_file.h"

#include <stdio.h>

#include "../test.h"

static struct route_file file;
static struct route_problem problem;
static char text[ROUTE_FILE_MOST + 2];

static bool parsed(const char *content)
{
    size_t size = strlen(content);

    memcpy(text, content, size);
    return route_file_parse(text, size, &file, &problem);
}

static void assert_found(enum http_method method, const char *path, unsigned number)
{
    const struct route *route = route_find(&file.table, method, slice_of(path));

    assert_int_equal(route == NULL ? 0 : route->number, number);
}

static const char venue[] =
    "# An own venue.\n"
    "signed-prefix /\n"
    "header-prefix acme-   # of the three headers\n"
    "\n"
    "1001 BALANCES GET /balances private wallets:read wallets\n"
    "1002\tORDER_NEW\tPOST\t/orders\tprivate\torders:write\torder\r\n"
    "1003 ORDER_DROP DELETE /orders/{id} private orders:write\n"
    "1004 ORDER GET /orders/{id} private orders:read\n"
    "1005 ORDER_LAST GET /orders/last private orders:read\n"
    "1006 QUOTES GET /quotes/{pair} public none deprecated=2026-01-01 "
    "sunset=2027-01-01T00:00:00Z successor=/ticker\n"
    "1007 FORUM * /forum/* public none retired\n"
    "1008 TOPIC GET /forum/{id}/topic public none write\n"
    "1009 PER_ACCOUNT GET /{account}/orders private positions:read\n"
    "65535 ROOT GET /* public none";

TEST(a_table_is_read_with_all_that_its_rows_say)
{
    const struct route *route;

    if (!parsed(venue))
        fail_msg("line %u: %s", problem.line, problem.words);
    assert_int_equal(file.table.count, 10);
    assert_true(slice_is(file.table.signed_prefix, SLICE("/")));
    assert_true(slice_is(file.table.header_prefix, SLICE("acme-")));
    assert_string_equal(file.table.wallets, "/balances");
    route = route_find(&file.table, HTTP_METHOD_GET, SLICE("/quotes/BTC-USD"));
    assert_non_null(route);
    assert_string_equal(route->name, "QUOTES");
    assert_int_equal(route->deprecated_at_s, 1767225600);
    assert_int_equal(route->sunset_at_s, 1798761600);
    assert_string_equal(route->successor, "/ticker");
    assert_int_equal(route->class, ROUTE_PUBLIC);
    assert_int_equal(route->scope, SCOPE_NONE);
    route = route_find(&file.table, HTTP_METHOD_POST, SLICE("/orders"));
    assert_int_equal(route->flags, ROUTE_COUNTS_AS_ORDER);
    assert_int_equal(route->class, ROUTE_PRIVATE);
    assert_true(route_is_write(route));
    assert_true(route_is_write(route_find(&file.table, HTTP_METHOD_GET, SLICE("/forum/1/topic"))));
    assert_true(route_is_elevated(route_find(&file.table, HTTP_METHOD_GET, SLICE("/7/orders"))));
}

TEST(what_is_written_finds_its_row)
{
    assert_true(parsed(venue));
    assert_found(HTTP_METHOD_DELETE, "/orders/7", 1003);
    assert_found(HTTP_METHOD_GET, "/orders/7", 1004);
    assert_found(HTTP_METHOD_HEAD, "/orders/LAST", 1005);
    assert_found(HTTP_METHOD_DELETE, "/orders/last", 1003); /* no such literal for this method */
    assert_found(HTTP_METHOD_PATCH, "/forum", 1007);
    assert_found(HTTP_METHOD_OTHER, "/forum/a/b/c", 1007);
    assert_found(HTTP_METHOD_GET, "/forum/9/topic", 1008);
    assert_found(HTTP_METHOD_POST, "/forum/9/topic", 1007);
    assert_found(HTTP_METHOD_GET, "/anybody/orders", 1009);
    assert_found(HTTP_METHOD_GET, "/orders/orders", 1004); /* the literal is gone down first */
    assert_found(HTTP_METHOD_GET, "/quotes/orders", 1006);
    /* And up again when it leads nowhere. */
    assert_found(HTTP_METHOD_GET, "/balances/orders", 1009);
    assert_found(HTTP_METHOD_GET, "/what/ever", 65535);
    assert_found(HTTP_METHOD_POST, "/what/ever", 0);
    assert_found(HTTP_METHOD_GET, "/orders/..", 0);
}

TEST(without_prefixes_they_are_the_venues)
{
    assert_true(parsed("1000 A GET /a public none"));
    assert_true(slice_is(file.table.signed_prefix, SLICE("/api/")));
    assert_true(slice_is(file.table.header_prefix, SLICE("bfx-")));
    assert_true(parsed("signed-prefix /v3\n1000 A GET /a public none\n"));
    assert_true(slice_is(file.table.signed_prefix, SLICE("/v3/")));
}

#define ROW "1000 A GET /a public none\n"

static const struct {
    const char *text;
    unsigned line;
    const char *words;
} cases[] = {
    { "", 0, "no route stands in it" },
    { "# nothing\n", 0, "no route stands in it" },
    { "999 A GET /a public none", 1, "\"999\" is no number from 1000 to 65535" },
    { "65536 A GET /a public none", 1, "\"65536\" is no number from 1000 to 65535" },
    { "1000x A GET /a public none", 1, "\"1000x\" is no number from 1000 to 65535" },
    { ROW "1000 B GET /b public none", 2, "1000 is the number of A already" },
    { "\n\n1000 a GET /a public none", 3, "\"a\" is no name: at most 32 of A-Z, 0-9 and _" },
    { "1000 A HEAD /a public none", 1, "HEAD needs no row: it is routed as GET" },
    { "1000 A WS /a public none", 1,
      "\"WS\" is no method: GET, POST, PUT, DELETE, OPTIONS, PATCH or *" },
    { "1000 A GET a public none", 1,
      "a path begins with a slash and has at most 200 bytes" },
    { "1000 A GET / public none", 1,
      "a path has one slash before each part, and none at its end" },
    { "1000 A GET /a//b public none", 1,
      "a path has one slash before each part, and none at its end" },
    { "1000 A GET /a/ public none", 1,
      "a path has one slash before each part, and none at its end" },
    { "1000 A GET /a/*/b public none", 1,
      "\"*\" stands for all the rest, so nothing comes after it" },
    { "1000 A GET /{A} public none", 1, "\"{A}\" is no parameter: {name}, of a-z and _" },
    { "1000 A GET /{a}b public none", 1, "\"{a}b\" is no parameter: {name}, of a-z and _" },
    { "1000 A GET /a%20b public none", 1,
      "\"a%20b\" is no part of a path: letters, digits and -._:@,=+" },
    { "1000 A GET /a/.. public none", 1,
      "\"..\" is no part of a path: letters, digits and -._:@,=+" },
    { "1000 A GET /Hist public none", 1,
      "\"Hist\" is found in any case, and written in lower case" },
    { "1000 A GET /1/2/3/4/5/6/7/8/9 public none", 1, "a path has at most 8 parts" },
    { "1000 A GET /a open none", 1, "\"open\" is no class: public or private" },
    { "1000 A GET /a public none now", 1,
      "\"now\" is unknown: order, wallets, write or retired" },
    { "1000 A GET /a public none until=2027", 1,
      "\"until=2027\" is unknown: deprecated=, sunset= or successor=" },
    { "1000 A GET /a public none sunset=2027-02-30", 1,
      "\"2027-02-30\" is no moment: 2027-01-01 or 2027-01-01T00:00:00Z" },
    { "1000 A GET /a public none sunset=2027-01-01T25:00:00Z", 1,
      "\"2027-01-01T25:00:00Z\" is no moment: 2027-01-01 or 2027-01-01T00:00:00Z" },
    { "1000 A GET /a public none successor=b", 1,
      "a successor is a path of at most 120 bytes" },
    { "1000 A GET /a public none successor=/b\"c", 1,
      "a successor is a path of at most 120 bytes" },
    { "1000 A GET /a public none deprecated=2027-01-02 sunset=2027-01-01", 1,
      "the sunset is before the deprecation (RFC 9745, section 4)" },
    { "1000 A GET /a public none order", 1,
      "orders and wallets belong to a key: the class must be private" },
    { ROW "1001 B GET /a public none", 2, "A has the same method and path already" },
    { "1000 A GET /x/{id} public none\n1001 B GET /x/{key}/y public none", 2,
      "/x/{key}/y names a parameter otherwise than A does at this place" },
    { "1000 A GET /x/{i} public none\n1001 B GET /x/{id} public none", 2,
      "/x/{id} names a parameter otherwise than A does at this place" },
    { "1000 A POST /a private orders:write order", 1,
      "orders wait for the wallets to be called (D1), but no row has the word \"wallets\"" },
    { "1000 A GET /a public", 1,
      "a route is: number name method path class scope, then words" },
    { "route A", 1, "\"route\" is neither a number nor signed-prefix nor header-prefix" },
    { "signed-prefix", 1, "signed-prefix has one value of at most 48 bytes" },
    { "signed-prefix api", 1,
      "what is signed before the path begins with a slash; / for nothing" },
    { "header-prefix Acme-", 1, "a header's prefix is of a-z, 0-9 and -" },
};

TEST(each_mistake_is_said_with_its_line)
{
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (parsed(cases[i].text))
            fail_msg("read: %s", cases[i].text);
        assert_string_equal(problem.words, cases[i].words);
        assert_int_equal(problem.line, cases[i].line);
    }
    assert_false(parsed("1000 A GET /a private trade"));
    assert_non_null(strstr(problem.words, "\"trade\" is no scope: none or one of account:read"));
}

#define ROW_NUMBERED "%u N%u GET /n%u/{id} public none\n"

TEST(limits_are_kept)
{
    size_t size = 0;

    for (unsigned i = 0; i <= ROUTE_TABLE_MOST; i++)
        size += (size_t)snprintf(text + size, 64, ROW_NUMBERED, 1000 + i, i, i);
    assert_false(route_file_parse(text, size, &file, &problem));
    assert_int_equal(problem.line, ROUTE_TABLE_MOST + 1);
    assert_string_equal(problem.words, "more than 512 routes");
    size = 0;
    for (unsigned i = 0; i < ROUTE_TABLE_MOST; i++)
        size += (size_t)snprintf(text + size, 64, ROW_NUMBERED, 1000 + i, i, i);
    assert_true(route_file_parse(text, size, &file, &problem));
    for (unsigned i = 0; i < ROUTE_TABLE_MOST; i++) {
        char path[32];

        snprintf(path, sizeof path, "/n%u/7", i);
        assert_found(HTTP_METHOD_GET, path, 1000 + i);
    }
    memset(text, '\n', ROUTE_FILE_MOST + 1);
    assert_false(route_file_parse(text, ROUTE_FILE_MOST + 1, &file, &problem));
    assert_string_equal(problem.words, "more than 131072 bytes");
    memcpy(text, ROW "\0" ROW, 2 * sizeof ROW - 1);
    assert_false(route_file_parse(text, 2 * sizeof ROW - 1, &file, &problem));
}

TEST_MAIN
