/* tests/exchange/contracts.h: accounts that trade contracts
 *
 * MAKER, TRADER and OTHER have 10,000 USDt for contracts in their margin wallets, MAKER a million
 * of them and a spot book's worth of coins and USDt besides.  One bitcoin has just been traded at
 * 10,000 USDt, and a contract at the same price.
 */
#ifndef CONTRACTS_H
#define CONTRACTS_H

#include "margins.h"

#define CONTRACT_MARKET MARKET_BTCF0USTF0

/* 00:00 UTC of some day, just behind a funding event. */
#define CONTRACTS_BEGIN_MS (20000 * DAY_MS)

static inline uint64_t contracts_order(struct floor *floor, uint64_t account, enum order_type type,
                                       int64_t amount, int64_t price, unsigned leverage)
{
    return floor_submit(floor, (struct command){ .account = account,
                                                 .market = CONTRACT_MARKET,
                                                 .type = type,
                                                 .amount = amount,
                                                 .price = price,
                                                 .leverage = leverage });
}

/* MAKER stands with so much at this price, with a hundredth of it set aside; > 0 bids. */
static inline uint64_t contracts_stand(struct floor *floor, int64_t amount, int64_t price)
{
    return contracts_order(floor, MAKER, ORDER_TYPE_LIMIT, amount, price, 100);
}

/* The coin, and with it the index. */
static inline void contracts_index(struct floor *floor, int64_t price)
{
    for (int side = -1; side <= 1; side += 2)
        floor_submit(floor, (struct command){ .account = MAKER,
                                              .market = MARKET_BTCUST,
                                              .type = ORDER_TYPE_EXCHANGE_LIMIT,
                                              .amount = side * UNIT / 100,
                                              .price = price });
}

/* The contract: MAKER and OTHER trade a little and back. */
static inline void contracts_price(struct floor *floor, int64_t price)
{
    contracts_stand(floor, -UNIT / 1000, price);
    contracts_order(floor, OTHER, ORDER_TYPE_LIMIT, UNIT / 1000, price, 100);
    contracts_stand(floor, UNIT / 1000, price);
    contracts_order(floor, OTHER, ORDER_TYPE_LIMIT, -UNIT / 1000, price, 100);
}

static inline void contracts_open(struct floor *floor)
{
    floor_open(floor, (struct engine_limits){ .orders = 64, .accounts = 8 });
    floor->time_ms = CONTRACTS_BEGIN_MS;
    margins_credit(floor, MAKER, WALLET_EXCHANGE, CURRENCY_UST, 1000000);
    margins_credit(floor, MAKER, WALLET_EXCHANGE, CURRENCY_BTC, 1000);
    margins_credit(floor, MAKER, WALLET_MARGIN, CURRENCY_USTF0, 1000000);
    margins_credit(floor, TRADER, WALLET_MARGIN, CURRENCY_USTF0, 10000);
    margins_credit(floor, OTHER, WALLET_MARGIN, CURRENCY_USTF0, 10000);
    contracts_index(floor, 10000 * UNIT);
    contracts_price(floor, 10000 * UNIT);
    assert_null(position_find(floor->engine, MAKER, CONTRACT_MARKET));
    floor_clear(floor);
}

static inline const struct position *contracts_position(const struct floor *floor, uint64_t account)
{
    return position_find(floor->engine, account, CONTRACT_MARKET);
}

static inline int64_t contracts_free(const struct floor *floor, uint64_t account)
{
    return wallet_free(floor->engine, account, WALLET_MARGIN, CURRENCY_USTF0);
}

static inline int64_t contracts_balance(const struct floor *floor, uint64_t account)
{
    return margins_balance(floor, account, CURRENCY_USTF0);
}

/* Time goes on to a moment past the beginning. */
static inline void contracts_wait(struct floor *floor, uint64_t until_ms)
{
    floor->time_ms = CONTRACTS_BEGIN_MS + until_ms;
    floor_apply(floor, (struct command){ .kind = COMMAND_TIMER });
}

#endif
