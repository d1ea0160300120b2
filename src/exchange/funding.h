/* exchange/funding.h: margin funding, money that accounts lend each other by the day
 *
 * An offer lends (amount > 0) or borrows (amount < 0) a currency at a rate a day for 2 to 120 days.
 * An order book of its own matches them: the better rate first, then the older offer, and only
 * lenders who give for at least as long as is asked.  The rate of whoever waited counts.
 *
 * What is lent stays in the lender's funding wallet, locked, until it comes back: whether a
 * position uses it (exchange/position.h) or not, the lender does not lose it.  Interest moves, each
 * day at 01:30 UTC and when a loan ends: out of the borrower's margin wallet, an hour at least,
 * less the venue's fee.  A borrower who can't pay loses a loan that nothing uses; what a position
 * uses is paid whatever the wallet holds, and ends only when it is borrowed elsewhere.
 *
 * The flash return rate (FRR) of a currency is the mean of what is lent at fixed rates, weighted by
 * amount, anew each full hour.  Offers may stand at it or at a distance.
 *
 * Rates are fixed-point fractions a day: 0.0003 is 30000.  Source: reference of the venue's REST
 * API, 8.5; of its WebSocket API, 12.6.
 */
#ifndef EXCHANGE_FUNDING_H
#define EXCHANGE_FUNDING_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "exchange/market.h"

enum offer_type {
#define OFFER_TYPE(number, name, text) OFFER_##name = number,
#include "exchange/funding.def"
#undef OFFER_TYPE
    OFFER_TYPE_END
};

enum offer_state { OFFER_ACTIVE, OFFER_EXECUTED, OFFER_CANCELED };

enum {
    FUNDING_PERIOD_LEAST = 2, /* days */
    FUNDING_PERIOD_MOST = 120,
    FUNDING_OFFERS_MOST = 16384, /* active at once, of everybody */
    FUNDING_OFFERS_OWN = 500,    /* active at once, of one account */
    FUNDING_LOANS_MOST = 65536,
    FUNDING_AUTOS_MOST = 4096,
    FUNDING_FEE_PPM = 150000, /* of the interest */
    FUNDING_FEE_HIDDEN_PPM = 180000,
    FUNDING_STATUS_SIZE = 128,
};
#define FUNDING_RATE_MOST      (INT64_C(7) * 1000000) /* 7 % a day */
#define FUNDING_DOLLARS_LEAST  (INT64_C(150) * 100000000)
#define FUNDING_RATE_VENUE     INT64_C(30000) /* what the venue asks where there is no FRR */
#define FUNDING_LOAN_LEAST_MS  UINT64_C(3600000)
#define FUNDING_DAY_MS         UINT64_C(86400000)
#define FUNDING_PAYOUT_PAST_MS UINT64_C(5400000) /* behind midnight, UTC */

struct offer {
    uint64_t id; /* grows with every offer, below 2^53 */
    uint64_t account;
    uint64_t created_ms, updated_ms;
    int64_t amount;      /* what remains; > 0 lends, < 0 borrows, 0 once executed */
    int64_t amount_orig; /* signed the same way */
    int64_t rate;        /* LIMIT: a day, 0: the FRR; else the distance to the FRR */
    int64_t rate_real;   /* what it comes to now */
    int64_t filled_rate; /* of the latest match, 0: none */
    uint16_t period;     /* days */
    uint8_t currency;    /* enum currency */
    uint8_t type;        /* enum offer_type */
    uint8_t state;       /* enum offer_state */
    bool is_hidden, is_renewed;
    bool takes_var; /* borrows at rates that move, too */

    /* Links of the engine, meaningless to others. */
    uint32_t before, after;
};

enum loan_state { LOAN_ACTIVE, LOAN_EXPIRED, LOAN_RETURNED, LOAN_UNPAID };

struct loan {
    uint64_t id; /* grows with every loan, below 2^53 */
    uint64_t lender, borrower; /* lender 0: the venue */
    uint64_t opened_ms, updated_ms;
    uint64_t paid_ms; /* until then interest is paid */
    uint64_t ends_ms;
    int64_t amount;    /* > 0 */
    int64_t rate;      /* a day; VAR: the distance to the FRR */
    int64_t rate_real; /* a day */
    uint16_t period;   /* days */
    uint8_t currency;  /* enum currency */
    uint8_t state;     /* enum loan_state */
    bool is_var;       /* follows the FRR */
    bool is_hidden;    /* the lender's offer was */
    bool is_renewed;   /* is offered anew when it comes back */
    bool is_kept;      /* the borrower keeps it although nothing uses it */
    uint8_t market;    /* of the position, enum market */
    uint64_t position; /* that uses it; 0: none does */

    /* Links of the engine, meaningless to others. */
    uint32_t before, after;
    uint32_t holding; /* place of the position */
    uint32_t credit_before, credit_after;
};

struct funding_trade {
    uint64_t id; /* grows with every match, below 2^53 */
    uint64_t time_ms;
    enum currency currency;
    int64_t amount; /* > 0: whoever came later lends */
    int64_t rate;
    uint16_t period;
    uint64_t lend_offer, lender;
    uint64_t borrow_offer, borrower;
    bool lender_is_maker;
};

/* An order to lend whatever is free, up to `amount`. */
struct funding_auto {
    uint64_t account;
    int64_t amount; /* 0: off */
    int64_t rate;   /* 0: the FRR */
    uint16_t period;
    uint8_t currency;
};

const char *offer_type_text(unsigned type);
bool offer_type_find(struct slice text, enum offer_type *type);

/* Accepts "fUSD" for a currency that is lent. */
bool funding_find(struct slice symbol, enum currency *currency);
bool funding_is_lent(enum currency currency);

/* "ACTIVE", "PARTIALLY FILLED at 0.03%(-50.0)", …; returns the size. */
size_t offer_status_format(const struct offer *offer, char text[FUNDING_STATUS_SIZE]);
const char *loan_status_text(const struct loan *loan);

/* ---- Reading.  What is returned stays valid until the next engine_apply(). ---- */

struct engine;

/* Active offers of one side, best first, hidden ones too: `after` NULL begins, NULL ends. */
const struct offer *funding_offer_next(const struct engine *engine, enum currency currency,
                                       bool lends, const struct offer *after);
const struct offer *funding_offer_find(const struct engine *engine, uint64_t offer);

/* Active loans in the order of their making. */
const struct loan *funding_loan_next(const struct engine *engine, enum currency currency,
                                     const struct loan *after);
const struct loan *funding_loan_find(const struct engine *engine, uint64_t loan);

int64_t funding_frr(const struct engine *engine, enum currency currency);
const struct funding_auto *funding_auto_find(const struct engine *engine, uint64_t account,
                                             enum currency currency);

/* The least amount of an offer; 0 while nobody says what the currency is worth. */
int64_t funding_least(const struct engine *engine, enum currency currency);

#endif
