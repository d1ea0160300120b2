#include "venue/call.h"

#include <stdio.h>

#include "base/fixed.h"
#include "venue/shape.h"
#include "venue/teller.h"

#define MOVEMENTS_USUAL 25
#define LIMIT_MOST      2500
#define ADDRESS_LEAST   10 /* characters */
#define TEXT_SIZE       384

static const struct person *own_person(const struct call *call)
{
    return people_find(venue_people(call->venue), call->account);
}

/* False after failing. */
static bool wallet_read(struct call *call, const char *name, enum wallet_kind *wallet)
{
    struct slice text = SLICE_EMPTY;
    char wrong[40];

    if (ask_text(call->ask, name, &text) == ASK_GOOD && wallet_find(text, wallet))
        return true;
    snprintf(wrong, sizeof wrong, "%s: invalid", name);
    call_fail(call, CALL_PARAMS, wrong);
    return false;
}

static bool method_read(struct call *call, enum method *method)
{
    struct slice text = SLICE_EMPTY;

    if (ask_text(call->ask, "method", &text) == ASK_GOOD && method_find(text, method))
        return true;
    call_fail(call, CALL_PARAMS, "method: invalid");
    return false;
}

/* What is not there cannot go away: words that clients know the meaning of. */
static void available_fail(struct call *call, const char *verb, int64_t amount,
                           enum currency currency, enum wallet_kind wallet, int64_t available)
{
    char wanted[FIXED_TEXT_SIZE], there[FIXED_TEXT_SIZE], text[TEXT_SIZE];
    const char *code = currency_code(currency);

    amount_format(amount, wanted);
    amount_format(available, there);
    snprintf(text, sizeof text,
             "Cannot %s %s %s from your %s wallet. The available balance is only %s %s. If you "
             "have limit orders, open positions, unused or active margin funding, this will "
             "decrease your available balance.",
             verb, wanted, code, wallet_text(wallet), there, code);
    call_fail(call, CALL_GENERIC, text);
}

/* ---- Between wallets ---- */

static bool transfer_read(struct call *call, struct command *command)
{
    enum wallet_kind from, to;
    struct slice code = SLICE_EMPTY, code_to = SLICE_EMPTY;
    enum currency currency, currency_to;

    if (!wallet_read(call, "from", &from) || !wallet_read(call, "to", &to))
        return false;
    if (ask_text(call->ask, "currency", &code) != ASK_GOOD || !currency_find(code, &currency)) {
        call_fail(call, CALL_PARAMS, "currency: invalid");
        return false;
    }
    /* Money changes its name only on its way to contracts and back. */
    currency_to = currency;
    if (ask_text(call->ask, "currency_to", &code_to) == ASK_BAD ||
        (code_to.size > 0 && !currency_find(code_to, &currency_to)) ||
        currency_underlying(currency_to) != currency_underlying(currency)) {
        call_fail(call, CALL_PARAMS, "currency_to: invalid");
        return false;
    }
    if (ask_fixed(call->ask, "amount", &command->amount) != ASK_GOOD || command->amount <= 0) {
        call_fail(call, CALL_PARAMS, "amount: invalid");
        return false;
    }
    if (ask_has(call->ask, "email_dst") || ask_has(call->ask, "user_id_dst")) {
        call_fail(call, CALL_GENERIC, "Transfers to other users are not offered here.");
        return false;
    }
    command->wallet = from;
    command->wallet_to = to;
    command->currency = currency;
    command->fields = currency_to == currency ? 0 : currency_to + 1;
    return true;
}

static void transfer_tell(struct call *call, const struct command *command)
{
    enum wallet_kind from = (enum wallet_kind)command->wallet;
    enum wallet_kind to = (enum wallet_kind)command->wallet_to;
    enum currency currency = (enum currency)command->currency;
    enum currency currency_to = command->fields == 0 ? currency : command->fields - 1;
    char amount[FIXED_TEXT_SIZE], text[TEXT_SIZE];
    uint64_t now_ms = venue_now_ms(call->venue);
    bool renamed = ask_has(call->ask, "currency_to");

    amount_format(command->amount, amount);
    snprintf(text, sizeof text, "%s %s transferred from %s to %s", amount, currency_label(currency),
             wallet_name(from), wallet_name(to));
    shape_notice_open(&call->w, now_ms, "acc_tf");
    json_put_open(&call->w, '[');
    json_put_uint(&call->w, now_ms);
    json_put_text(&call->w, wallet_text(from));
    json_put_text(&call->w, wallet_text(to));
    json_put_nulls(&call->w, 1);
    json_put_text(&call->w, currency_code(currency));
    json_put_text(&call->w, renamed ? currency_code(currency_to) : NULL);
    json_put_nulls(&call->w, 1);
    json_put_fixed(&call->w, command->amount);
    json_put_close(&call->w, ']');
    shape_notice_close(&call->w, "SUCCESS", text);
}

