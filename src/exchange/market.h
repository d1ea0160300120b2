/* exchange/market.h: what is traded, and which prices exist
 *
 * Amounts and prices are fixed-point numbers (base/fixed.h).  A price has at most five significant
 * digits and eight decimals, so there are finitely many: price_rank() numbers them in order, and
 * the order book is an array over these numbers.
 *
 * Source: reference of the venue's REST API, 6 and 9.5.
 * Pure: tables and integer arithmetic.
 */
#ifndef EXCHANGE_MARKET_H
#define EXCHANGE_MARKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

enum currency {
#define CURRENCY(number, name, label) CURRENCY_##name = number,
#include "exchange/currency.def"
#undef CURRENCY
    CURRENCY_COUNT
};

enum market {
#define MARKET(number, base, quote, least, greatest, initial, margin) MARKET_##base##quote = number,
#include "exchange/market.def"
#undef MARKET
    MARKET_COUNT
};

struct market_facts {
    const char *pair; /* "BTCUSD", "BTCF0:USTF0": the trading symbol is "t" and this */
    enum currency base;
    enum currency quote;
    int64_t size_least; /* of an order, in the base currency */
    int64_t size_greatest;
    uint32_t margin_initial_ppm; /* of a position's value: to open it */
    uint32_t margin_least_ppm;   /* below it is liquidated */
    bool is_contract;            /* exchange/contract.h */
    enum market underlying;      /* of a contract */
};

/* `market` < MARKET_COUNT, `currency` < CURRENCY_COUNT; static. */
const struct market_facts *market_facts(enum market market);
const char *currency_code(enum currency currency);  /* "UST" */
const char *currency_label(enum currency currency); /* "Tether USDt" */

/* Money that is only another name of some other, to settle contracts in; itself: it is none. */
enum currency currency_underlying(enum currency currency);
bool currency_is_contract(enum currency currency);
/* The quote of a market of contracts. */
bool currency_settles_contracts(enum currency currency);

/* Accepts "tBTCUSD" and, in currency_find, "BTC"; upper case only. */
bool market_find(struct slice symbol, enum market *market);
bool currency_find(struct slice code, enum currency *currency);

/* Ranks run from 1 (0.00000001) to PRICE_RANKS - 1 (99 999 000): 99 999 prices up to five digits,
 * then 90 000 for each further one. */
#define PRICE_RANKS    1090000
#define PRICE_GREATEST INT64_C(9999900000000000)

/* Cuts everything behind the fifth significant digit; 0 when the price is not in 1..PRICE_GREATEST.
 */
int64_t price_cut(int64_t price);

/* `price` is what price_cut gives, not 0. */
uint32_t price_rank(int64_t price);
int64_t price_of_rank(uint32_t rank);

#endif
