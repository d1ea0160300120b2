#include "margins.h"

/* TRADER is long one bitcoin at 10,000, with a credit of LENDER's. */
static void open_with_credit(struct floor *floor)
{
    margins_open(floor);
    margins_stand(floor, -UNIT, 10000 * UNIT);
    margins_order(floor, TRADER, ORDER_TYPE_MARKET, UNIT, 0);
    floor_clear(floor);
}

static const struct loan *credit(const struct floor *floor, uint64_t lender)
{
    const struct loan *loan = NULL;

    while ((loan = funding_loan_next(floor->engine, CURRENCY_USD, loan)) != NULL)
        if (loan->position != 0 && loan->lender == lender)
            return loan;
    return NULL;
}

TEST(the_interest_of_a_credit_is_paid_by_its_position)
{
    struct floor floor;

    open_with_credit(&floor);
    lenders_wait(&floor, HOUR_MS * 3 / 2);
    /* 10000 x 0.0003 x 1.5 / 24 */
    assert_non_null(strstr(floor.text, "row 3 USD -0.1875 = 9979.8125\n"
                                       "row 1 USD 0.159375 = 1000000.159375\n"));
    lenders_wait(&floor, HOUR_MS * 8);
    assert_int_equal(position_worth(floor.engine, margins_position(&floor, TRADER)).funding, UNIT);
    assert_int_equal(margin_of(floor.engine, TRADER).interest, UNIT);
    floor_close(&floor);
}

TEST(a_credit_that_ends_is_borrowed_elsewhere)
{
    struct floor floor;

    open_with_credit(&floor);
    floor_clear(&floor);
    lenders_wait(&floor, 30 * DAY_MS);
    assert_non_null(strstr(floor.text, "10000 at 0.0003 for 30: CLOSED (expired)\n"));
    assert_non_null(credit(&floor, LENDER)); /* the next offer */
    floor_apply(&floor, (struct command){ .kind = COMMAND_OFFER_CANCEL_ALL, .account = LENDER });
    lenders_wait(&floor, 30 * DAY_MS);
    assert_null(credit(&floor, LENDER));
    assert_non_null(credit(&floor, ENGINE_FEE_ACCOUNT)); /* nobody lends: the venue does */
    assert_non_null(margins_position(&floor, TRADER));
    floor_close(&floor);
}

TEST(who_gives_a_credit_back_gets_another_one)
{
    struct floor floor;
    uint64_t before;

    open_with_credit(&floor);
    before = credit(&floor, LENDER)->id;
    floor_apply(&floor,
                (struct command){ .kind = COMMAND_LOAN_CLOSE, .account = TRADER, .order = before });
    assert_int_equal(floor.why, REFUSAL_NONE);
    assert_int_not_equal(credit(&floor, LENDER)->id, before);
    floor_close(&floor);
}

TEST(what_was_borrowed_before_is_used_first_and_stays_afterwards)
{
    struct floor floor;

    margins_open(&floor);
    lenders_submit(&floor, lenders_offer(TRADER, -15000 * UNIT, 50000, 2));
    assert_int_not_equal(floor.loan, 0);
    margins_stand(&floor, -UNIT, 10000 * UNIT);
    floor_clear(&floor);
    margins_order(&floor, TRADER, ORDER_TYPE_MARKET, UNIT, 0);
    assert_non_null(strstr(floor.text, "changed loan 1 to 3 5000 at 0.0003 for 30: ACTIVE\n"
                                       "used loan 1 to 3 10000 at 0.0003 for 30: ACTIVE\n"));
    margins_stand(&floor, UNIT, 10000 * UNIT);
    floor_clear(&floor);
    margins_order(&floor, TRADER, ORDER_TYPE_MARKET, -UNIT, 0);
    assert_non_null(strstr(floor.text, "unused loan 1 to 3 10000 at 0.0003 for 30: ACTIVE\n"));
    floor_close(&floor);
}

TEST(what_the_book_has_too_little_of_the_venue_lends_in_one_loan)
{
    struct floor floor;
    const struct loan *loan;

    margins_open(&floor);
    floor_apply(&floor, (struct command){ .kind = COMMAND_OFFER_CANCEL_ALL, .account = LENDER });
    lenders_submit(&floor, lenders_offer(LENDER, 15000 * UNIT, 30000, 30));
    margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, UNIT, 10000 * UNIT);
    margins_order(&floor, OTHER, ORDER_TYPE_LIMIT, UNIT, 10000 * UNIT);
    /* Each alone was promised enough; together they are not. */
    margins_order(&floor, MAKER, ORDER_TYPE_EXCHANGE_LIMIT, -2 * UNIT, 10000 * UNIT);
    assert_int_equal(credit(&floor, LENDER)->amount, 10000 * UNIT);
    loan = credit(&floor, ENGINE_FEE_ACCOUNT);
    assert_non_null(loan);
    assert_int_equal(loan->borrower, OTHER);
    assert_int_equal(loan->amount, 5000 * UNIT);
    floor_close(&floor);
}

TEST(who_asks_for_fixed_rates_takes_no_other)
{
    struct floor floor;
    struct command order = { .account = TRADER,
                             .type = ORDER_TYPE_LIMIT,
                             .flags = ORDER_NO_VAR_RATES,
                             .amount = UNIT,
                             .price = 10000 * UNIT };

    margins_open(&floor);
    lenders_submit(&floor, lenders_offer(LENDER, 500 * UNIT, 30000, 2));
    floor_apply(&floor, (struct command){ .kind = COMMAND_OFFER_CANCEL_ALL, .account = LENDER });
    lenders_submit(&floor, lenders_offer(LENDER, 20000 * UNIT, 0, 30)); /* at the FRR */
    lenders_submit(&floor, lenders_offer(LENDER, 20000 * UNIT, 60000, 30));
    margins_stand(&floor, -UNIT, 10000 * UNIT);
    floor_submit(&floor, order);
    assert_false(credit(&floor, LENDER)->is_var);
    assert_int_equal(credit(&floor, LENDER)->rate_real, 60000);
    floor_close(&floor);
}

TEST_MAIN