CALL(call_transfer)
{
    struct command command = { .kind = COMMAND_TRANSFER };
    struct venue_effect effect;
    CALL_BEGIN;

    command.account = call->account;
    if (!transfer_read(call, &command))
        return;
    switch (venue_apply(call->venue, command, &effect)) {
    case VENUE_DONE:
        transfer_tell(call, &command);
        return;
    case VENUE_DISK:
        call_fail_disk(call);
        return;
    case VENUE_REFUSED:
        break;
    }
    if (effect.refused.why == REFUSAL_AVAILABLE)
        available_fail(call, "transfer", command.amount, (enum currency)command.currency,
                       (enum wallet_kind)command.wallet, effect.refused.limit);
    else
        call_fail(call, CALL_PARAMS, refusal_text(effect.refused.why));
}

/* ---- In ---- */

CALL(call_deposit_address)
{
    const struct address *address;
    enum wallet_kind wallet;
    enum method method;
    uint64_t renew = 0;
    CALL_BEGIN;

    if (!wallet_read(call, "wallet", &wallet) || !method_read(call, &method))
        return;
    if (ask_number(call->ask, "op_renew", &renew) == ASK_BAD || renew > 1) {
        call_fail(call, CALL_PARAMS, "op_renew: invalid");
        return;
    }
    address = teller_address(call->venue, call->account, wallet, method, renew == 1);
    if (address == NULL) {
        call_fail_disk(call);
        return;
    }
    shape_notice_open(&call->w, venue_now_ms(call->venue), "acc_dep");
    json_put_open(&call->w, '[');
    json_put_nulls(&call->w, 1);
    json_put_text(&call->w, method_facts(method)->name);
    json_put_text(&call->w, currency_code(method_facts(method)->currency));
    json_put_nulls(&call->w, 1);
    json_put_text(&call->w, address->text);
    json_put_nulls(&call->w, 1); /* addresses of a pool have a tag beside them; ours have none */
    json_put_close(&call->w, ']');
    shape_notice_close(&call->w, "SUCCESS", "success");
}

CALL(call_deposit_addresses)
{
    const struct person *person;
    uint64_t page = 1, size = 20, skip;
    enum method method;
    CALL_BEGIN;

    if (!method_read(call, &method))
        return;
    if (ask_number(call->ask, "page", &page) == ASK_BAD || page == 0 || page > LIMIT_MOST) {
        call_fail(call, CALL_PARAMS, "page: invalid");
        return;
    }
    if (ask_number(call->ask, "pageSize", &size) == ASK_BAD || size < 20 || size > 100) {
        call_fail(call, CALL_PARAMS, "pageSize: invalid");
        return;
    }
    person = own_person(call);
    skip = (page - 1) * size;
    json_put_open(&call->w, '[');
    for (size_t i = person == NULL ? 0 : person->addresses.count; i-- > 0 && size > 0;) {
        const struct address *address = ring_at(&person->addresses, i);

        if (address->method != method)
            continue;
        if (skip > 0) {
            skip--;
            continue;
        }
        json_put_open(&call->w, '[');
        json_put_text(&call->w, address->text);
        json_put_text(&call->w, wallet_text(address->wallet));
        json_put_close(&call->w, ']');
        size--;
    }
    json_put_close(&call->w, ']');
}

/* ---- Out ---- */

/* Printable and without spaces: a chain of its own rules would say more. */
static bool address_is_good(struct slice address)
{
    if (address.size < ADDRESS_LEAST || address.size >= MOVEMENT_ADDRESS_SIZE)
        return false;
    for (size_t i = 0; i < address.size; i++)
        if (address.at[i] <= ' ' || address.at[i] > '~')
            return false;
    return true;
}

/* A zero parts the texts in the journal. */
static bool text_fits(struct slice text, size_t size)
{
    return text.size == 0 || (text.size < size && memchr(text.at, '\0', text.size) == NULL);
}

static bool words_read(struct call *call, struct teller_withdrawal *ask)
{
    const char *name = method_facts(ask->method)->network;
    char text[TEXT_SIZE];

    if (ask_text(call->ask, "address", &ask->address) == ASK_BAD ||
        !address_is_good(ask->address)) {
        snprintf(text, sizeof text, "Invalid %s address (%.*s)", name,
                 (int)(ask->address.size < MOVEMENT_ADDRESS_SIZE ? ask->address.size
                                                                 : MOVEMENT_ADDRESS_SIZE),
                 ask->address.at == NULL ? "" : ask->address.at);
        call_fail(call, CALL_GENERIC, text);
        return false;
    }
    if (ask_text(call->ask, "payment_id", &ask->payment_id) == ASK_BAD ||
        !text_fits(ask->payment_id, MOVEMENT_PAYMENT_SIZE)) {
        call_fail(call, CALL_PARAMS, "payment_id: invalid");
        return false;
    }
    if (ask_text(call->ask, "note", &ask->note) == ASK_BAD ||
        !text_fits(ask->note, MOVEMENT_NOTE_SIZE)) {
        call_fail(call, CALL_PARAMS, "note: invalid");
        return false;
    }
    return true;
}

