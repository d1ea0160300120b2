#include "../test.h"

#include <string.h>

#include "base/fixed.h"
#include "exchange/order.h"

#define UNIT FIXED_ONE

static const struct {
    struct order order;
    const char *text;
} statuses[] = {
    { { .state = ORDER_STATE_ACTIVE }, "ACTIVE" },
    { { .state = ORDER_STATE_CANCELED }, "CANCELED" },
    { { .state = ORDER_STATE_ACTIVE, .fill_count = 1, .fills = { { 5 * UNIT, -2 * UNIT } } },
      "PARTIALLY FILLED @ 5(-2)" },
    { { .state = ORDER_STATE_CANCELED, .fill_count = 1, .fills = { { 392675000000, 2 * UNIT } } },
      "CANCELED was: PARTIALLY FILLED @ 3926.75(2)" },
    { { .state = ORDER_STATE_EXECUTED, .fill_count = 1, .fills = { { 853500, 20010000 } } },
      "EXECUTED @ 0.008535(0.2001)" },
    { { .state = ORDER_STATE_EXECUTED,
        .fill_count = 2,
        .fills = { { 854060, -31225457 }, { 854060, -68774543 } } },
      "EXECUTED @ 0.0085406(-0.31225457): was PARTIALLY FILLED @ 0.0085406(-0.68774543)" },
    { { .state = ORDER_STATE_INSUFFICIENT_BALANCE,
        .fill_count = 9,
        .fills = { { 4 * UNIT, UNIT }, { 3 * UNIT, UNIT }, { 2 * UNIT, UNIT }, { UNIT, UNIT } } },
      "INSUFFICIENT BALANCE (G1) was: PARTIALLY FILLED @ 4(1), PARTIALLY FILLED @ 3(1), "
      "PARTIALLY FILLED @ 2(1), PARTIALLY FILLED @ 1(1)" },
    { { .state = ORDER_STATE_EXECUTED,
        .fill_count = 3,
        .fills = { { 41779000000, -271000000 },
                   { 41847000000, -463000000 },
                   { 41840000000, -10000000 } } },
      "EXECUTED @ 417.79(-2.71): was PARTIALLY FILLED @ 418.47(-4.63), "
      "PARTIALLY FILLED @ 418.4(-0.1)" },
    { { .state = ORDER_STATE_FOK_CANCELED }, "FILLORKILL CANCELED" },
};

TEST(a_status_reads_as_the_venue_writes_it)
{
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        char text[ORDER_STATUS_SIZE];

        assert_int_equal(order_status_format(&statuses[i].order, text), strlen(statuses[i].text));
        assert_string_equal(text, statuses[i].text);
    }
}

TEST(the_longest_status_is_not_cut)
{
    struct order order = { .state = ORDER_STATE_INSUFFICIENT_BALANCE,
                           .fill_count = ORDER_FILLS_KEPT };
    char text[ORDER_STATUS_SIZE] = "";
    size_t size;

    for (unsigned i = 0; i < ORDER_FILLS_KEPT; i++)
        order.fills[i] = (struct order_fill){ INT64_MAX, INT64_MIN + 1 };
    size = order_status_format(&order, text);
    assert_int_equal(size, strlen(text));
    assert_int_equal(text[size - 1], ')');
}

TEST(types_are_found_by_the_words_of_the_venue)
{
    enum order_type type;

    for (unsigned i = 0; i < ORDER_TYPE_END; i++) {
        if (order_type_text(i) == NULL)
            continue;
        assert_true(order_type_find(slice_of(order_type_text(i)), &type));
        assert_int_equal(type, i);
    }
    assert_false(order_type_find(SLICE("exchange limit"), &type));
    assert_false(order_type_find(SLICE("EXCHANGE  LIMIT"), &type));
    assert_false(order_type_find(SLICE(""), &type));
    assert_null(order_type_text(ORDER_TYPE_END));
    assert_null(order_state_text(ORDER_STATE_COUNT));
    assert_false(order_on_margin(ORDER_TYPE_EXCHANGE_LIMIT));
    assert_true(order_on_margin(ORDER_TYPE_LIMIT));
}

TEST_MAIN
