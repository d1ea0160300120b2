#include "lenders.h"

TEST(a_lender_waits_and_has_locked_what_he_offers)
{
    struct floor floor;

    lenders_open(&floor);
    lenders_submit(&floor, lenders_offer(1, 500 * UNIT, 30000, 30));
    assert_string_equal(floor.text, "new offer 1 500 of 500: ACTIVE\n");
    assert_int_equal(lenders_wallet(&floor, 1, WALLET_FUNDING)->locked, 500 * UNIT);
    floor_close(&floor);
}

TEST(who_waited_names_the_rate_and_the_lender_the_period)
{
    struct floor floor;

    lenders_open(&floor);
    lenders_submit(&floor, lenders_offer(1, 500 * UNIT, 20000, 30));
    floor_clear(&floor);
    lenders_submit(&floor, lenders_offer(3, -200 * UNIT, 40000, 2));
    assert_string_equal(floor.text, "new offer 3 -200 of -200: ACTIVE\n"
                                    "lent -200 at 0.0002 for 30\n"
                                    "new loan 1 to 3 200 at 0.0002 for 30: ACTIVE\n"
                                    "matched offer 1 300 of 500: PARTIALLY FILLED at 0.02%(200)\n"
                                    "closed offer 3 0 of -200: EXECUTED at 0.02%(-200)\n");
    assert_int_equal(lenders_wallet(&floor, 1, WALLET_FUNDING)->locked, 500 * UNIT);
    floor_clear(&floor);
    lenders_submit(&floor, lenders_offer(4, -500 * UNIT, 50000, 2));
    lenders_submit(&floor, lenders_offer(2, 1000 * UNIT, 10000, 60));
    assert_non_null(strstr(floor.text, "lent 200 at 0.0005 for 60\n"));
    floor_close(&floor);
}

TEST(better_rates_go_first_then_older_offers_and_short_ones_are_passed_over)
{
    struct floor floor;

    lenders_open(&floor);
    lenders_submit(&floor, lenders_offer(1, 200 * UNIT, 30000, 30));
    lenders_submit(&floor, lenders_offer(2, 200 * UNIT, 20000, 2));
    lenders_submit(&floor, lenders_offer(2, 200 * UNIT, 20000, 30));
    lenders_submit(&floor, lenders_offer(1, 200 * UNIT, 10000, 30));
    floor_clear(&floor);
    lenders_submit(&floor, lenders_offer(3, -500 * UNIT, 30000, 10));
    assert_string_equal(floor.text,
                        "new offer 3 -500 of -500: ACTIVE\n"
                        "lent -200 at 0.0001 for 30\n"
                        "new loan 1 to 3 200 at 0.0001 for 30: ACTIVE\n"
                        "closed offer 1 0 of 200: EXECUTED at 0.01%(200)\n"
                        "matched offer 3 -300 of -500: PARTIALLY FILLED at 0.01%(-200)\n"
                        "lent -200 at 0.0002 for 30\n"
                        "new loan 2 to 3 200 at 0.0002 for 30: ACTIVE\n"
                        "closed offer 2 0 of 200: EXECUTED at 0.02%(200)\n"
                        "matched offer 3 -100 of -500: PARTIALLY FILLED at 0.02%(-400)\n"
                        "lent -100 at 0.0003 for 30\n"
                        "new loan 1 to 3 100 at 0.0003 for 30: ACTIVE\n"
                        "matched offer 1 100 of 200: PARTIALLY FILLED at 0.03%(100)\n"
                        "closed offer 3 0 of -500: EXECUTED at 0.03%(-500)\n");
    floor_close(&floor);
}

TEST(nobody_lends_to_himself)
{
    struct floor floor;

    lenders_open(&floor);
    floor_apply(&floor, (struct command){ .kind = COMMAND_TRANSFER,
                                          .account = 1,
                                          .wallet = WALLET_FUNDING,
                                          .wallet_to = WALLET_MARGIN,
                                          .currency = CURRENCY_USD,
                                          .amount = 100 * UNIT });
    lenders_submit(&floor, lenders_offer(1, 500 * UNIT, 20000, 30));
    floor_clear(&floor);
    lenders_submit(&floor, lenders_offer(1, -500 * UNIT, 20000, 30));
    assert_string_equal(floor.text, "new offer 1 -500 of -500: ACTIVE\n");
    floor_close(&floor);
}

TEST(who_wants_no_moving_rates_gets_none)
{
    struct command bid = lenders_offer(3, -200 * UNIT, 40000, 2);
    struct floor floor;

    lenders_open(&floor);
    lenders_submit(&floor, lenders_offer(1, 200 * UNIT, 0, 2));
    bid.flags = ORDER_NO_VAR_RATES;
    floor_clear(&floor);
    lenders_submit(&floor, bid);
    assert_string_equal(floor.text, "new offer 3 -200 of -200: ACTIVE\n");
    bid.flags = 0;
    lenders_submit(&floor, bid);
    assert_non_null(strstr(floor.text, "lent -200 at 0.0003 for 2\n"));
    assert_true(funding_loan_find(floor.engine, floor.loan)->is_var);
    floor_close(&floor);
}

