/* exchange/order.h: what an order is
 *
 * A positive amount buys, a negative one sells.  The engine owns every order; others read them.
 */
#ifndef EXCHANGE_ORDER_H
#define EXCHANGE_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum order_type {
#define ORDER_TYPE(number, name, text, wallet) ORDER_TYPE_##name = number,
#include "exchange/order_type.def"
#undef ORDER_TYPE
    ORDER_TYPE_END
};

/* What an order may wait for, in a queue of the engine: its end; a price that reaches its own; a
 * price that takes its own along. */
enum order_waiting { QUEUE_TIF, QUEUE_PRICE, QUEUE_REFERENCE, QUEUE_COUNT };

/* Where an active order is.  Between two commands it is in its book, or waits. */
enum order_standing { ORDER_MOVES, ORDER_RESTS, ORDER_WAITS, ORDER_IS_HIT };

enum order_state {
#define ORDER_STATE(number, name, words) ORDER_STATE_##name = number,
#include "exchange/order_state.def"
#undef ORDER_STATE
    ORDER_STATE_COUNT
};

/* The venue's own numbers. */
enum order_flag {
    ORDER_HIDDEN = 64,
    ORDER_CLOSE = 512,
    ORDER_REDUCE_ONLY = 1024,
    ORDER_POST_ONLY = 4096,
    ORDER_OCO = 16384,
    ORDER_NO_VAR_RATES = 524288,
    /* Not the venue's: meta.protect_selfmatch, kept beside the flags. */
    ORDER_PROTECT_SELFMATCH = 1 << 30,
    /* Not the venue's: made by the engine, to close a position that has too little margin. */
    ORDER_FORCED = 1 << 29
};
#define ORDER_FLAGS_VENUE                                                           \
    (ORDER_HIDDEN | ORDER_CLOSE | ORDER_REDUCE_ONLY | ORDER_POST_ONLY | ORDER_OCO | \
     ORDER_NO_VAR_RATES)
#define ORDER_FLAGS_KNOWN (ORDER_FLAGS_VENUE | ORDER_PROTECT_SELFMATCH)
/* May only make a position smaller. */
#define ORDER_FLAGS_REDUCE   (ORDER_CLOSE | ORDER_REDUCE_ONLY)

#define ORDER_AFFILIATE_SIZE 16
#define ORDER_FILLS_KEPT     4

struct order_fill {
    int64_t price;
    int64_t amount; /* signed like the order */
};

struct order {
    uint64_t id; /* grows with every order, below 2^53 */
    uint64_t account;
    int64_t amount; /* what remains; 0 once executed */
    int64_t price;  /* limit; of a stop the price it waits for; of a market order the price of its
                       last fill, 0 before */
    int64_t locked; /* held for it in the exchange wallet: quote of a buy, base of a sell; on margin
                       0 */
    uint32_t flags; /* enum order_flag, summed */
    uint8_t market; /* enum market */
    uint8_t type;   /* enum order_type */
    uint8_t state;  /* enum order_state */
    uint8_t leverage; /* of contracts, 1 to 100; else 0 */

    /* Links of the engine, meaningless to others. */
    uint32_t level_before, level_after;     /* neighbours in priority at one price */
    uint32_t account_before, account_after; /* neighbours among the account's orders */

    int64_t amount_orig; /* what was filled and what remains; an update changes it */
    uint64_t gid;        /* 0: none */
    uint64_t cid;        /* never 0: the creation time when the client gave none */
    uint64_t created_ms, updated_ms;
    uint64_t tif_ms;         /* 0: none */
    int64_t price_avg;       /* of all fills, rounded down; 0 before the first */
    int64_t price_trailing;  /* of a trailing stop: how far behind it follows; else 0 */
    int64_t price_aux_limit; /* of a stop limit: its limit once it is hit; else 0 */
    uint64_t placed_by;      /* of the stop of a pair: id of its limit order; else 0 */
    uint8_t type_previous;   /* enum order_type that a stop had before it was hit, 0: none */
    uint8_t stands;          /* enum order_standing */
    uint32_t fill_count;     /* of its whole life; the latest ORDER_FILLS_KEPT are below */
    struct order_fill fills[ORDER_FILLS_KEPT]; /* latest first */
    uint32_t partner;                          /* the other one of a pair, also a link */
    uint32_t queue_slots[QUEUE_COUNT];         /* of the engine, as the links; 0: not in */
    unsigned __int128 traded;                  /* sum of price x amount of all fills, unsigned */
    char affiliate[ORDER_AFFILIATE_SIZE];      /* meta.aff_code, padded with zeros */
};

static inline bool order_is_buy(const struct order *order)
{
    return order->amount_orig > 0;
}

/* Does an order of this type wait for a price before anybody can meet it? */
static inline bool order_type_waits(unsigned type)
{
    return type >= ORDER_TYPE_STOP && type <= ORDER_TYPE_EXCHANGE_TRAILING_STOP;
}

/* Does it change a position and not the exchange wallet? */
static inline bool order_on_margin(unsigned type)
{
    return type % 2 == 1;
}

static inline bool order_is_fok(unsigned type)
{
    return type == ORDER_TYPE_FOK || type == ORDER_TYPE_EXCHANGE_FOK;
}

static inline bool order_is_ioc(unsigned type)
{
    return type == ORDER_TYPE_IOC || type == ORDER_TYPE_EXCHANGE_IOC;
}

/* Words of the venue, static; NULL when there is no such number. */
const char *order_type_text(unsigned type);
const char *order_state_text(unsigned state);

/* Accepts exactly the venue's words, "EXCHANGE LIMIT". */
bool order_type_find(struct slice text, enum order_type *type);

/* The status text of the venue, e.g. "EXECUTED @ 0.5(-1.0): was PARTIALLY FILLED @ 0.5(-2.0)";
 * returns its size. */
#define ORDER_STATUS_SIZE 640
size_t order_status_format(const struct order *order, char text[ORDER_STATUS_SIZE]);

#endif
