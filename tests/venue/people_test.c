#include "../test.h"

#include "base/fixed.h"
#include "venue/entry.h"
#include "venue/people.h"

#include "fresh.h"

static struct people people;
static struct command due;

static void take(struct command command, struct slice words)
{
    people_take(&people, &command, words);
}

static const struct movement *newest(uint64_t account)
{
    return ring_newest(&people_find(&people, account)->movements);
}

TEST(a_deposit_is_credited_when_its_confirmations_are_there)
{
    uint64_t id;

    people_init(&people, fresh_arena());
    assert_int_equal(people_due_ms(&people), UINT64_MAX);
    id = people_movement_next(&people);
    take((struct command){ .kind = ENTRY_DEPOSIT,
                           .time_ms = 1000,
                           .account = 2,
                           .wallet = WALLET_FUNDING,
                           .type = METHOD_BITCOIN,
                           .amount = FIXED_ONE,
                           .order = id },
         SLICE_EMPTY);
    assert_int_equal(people_movement_next(&people), id + 1);
    assert_int_equal(people_due_ms(&people), 31000);
    assert_false(people_due(&people, 30999, false, &due));
    assert_true(people_due(&people, 31000, false, &due));
    assert_int_equal(due.kind, COMMAND_CREDIT);
    assert_int_equal(due.wallet, WALLET_FUNDING);
    assert_int_equal(due.currency, CURRENCY_BTC);
    assert_int_equal(due.amount, FIXED_ONE);
    assert_int_equal(due.order, id);
    due.time_ms = 31500;
    take(due, SLICE_EMPTY);
    assert_int_equal(newest(2)->state, MOVEMENT_COMPLETED);
    assert_int_equal(newest(2)->updated_ms, 31500);
    assert_false(people_due(&people, UINT64_MAX, false, &due));
}

TEST(a_deposit_that_the_engine_refuses_is_given_up)
{
    people_init(&people, fresh_arena());
    take((struct command){ .kind = ENTRY_DEPOSIT,
                           .account = 2,
                           .type = METHOD_BITCOIN,
                           .amount = 1,
                           .order = people_movement_next(&people) },
         SLICE_EMPTY);
    assert_true(people_due(&people, UINT64_MAX, true, &due));
    assert_int_equal(due.kind, ENTRY_MOVEMENT_CANCELED);
    take(due, SLICE_EMPTY);
    assert_int_equal(newest(2)->state, MOVEMENT_CANCELED);
    assert_false(people_due(&people, UINT64_MAX, false, &due));
}

static void withdraw(uint64_t account, const char *address)
{
    char words[MOVEMENT_WORDS_MOST];
    size_t size = movement_words(slice_of(address), SLICE("memo"), SLICE("note"), words);

    take((struct command){ .kind = COMMAND_WITHDRAW,
                           .account = account,
                           .type = METHOD_ETHEREUM,
                           .currency = CURRENCY_ETH,
                           .amount = 3 * FIXED_ONE,
                           .fee = 135000,
                           .order = people_movement_next(&people) },
         (struct slice){ words, size });
}

TEST(a_withdrawal_to_an_address_of_this_exchange_arrives_there)
{
    people_init(&people, fresh_arena());
    take(
        (struct command){
            .kind = ENTRY_ADDRESS, .account = 5, .wallet = WALLET_MARGIN, .type = METHOD_ETHEREUM },
        SLICE("0xabc"));
    withdraw(2, "0xabc");
    assert_int_equal(newest(2)->amount, -3 * FIXED_ONE);
    assert_string_equal(newest(2)->note, "note");
    assert_true(people_due(&people, UINT64_MAX, false, &due));
    assert_int_equal(due.kind, ENTRY_MOVEMENT_DONE);
    take(due, SLICE_EMPTY);
    assert_int_equal(newest(2)->state, MOVEMENT_COMPLETED);
    assert_int_equal(newest(5)->amount, 3 * FIXED_ONE);
    assert_int_equal(newest(5)->wallet, WALLET_MARGIN);
    assert_int_equal(newest(5)->transaction, newest(2)->id);
    assert_string_equal(newest(5)->payment_id, "memo");
    assert_string_equal(newest(5)->note, ""); /* the sender's own */
    assert_int_equal(newest(5)->state, MOVEMENT_PENDING);
}

