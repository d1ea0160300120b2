/* venue/feed.h: what happened to accounts, in the order in which the venue tells it
 *
 * A fold of the engine's events that is emptied again and again.  The engine tells a fill as it
 * happens: trade, ledger, orders.  Clients expect what one command did to an order as one message,
 * the order before its trades, and each change of a wallet apart:
 *
 *     on, ou or oc (the order as it is now), te, tu, wu of what was paid, received and charged
 *
 * Of funding each step is told: fon, fte, ftu, fln, fou or foc.
 *
 * Source: reference of the venue's WebSocket API, 10.1 and 10.3.
 */
#ifndef VENUE_FEED_H
#define VENUE_FEED_H

#include <stddef.h>

#include "exchange/engine.h"
#include "venue/history.h"

struct feed_entry {
    enum feed_kind {
        FEED_ORDER,
        FEED_TRADE,
        FEED_CHANGE,
        FEED_OFFER,
        FEED_LOAN,
        FEED_LENDING,
        FEED_POSITION
    } kind;
    uint64_t account;
    uint64_t command;              /* which one it belongs to */
    bool is_new;                   /* FEED_ORDER: submitted by this command */
    enum funding_change change_of; /* FEED_OFFER, FEED_LOAN */
    enum position_change position_change;
    union {
        struct order order;
        struct own_trade trade;
        struct ledger_line change;
        struct offer offer;
        struct loan loan;
        struct own_lending lending;
        struct position position;
    };
};

struct feed {
    struct feed_entry *entries;
    size_t count, capacity;
};

void feed_init(struct feed *feed);
void feed_wipe(struct feed *feed);

/* Adds what `account` should hear of the event, which is about it; `history` has taken the event
 * already.  Without memory the process ends, as venue/arena.h. */
void feed_take(struct feed *feed, const struct event *event, uint64_t command,
               const struct history *history, uint64_t account);

/* Shows everything in the order of the wire and forgets it. */
typedef void feed_visit(void *context, const struct feed_entry *entry);
void feed_empty(struct feed *feed, feed_visit *visit, void *context);

/* "on", "ou" or "oc"; "fon", "fou" or "foc"; "fln", "flu" or "flc", of a loan that a position uses
 * "fcn", "fcu" or "fcc"; "pn", "pu" or "pc" */
const char *feed_word(const struct feed_entry *entry);

#endif
