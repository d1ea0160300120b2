#include "contracts.h"

#include "exchange/contract.h"

static enum refusal try_order(struct floor *floor, struct command command)
{
    command.kind = COMMAND_SUBMIT;
    command.market = CONTRACT_MARKET;
    return engine_judge(floor->engine, &command, NULL);
}

static enum refusal set_collateral(struct floor *floor, uint64_t account, int64_t amount)
{
    floor->why = REFUSAL_NONE;
    floor_apply(floor, (struct command){ .kind = COMMAND_COLLATERAL,
                                         .account = account,
                                         .market = CONTRACT_MARKET,
                                         .amount = amount });
    return floor->why;
}

/* TRADER buys one contract of MAKER at 10,000 with a tenth of it behind it. */
static void open_long(struct floor *floor)
{
    contracts_open(floor);
    contracts_stand(floor, -UNIT, 10000 * UNIT);
    contracts_order(floor, TRADER, ORDER_TYPE_MARKET, UNIT, 0, 10);
    floor_clear(floor);
}

TEST(a_position_sets_aside_its_value_over_the_leverage)
{
    const struct position *position;
    struct position_worth worth;
    struct floor floor;

    open_long(&floor);
    position = contracts_position(&floor, TRADER);
    assert_int_equal(position->amount, UNIT);
    assert_int_equal(position->base_price, 10000 * UNIT);
    assert_int_equal(position->collateral, 1000 * UNIT);
    assert_int_equal(contracts_position(&floor, MAKER)->collateral, 100 * UNIT);
    /* 0.065 % for the taker, 0.02 % for the maker, and nothing is borrowed. */
    assert_int_equal(contracts_balance(&floor, TRADER), 10000 * UNIT - 65 * UNIT / 10);
    assert_int_equal(contracts_free(&floor, TRADER), 9000 * UNIT - 65 * UNIT / 10);
    worth = position_worth(floor.engine, position);
    assert_int_equal(worth.leverage, 10 * UNIT);
    assert_int_equal(worth.funding, 0);
    /* 1000 less 1 dollar a dollar meets 0.5 % of what is left: 9000 / 0.995. */
    assert_int_equal(worth.price_liq, 904522613065);
    assert_int_equal(worth.collateral_least, 100 * UNIT);
    floor_close(&floor);
}

TEST(open_orders_need_what_they_would_set_aside)
{
    struct floor floor;
    uint64_t bid;

    contracts_open(&floor);
    bid = contracts_order(&floor, TRADER, ORDER_TYPE_LIMIT, UNIT, 9000 * UNIT, 10);
    assert_int_equal(contracts_free(&floor, TRADER),
                     contracts_balance(&floor, TRADER) - 900 * UNIT);
    contracts_order(&floor, TRADER, ORDER_TYPE_LIMIT, -UNIT, 11000 * UNIT, 20);
    assert_int_equal(contracts_free(&floor, TRADER),
                     contracts_balance(&floor, TRADER) - 900 * UNIT - 550 * UNIT);
    assert_int_equal(try_order(&floor, (struct command){ .account = TRADER,
                                                         .type = ORDER_TYPE_LIMIT,
                                                         .amount = 10 * UNIT,
                                                         .price = 9000 * UNIT,
                                                         .leverage = 10 }),
                     REFUSAL_TRADABLE);
    assert_int_equal(try_order(&floor, (struct command){ .account = TRADER,
                                                         .type = ORDER_TYPE_LIMIT,
                                                         .amount = 10 * UNIT,
                                                         .price = 9000 * UNIT,
                                                         .leverage = 11 }),
                     REFUSAL_NONE);
    floor_apply(&floor,
                (struct command){ .kind = COMMAND_CANCEL, .account = TRADER, .order = bid });
    assert_int_equal(contracts_free(&floor, TRADER),
                     contracts_balance(&floor, TRADER) - 550 * UNIT);
    floor_close(&floor);
}

/* A plain order the other way closes: all is set aside for the position, and still it may be sold.
 */
