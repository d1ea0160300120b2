#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/fixed.h"
#include "venue/entry.h"
#include "venue/teller.h"

static char folder[] = "/tmp/latchkey-teller-XXXXXX";
static struct venue *venue;
static struct venue_effect effect;
static uint64_t id;

static void house_open(void)
{
    struct venue_options options = { .folder = folder,
                                     .environment = ENVIRONMENT_SANDBOX,
                                     .seed = 7 };

    if (strstr(folder, "XXXXXX") != NULL)
        assert_non_null(mkdtemp(folder));
    assert_int_equal(venue_open(&options, &venue), OK);
    assert_non_null(venue_account(venue, 2));
}

static void house_reopen(void)
{
    assert_int_equal(venue_sync(venue), OK);
    venue_close(&venue);
    house_open();
}

static int64_t balance(enum wallet_kind wallet, enum currency currency)
{
    return engine_account_find(venue_engine(venue), 2)->wallets[wallet][currency].balance;
}

static const struct movement *movement(void)
{
    return person_movement_find(people_find(venue_people(venue), 2), id);
}

TEST(a_deposit_waits_over_a_restart)
{
    house_open();
    assert_int_equal(
        teller_deposit(venue, 2, WALLET_MARGIN, METHOD_BITCOIN, FIXED_ONE, &effect, &id),
        VENUE_DONE);
    assert_int_equal(balance(WALLET_MARGIN, CURRENCY_BTC), 0);
    house_reopen();
    assert_int_equal(movement()->state, MOVEMENT_PENDING);
    assert_int_equal(venue_due_ms(venue), movement()->due_ms);
    assert_int_equal(
        teller_deposit(venue, 2, WALLET_MARGIN, METHOD_BITCOIN, INT64_MAX, &effect, &id),
        VENUE_REFUSED);
}

TEST(a_withdrawal_takes_its_fee_and_brings_it_back)
{
    const struct teller_withdrawal ask = { .method = METHOD_ETHEREUM,
                                           .amount = 40 * FIXED_ONE,
                                           .address = SLICE("0x0123456789"),
                                           .note = SLICE("rent") };

    assert_int_equal(teller_withdraw(venue, 2, &ask, &effect, &id), VENUE_DONE);
    assert_int_equal(balance(WALLET_EXCHANGE, CURRENCY_ETH), 60 * FIXED_ONE - 135000);
    house_reopen();
    assert_string_equal(movement()->address, "0x0123456789");
    assert_string_equal(movement()->note, "rent");
    assert_int_equal(teller_withdrawal_cancel(venue, 3, id, &effect), VENUE_REFUSED);
    assert_int_equal(teller_withdrawal_cancel(venue, 2, id, &effect), VENUE_DONE);
    assert_int_equal(balance(WALLET_EXCHANGE, CURRENCY_ETH), 100 * FIXED_ONE);
    assert_int_equal(teller_withdrawal_cancel(venue, 2, id, &effect), VENUE_REFUSED);
    assert_null(engine_check(venue_engine(venue)));
}

TEST(what_is_not_there_cannot_be_withdrawn)
{
    struct teller_withdrawal ask = { .method = METHOD_ETHEREUM,
                                     .amount = 100 * FIXED_ONE,
                                     .address = SLICE("0x0123456789") };

    assert_int_equal(teller_withdraw(venue, 2, &ask, &effect, &id), VENUE_REFUSED);
    assert_int_equal(effect.refused.why, REFUSAL_AVAILABLE);
    assert_int_equal(effect.refused.limit, 100 * FIXED_ONE);
}

TEST(an_address_stays_until_it_is_renewed)
{
    char first[MOVEMENT_ADDRESS_SIZE];
    const struct address *address =
        teller_address(venue, 2, WALLET_EXCHANGE, METHOD_BITCOIN, false);

    snprintf(first, sizeof first, "%s", address->text);
    house_reopen();
    address = teller_address(venue, 2, WALLET_EXCHANGE, METHOD_BITCOIN, false);
    assert_string_equal(address->text, first);
    address = teller_address(venue, 2, WALLET_EXCHANGE, METHOD_BITCOIN, true);
    assert_string_not_equal(address->text, first);
    address = teller_address(venue, 2, WALLET_MARGIN, METHOD_BITCOIN, false);
    assert_string_not_equal(address->text, first);
}

TEST(settings_and_alerts_are_there_after_a_restart)
{
    char words[SETTING_WORDS_MOST];
    size_t size = setting_words(SLICE("api:x"), SLICE("1"), words);
    struct command command = { .kind = ENTRY_SETTING_SET, .account = 2 };
    const struct person *person;
    char path[64];

    assert_int_equal(venue_apply_words(venue, command, (struct slice){ words, size }, NULL),
                     VENUE_DONE);
    command = (struct command){
        .kind = ENTRY_ALERT_SET, .account = 2, .market = MARKET_LTCUSD, .price = 5, .fields = 3
    };
    assert_int_equal(venue_apply(venue, command, NULL), VENUE_DONE);
    house_reopen();
    person = people_find(venue_people(venue), 2);
    assert_string_equal(setting_find(&person->settings, SLICE("api:x"))->value, "1");
    assert_int_equal(alert_find(&person->alerts, MARKET_LTCUSD, 5)->count, 3);
    venue_close(&venue);
    snprintf(path, sizeof path, "%s/journal", folder);
    unlink(path);
    rmdir(folder);
}

TEST_MAIN
