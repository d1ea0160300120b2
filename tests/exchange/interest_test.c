#include "lenders.h"

/* 1 lends 500 dollars at 0.02 % a day to 3, for `period` days, at midnight. */
static void lend(struct floor *floor, int64_t rate, uint64_t period)
{
    lenders_open(floor);
    lenders_submit(floor, lenders_offer(1, 500 * UNIT, rate, period));
    lenders_submit(floor, lenders_offer(3, -500 * UNIT, FUNDING_RATE_MOST / 100, 2));
    assert_int_not_equal(floor->loan, 0);
    floor_clear(floor);
}

TEST(interest_is_paid_each_day_at_half_past_one)
{
    struct floor floor;

    lend(&floor, 20000, 30);
    lenders_wait(&floor, HOUR_MS * 3 / 2 - 1);
    assert_string_equal(floor.text, "done\n");
    floor_clear(&floor);
    lenders_wait(&floor, 1);
    /* 500 x 0.0002 x 1.5 / 24, less 15 %, rounded for the venue. */
    assert_string_equal(floor.text, "row 3 USD -0.00625 = 99.99375\n"
                                    "row 1 USD 0.0053125 = 10000.0053125\n"
                                    "changed loan 1 to 3 500 at 0.0002 for 30: ACTIVE\n"
                                    "done\n");
    floor_clear(&floor);
    lenders_wait(&floor, DAY_MS);
    assert_non_null(strstr(floor.text, "row 3 USD -0.1 = 99.89375\n"
                                       "row 1 USD 0.085 = 10000.0903125\n"));
    floor_close(&floor);
}

TEST(a_loan_ends_by_itself_and_is_free_again)
{
    struct floor floor;

    lend(&floor, 20000, 2);
    lenders_wait(&floor, 2 * DAY_MS - 1);
    assert_non_null(funding_loan_find(floor.engine, floor.loan));
    floor_clear(&floor);
    lenders_wait(&floor, 1);
    assert_non_null(strstr(floor.text, "closed loan 1 to 3 500 at 0.0002 for 2: CLOSED "
                                       "(expired)\n"));
    assert_int_equal(lenders_wallet(&floor, 1, WALLET_FUNDING)->locked, 0);
    /* Two days, whenever it was paid. */
    assert_int_equal(lenders_wallet(&floor, 3, WALLET_MARGIN)->balance, 998 * UNIT / 10);
    floor_close(&floor);
}

TEST(a_long_pause_pays_each_day_on_its_own)
{
    struct floor floor, other;

    lend(&floor, 20000, 30);
    lend(&other, 20000, 30);
    lenders_wait(&floor, 31 * DAY_MS);
    for (int i = 0; i < 31; i++)
        lenders_wait(&other, DAY_MS);
    assert_int_equal(lenders_wallet(&floor, 1, WALLET_FUNDING)->balance,
                     lenders_wallet(&other, 1, WALLET_FUNDING)->balance);
    assert_int_equal(lenders_wallet(&floor, 3, WALLET_MARGIN)->balance, 97 * UNIT);
    floor_close(&floor);
    floor_close(&other);
}

TEST(the_borrower_gives_it_back_and_pays_an_hour_at_least)
{
    struct floor floor;

    lend(&floor, 24000, 30);
    floor_apply(&floor,
                (struct command){ .kind = COMMAND_LOAN_CLOSE, .account = 1, .order = floor.loan });
    assert_int_equal(floor.why, REFUSAL_LOAN);
    floor_apply(&floor,
                (struct command){ .kind = COMMAND_LOAN_CLOSE, .account = 3, .order = floor.loan });
    assert_int_equal(lenders_wallet(&floor, 3, WALLET_MARGIN)->balance, 100 * UNIT - 500000);
    assert_non_null(strstr(floor.text, "CLOSED (returned)\n"));
    floor_close(&floor);
}

TEST(who_cannot_pay_loses_the_loan)
{
    struct floor floor;

    lend(&floor, 60000, 30);
    floor_apply(&floor, (struct command){ .kind = COMMAND_WITHDRAW,
                                          .account = 3,
                                          .wallet = WALLET_MARGIN,
                                          .currency = CURRENCY_USD,
                                          .amount = 100 * UNIT - 1000 });
    lenders_wait(&floor, DAY_MS);
    assert_non_null(strstr(floor.text, "row 3 USD -0.00001 = 0\n"));
    assert_non_null(strstr(floor.text, "CLOSED (unpaid)\n"));
    assert_int_equal(lenders_wallet(&floor, 1, WALLET_FUNDING)->locked, 0);
    floor_close(&floor);
}

