#include "../test.h"

#include <jansson.h>

#include "exchange/market.h"
#include "venue/conf.h"

static json_t *conf(const char *keys)
{
    struct buffer out = { 0 };
    struct json_writer w = json_writer_of(&out);
    json_t *json;

    conf_write(&w, slice_of(keys));
    json = json_loads(out.at, 0, NULL);
    assert_true(json_is_array(json));
    buffer_wipe(&out);
    return json;
}

TEST(each_key_gets_its_element_in_order)
{
    json_t *json = conf("pub:list:currency,unknown,pub:list:pair:exchange,pub:list:pair:margin,"
                        "pub:list:pair:futures");

    assert_int_equal(json_array_size(json), 5);
    assert_int_equal(json_array_size(json_array_get(json, 0)), CURRENCY_COUNT);
    assert_int_equal(json_array_size(json_array_get(json, 1)), 0);
    assert_int_equal(json_array_size(json_array_get(json, 2)), MARKET_COUNT - 1);
    assert_int_equal(json_array_size(json_array_get(json, 3)), MARKET_COUNT - 1);
    assert_int_equal(json_array_size(json_array_get(json, 4)), 1);
    json_decref(json);
}

/* Stock clients tell a swap by these. */
TEST(contracts_have_lists_of_their_own)
{
    json_t *json = conf("pub:info:pair:futures,pub:map:currency:undl,pub:list:currency:margin,"
                        "pub:fees");
    const json_t *row = json_array_get(json_array_get(json, 0), 0), *fees;

    assert_string_equal(json_string_value(json_array_get(row, 0)), "BTCF0:USTF0");
    row = json_array_get(row, 1);
    assert_int_equal(json_array_size(row), 10);
    assert_string_equal(json_string_value(json_array_get(row, 3)), "0.00004");
    assert_string_equal(json_string_value(json_array_get(row, 4)), "100.0");
    row = json_array_get(json_array_get(json, 1), 1);
    assert_string_equal(json_string_value(json_array_get(row, 0)), "USTF0");
    assert_string_equal(json_string_value(json_array_get(row, 1)), "UST");
    assert_int_equal(json_array_size(json_array_get(json, 2)), CURRENCY_COUNT - 2);
    fees = json_object_get(json_array_get(json_array_get(json, 3), 0), "deriv_perp");
    fees = json_object_get(fees, "BTCF0:USTF0");
    assert_float_equal(json_number_value(json_object_get(fees, "maker")), 0.0002, 0);
    assert_float_equal(json_number_value(json_object_get(fees, "taker")), 0.00065, 0);
    json_decref(json);
}

TEST(sizes_of_a_pair_are_text)
{
    json_t *json = conf("pub:info:pair"), *row = json_array_get(json_array_get(json, 0), 0);
    const json_t *facts = json_array_get(row, 1);

    assert_string_equal(json_string_value(json_array_get(row, 0)), "BTCUSD");
    assert_int_equal(json_array_size(facts), 12);
    assert_string_equal(json_string_value(json_array_get(facts, 3)), "0.00004");
    assert_string_equal(json_string_value(json_array_get(facts, 4)), "2000.0");
    assert_float_equal(json_number_value(json_array_get(facts, 8)), 0.1, 0);
    assert_float_equal(json_number_value(json_array_get(facts, 9)), 0.05, 0);
    json_decref(json);
}

/* The two lists with which a stock client begins, by position. */
TEST(methods_fees_and_confirmations_have_their_shapes)
{
    json_t *json = conf("pub:map:tx:method,pub:info:tx:status,pub:map:currency:tx:fee,"
                        "pub:map:currency:pool,pub:map:pair:sym");
    const json_t *row = json_array_get(json_array_get(json, 0), 0);

    assert_string_equal(json_string_value(json_array_get(row, 0)), "BITCOIN");
    assert_string_equal(json_string_value(json_array_get(json_array_get(row, 1), 0)), "BTC");
    row = json_array_get(json_array_get(json, 1), 0);
    assert_int_equal(json_array_size(row), 12);
    assert_int_equal(json_integer_value(json_array_get(row, 1)), 1);
    assert_int_equal(json_integer_value(json_array_get(row, 11)), 3);
    row = json_array_get(json_array_get(json, 2), 0);
    assert_float_equal(json_real_value(json_array_get(json_array_get(row, 1), 1)), 0.0004, 1e-9);
    assert_int_equal(json_array_size(json_array_get(json, 2)), 4); /* UST once */
    assert_int_equal(json_array_size(json_array_get(json, 4)), MARKET_COUNT);
    json_decref(json);
}

TEST(rules_and_fees_are_objects_within_their_element)
{
    json_t *json = conf("pub:fees,pub:spec:margin");

    assert_true(json_is_object(json_array_get(json_array_get(json, 0), 0)));
    assert_non_null(json_object_get(json_array_get(json_array_get(json, 1), 0), "initial"));
    json_decref(json);
}

TEST_MAIN
