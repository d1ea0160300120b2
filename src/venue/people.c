#include "venue/people.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/fixed.h"
#include "venue/entry.h"

#define WAITS_MOST 1000000

void people_init(struct people *people, struct arena *arena)
{
    *people = (struct people){ .arena = arena, .movement_id = MOVEMENT_ID_FIRST };
    ring_init(&people->waits, arena, sizeof(struct movement_wait), WAITS_MOST);
}

/* ---- Who ---- */

/* Index of the first account that is not below the wanted one. */
static size_t person_index(const struct people *people, uint64_t account)
{
    size_t low = 0, high = people->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (people->at[middle]->account < account)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct person *person_find(const struct people *people, uint64_t account)
{
    size_t i = person_index(people, account);

    return i < people->count && people->at[i]->account == account ? people->at[i] : NULL;
}

const struct person *people_find(const struct people *people, uint64_t account)
{
    return person_find(people, account);
}

static struct person *person_get(struct people *people, uint64_t account)
{
    size_t i = person_index(people, account);
    struct person *person;

    if (i < people->count && people->at[i]->account == account)
        return people->at[i];
    if (people->count == people->capacity) {
        size_t capacity = people->capacity == 0 ? 16 : people->capacity * 2;

        people->at = arena_resize(people->arena, people->at, people->capacity * sizeof *people->at,
                                  capacity * sizeof *people->at);
        people->capacity = capacity;
    }
    person = arena_take(people->arena, sizeof *person);
    person->account = account;
    ring_init(&person->movements, people->arena, sizeof(struct movement), PEOPLE_MOVEMENTS_KEPT);
    ring_init(&person->addresses, people->arena, sizeof(struct address), PEOPLE_ADDRESSES_KEPT);
    ring_init(&person->changes, people->arena, sizeof(struct change), PEOPLE_CHANGES_KEPT);
    memmove(&people->at[i + 1], &people->at[i], (people->count - i) * sizeof *people->at);
    people->at[i] = person;
    people->count++;
    return person;
}

__attribute__((format(printf, 3, 4))) static void
change_log(struct person *person, const struct command *command, const char *format, ...)
{
    struct change *change = ring_push(&person->changes);
    va_list arguments;

    change->time_ms = command->time_ms;
    va_start(arguments, format);
    vsnprintf(change->text, sizeof change->text, format, arguments);
    va_end(arguments);
}

/* ---- Movements ---- */

uint64_t people_movement_next(const struct people *people)
{
    return people->movement_id + 1;
}

static struct movement *movement_find(const struct person *person, uint64_t id)
{
    for (size_t i = person == NULL ? 0 : person->movements.count; i-- > 0;) {
        struct movement *movement = ring_at(&person->movements, i);

        if (movement->id == id)
            return movement;
    }
    return NULL;
}

const struct movement *person_movement_find(const struct person *person, uint64_t id)
{
    return movement_find(person, id);
}

const struct address *person_address(const struct person *person, enum wallet_kind wallet,
                                     enum method method)
{
    for (size_t i = person == NULL ? 0 : person->addresses.count; i-- > 0;) {
        const struct address *address = ring_at(&person->addresses, i);

        if (address->wallet == wallet && address->method == method)
            return address;
    }
    return NULL;
}

/* A new movement of the account that waits for its confirmations. */
static struct movement *movement_begin(struct people *people, uint64_t account, uint64_t id,
                                       enum method method, uint64_t time_ms)
{
    struct movement *movement = ring_push(&person_get(people, account)->movements);

    *movement = (struct movement){ .id = id,
                                   .created_ms = time_ms,
                                   .updated_ms = time_ms,
                                   .due_ms = movement_due_ms(method, time_ms),
                                   .transaction = id,
                                   .method = method };
    *(struct movement_wait *)ring_push(&people->waits) =
        (struct movement_wait){ movement->due_ms, account, id };
    if (id > people->movement_id)
        people->movement_id = id;
    return movement;
}

/* The latest wait takes the place of the one that is over. */
static void wait_end(struct people *people, uint64_t id)
{
    for (size_t i = 0; i < people->waits.count; i++) {
        struct movement_wait *wait = ring_at(&people->waits, i);

        if (wait->id != id)
            continue;
        *wait = *(struct movement_wait *)ring_newest(&people->waits);
        people->waits.count--;
        return;
    }
}

/* NULL: it is not known any more. */
static struct movement *movement_end(struct people *people, const struct command *command,
                                     enum movement_state state)
{
    struct movement *movement =
        movement_find(person_find(people, command->account), command->order);

    wait_end(people, command->order);
    if (movement != NULL) {
        movement->state = state;
        movement->updated_ms = command->time_ms;
    }
    return movement;
}

static const struct person *address_owner(const struct people *people,
                                          const struct movement *movement,
                                          const struct address **address)
{
    for (size_t i = 0; i < people->count; i++) {
        const struct ring *addresses = &people->at[i]->addresses;

        for (size_t j = 0; j < addresses->count; j++) {
            *address = ring_at(addresses, j);
            if ((*address)->method == movement->method &&
                strcmp((*address)->text, movement->address) == 0)
                return people->at[i];
        }
    }
    return NULL;
}

/* A withdrawal has been sent; when it goes to one of our addresses it is a deposit there. */
static void sent_take(struct people *people, const struct command *command)
{
    struct movement *movement = movement_end(people, command, MOVEMENT_COMPLETED), sent;
    const struct address *address;
    const struct person *owner;

    if (movement == NULL || (owner = address_owner(people, movement, &address)) == NULL)
        return;
    sent = *movement;
    movement = movement_begin(people, owner->account, people_movement_next(people), sent.method,
                              command->time_ms);
    movement->wallet = address->wallet;
    movement->amount = -sent.amount;
    movement->transaction = sent.transaction;
    memcpy(movement->address, sent.address, sizeof movement->address);
    memcpy(movement->payment_id, sent.payment_id, sizeof movement->payment_id);
}

static void withdrawal_take(struct people *people, const struct command *command,
                            struct slice words)
{
    struct movement *movement = movement_begin(people, command->account, command->order,
                                               (enum method)command->type, command->time_ms);
    char amount[FIXED_TEXT_SIZE];

    movement->wallet = (enum wallet_kind)command->wallet;
    movement->amount = -command->amount;
    movement->fee = command->fee;
    movement_words_take(words, movement);
    fixed_format(command->amount, amount);
    change_log(person_get(people, command->account), command, "withdrawal: %s %s to %s", amount,
               currency_code((enum currency)command->currency), movement->address);
}

static void deposit_take(struct people *people, const struct command *command)
{
    struct movement *movement = movement_begin(people, command->account, command->order,
                                               (enum method)command->type, command->time_ms);
    const struct address *address;

    movement->wallet = (enum wallet_kind)command->wallet;
    movement->amount = command->amount;
    address =
        person_address(person_find(people, command->account), movement->wallet, movement->method);
    if (address != NULL)
        memcpy(movement->address, address->text, sizeof movement->address);
}

uint64_t people_due_ms(const struct people *people)
{
    uint64_t due_ms = UINT64_MAX;

    for (size_t i = 0; i < people->waits.count; i++) {
        const struct movement_wait *wait = ring_at(&people->waits, i);

        if (wait->due_ms < due_ms)
            due_ms = wait->due_ms;
    }
    return due_ms;
}

bool people_due(const struct people *people, uint64_t now_ms, bool refused, struct command *command)
{
    const struct movement_wait *next = NULL;
    const struct movement *movement;

    for (size_t i = 0; i < people->waits.count; i++) {
        const struct movement_wait *wait = ring_at(&people->waits, i);

        if (wait->due_ms <= now_ms && (next == NULL || wait->id < next->id))
            next = wait;
    }
    if (next == NULL)
        return false;
    movement = movement_find(person_find(people, next->account), next->id);
    *command = (struct command){ .kind = ENTRY_MOVEMENT_DONE,
                                 .account = next->account,
                                 .order = next->id };
    if (movement != NULL && movement->amount > 0) {
        command->kind = refused ? (uint64_t)ENTRY_MOVEMENT_CANCELED : (uint64_t)COMMAND_CREDIT;
        command->wallet = movement->wallet;
        command->currency = method_facts(movement->method)->currency;
        command->amount = movement->amount;
    }
    return true;
}

/* ---- Addresses, alerts, settings ---- */

static void address_take(struct person *person, const struct command *command, struct slice words)
{
    struct address *address = ring_push(&person->addresses);

    person->address_count++;
    *address = (struct address){ .made_ms = command->time_ms,
                                 .wallet = (enum wallet_kind)command->wallet,
                                 .method = (enum method)command->type };
    snprintf(address->text, sizeof address->text, "%.*s", (int)words.size, words.at);
    change_log(person, command, "deposit address: %s %s", method_facts(address->method)->name,
               address->text);
}

static void alert_take(struct people *people, const struct command *command)
{
    struct person *person = person_get(people, command->account);
    struct alert alert = { .market = (enum market)command->market,
                           .price = command->price,
                           .count = command->fields,
                           .side = command->flags != 0 ? ALERT_SEES_BELOW : ALERT_SEES_ABOVE };
    size_t before = person->alerts.count;
    char text[ALERT_TEXT_SIZE];

    alert_format(&alert, text);
    if (command->kind == ENTRY_ALERT_SET)
        alert_set(&person->alerts, alert);
    else
        alert_delete(&person->alerts, alert.market, alert.price);
    people->alerts_count[alert.market] += (unsigned)(person->alerts.count - before);
    change_log(person, command, "alert %s: %s",
               command->kind == ENTRY_ALERT_SET ? "set" : "deleted", text);
}

void people_trade(struct people *people, const struct trade *trade, people_alert_fired *fired,
                  void *context)
{
    if (people->alerts_count[trade->market] == 0)
        return;
    for (size_t i = 0; i < people->count; i++) {
        struct alerts *alerts = &people->at[i]->alerts;

        for (size_t j = alerts->count; j-- > 0;) {
            struct alert *alert = &alerts->at[j];

            if (alert->market != trade->market || !alert_sees(alert, trade->price))
                continue;
            if (fired != NULL)
                fired(context, people->at[i]->account, alert, trade);
            if (alert->count == 0) {
                alert_delete(alerts, alert->market, alert->price);
                people->alerts_count[trade->market]--;
            }
        }
    }
}

static void setting_take(struct arena *arena, struct person *person, const struct command *command,
                         struct slice words)
{
    struct slice key = words, value;

    if (command->kind == ENTRY_SETTING_DEL) {
        setting_delete(&person->settings, arena, key);
        change_log(person, command, "setting deleted: %.*s", (int)key.size, key.at);
    } else if (setting_words_take(words, &key, &value)) {
        setting_set(&person->settings, arena, key, value);
        change_log(person, command, "setting: %.*s", (int)key.size, key.at);
    }
}

void people_take(struct people *people, const struct command *command, struct slice words)
{
    switch (command->kind) {
    case COMMAND_CREDIT:
        if (command->order != 0)
            movement_end(people, command, MOVEMENT_COMPLETED);
        break;
    case COMMAND_WITHDRAW:
        if (command->order != 0) /* else the owner of a sandbox took it away */
            withdrawal_take(people, command, words);
        break;
    case COMMAND_WITHDRAW_RETURN:
    case ENTRY_MOVEMENT_CANCELED:
        movement_end(people, command, MOVEMENT_CANCELED);
        break;
    case ENTRY_DEPOSIT:
        deposit_take(people, command);
        break;
    case ENTRY_MOVEMENT_DONE:
        sent_take(people, command);
        break;
    case ENTRY_ADDRESS:
        address_take(person_get(people, command->account), command, words);
        break;
    case ENTRY_ALERT_SET:
    case ENTRY_ALERT_DEL:
        alert_take(people, command);
        break;
    case ENTRY_SETTING_SET:
    case ENTRY_SETTING_DEL:
        setting_take(people->arena, person_get(people, command->account), command, words);
        break;
    default:
        break;
    }
}