TEST(a_canceled_offer_unlocks_and_all_of_them_go_by_currency)
{
    struct floor floor;
    uint64_t offer;

    lenders_open(&floor);
    offer = lenders_submit(&floor, lenders_offer(1, 500 * UNIT, 20000, 30));
    floor_clear(&floor);
    floor_apply(&floor,
                (struct command){ .kind = COMMAND_OFFER_CANCEL, .account = 2, .order = offer });
    assert_int_equal(floor.why, REFUSAL_OFFER);
    floor_apply(&floor,
                (struct command){ .kind = COMMAND_OFFER_CANCEL, .account = 1, .order = offer });
    assert_non_null(strstr(floor.text, "closed offer 1 500 of 500: CANCELED\n"));
    assert_int_equal(lenders_wallet(&floor, 1, WALLET_FUNDING)->locked, 0);
    assert_null(funding_offer_find(floor.engine, offer));

    lenders_submit(&floor, lenders_offer(1, 500 * UNIT, 20000, 30));
    lenders_submit(&floor, lenders_offer(2, 500 * UNIT, 20000, 30));
    floor_apply(&floor, (struct command){ .kind = COMMAND_OFFER_CANCEL_ALL,
                                          .account = 1,
                                          .fields = 1,
                                          .currency = CURRENCY_UST });
    assert_int_equal(lenders_wallet(&floor, 1, WALLET_FUNDING)->locked, 500 * UNIT);
    floor_apply(&floor, (struct command){ .kind = COMMAND_OFFER_CANCEL_ALL, .account = 1 });
    assert_int_equal(lenders_wallet(&floor, 1, WALLET_FUNDING)->locked, 0);
    assert_int_equal(lenders_wallet(&floor, 2, WALLET_FUNDING)->locked, 500 * UNIT);
    floor_close(&floor);
}

/* `with` changes one thing of an offer that is fine. */
static const struct {
    enum refusal why;
    struct command with;
} rows[] = {
    { REFUSAL_NONE, { .amount = 150 * UNIT } },
    { REFUSAL_OFFER_SIZE, { .amount = 150 * UNIT - 1 } },
    { REFUSAL_AMOUNT, { .amount = INT64_MIN } },
    { REFUSAL_OFFER_BALANCE, { .amount = 10000 * UNIT + 1 } },
    { REFUSAL_BID_BALANCE, { .amount = -150 * UNIT } },
    { REFUSAL_SYMBOL, { .currency = CURRENCY_ETH } },
    { REFUSAL_SYMBOL, { .currency = CURRENCY_COUNT } },
    { REFUSAL_TYPE, { .type = OFFER_TYPE_END } },
    { REFUSAL_FLAGS, { .flags = ORDER_POST_ONLY } },
    { REFUSAL_NONE, { .flags = ORDER_HIDDEN } },
    { REFUSAL_RATE, { .price = -1 } },
    { REFUSAL_RATE, { .price = FUNDING_RATE_MOST + 1 } },
    { REFUSAL_NONE, { .type = OFFER_FRRDELTAVAR, .price = 9000 } },
    { REFUSAL_FRR_DISTANCE, { .type = OFFER_FRRDELTAVAR, .price = 9001 } },
    { REFUSAL_FRR_DISTANCE, { .type = OFFER_FRRDELTAFIX, .price = -9001 } },
    { REFUSAL_RATE, { .type = OFFER_FRRDELTAFIX, .price = INT64_MIN } },
    { REFUSAL_PERIOD, { .period = 1 } },
    { REFUSAL_NONE, { .period = 120 } },
    { REFUSAL_PERIOD, { .period = 121 } },
};

TEST(a_row_is_an_offer_and_its_answer)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct command offer = lenders_offer(1, 500 * UNIT, 20000, 30);
        const struct command *with = &rows[i].with;
        struct floor floor;

        offer.amount = with->amount != 0 ? with->amount : offer.amount;
        offer.currency = with->currency != 0 ? with->currency : offer.currency;
        offer.type = with->type != 0 ? with->type : offer.type;
        offer.flags = with->flags;
        offer.price = with->price != 0 ? with->price : offer.price;
        offer.period = with->period != 0 ? with->period : offer.period;
        lenders_open(&floor);
        floor_apply(&floor, offer);
        if (floor.why != rows[i].why)
            fail_msg("row %zu: %s", i, refusal_text(floor.why));
        floor_close(&floor);
    }
}

TEST(who_borrows_can_pay_the_interest_of_all_that_he_borrows)
{
    struct floor floor;

    lenders_open(&floor);
    lenders_submit(&floor, lenders_offer(1, 3000 * UNIT, 100000, 10));
    /* 30 of the 100 dollars: 0.1 % a day for ten days of 3000. */
    lenders_submit(&floor, lenders_offer(3, -3000 * UNIT, 100000, 10));
    lenders_submit(&floor, lenders_offer(3, -7000 * UNIT, 100000, 10));
    assert_int_equal(floor.why, REFUSAL_NONE);
    floor_apply(&floor, lenders_offer(3, -150 * UNIT, 100000, 10));
    assert_int_equal(floor.why, REFUSAL_BID_BALANCE);
    floor_close(&floor);
}

TEST(an_account_has_only_so_many_offers)
{
    struct command offer = lenders_offer(1, 150 * UNIT, 20000, 30);
    struct floor floor;

    lenders_open(&floor);
    floor.unchecked = true;
    floor.writes = false;
    floor_apply(&floor, (struct command){ .kind = COMMAND_CREDIT,
                                          .account = 1,
                                          .wallet = WALLET_FUNDING,
                                          .currency = CURRENCY_USD,
                                          .amount = 100000 * UNIT });
    for (int i = 0; i < FUNDING_OFFERS_OWN; i++)
        lenders_submit(&floor, offer);
    assert_int_equal(floor.why, REFUSAL_NONE);
    floor_apply(&floor, offer);
    assert_int_equal(floor.why, REFUSAL_OFFERS_MANY);
    assert_null(engine_check(floor.engine));
    floor_close(&floor);
}

TEST_MAIN
