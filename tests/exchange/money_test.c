#include "floor.h"

/* Account 1 has 100 USD in its exchange wallet, 40 of them locked by an order. */
static void house_open(struct floor *floor)
{
    floor_open(floor, (struct engine_limits){ .orders = 4, .accounts = 2 });
    floor_credit(floor, 1, CURRENCY_USD, 100 * UNIT);
    floor_limit(floor, 1, UNIT, 40 * UNIT);
    floor_clear(floor);
}

#define USD .account = 1, .currency = CURRENCY_USD

static const struct {
    enum refusal why;
    struct command command;
} rows[] = {
    { REFUSAL_NONE,
      { .kind = COMMAND_TRANSFER, USD, .wallet_to = WALLET_MARGIN, .amount = 60 * UNIT } },
    { REFUSAL_AVAILABLE,
      { .kind = COMMAND_TRANSFER, USD, .wallet_to = WALLET_MARGIN, .amount = 60 * UNIT + 1 } },
    { REFUSAL_AVAILABLE, { .kind = COMMAND_TRANSFER, USD, .wallet = WALLET_MARGIN, .amount = 1 } },
    { REFUSAL_AVAILABLE,
      { .kind = COMMAND_TRANSFER, .account = 7, .wallet_to = WALLET_MARGIN, .amount = 1 } },
    { REFUSAL_WALLET, { .kind = COMMAND_TRANSFER, USD, .amount = UNIT } },
    { REFUSAL_WALLET,
      { .kind = COMMAND_TRANSFER, USD, .wallet_to = WALLET_COUNT, .amount = UNIT } },
    { REFUSAL_AMOUNT, { .kind = COMMAND_TRANSFER, USD, .wallet_to = WALLET_MARGIN } },
    { REFUSAL_AMOUNT,
      { .kind = COMMAND_TRANSFER, USD, .wallet_to = WALLET_MARGIN, .amount = 1, .fee = 1 } },
    { REFUSAL_AMOUNT, { .kind = COMMAND_CREDIT, USD, .amount = 1, .fee = 1 } },
    { REFUSAL_NONE, { .kind = COMMAND_WITHDRAW, USD, .amount = 59 * UNIT, .fee = UNIT } },
    { REFUSAL_AVAILABLE, { .kind = COMMAND_WITHDRAW, USD, .amount = 60 * UNIT, .fee = 1 } },
    { REFUSAL_AMOUNT, { .kind = COMMAND_WITHDRAW, USD, .amount = INT64_MAX, .fee = 1 } },
    { REFUSAL_AMOUNT, { .kind = COMMAND_WITHDRAW, USD, .amount = UNIT, .fee = -1 } },
    { REFUSAL_WALLET, { .kind = COMMAND_WITHDRAW, USD, .wallet = WALLET_COUNT, .amount = UNIT } },
    { REFUSAL_CURRENCY,
      { .kind = COMMAND_WITHDRAW, .account = 1, .currency = CURRENCY_COUNT, .amount = UNIT } },
    { REFUSAL_AMOUNT, { .kind = COMMAND_WITHDRAW_RETURN, USD, .amount = UNIT, .fee = 1 } },
};

TEST(a_row_is_a_command_and_its_answer)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct floor floor;

        house_open(&floor);
        floor_apply(&floor, rows[i].command);
        if (floor.why != rows[i].why)
            fail_msg("row %zu: %s", i, refusal_text(floor.why));
        floor_close(&floor);
    }
}

TEST(a_transfer_leaves_one_wallet_and_arrives_in_another)
{
    struct floor floor;
    const struct account *account;

    house_open(&floor);
    floor_apply(&floor, (struct command){ .kind = COMMAND_TRANSFER,
                                          USD,
                                          .wallet_to = WALLET_FUNDING,
                                          .amount = 25 * UNIT });
    assert_string_equal(floor.text, "row 1 USD -25 = 75\nrow 1 USD 25 = 25\n");
    account = engine_account_find(floor.engine, 1);
    assert_int_equal(account->wallets[WALLET_FUNDING][CURRENCY_USD].balance, 25 * UNIT);
    assert_int_equal(account->wallets[WALLET_EXCHANGE][CURRENCY_USD].locked, 40 * UNIT);
    floor_close(&floor);
}

TEST(what_is_withdrawn_is_gone_and_what_comes_back_brings_its_fee)
{
    struct command command = {
        .kind = COMMAND_WITHDRAW, USD, .amount = 30 * UNIT, .fee = UNIT, .order = 5
    };
    struct floor floor;

    house_open(&floor);
    floor_apply(&floor, command); /* floor_apply checks that all money adds up */
    assert_string_equal(floor.text, "row 1 USD -30 = 70\nrow 1 USD -1 = 69\n");
    floor_clear(&floor);
    command.kind = COMMAND_WITHDRAW_RETURN;
    floor_apply(&floor, command);
    assert_string_equal(floor.text, "row 1 USD 30 = 99\nrow 1 USD 1 = 100\n");
    /* The fee account has no more to give. */
    floor_apply(&floor, command);
    assert_int_equal(floor.why, REFUSAL_AMOUNT);
    floor_close(&floor);
}

TEST_MAIN