TEST(what_only_closes_needs_nothing)
{
    struct floor floor;

    open_long(&floor);
    assert_int_equal(set_collateral(&floor, TRADER, contracts_balance(&floor, TRADER)),
                     REFUSAL_NONE);
    assert_int_equal(contracts_free(&floor, TRADER), 0);
    assert_int_equal(try_order(&floor, (struct command){ .account = TRADER,
                                                         .type = ORDER_TYPE_LIMIT,
                                                         .amount = -UNIT,
                                                         .price = 10500 * UNIT }),
                     REFUSAL_NONE);
    assert_int_equal(try_order(&floor, (struct command){ .account = TRADER,
                                                         .type = ORDER_TYPE_LIMIT,
                                                         .amount = -UNIT - UNIT / 100,
                                                         .price = 10500 * UNIT }),
                     REFUSAL_TRADABLE);
    contracts_stand(&floor, UNIT, 10500 * UNIT);
    contracts_order(&floor, TRADER, ORDER_TYPE_MARKET, -UNIT, 0, 10);
    assert_null(contracts_position(&floor, TRADER));
    /* 500 gained, fees of 6.5 and 6.825. */
    assert_int_equal(contracts_balance(&floor, TRADER), 10500 * UNIT - 13325 * UNIT / 1000);
    assert_int_equal(contracts_free(&floor, TRADER), contracts_balance(&floor, TRADER));
    floor_close(&floor);
}

TEST(a_part_that_is_closed_frees_its_part_of_the_collateral)
{
    struct floor floor;

    open_long(&floor);
    contracts_stand(&floor, UNIT / 4, 10000 * UNIT);
    contracts_order(&floor, TRADER, ORDER_TYPE_MARKET, -UNIT / 4, 0, 10);
    assert_int_equal(contracts_position(&floor, TRADER)->collateral, 750 * UNIT);
    floor_close(&floor);
}

TEST(a_flip_closes_one_position_and_backs_the_other)
{
    struct floor floor;

    open_long(&floor);
    contracts_stand(&floor, 3 * UNIT, 10000 * UNIT);
    floor_clear(&floor);
    contracts_order(&floor, TRADER, ORDER_TYPE_MARKET, -3 * UNIT, 0, 20);
    assert_int_equal(contracts_position(&floor, TRADER)->amount, -2 * UNIT);
    assert_int_equal(contracts_position(&floor, TRADER)->collateral, 1000 * UNIT);
    assert_non_null(strstr(floor.text, "closed position 3 BTCF0:USTF0"));
    assert_non_null(strstr(floor.text, "new position 3 BTCF0:USTF0 -2"));
    floor_close(&floor);
}

TEST(an_order_at_market_takes_as_much_as_can_be_backed)
{
    struct floor floor;

    contracts_open(&floor);
    contracts_stand(&floor, -UNIT, 10000 * UNIT);
    contracts_stand(&floor, -100 * UNIT, 10500 * UNIT);
    contracts_order(&floor, TRADER, ORDER_TYPE_MARKET, 5 * UNIT, 0, 5);
    assert_non_null(strstr(floor.text, "INSUFFICIENT MARGIN was: PARTIALLY FILLED"));
    assert_true(contracts_position(&floor, TRADER)->amount > 4 * UNIT);
    assert_true(contracts_free(&floor, TRADER) >= 0);
    floor_close(&floor);
}

TEST(the_leverage_of_an_order_can_be_changed)
{
    struct command change = {
        .kind = COMMAND_UPDATE, .account = TRADER, .fields = UPDATE_LEVERAGE, .leverage = 3
    };
    struct floor floor;

    contracts_open(&floor);
    change.order = contracts_order(&floor, TRADER, ORDER_TYPE_LIMIT, 3 * UNIT, 9000 * UNIT, 30);
    floor_apply(&floor, change);
    assert_int_equal(contracts_free(&floor, TRADER),
                     contracts_balance(&floor, TRADER) - 9000 * UNIT);
    change.leverage = 2;
    floor_apply(&floor, change);
    assert_int_equal(floor.why, REFUSAL_TRADABLE);
    change.leverage = 101;
    floor_apply(&floor, change);
    assert_int_equal(floor.why, REFUSAL_LEVERAGE);
    floor_close(&floor);
}

