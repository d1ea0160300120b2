#include "venue/teller.h"

#include "venue/entry.h"

enum venue_answer teller_deposit(struct venue *venue, uint64_t account, enum wallet_kind wallet,
                                 enum method method, int64_t amount, struct venue_effect *effect,
                                 uint64_t *movement)
{
    struct command command = { .kind = COMMAND_CREDIT,
                               .account = account,
                               .wallet = wallet,
                               .currency = method_facts(method)->currency,
                               .amount = amount };

    /* What cannot be credited now will not be after the confirmations. */
    if (engine_judge(venue_engine(venue), &command, &effect->refused) != REFUSAL_NONE)
        return VENUE_REFUSED;
    *movement = people_movement_next(venue_people(venue));
    command = (struct command){ .kind = ENTRY_DEPOSIT,
                                .account = account,
                                .wallet = wallet,
                                .type = method,
                                .amount = amount,
                                .order = *movement };
    return venue_apply(venue, command, effect);
}

enum venue_answer teller_withdraw(struct venue *venue, uint64_t account,
                                  const struct teller_withdrawal *ask, struct venue_effect *effect,
                                  uint64_t *movement)
{
    const struct method_facts *facts = method_facts(ask->method);
    char words[MOVEMENT_WORDS_MOST];
    size_t size = movement_words(ask->address, ask->payment_id, ask->note, words);
    struct command command = { .kind = COMMAND_WITHDRAW,
                               .account = account,
                               .wallet = ask->wallet,
                               .currency = facts->currency,
                               .type = ask->method,
                               .amount = ask->amount,
                               .fee = facts->fee,
                               .order = people_movement_next(venue_people(venue)) };

    *movement = command.order;
    return venue_apply_words(venue, command, (struct slice){ words, size }, effect);
}

enum venue_answer teller_withdrawal_cancel(struct venue *venue, uint64_t account, uint64_t movement,
                                           struct venue_effect *effect)
{
    const struct movement *found =
        person_movement_find(people_find(venue_people(venue), account), movement);
    struct command command = { .kind = COMMAND_WITHDRAW_RETURN, .account = account };

    if (found == NULL || found->amount >= 0 || found->state != MOVEMENT_PENDING) {
        *effect = (struct venue_effect){ .refused = { .why = REFUSAL_COMMAND } };
        return VENUE_REFUSED;
    }
    command.wallet = found->wallet;
    command.currency = method_facts(found->method)->currency;
    command.amount = -found->amount;
    command.fee = found->fee;
    command.order = found->id;
    return venue_apply(venue, command, effect);
}

const struct address *teller_address(struct venue *venue, uint64_t account, enum wallet_kind wallet,
                                     enum method method, bool renew)
{
    const struct people *people = venue_people(venue);
    const struct person *person = people_find(people, account);
    const struct address *address = person_address(person, wallet, method);
    struct command command = {
        .kind = ENTRY_ADDRESS, .account = account, .wallet = wallet, .type = method
    };
    char text[MOVEMENT_ADDRESS_SIZE];

    if (address != NULL && !renew)
        return address;
    movement_address_make(venue_seed(venue), account, wallet, method,
                          person == NULL ? 0 : person->address_count, text);
    if (venue_apply_words(venue, command, slice_of(text), NULL) != VENUE_DONE)
        return NULL;
    return person_address(people_find(people, account), wallet, method);
}
