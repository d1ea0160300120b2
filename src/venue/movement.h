/* venue/movement.h: money that comes to the exchange and money that leaves it
 *
 * The chains are simulated.  A deposit is PENDING until its confirmations are there, then it is
 * credited; a withdrawal leaves the wallet at once, is PENDING for as long and can be taken back so
 * far.  A withdrawal to an address of this exchange arrives there as a deposit.
 *
 * Source: reference of the venue's REST API, 8.0 and 8.7.
 */
#ifndef VENUE_MOVEMENT_H
#define VENUE_MOVEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "exchange/command.h"
#include "exchange/market.h"

#define MOVEMENT_ID_FIRST UINT64_C(13000000)

enum {
    MOVEMENT_ADDRESS_SIZE = 128, /* of the texts, with their zero */
    MOVEMENT_PAYMENT_SIZE = 128,
    MOVEMENT_NOTE_SIZE = 256,
    MOVEMENT_WORDS_MOST = MOVEMENT_ADDRESS_SIZE + MOVEMENT_PAYMENT_SIZE + MOVEMENT_NOTE_SIZE,
    MOVEMENT_TRANSACTION_SIZE = 65
};

enum method {
    METHOD_NONE = 0,
#define METHOD(number, name, network, currency, fee, confirmations, block_ms, start, length) \
    METHOD_##name = (number),
#include "venue/method.def"
#undef METHOD
    METHOD_END
};

struct method_facts {
    const char *name;    /* "BITCOIN" */
    const char *network; /* "Bitcoin" */
    enum currency currency;
    int64_t fee; /* of a withdrawal */
    uint64_t confirmations, block_ms;
    const char *address_start;
    size_t address_length; /* behind the start */
};

/* `method` is not METHOD_NONE. */
const struct method_facts *method_facts(enum method method);

/* In any case, as clients send it. */
bool method_find(struct slice name, enum method *method);

enum movement_state { MOVEMENT_PENDING, MOVEMENT_COMPLETED, MOVEMENT_CANCELED };

struct movement {
    uint64_t id;
    uint64_t created_ms, updated_ms;
    uint64_t due_ms;      /* while it is pending: when its confirmations are there */
    uint64_t transaction; /* the same number on both sides of one transfer */
    enum movement_state state;
    enum method method;
    enum wallet_kind wallet;
    int64_t amount;                      /* > 0: a deposit; < 0: a withdrawal, without its fee */
    int64_t fee;                         /* >= 0 */
    char address[MOVEMENT_ADDRESS_SIZE]; /* where it goes or came in */
    char payment_id[MOVEMENT_PAYMENT_SIZE];
    char note[MOVEMENT_NOTE_SIZE];
};

/* "COMPLETED"; static. */
const char *movement_state_text(enum movement_state state);

/* When a movement that begins now has its confirmations. */
uint64_t movement_due_ms(enum method method, uint64_t time_ms);

/* The words of a WITHDRAW; each text is shorter than its field.  Returns their size. */
size_t movement_words(struct slice address, struct slice payment_id, struct slice note,
                      char words[MOVEMENT_WORDS_MOST]);
void movement_words_take(struct slice words, struct movement *movement);

/* The number of a transaction as a chain prints it, 64 digits of a hash. */
void movement_transaction_format(uint64_t transaction, char text[MOVEMENT_TRANSACTION_SIZE]);

/* The `index`-th address of an account's wallet by a method, from 0: the same numbers, the same
 * address, on every machine. */
void movement_address_make(uint64_t seed, uint64_t account, enum wallet_kind wallet,
                           enum method method, uint64_t index, char address[MOVEMENT_ADDRESS_SIZE]);

#endif