TEST(contracts_know_no_exchange_wallet_no_claims_and_no_more_than_a_hundredfold)
{
    struct command c = { .account = TRADER, .amount = UNIT, .price = 9000 * UNIT };
    struct floor floor;

    open_long(&floor);
    c.type = ORDER_TYPE_EXCHANGE_LIMIT;
    assert_int_equal(try_order(&floor, c), REFUSAL_TYPE);
    c.type = ORDER_TYPE_LIMIT;
    c.leverage = 101;
    assert_int_equal(try_order(&floor, c), REFUSAL_LEVERAGE);
    c = (struct command){ .kind = COMMAND_POSITION_CLAIM,
                          .account = TRADER,
                          .order = contracts_position(&floor, TRADER)->id };
    assert_int_equal(engine_judge(floor.engine, &c, NULL), REFUSAL_POSITION);
    c = (struct command){ .kind = COMMAND_POSITION_INCREASE,
                          .account = TRADER,
                          .market = CONTRACT_MARKET,
                          .amount = UNIT };
    assert_int_equal(engine_judge(floor.engine, &c, NULL), REFUSAL_SYMBOL);
    floor_close(&floor);
}

TEST(collateral_is_set_between_the_least_and_what_is_there)
{
    int64_t least, most;
    struct floor floor;

    open_long(&floor);
    contract_collateral_limits(floor.engine, contracts_position(&floor, TRADER), &least, &most);
    assert_int_equal(least, 100 * UNIT);
    assert_int_equal(most, contracts_balance(&floor, TRADER));
    assert_int_equal(set_collateral(&floor, TRADER, least - 1), REFUSAL_COLLATERAL);
    assert_int_equal(set_collateral(&floor, TRADER, -1), REFUSAL_COLLATERAL);
    assert_int_equal(set_collateral(&floor, TRADER, most + 1), REFUSAL_AVAILABLE);
    assert_int_equal(set_collateral(&floor, TRADER, most), REFUSAL_NONE);
    assert_int_equal(contracts_free(&floor, TRADER), 0);
    assert_int_equal(set_collateral(&floor, TRADER, least), REFUSAL_NONE);
    assert_int_equal(contracts_free(&floor, TRADER), most - least);
    assert_int_equal(set_collateral(&floor, OTHER, UNIT), REFUSAL_POSITION);
    floor_close(&floor);
}

/* 1000 behind it and 0.5 % needed: closed when the index is below 9045. */
TEST(a_liquidation_costs_the_collateral_and_no_more)
{
    int64_t before, fund;
    struct floor floor;

    open_long(&floor);
    before = contracts_balance(&floor, TRADER);
    contracts_stand(&floor, 2 * UNIT, 9040 * UNIT);
    contracts_index(&floor, 9050 * UNIT);
    assert_non_null(contracts_position(&floor, TRADER));
    fund = contract_status(floor.engine, CONTRACT_MARKET).insurance;
    floor_clear(&floor);
    contracts_index(&floor, 9044 * UNIT);
    assert_null(contracts_position(&floor, TRADER));
    assert_int_equal(contracts_balance(&floor, TRADER), before - 1000 * UNIT);
    /* It was sold at 9040, so 960 of the 1000 are lost; a fee of 5.876; the rest is the fund's. */
    assert_int_equal(contract_status(floor.engine, CONTRACT_MARKET).insurance - fund,
                     40 * UNIT - 5876 * UNIT / 1000);
    assert_non_null(strstr(floor.text, "liquidation 3 seen 1 at 10000\n"));
    assert_non_null(strstr(floor.text, "FORCED EXECUTED @ 9040(-1)"));
    floor_close(&floor);
}

TEST(what_a_liquidation_lacks_the_insurance_fund_pays)
{
    int64_t before;
    struct floor floor;

    open_long(&floor);
    before = contracts_balance(&floor, TRADER);
    contracts_stand(&floor, 2 * UNIT, 8000 * UNIT);
    contracts_index(&floor, 9000 * UNIT);
    assert_null(contracts_position(&floor, TRADER));
    assert_int_equal(contracts_balance(&floor, TRADER), before - 1000 * UNIT);
    assert_int_equal(contract_status(floor.engine, CONTRACT_MARKET).insurance,
                     -1000 * UNIT - 52 * UNIT / 10);
    floor_close(&floor);
}

