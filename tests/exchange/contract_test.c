#include "contracts.h"

#include "exchange/contract.h"

#define HOUR_MS UINT64_C(3600000)

static struct contract_status status_of(const struct floor *floor)
{
    return contract_status(floor->engine, CONTRACT_MARKET);
}

/* TRADER is long one contract at 10,000, with 1000 set aside, and MAKER short. */
static void open_long(struct floor *floor)
{
    contracts_open(floor);
    contracts_stand(floor, -UNIT, 10000 * UNIT);
    contracts_order(floor, TRADER, ORDER_TYPE_MARKET, UNIT, 0, 10);
    assert_int_equal(contracts_position(floor, TRADER)->amount, UNIT);
    floor_clear(floor);
}

TEST(contracts_name_what_they_stand_for)
{
    const struct market_facts *facts = market_facts(CONTRACT_MARKET);
    enum market market;

    assert_string_equal(facts->pair, "BTCF0:USTF0");
    assert_true(facts->is_contract);
    assert_int_equal(facts->underlying, MARKET_BTCUST);
    assert_true(market_find(SLICE("tBTCF0:USTF0"), &market) && market == CONTRACT_MARKET);
    assert_int_equal(currency_underlying(CURRENCY_USTF0), CURRENCY_UST);
    assert_int_equal(currency_underlying(CURRENCY_UST), CURRENCY_UST);
    assert_true(currency_is_contract(CURRENCY_BTCF0) && !currency_is_contract(CURRENCY_BTC));
    assert_true(currency_settles_contracts(CURRENCY_USTF0));
    assert_false(currency_settles_contracts(CURRENCY_BTCF0));
}

TEST(the_status_of_a_contract_tells_price_index_and_open_interest)
{
    struct contract_status status;
    struct floor floor;

    open_long(&floor);
    contracts_index(&floor, 10100 * UNIT);
    status = status_of(&floor);
    assert_int_equal(status.price, 10000 * UNIT);
    assert_int_equal(status.spot, 10100 * UNIT);
    assert_int_equal(status.mark, 10100 * UNIT); /* no minute has been noted */
    assert_int_equal(status.open_interest, UNIT);
    assert_int_equal(status.event_ms, CONTRACTS_BEGIN_MS + 8 * HOUR_MS);
    assert_int_equal(status.step, 0);
    floor_close(&floor);
}

/* 60 minutes at +0.2 %, and then 120 at -0.1 %: the mean of three hours is nothing. */
TEST(the_mark_follows_the_mean_premium)
{
    struct floor floor;

    open_long(&floor);
    contracts_price(&floor, 10020 * UNIT);
    contracts_wait(&floor, HOUR_MS);
    assert_int_equal(status_of(&floor).step, 60);
    assert_int_equal(status_of(&floor).mark, 10020 * UNIT);
    assert_int_equal(status_of(&floor).accrued, 200000 - 50000);
    contracts_price(&floor, 9990 * UNIT);
    contracts_wait(&floor, 3 * HOUR_MS);
    assert_int_equal(status_of(&floor).step, 180);
    assert_int_equal(status_of(&floor).mark, 10000 * UNIT);
    assert_int_equal(status_of(&floor).accrued, 0);
    /* However far away the contract is traded, the mark stays within a quarter of a percent. */
    contracts_price(&floor, 12000 * UNIT);
    contracts_wait(&floor, 7 * HOUR_MS);
    assert_int_equal(status_of(&floor).mark, 10025 * UNIT);
    assert_int_equal(status_of(&floor).accrued, 250000);
    floor_close(&floor);
}

TEST(a_pause_is_noted_as_if_somebody_had_looked_each_minute)
{
    struct floor watched, asleep;

    open_long(&watched);
    open_long(&asleep);
    contracts_price(&watched, 10013 * UNIT);
    contracts_price(&asleep, 10013 * UNIT);
    watched.writes = asleep.writes = false;
    for (uint64_t at_ms = 0; at_ms <= 20 * HOUR_MS; at_ms += 47000)
        contracts_wait(&watched, at_ms);
    contracts_wait(&watched, 20 * HOUR_MS);
    contracts_wait(&asleep, 20 * HOUR_MS);
    assert_int_equal(contracts_balance(&watched, TRADER), contracts_balance(&asleep, TRADER));
    assert_int_equal(status_of(&watched).accrued, status_of(&asleep).accrued);
    assert_int_equal(status_of(&watched).mark, status_of(&asleep).mark);
    assert_int_equal(status_of(&watched).step, status_of(&asleep).step);
    floor_close(&watched);
    floor_close(&asleep);
}