TEST(what_nobody_keeps_goes_back_at_the_full_hour)
{
    struct floor floor;

    lend(&floor, 20000, 30);
    floor_apply(&floor,
                (struct command){ .kind = COMMAND_LOAN_KEEP, .account = 3, .order = floor.loan });
    lenders_wait(&floor, HOUR_MS);
    assert_non_null(strstr(floor.text, "CLOSED (returned)\n"));
    floor_close(&floor);
}

TEST(the_frr_is_the_mean_of_what_is_lent_and_moves_who_follows_it)
{
    struct floor floor;

    lend(&floor, 20000, 30);
    lenders_submit(&floor, lenders_offer(2, 1500 * UNIT, 40000, 30));
    lenders_submit(&floor, lenders_offer(4, -1500 * UNIT, 40000, 30));
    lenders_submit(&floor, lenders_offer(1, 200 * UNIT, 0, 30));
    lenders_submit(&floor, lenders_offer(2, 200 * UNIT, 33000, 30));
    assert_int_equal(funding_offer_next(floor.engine, CURRENCY_USD, true, NULL)->rate_real, 30000);
    lenders_wait(&floor, HOUR_MS);
    assert_int_equal(funding_frr(floor.engine, CURRENCY_USD), 35000);
    assert_int_equal(funding_offer_next(floor.engine, CURRENCY_USD, true, NULL)->rate_real, 33000);
    floor_close(&floor);
}

TEST(an_offer_that_follows_the_frr_meets_a_bid_when_that_sinks)
{
    struct floor floor;

    lend(&floor, 20000, 30);
    lenders_submit(&floor, lenders_offer(1, 200 * UNIT, 0, 30));
    lenders_submit(&floor, lenders_offer(4, -200 * UNIT, 25000, 30));
    floor_clear(&floor);
    lenders_wait(&floor, HOUR_MS);
    /* The bid came later, but what is lent at the FRR is lent at the FRR. */
    assert_non_null(strstr(floor.text, "new loan 1 to 4 200 at 0.0002 for 30: ACTIVE\n"));
    floor_close(&floor);
}

TEST(a_moving_rate_follows_from_one_payout_to_the_next)
{
    struct floor floor;
    uint64_t loan;

    lenders_open(&floor);
    lenders_submit(&floor, lenders_offer(1, 500 * UNIT, 0, 30));
    lenders_submit(&floor, lenders_offer(3, -500 * UNIT, 40000, 2));
    loan = floor.loan;
    lenders_submit(&floor, lenders_offer(2, 500 * UNIT, 10000, 30));
    lenders_submit(&floor, lenders_offer(4, -500 * UNIT, 10000, 2));
    lenders_wait(&floor, HOUR_MS);
    assert_int_equal(funding_loan_find(floor.engine, loan)->rate_real, 30000);
    lenders_wait(&floor, HOUR_MS);
    assert_int_equal(funding_loan_find(floor.engine, loan)->rate_real, 10000);
    floor_close(&floor);
}

TEST(an_automatic_offer_lends_what_is_free_up_to_its_amount)
{
    struct command setting = { .kind = COMMAND_FUNDING_AUTO,
                               .account = 1,
                               .currency = CURRENCY_USD,
                               .fields = 1,
                               .amount = 800 * UNIT,
                               .price = 20000,
                               .period = 5 };
    struct floor floor;

    lend(&floor, 20000, 2);
    floor_apply(&floor, setting);
    floor_clear(&floor);
    lenders_wait(&floor, HOUR_MS);
    assert_non_null(strstr(floor.text, "new offer 1 300 of 300: ACTIVE\n"));
    floor_clear(&floor);
    lenders_wait(&floor, HOUR_MS);
    assert_null(strstr(floor.text, "new offer"));
    assert_int_equal(funding_auto_find(floor.engine, 1, CURRENCY_USD)->period, 5);
    setting.fields = 0;
    floor_apply(&floor, setting);
    assert_null(funding_auto_find(floor.engine, 1, CURRENCY_USD));
    floor_close(&floor);
}

TEST_MAIN
