/* venue/people.h: what people have at the exchange beside orders and money
 *
 * Movements, addresses, alerts, settings, and a log of what they changed: a fold of the commands of
 * venue/entry.h, of those of the engine that move money in or out, and of trades.  Whoever applies
 * a command judges it first; what is folded is never refused.
 *
 * One thread.
 */
#ifndef VENUE_PEOPLE_H
#define VENUE_PEOPLE_H

#include "exchange/event.h"
#include "venue/alert.h"
#include "venue/movement.h"
#include "venue/ring.h"
#include "venue/setting.h"

#define PEOPLE_MOVEMENTS_KEPT 5000 /* of an account, as the rest */
#define PEOPLE_ADDRESSES_KEPT 500
#define PEOPLE_CHANGES_KEPT   1000

struct address {
    uint64_t made_ms;
    enum wallet_kind wallet;
    enum method method;
    char text[MOVEMENT_ADDRESS_SIZE];
};

/* A line of the log of changes. */
struct change {
    uint64_t time_ms;
    char text[160];
};

struct person {
    uint64_t account;
    struct ring movements;  /* in the order in which they began */
    struct ring addresses;  /* in the order in which they were made */
    uint64_t address_count; /* made, ever */
    struct ring changes;
    struct alerts alerts;
    struct settings_kept settings;
};

/* A movement that waits for its confirmations. */
struct movement_wait {
    uint64_t due_ms, account, id;
};

/* `trade` has made the alert go off; it may still fire `alert->count` times. */
typedef void people_alert_fired(void *context, uint64_t account, const struct alert *alert,
                                const struct trade *trade);

struct people {
    struct arena *arena;
    struct person **at; /* sorted by account */
    size_t count, capacity;
    struct ring waits;                   /* struct movement_wait */
    uint64_t movement_id;                /* the latest given */
    unsigned alerts_count[MARKET_COUNT]; /* of all accounts */
};

void people_init(struct people *people, struct arena *arena);

/* Folds a command that was carried out, whatever its kind. */
void people_take(struct people *people, const struct command *command, struct slice words);
/* `fired` may be NULL. */
void people_trade(struct people *people, const struct trade *trade, people_alert_fired *fired,
                  void *context);

/* NULL: nothing was ever heard of it. */
const struct person *people_find(const struct people *people, uint64_t account);

/* The number that the next movement gets. */
uint64_t people_movement_next(const struct people *people);

/* NULL: there is none, or it is older than what is kept. */
const struct movement *person_movement_find(const struct person *person, uint64_t id);

/* The address in force of a wallet and method; NULL: none yet, or no such person. */
const struct address *person_address(const struct person *person, enum wallet_kind wallet,
                                     enum method method);

/* When the next movement has its confirmations; UINT64_MAX: never. */
uint64_t people_due_ms(const struct people *people);

/* The command that completes a movement that is due; false: none is.  `refused`: the engine does
 * not take the one it gave before, which is now given up. */
bool people_due(const struct people *people, uint64_t now_ms, bool refused,
                struct command *command);

#endif