/* Positions on margin and other wallets do not know of it. */
TEST(a_liquidation_of_contracts_touches_nothing_else)
{
    const struct position *kept;
    uint64_t order;
    struct floor floor;

    open_long(&floor);
    margins_credit(&floor, TRADER, WALLET_MARGIN, CURRENCY_USD, 1000);
    margins_credit(&floor, MAKER, WALLET_EXCHANGE, CURRENCY_USD, 100000);
    margins_credit(&floor, LENDER, WALLET_FUNDING, CURRENCY_USD, 10000);
    floor_apply(&floor, lenders_offer(LENDER, 10000 * UNIT, 30000, 30));
    margins_price(&floor, 10000 * UNIT);
    order = margins_order(&floor, TRADER, ORDER_TYPE_LIMIT, UNIT / 10, 9000 * UNIT);
    contracts_order(&floor, TRADER, ORDER_TYPE_LIMIT, UNIT / 10, 8000 * UNIT, 10);
    contracts_stand(&floor, 2 * UNIT, 9020 * UNIT);
    contracts_index(&floor, 9000 * UNIT);
    kept = contracts_position(&floor, TRADER);
    assert_null(kept);
    assert_non_null(engine_order_find(floor.engine, order));
    assert_int_equal(engine_account_find(floor.engine, TRADER)->margin_order_count, 1);
    assert_int_equal(margins_balance(&floor, TRADER, CURRENCY_USD), 1000 * UNIT);
    floor_close(&floor);
}

/* Who closes by himself at a price beyond what backs it pays with all that is free. */
TEST(who_closes_himself_bears_the_loss_as_far_as_he_can)
{
    struct floor floor;

    open_long(&floor);
    set_collateral(&floor, TRADER, 5000 * UNIT);
    contracts_stand(&floor, 2 * UNIT, 3000 * UNIT);
    contracts_order(&floor, TRADER, ORDER_TYPE_MARKET, -UNIT, 0, 10);
    assert_null(contracts_position(&floor, TRADER));
    /* 7000 lost and two fees, 6.5 and 1.95. */
    assert_int_equal(contracts_balance(&floor, TRADER), 3000 * UNIT - 845 * UNIT / 100);
    assert_int_equal(contract_status(floor.engine, CONTRACT_MARKET).insurance, 0);
    floor_close(&floor);
}

TEST(money_for_contracts_comes_and_goes_by_transfer)
{
    struct command c = { .kind = COMMAND_TRANSFER,
                         .account = MAKER,
                         .wallet = WALLET_EXCHANGE,
                         .wallet_to = WALLET_MARGIN,
                         .currency = CURRENCY_UST,
                         .fields = CURRENCY_USTF0 + 1,
                         .amount = 5 * UNIT };
    struct floor floor;

    contracts_open(&floor);
    floor_apply(&floor, c);
    assert_non_null(strstr(floor.text, "row 2 UST -5"));
    assert_non_null(strstr(floor.text, "row 2 USTF0 5"));
    c.wallet_to = WALLET_EXCHANGE;
    assert_int_equal(engine_judge(floor.engine, &c, NULL), REFUSAL_WALLET);
    c.fields = CURRENCY_BTC + 1;
    assert_int_equal(engine_judge(floor.engine, &c, NULL), REFUSAL_CURRENCY);
    c.fields = CURRENCY_BTCF0 + 1;
    c.currency = CURRENCY_BTC;
    assert_int_equal(engine_judge(floor.engine, &c, NULL), REFUSAL_WALLET);
    c.fields = CURRENCY_COUNT + 1;
    assert_int_equal(engine_judge(floor.engine, &c, NULL), REFUSAL_CURRENCY);
    /* And back, but not what backs a position. */
    c = (struct command){ .kind = COMMAND_TRANSFER,
                          .account = TRADER,
                          .wallet = WALLET_MARGIN,
                          .wallet_to = WALLET_EXCHANGE,
                          .currency = CURRENCY_USTF0,
                          .fields = CURRENCY_UST + 1,
                          .amount = 9500 * UNIT };
    assert_int_equal(engine_judge(floor.engine, &c, NULL), REFUSAL_NONE);
    contracts_stand(&floor, -UNIT, 10000 * UNIT);
    contracts_order(&floor, TRADER, ORDER_TYPE_MARKET, UNIT, 0, 10);
    assert_int_equal(engine_judge(floor.engine, &c, NULL), REFUSAL_AVAILABLE);
    c.kind = COMMAND_WITHDRAW;
    assert_int_equal(engine_judge(floor.engine, &c, NULL), REFUSAL_WALLET);
    floor_close(&floor);
}

TEST_MAIN
