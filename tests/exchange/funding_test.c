#include "lenders.h"

TEST(currencies_that_are_lent_have_a_symbol)
{
    enum currency currency;

    assert_true(funding_find(SLICE("fUSD"), &currency));
    assert_int_equal(currency, CURRENCY_USD);
    assert_false(funding_find(SLICE("fETH"), &currency));
    assert_false(funding_find(SLICE("tBTCUSD"), &currency));
    assert_false(funding_find(SLICE("f"), &currency));
    assert_false(funding_find(SLICE("USD"), &currency));
}

TEST(types_have_the_words_of_the_venue)
{
    enum offer_type type;

    assert_true(offer_type_find(SLICE("FRRDELTAVAR"), &type));
    assert_int_equal(type, OFFER_FRRDELTAVAR);
    assert_string_equal(offer_type_text(OFFER_LIMIT), "LIMIT");
    assert_false(offer_type_find(SLICE("limit"), &type));
    assert_null(offer_type_text(OFFER_TYPE_END));
    assert_null(offer_type_text(0));
}

TEST(a_status_says_what_was_matched_last)
{
    struct offer offer = { .amount = -50 * UNIT, .amount_orig = -50 * UNIT, .state = OFFER_ACTIVE };
    char text[FUNDING_STATUS_SIZE];

    offer_status_format(&offer, text);
    assert_string_equal(text, "ACTIVE");
    offer.amount = -20 * UNIT;
    offer.filled_rate = 12345;
    offer_status_format(&offer, text);
    assert_string_equal(text, "PARTIALLY FILLED at 0.012345%(-30)");
    offer.state = OFFER_CANCELED;
    offer_status_format(&offer, text);
    assert_string_equal(text, "CANCELED was: PARTIALLY FILLED at 0.012345%(-30)");
}

TEST(the_least_offer_is_150_dollars_in_what_is_lent)
{
    struct floor floor;

    lenders_open(&floor);
    assert_int_equal(funding_least(floor.engine, CURRENCY_USD), 150 * UNIT);
    assert_int_equal(funding_least(floor.engine, CURRENCY_BTC), 0);
    floor_credit(&floor, 1, CURRENCY_USD, 100000 * UNIT);
    floor_limit(&floor, 1, UNIT / 10, 50000 * UNIT);
    assert_int_equal(funding_least(floor.engine, CURRENCY_BTC), 300000);
    floor_close(&floor);
}

TEST_MAIN
