/* venue/alert.h: prices that somebody waits for
 *
 * An alert fires when trades reach its price from the side on which they were, or cross it; after
 * `count` times it is gone.  A fold of trades, so a replay fires again what fired before.
 *
 * Source: reference of the venue's REST API, 8.8.
 */
#ifndef VENUE_ALERT_H
#define VENUE_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "exchange/event.h"

#define ALERTS_MOST       100 /* of an account */
#define ALERT_COUNT_USUAL 100
#define ALERT_TEXT_SIZE   64

enum alert_side { ALERT_SEES_BELOW = -1, ALERT_SEES_EQUAL = 0, ALERT_SEES_ABOVE = 1 };

struct alert {
    enum market market;
    int64_t price;
    uint64_t count;       /* how often it will still fire */
    enum alert_side side; /* where the latest trade was */
};

struct alerts {
    struct alert at[ALERTS_MOST];
    size_t count;
};

/* Puts an alert in the place of one at the same price.  False: there are as many as can be. */
bool alert_set(struct alerts *alerts, struct alert alert);
bool alert_delete(struct alerts *alerts, enum market market, int64_t price);

/* NULL: there is none. */
const struct alert *alert_find(const struct alerts *alerts, enum market market, int64_t price);

/* Looks at the next trade; true: it fires. */
bool alert_sees(struct alert *alert, int64_t price);

/* "price:tBTCUSD:220" */
void alert_format(const struct alert *alert, char text[ALERT_TEXT_SIZE]);

#endif
