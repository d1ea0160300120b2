/* tests/exchange/dealers.h: the crowd, dealing in contracts
 *
 * Coins are traded for USDt, so that the index moves by a third and back; contracts are bought and
 * sold with one to a hundred times what is behind them, so that many are liquidated.
 */
#ifndef DEALERS_H
#define DEALERS_H

#include "crowd.h"

enum { DEALERS_CREDITS = 3 * CROWD_ACCOUNTS };

static inline struct command dealers_credit(uint64_t i)
{
    static const enum currency currencies[] = { CURRENCY_BTC, CURRENCY_UST, CURRENCY_USTF0 };
    enum currency currency = currencies[i % 3];

    return (struct command){ .kind = COMMAND_CREDIT,
                             .account = 1 + i / 3 % CROWD_ACCOUNTS,
                             .wallet = currency == CURRENCY_USTF0 ? WALLET_MARGIN : WALLET_EXCHANGE,
                             .currency = currency,
                             .amount = (currency == CURRENCY_USTF0 ? 300 : 20000) * UNIT };
}

static inline struct command dealers_submit(uint64_t *seed, const struct floor *floor,
                                            uint64_t account)
{
    struct command command = crowd_submit(seed, floor, account);
    int64_t index = engine_last_price(floor->engine, MARKET_BTCUST);

    if (index == 0)
        index = 100 * UNIT;
    if (command.market != MARKET_BTCUSD) { /* of ether for bitcoin: other prices and amounts */
        command.price *= 2000;
        command.price_aux_limit *= 2000;
        command.price_trailing *= 2000;
        command.price_oco_stop *= 2000;
    }
    command.market = MARKET_BTCUST;
    if (one_in(seed, 5))
        return command;
    command.market = MARKET_BTCF0USTF0;
    command.type -= 1; /* the same on margin */
    command.price = (int64_t)((__int128)command.price * index / (100 * UNIT));
    command.leverage = dice_below(seed, CONTRACT_LEVERAGE_MOST + 2);
    if (one_in(seed, 6))
        command.flags |= one_in(seed, 2) ? ORDER_REDUCE_ONLY : ORDER_CLOSE;
    return command;
}

static inline struct command dealers_collateral(uint64_t *seed, const struct floor *floor,
                                                uint64_t account)
{
    const struct position *position = position_find(floor->engine, account, MARKET_BTCF0USTF0);
    struct command command = { .kind = COMMAND_COLLATERAL,
                               .account = account,
                               .market = MARKET_BTCF0USTF0 };
    int64_t least = 0, most = UNIT;

    if (position != NULL)
        contract_collateral_limits(floor->engine, position, &least, &most);
    command.amount = least - 2 + (int64_t)dice_below(seed, (uint64_t)llabs(most - least) + 4);
    return command;
}

static inline struct command dealers_move(uint64_t *seed, uint64_t account)
{
    bool back = one_in(seed, 2);

    return (struct command){ .kind = COMMAND_TRANSFER,
                             .account = account,
                             .wallet = back ? WALLET_MARGIN : WALLET_EXCHANGE,
                             .wallet_to = back ? WALLET_EXCHANGE : WALLET_MARGIN,
                             .currency = back ? CURRENCY_USTF0 : CURRENCY_UST,
                             .fields = (back ? CURRENCY_UST : CURRENCY_USTF0) + 1,
                             .amount = 1 + (int64_t)dice_below(seed, 20 * UNIT) };
}

static inline struct command dealers_command(uint64_t *seed, const struct floor *floor)
{
    uint64_t account = 1 + dice_below(seed, CROWD_ACCOUNTS), what = dice_below(seed, 1000);
    struct command command;

    if (what < 600)
        return dealers_submit(seed, floor, account);
    if (what < 650)
        return dealers_collateral(seed, floor, account);
    if (what < 680)
        return dealers_move(seed, account);
    do
        command = crowd_command(seed, floor); /* updates and cancels */
    while (command.kind == COMMAND_SUBMIT);
    if (command.kind == COMMAND_UPDATE && one_in(seed, 4)) {
        command.fields = UPDATE_LEVERAGE;
        command.leverage = 1 + dice_below(seed, CONTRACT_LEVERAGE_MOST);
    }
    return command;
}

#endif
