/* venue/filter.h: which messages of its account a connection wants
 *
 *     "trading" "trading-tBTCUSD" "funding" "funding-fUSD" "wallet" "wallet-exchange-BTC"
 *     "algo" "balance" "notify"
 *
 * No filter, null or an empty list: everything.  What is not known passes nothing.
 *
 * Source: reference of the venue's WebSocket API, 9.4.
 */
#ifndef VENUE_FILTER_H
#define VENUE_FILTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "exchange/command.h"
#include "exchange/market.h"

struct filter {
    bool trading, funding, wallet, balance, notify; /* the whole subject */
    uint64_t markets;                               /* single ones, a bit each, as below */
    uint32_t currencies;                            /* of funding */
    uint32_t wallets[WALLET_COUNT];                 /* currencies */
};

/* `list` may be NULL.  False: it is no list of texts. */
bool filter_read(const json_t *list, struct filter *filter);

bool filter_passes_market(const struct filter *filter, enum market market);
bool filter_passes_funding(const struct filter *filter, enum currency currency);
bool filter_passes_wallet(const struct filter *filter, enum wallet_kind kind,
                          enum currency currency);

/* Is any of the subject wanted?  Then its snapshots are sent. */
bool filter_wants_trading(const struct filter *filter);
bool filter_wants_funding(const struct filter *filter);
bool filter_wants_wallets(const struct filter *filter);

#endif