static bool withdrawal_read(struct call *call, struct teller_withdrawal *ask)
{
    uint64_t deduct = 0;

    if (!wallet_read(call, "wallet", &ask->wallet) || !method_read(call, &ask->method))
        return false;
    if (ask_number(call->ask, "fee_deduct", &deduct) == ASK_BAD || deduct > 1) {
        call_fail(call, CALL_PARAMS, "fee_deduct: invalid");
        return false;
    }
    if (ask_fixed(call->ask, "amount", &ask->amount) != ASK_GOOD)
        ask->amount = 0;
    if (deduct == 1 && ask->amount > 0)
        ask->amount -= method_facts(ask->method)->fee;
    if (ask->amount <= 0) {
        call_fail(call, CALL_PARAMS, "amount: invalid");
        return false;
    }
    return words_read(call, ask);
}

static void withdrawal_tell(struct call *call, const struct teller_withdrawal *ask,
                            uint64_t movement)
{
    struct slice method = SLICE_EMPTY;

    ask_text(call->ask, "method", &method);
    shape_notice_open(&call->w, venue_now_ms(call->venue), "acc_wd-req");
    json_put_open(&call->w, '[');
    json_put_uint(&call->w, movement);
    json_put_nulls(&call->w, 1);
    json_put_slice(&call->w, method); /* as the client wrote it */
    if (ask->payment_id.size > 0)
        json_put_slice(&call->w, ask->payment_id);
    else
        json_put_nulls(&call->w, 1);
    json_put_text(&call->w, wallet_text(ask->wallet));
    json_put_fixed(&call->w, ask->amount);
    json_put_nulls(&call->w, 2);
    json_put_fixed(&call->w, method_facts(ask->method)->fee);
    json_put_close(&call->w, ']');
    shape_notice_close(&call->w, "SUCCESS",
                       "Your withdrawal request has been successfully submitted.");
}

CALL(call_withdraw)
{
    struct teller_withdrawal ask = { .address = SLICE_EMPTY };
    struct venue_effect effect;
    uint64_t movement;
    CALL_BEGIN;

    if (!withdrawal_read(call, &ask))
        return;
    switch (teller_withdraw(call->venue, call->account, &ask, &effect, &movement)) {
    case VENUE_DONE:
        withdrawal_tell(call, &ask, movement);
        return;
    case VENUE_DISK:
        call_fail_disk(call);
        return;
    case VENUE_REFUSED:
        break;
    }
    if (effect.refused.why == REFUSAL_AVAILABLE)
        available_fail(call, "withdraw", ask.amount + method_facts(ask.method)->fee,
                       method_facts(ask.method)->currency, ask.wallet, effect.refused.limit);
    else
        call_fail(call, CALL_PARAMS, refusal_text(effect.refused.why));
}

/* ---- What has moved ---- */

static void movements(struct call *call, const enum currency *only)
{
    const struct person *person = own_person(call);
    struct slice address = SLICE_EMPTY;
    struct ask_page page;

    if (!call_page(call, MOVEMENTS_USUAL, LIMIT_MOST, &page))
        return;
    if (ask_lists(call->ask, "id", 0) == ASK_BAD) {
        call_fail(call, CALL_PARAMS, "id: invalid");
        return;
    }
    if (ask_text(call->ask, "address", &address) == ASK_BAD) {
        call_fail(call, CALL_PARAMS, "address: invalid");
        return;
    }
    json_put_open(&call->w, '[');
    for (size_t i = 0; person != NULL && i < person->movements.count && page.limit > 0; i++) {
        const struct movement *movement = page_row(&person->movements, &page, i);

        if ((only != NULL && method_facts(movement->method)->currency != *only) ||
            !page_has(&page, movement->updated_ms) ||
            ask_lists(call->ask, "id", movement->id) != ASK_GOOD ||
            (address.size > 0 && !slice_is(address, slice_of(movement->address))))
            continue;
        shape_movement(&call->w, movement);
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

CALL(call_movements)
{
    CALL_BEGIN;
    movements(call, NULL);
}

CALL(call_movements_of_currency)
{
    enum currency currency;
    CALL_BEGIN;

    if (currency_find(values->at[0], &currency))
        movements(call, &currency);
    else
        call_fail(call, CALL_PARAMS, "currency: invalid");
}

CALL(call_movement_info)
{
    const struct movement *movement;
    uint64_t id = 0;
    CALL_BEGIN;

    movement = ask_number(call->ask, "id", &id) == ASK_GOOD
                   ? person_movement_find(own_person(call), id)
                   : NULL;
    if (movement == NULL)
        call_fail(call, CALL_PARAMS, "id: invalid");
    else
        shape_movement_info(&call->w, movement);
}