TEST(a_withdrawal_that_came_back_is_not_sent)
{
    people_init(&people, fresh_arena());
    withdraw(2, "0xabc");
    take((struct command){ .kind = COMMAND_WITHDRAW_RETURN, .account = 2, .order = newest(2)->id },
         SLICE_EMPTY);
    assert_int_equal(newest(2)->state, MOVEMENT_CANCELED);
    assert_false(people_due(&people, UINT64_MAX, false, &due));
}

TEST(the_latest_address_is_in_force)
{
    people_init(&people, fresh_arena());
    assert_null(person_address(people_find(&people, 2), WALLET_EXCHANGE, METHOD_BITCOIN));
    for (unsigned i = 0; i < 2; i++)
        take((struct command){ .kind = ENTRY_ADDRESS, .account = 2, .type = METHOD_BITCOIN },
             i == 0 ? SLICE("one") : SLICE("two"));
    assert_string_equal(
        person_address(people_find(&people, 2), WALLET_EXCHANGE, METHOD_BITCOIN)->text, "two");
    assert_int_equal(people_find(&people, 2)->address_count, 2);
    assert_null(person_address(people_find(&people, 2), WALLET_MARGIN, METHOD_BITCOIN));
}

static uint64_t fired;

static void alert_fired(void *context, uint64_t account, const struct alert *alert,
                        const struct trade *trade)
{
    (void)context;
    fired = account * 1000 + alert->count * 100 + (uint64_t)trade->price;
}

TEST(an_alert_fires_for_its_account_and_ends)
{
    struct trade trade = { .market = MARKET_LTCUSD, .price = 49 };
    struct command command = { .kind = ENTRY_ALERT_SET,
                               .account = 3,
                               .market = MARKET_LTCUSD,
                               .price = 50,
                               .fields = 2,
                               .flags = 1 };

    people_init(&people, fresh_arena());
    take(command, SLICE_EMPTY);
    people_trade(&people, &trade, alert_fired, NULL);
    assert_int_equal(fired, 0);
    trade.price = 51;
    people_trade(&people, &trade, alert_fired, NULL);
    assert_int_equal(fired, 3151);
    trade.market = MARKET_BTCUSD;
    trade.price = 1;
    people_trade(&people, &trade, alert_fired, NULL);
    assert_int_equal(fired, 3151);
    trade.market = MARKET_LTCUSD;
    people_trade(&people, &trade, alert_fired, NULL);
    assert_int_equal(fired, 3001);
    assert_int_equal(people_find(&people, 3)->alerts.count, 0);
    assert_int_equal(people.alerts_count[MARKET_LTCUSD], 0);
    take(command, SLICE_EMPTY);
    command.kind = ENTRY_ALERT_DEL;
    take(command, SLICE_EMPTY);
    assert_int_equal(people.alerts_count[MARKET_LTCUSD], 0);
}

TEST(what_was_changed_is_told)
{
    char words[SETTING_WORDS_MOST];
    size_t size = setting_words(SLICE("api:a"), SLICE("1"), words);
    const struct person *person;

    people_init(&people, fresh_arena());
    take((struct command){ .kind = ENTRY_SETTING_SET, .account = 3, .time_ms = 9 },
         (struct slice){ words, size });
    person = people_find(&people, 3);
    assert_string_equal(setting_find(&person->settings, SLICE("api:a"))->value, "1");
    assert_string_equal(((const struct change *)ring_newest(&person->changes))->text,
                        "setting: api:a");
    take((struct command){ .kind = ENTRY_SETTING_DEL, .account = 3 }, SLICE("api:a"));
    assert_null(setting_find(&person->settings, SLICE("api:a")));
    assert_string_equal(((const struct change *)ring_newest(&person->changes))->text,
                        "setting deleted: api:a");
}

TEST_MAIN
