/* tests/exchange/lenders.h: accounts that lend each other */
#ifndef LENDERS_H
#define LENDERS_H

#include "floor.h"

#define DAY_MS  UINT64_C(86400000)
#define HOUR_MS UINT64_C(3600000)

/* 1 and 2 have 10 000 USD to lend, 3 and 4 have 100 USD to pay interest from.  It is midnight, some
 * day. */
static inline void lenders_open(struct floor *floor)
{
    floor_open(floor, (struct engine_limits){ .orders = 8, .accounts = 8 });
    floor->time_ms = 20000 * DAY_MS;
    for (uint64_t account = 1; account <= 4; account++)
        floor_apply(floor,
                    (struct command){ .kind = COMMAND_CREDIT,
                                      .account = account,
                                      .wallet = account <= 2 ? WALLET_FUNDING : WALLET_MARGIN,
                                      .currency = CURRENCY_USD,
                                      .amount = (account <= 2 ? 10000 : 100) * UNIT });
    floor_clear(floor);
}

static inline struct command lenders_offer(uint64_t account, int64_t amount, int64_t rate,
                                           uint64_t period)
{
    return (struct command){ .kind = COMMAND_OFFER_SUBMIT,
                             .account = account,
                             .currency = CURRENCY_USD,
                             .type = OFFER_LIMIT,
                             .amount = amount,
                             .price = rate,
                             .period = period };
}

static inline uint64_t lenders_submit(struct floor *floor, struct command command)
{
    floor->order = 0;
    floor_apply(floor, command);
    return floor->order;
}

/* Time goes on; nobody does anything. */
static inline void lenders_wait(struct floor *floor, uint64_t ms)
{
    floor->time_ms += ms;
    floor_apply(floor, (struct command){ .kind = COMMAND_CANCEL_ALL, .account = 4 });
}

static inline const struct wallet *lenders_wallet(const struct floor *floor, uint64_t account,
                                                  enum wallet_kind kind)
{
    return &engine_account_find(floor->engine, account)->wallets[kind][CURRENCY_USD];
}

#endif
