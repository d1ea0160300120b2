/* tests/exchange/crowd.h: people who trade by dice
 *
 * All types, flags and updates, in two markets.  What they do depends on the seed and on nothing
 * else but the engine they do it to.
 */
#ifndef CROWD_H
#define CROWD_H

#include "floor.h"

#include <stdlib.h>

enum { CROWD_ACCOUNTS = 4 };

#define CROWD_ROOM ((struct engine_limits){ .orders = 2048, .accounts = 8 })

static const enum order_type crowd_types[] = {
    ORDER_TYPE_EXCHANGE_LIMIT,  ORDER_TYPE_EXCHANGE_LIMIT,      ORDER_TYPE_EXCHANGE_LIMIT,
    ORDER_TYPE_EXCHANGE_LIMIT,  ORDER_TYPE_EXCHANGE_LIMIT,      ORDER_TYPE_EXCHANGE_LIMIT,
    ORDER_TYPE_EXCHANGE_MARKET, ORDER_TYPE_EXCHANGE_IOC,        ORDER_TYPE_EXCHANGE_FOK,
    ORDER_TYPE_EXCHANGE_STOP,   ORDER_TYPE_EXCHANGE_STOP_LIMIT, ORDER_TYPE_EXCHANGE_TRAILING_STOP
};
static const uint32_t crowd_flags[] = { 0,
                                        0,
                                        0,
                                        0,
                                        ORDER_POST_ONLY,
                                        ORDER_HIDDEN,
                                        ORDER_PROTECT_SELFMATCH,
                                        ORDER_HIDDEN | ORDER_POST_ONLY };

/* Buyers mostly bid below and sellers ask above, so that books fill; sometimes they cross. */
static inline int64_t price_near(uint64_t *seed, uint64_t market, bool buys)
{
    int64_t tick = market == MARKET_ETHBTC ? 1000 : UNIT;
    int64_t away = (int64_t)dice_below(seed, 30) - 3;

    return (market == MARKET_ETHBTC ? 5000000 : 100 * UNIT) + (buys ? -away : away) * tick;
}

/* Odd amounts, so that every rounding happens. */
static inline int64_t amount_near(uint64_t *seed, uint64_t market)
{
    int64_t amount = market_facts(market)->size_least + (int64_t)dice_below(seed, 3 * UNIT);

    return dice(seed) & 1 ? amount : -amount;
}

static inline bool one_in(uint64_t *seed, uint64_t chances)
{
    return dice_below(seed, chances) == 0;
}

static inline struct command crowd_submit(uint64_t *seed, const struct floor *floor,
                                          uint64_t account)
{
    uint64_t market = one_in(seed, 3) ? MARKET_ETHBTC : MARKET_BTCUSD;
    int64_t amount = amount_near(seed, market);
    struct command command = {
        .kind = COMMAND_SUBMIT,
        .account = account,
        .market = market,
        .type = crowd_types[dice_below(seed, sizeof crowd_types / sizeof *crowd_types)],
        .flags = crowd_flags[dice_below(seed, sizeof crowd_flags / sizeof *crowd_flags)],
        .gid = dice_below(seed, 4),
        .amount = amount
    };
    bool waits = order_type_waits((unsigned)command.type);

    command.price = price_near(seed, market, (amount > 0) != waits);
    if (waits) {
        command.price_aux_limit = price_near(seed, market, amount > 0);
        command.price_trailing =
            1 + (int64_t)dice_below(seed, market == MARKET_ETHBTC ? 9999 : UNIT);
    }
    if (command.type == ORDER_TYPE_EXCHANGE_LIMIT && one_in(seed, 8)) {
        command.flags |= ORDER_OCO;
        command.price_oco_stop = price_near(seed, market, amount < 0);
    }
    if (one_in(seed, 10))
        command.tif_ms = floor->time_ms + 1 + dice_below(seed, 400);
    return command;
}

static inline struct command crowd_update(uint64_t *seed, const struct floor *floor,
                                          const struct order *order, struct command command)
{
    static const uint64_t fields[] = { UPDATE_AMOUNT,
                                       UPDATE_DELTA,
                                       UPDATE_PRICE,
                                       UPDATE_AMOUNT | UPDATE_PRICE,
                                       UPDATE_DELTA | UPDATE_PRICE,
                                       UPDATE_TIF,
                                       UPDATE_PRICE | UPDATE_PRICE_AUX_LIMIT,
                                       UPDATE_PRICE_TRAILING };
    uint64_t market = order == NULL ? MARKET_BTCUSD : order->market, what = dice_below(seed, 8);

    command.kind = COMMAND_UPDATE;
    if (order != NULL && order->type == ORDER_TYPE_EXCHANGE_TRAILING_STOP && one_in(seed, 2))
        what = 7;
    if (order != NULL && order->type == ORDER_TYPE_EXCHANGE_STOP_LIMIT && one_in(seed, 2))
        what = 6;
    command.fields = fields[what];
    command.amount = amount_near(seed, market);
    if (order != NULL && !one_in(seed, 8))
        command.amount = order->amount > 0 ? llabs(command.amount) : -llabs(command.amount);
    command.price = price_near(seed, market, command.amount > 0);
    if (command.fields & UPDATE_TIF)
        command.tif_ms = one_in(seed, 4) ? 0 : floor->time_ms + dice_below(seed, 400);
    if (command.fields & UPDATE_PRICE_AUX_LIMIT)
        command.price_aux_limit = price_near(seed, market, command.amount > 0);
    if (command.fields & UPDATE_PRICE_TRAILING)
        command.price_trailing = 1 + (int64_t)dice_below(seed, 9999);
    return command;
}

/* Cancels come often enough to keep the books small. */
static inline struct command crowd_command(uint64_t *seed, const struct floor *floor)
{
    uint64_t account = 1 + dice_below(seed, CROWD_ACCOUNTS), what = dice_below(seed, 1000);
    struct command command = { .account = account };
    const struct order *order;

    if (what < 600)
        return crowd_submit(seed, floor, account);
    command.order = floor->order - dice_below(seed, 150);
    order = engine_order_find(floor->engine, command.order);
    if (order != NULL && what % 8 != 0)
        command.account = order->account;
    if (what < 800)
        return crowd_update(seed, floor, order, command);
    if (what < 994) {
        command.kind = COMMAND_CANCEL;
    } else if (what < 998) {
        command.kind = COMMAND_CANCEL_GROUP;
        command.gid = 1 + dice_below(seed, 3);
    } else {
        command.kind = COMMAND_CANCEL_ALL;
    }
    return command;
}

/* The last account is poor, and often refused. */
static inline struct command crowd_credit(uint64_t i)
{
    int64_t wealth = i / 3 < CROWD_ACCOUNTS - 1 ? 20 : 1;

    return (struct command){ .kind = COMMAND_CREDIT,
                             .account = 1 + i / 3,
                             .currency = (enum currency[]){ CURRENCY_BTC, CURRENCY_ETH,
                                                            CURRENCY_USD }[i % 3],
                             .amount = (i % 3 == 2 ? 1500 : 15) * wealth * UNIT };
}

#endif
