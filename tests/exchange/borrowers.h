/* tests/exchange/borrowers.h: the crowd, trading on margin and lending each other, too
 *
 * Prices move by a third, so that what is held with ten times its worth is liquidated often.
 */
#ifndef BORROWERS_H
#define BORROWERS_H

#include "crowd.h"

/* All three wallets of everybody; little is in that for margin, so that it is soon used up. */
static inline struct command borrowers_credit(uint64_t i)
{
    struct command command = crowd_credit(i % (3 * CROWD_ACCOUNTS));

    command.wallet = i / (3 * CROWD_ACCOUNTS);
    if (command.wallet == WALLET_MARGIN)
        command.amount /= 500;
    return command;
}

enum { BORROWERS_CREDITS = 3 * CROWD_ACCOUNTS * WALLET_COUNT };

static inline struct command borrowers_submit(uint64_t *seed, const struct floor *floor,
                                              uint64_t account)
{
    struct command command = crowd_submit(seed, floor, account);

    command.type -= 1; /* the same on margin */
    if (command.market != MARKET_BTCUSD)
        command.market = one_in(seed, 2) ? MARKET_ETHBTC : MARKET_ETHUSD;
    if (one_in(seed, 4))
        command.flags |= one_in(seed, 2) ? ORDER_REDUCE_ONLY : ORDER_CLOSE;
    if (one_in(seed, 6))
        command.flags |= ORDER_NO_VAR_RATES;
    return command;
}

static inline struct command borrowers_offer(uint64_t *seed, uint64_t account)
{
    int64_t amount = (int64_t)dice_below(seed, 400) * UNIT;

    return (struct command){ .kind = COMMAND_OFFER_SUBMIT,
                             .account = account,
                             .currency = one_in(seed, 3) ? CURRENCY_BTC : CURRENCY_USD,
                             .type = 1 + dice_below(seed, 3),
                             .amount = one_in(seed, 5) ? -amount : amount,
                             .price = (int64_t)dice_below(seed, 9000),
                             .period = 2 + dice_below(seed, 30) };
}

static inline struct command borrowers_move(uint64_t *seed, uint64_t account)
{
    return (struct command){ .kind = COMMAND_TRANSFER,
                             .account = account,
                             .wallet = dice_below(seed, WALLET_COUNT),
                             .wallet_to = dice_below(seed, WALLET_COUNT),
                             .currency = dice_below(seed, 4),
                             .amount = 1 + (int64_t)dice_below(seed, UNIT / 2) };
}

static inline struct command borrowers_claim(uint64_t *seed, const struct floor *floor,
                                             uint64_t account)
{
    enum market market = one_in(seed, 2) ? MARKET_BTCUSD : MARKET_ETHBTC;
    const struct position *position = position_find(floor->engine, account, market);
    struct command command = { .account = account, .market = market };

    command.kind = COMMAND_POSITION_CLAIM + dice_below(seed, 3);
    command.order = position == NULL ? 0 : position->id;
    command.fields = dice_below(seed, 2);
    command.amount = (int64_t)dice_below(seed, 3 * UNIT);
    if (command.kind == COMMAND_POSITION_INCREASE && one_in(seed, 2))
        command.amount = -command.amount;
    return command;
}

static inline struct command borrowers_command(uint64_t *seed, const struct floor *floor)
{
    uint64_t account = 1 + dice_below(seed, CROWD_ACCOUNTS), what = dice_below(seed, 1000);
    const struct loan *loan;

    if (what < 400)
        return crowd_command(seed, floor);
    if (what < 850)
        return borrowers_submit(seed, floor, account);
    if (what < 920)
        return borrowers_offer(seed, account);
    if (what < 960)
        return borrowers_move(seed, account);
    if (what < 985)
        return borrowers_claim(seed, floor, account);
    loan = funding_loan_next(floor->engine, CURRENCY_USD, NULL);
    return (struct command){ .kind = what < 990   ? COMMAND_OFFER_CANCEL_ALL
                                     : what < 995 ? COMMAND_LOAN_CLOSE
                                                  : COMMAND_LOAN_KEEP,
                             .account = loan == NULL ? account : loan->borrower,
                             .order = loan == NULL ? 1 : loan->id };
}

#endif
