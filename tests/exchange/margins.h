/* tests/exchange/margins.h: accounts that trade with borrowed money
 *
 * LENDER lends 1,000,000 USD at 0.03 % a day and 100 BTC at 0.01 %; MAKER trades on the exchange
 * wallet, with a million dollars and 1000 bitcoins; TRADER and OTHER have 10,000 USD each in their
 * margin wallets.  One bitcoin has just been traded at 10,000 USD.
 */
#ifndef MARGINS_H
#define MARGINS_H

#include "lenders.h"

enum { LENDER = 1, MAKER = 2, TRADER = 3, OTHER = 4 };

static inline void margins_credit(struct floor *floor, uint64_t account, enum wallet_kind wallet,
                                  enum currency currency, int64_t units)
{
    floor_apply(floor, (struct command){ .kind = COMMAND_CREDIT,
                                         .account = account,
                                         .wallet = wallet,
                                         .currency = currency,
                                         .amount = units * UNIT });
}

/* A submit of any type, in BTCUSD; returns the order. */
static inline uint64_t margins_order(struct floor *floor, uint64_t account, enum order_type type,
                                     int64_t amount, int64_t price)
{
    return floor_submit(
        floor,
        (struct command){ .account = account, .type = type, .amount = amount, .price = price });
}

/* MAKER stands with so much at this price; > 0 bids. */
static inline uint64_t margins_stand(struct floor *floor, int64_t amount, int64_t price)
{
    return margins_order(floor, MAKER, ORDER_TYPE_EXCHANGE_LIMIT, amount, price);
}

/* MAKER trades with itself, so that the latest price is this one. */
static inline void margins_price(struct floor *floor, int64_t price)
{
    margins_stand(floor, -UNIT / 100, price);
    margins_order(floor, MAKER, ORDER_TYPE_EXCHANGE_LIMIT, UNIT / 100, price);
}

static inline void margins_open(struct floor *floor)
{
    struct command offer = lenders_offer(LENDER, 1000000 * UNIT, 30000, 30);

    floor_open(floor, (struct engine_limits){ .orders = 64, .accounts = 8 });
    floor->time_ms = 20000 * DAY_MS;
    margins_credit(floor, LENDER, WALLET_FUNDING, CURRENCY_USD, 1000000);
    margins_credit(floor, LENDER, WALLET_FUNDING, CURRENCY_BTC, 100);
    margins_credit(floor, MAKER, WALLET_EXCHANGE, CURRENCY_USD, 1000000);
    margins_credit(floor, MAKER, WALLET_EXCHANGE, CURRENCY_BTC, 1000);
    margins_credit(floor, TRADER, WALLET_MARGIN, CURRENCY_USD, 10000);
    margins_credit(floor, OTHER, WALLET_MARGIN, CURRENCY_USD, 10000);
    margins_price(floor, 10000 * UNIT);
    floor_apply(floor, offer);
    margins_stand(floor, UNIT / 100, 1000 * UNIT); /* bitcoins are worth something */
    offer.currency = CURRENCY_BTC;
    offer.amount = 100 * UNIT;
    offer.price = 10000;
    floor_apply(floor, offer);
    assert_int_equal(floor->why, REFUSAL_NONE);
    floor_clear(floor);
}

static inline const struct position *margins_position(const struct floor *floor, uint64_t account)
{
    return position_find(floor->engine, account, MARKET_BTCUSD);
}

static inline int64_t margins_balance(const struct floor *floor, uint64_t account,
                                      enum currency currency)
{
    return engine_account_find(floor->engine, account)->wallets[WALLET_MARGIN][currency].balance;
}

#endif