/* 0.2 % above the index for eight hours: 0.15 % of one contract at 10,020. */
TEST(at_a_funding_event_the_dearer_side_pays)
{
    int64_t trader, maker;
    struct floor floor;

    open_long(&floor);
    contracts_price(&floor, 10020 * UNIT);
    trader = contracts_balance(&floor, TRADER);
    maker = contracts_balance(&floor, MAKER);
    assert_int_equal(engine_due_ms(floor.engine), CONTRACTS_BEGIN_MS + 8 * HOUR_MS);
    floor_clear(&floor);
    contracts_wait(&floor, 8 * HOUR_MS);
    assert_int_equal(contracts_balance(&floor, TRADER) - trader, -1503 * UNIT / 100);
    assert_int_equal(contracts_balance(&floor, MAKER) - maker, 1503 * UNIT / 100);
    assert_int_equal(contracts_position(&floor, TRADER)->funded, -1503 * UNIT / 100);
    assert_int_equal(contracts_position(&floor, TRADER)->collateral, 1000 * UNIT);
    assert_int_equal(status_of(&floor).rate, 150000);
    assert_int_equal(status_of(&floor).step, 0);
    assert_non_null(strstr(floor.text, "funding BTCF0:USTF0 mark 10020 rate 0.0015\n"));
    assert_int_equal(engine_due_ms(floor.engine), CONTRACTS_BEGIN_MS + 16 * HOUR_MS);
    floor_close(&floor);
}

TEST(below_the_index_the_short_side_pays)
{
    int64_t trader;
    struct floor floor;

    open_long(&floor);
    contracts_price(&floor, 9980 * UNIT);
    trader = contracts_balance(&floor, TRADER);
    contracts_wait(&floor, 8 * HOUR_MS);
    assert_int_equal(contracts_balance(&floor, TRADER) - trader, 1497 * UNIT / 100);
    floor_close(&floor);
}

TEST(within_half_a_thousandth_nobody_pays)
{
    int64_t trader;
    struct floor floor;

    open_long(&floor);
    contracts_price(&floor, 10005 * UNIT);
    trader = contracts_balance(&floor, TRADER);
    contracts_wait(&floor, 24 * HOUR_MS);
    assert_int_equal(contracts_balance(&floor, TRADER), trader);
    assert_int_equal(status_of(&floor).rate, 0);
    floor_close(&floor);
}

/* All of TRADER's wallet backs the position: the payment comes out of that. */
TEST(funding_that_is_not_free_comes_out_of_the_collateral)
{
    int64_t held;
    struct floor floor;

    open_long(&floor);
    held = contracts_balance(&floor, TRADER);
    floor_apply(&floor, (struct command){ .kind = COMMAND_COLLATERAL,
                                          .account = TRADER,
                                          .market = CONTRACT_MARKET,
                                          .amount = held });
    assert_int_equal(floor.why, REFUSAL_NONE);
    assert_int_equal(contracts_free(&floor, TRADER), 0);
    contracts_price(&floor, 10020 * UNIT);
    contracts_wait(&floor, 8 * HOUR_MS);
    assert_int_equal(contracts_position(&floor, TRADER)->collateral, held - 1503 * UNIT / 100);
    assert_int_equal(contracts_free(&floor, TRADER), 0);
    floor_close(&floor);
}

TEST(without_an_index_a_contract_is_worth_its_price_and_costs_no_funding)
{
    struct floor floor;

    floor_open(&floor, (struct engine_limits){ .orders = 64, .accounts = 8 });
    floor.time_ms = CONTRACTS_BEGIN_MS;
    margins_credit(&floor, MAKER, WALLET_MARGIN, CURRENCY_USTF0, 10000);
    margins_credit(&floor, TRADER, WALLET_MARGIN, CURRENCY_USTF0, 10000);
    contracts_stand(&floor, -UNIT, 10000 * UNIT);
    contracts_order(&floor, TRADER, ORDER_TYPE_MARKET, UNIT, 0, 10);
    assert_int_equal(status_of(&floor).mark, 10000 * UNIT);
    contracts_wait(&floor, 8 * HOUR_MS);
    assert_int_equal(status_of(&floor).rate, 0);
    assert_int_equal(contracts_position(&floor, TRADER)->funded, 0);
    floor_close(&floor);
}

TEST_MAIN
