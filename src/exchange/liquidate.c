#include "exchange/turn.h"

#include "exchange/book.h"
#include "exchange/collateral.h"
#include "exchange/holding.h"
#include "exchange/margin.h"

/* Orders on margin: those of one market of contracts, or with MARKET_COUNT all others. */
static void orders_cancel(const struct turn *turn, uint32_t account, enum market only)
{
    struct engine *engine = turn->engine;
    uint32_t place = engine->accounts[account].order_first;

    while (place != 0) {
        struct order *order = &engine->orders[place];
        bool is_contract = market_facts(order->market)->is_contract;

        place = order->account_after;
        if (!order_on_margin(order->type) ||
            (is_contract ? order->market != only : only != MARKET_COUNT))
            continue;
        order_cancel(turn, order);
        place = engine->accounts[account].order_first; /* a pair may have gone */
    }
}

/* The position that needs the greatest margin among those that somebody would take; NULL: none. */
static const struct position *position_worst(const struct engine *engine, uint32_t account)
{
    const struct position *worst = NULL;
    int64_t most = -1;

    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        const struct position *position =
            position_find(engine, engine->accounts[account].id, (enum market)m);
        int64_t needs;

        if (position == NULL || market_facts((enum market)m)->is_contract ||
            book_best(engine, (enum market)m, position->amount > 0) == 0)
            continue;
        needs = margin_least_of(engine, position);
        if (needs > most) {
            most = needs;
            worst = position;
        }
    }
    return worst;
}

/* Wallets that are worth less than nothing when no position is left: the venue takes them over. */
static void loss_cover(const struct turn *turn, uint32_t account)
{
    const struct lending_turn lending = { turn->engine, turn->engine->lending, turn->command,
                                          turn->sink };
    struct account *owner = &turn->engine->accounts[account];

    for (unsigned m = 0; m < MARKET_COUNT; m++)
        if (owner->positions[m] != 0 && !market_facts((enum market)m)->is_contract)
            return;
    if (!margin_is_short(turn->engine, account))
        return;
    for (unsigned c = 0; c < CURRENCY_COUNT; c++) {
        int64_t amount = owner->wallets[WALLET_MARGIN][c].balance;

        if (currency_is_contract((enum currency)c))
            continue;
        lending_row(&lending, owner->id, WALLET_MARGIN, (enum currency)c, LEDGER_LOSS, -amount);
        lending_row(&lending, ENGINE_FEE_ACCOUNT, WALLET_MARGIN, (enum currency)c, LEDGER_LOSS,
                    amount);
    }
}

/* True: something was closed, so all that was looked at may be different. */
static bool account_liquidate(const struct turn *turn, uint32_t account)
{
    struct engine *engine = turn->engine;
    const struct position *position;
    bool any = false;

    if (!margin_is_short(engine, account))
        return false;
    orders_cancel(turn, account, MARKET_COUNT);
    while (margin_is_short(engine, account) && engine->order_count < engine->limits.orders &&
           (position = position_worst(engine, account)) != NULL) {
        order_force(turn, position);
        any = true;
    }
    loss_cover(turn, account);
    return any;
}

/* The same for a position in contracts, which stands for itself. */
static bool contract_liquidate(const struct turn *turn, const struct position *position)
{
    struct engine *engine = turn->engine;

    if (!collateral_is_short(engine, position))
        return false;
    orders_cancel(turn, account_place(engine, position->account), (enum market)position->market);
    if (engine->order_count == engine->limits.orders ||
        book_best(engine, (enum market)position->market, position->amount > 0) == 0)
        return false;
    order_force(turn, position);
    return true;
}

void liquidate(const struct turn *turn)
{
    struct engine *engine = turn->engine;
    uint32_t place = engine->holdings->first;

    engine->margin_moved = false;
    while (place != 0) {
        const struct position *position = &engine->holdings->positions[place];
        uint32_t account = account_place(engine, position->account);

        place = position->after;
        if (market_facts(position->market)->is_contract ? contract_liquidate(turn, position)
                                                        : account_liquidate(turn, account))
            return; /* its trades have asked for another look */
    }
}
