#include "exchange/settle.h"

#include <assert.h>
#include <string.h>

#include "base/fixed.h"
#include "exchange/collateral.h"
#include "exchange/fee.h"
#include "exchange/margin.h"

#define PPM 1000000

static void order_note_fill(struct engine *engine, struct order *order, int64_t price,
                            int64_t amount)
{
    int64_t filled;

    order->amount += order_is_buy(order) ? -amount : amount;
    order->updated_ms = engine->time_ms;
    if (order_is_market(order->type))
        order->price = price;
    memmove(&order->fills[1], &order->fills[0], sizeof order->fills - sizeof order->fills[0]);
    order->fills[0] = (struct order_fill){ price, order_is_buy(order) ? amount : -amount };
    order->fill_count++;
    order->traded += (unsigned __int128)price * (uint64_t)amount;
    filled = magnitude(order->amount_orig - order->amount);
    order->price_avg = (int64_t)(order->traded / (uint64_t)filled);
    if (order->amount == 0)
        order->state = ORDER_STATE_EXECUTED;
}

static int64_t *wallet_balance(struct engine *engine, const struct ledger_row *row)
{
    struct account *owner = &engine->accounts[account_place(engine, row->account)];

    return &owner->wallets[row->wallet][row->currency].balance;
}

static void settle_row(struct engine *engine, struct settlement *settlement, struct ledger_row row)
{
    if (row.amount == 0)
        return;
    row.id = ++engine->row_id;
    row.time_ms = engine->time_ms;
    row.balance = *wallet_balance(engine, &row) += row.amount;
    settlement->rows[settlement->count++] = row;
}

/* What a position gained or lost; the position itself holds the rest. */
static void margin_settle(struct engine *engine, struct settlement *settlement,
                          struct ledger_row row, struct settled_side *side)
{
    const struct trade *trade = row.trade;

    row.kind = LEDGER_POSITION;
    row.amount =
        holding_trade(engine, account_place(engine, row.account), trade->market, row.own->amount,
                      trade->value, row.own->order, side->changes, &side->change_count);
    for (unsigned i = 0; i < side->change_count; i++) {
        side->changes[i].position->order_other = row.other->order;
        side->changes[i].position->trade_price = trade->price;
        side->changes[i].position->trade_amount = row.own->amount;
    }
    settle_row(engine, settlement, row);
}

static void exchange_settle(struct engine *engine, struct settlement *settlement,
                            struct ledger_row row)
{
    bool buys = row.own->amount > 0;

    row.kind = LEDGER_EXCHANGE;
    row.currency = currency_paid(row.trade->market, buys);
    row.amount = buys ? -row.trade->value : row.own->amount;
    settle_row(engine, settlement, row);
    row.currency = row.own->fee_currency;
    row.amount = buys ? row.own->amount : row.trade->value;
    settle_row(engine, settlement, row);
}

/* After gain and fee: what of the loss is not the account's, and what backs it from now on. */
static void contract_settle(struct engine *engine, struct settlement *settlement,
                            struct ledger_row row, const struct order *order,
                            const struct settled_side *side, int64_t held, int64_t before)
{
    struct account *fund = &engine->accounts[FEE_PLACE];
    int64_t after = *wallet_balance(engine, &row);

    row.kind = LEDGER_LOSS;
    row.fee_ppm = 0;
    row.trade = NULL;
    row.amount = collateral_cover(engine, order, side, held, after - before);
    settle_row(engine, settlement, row);
    fund->wallets[WALLET_MARGIN][row.currency].balance -= row.amount;
    collateral_take(engine, order, &settlement->trade, side);
}

static void settle_side(struct engine *engine, struct settlement *settlement,
                        const struct trade_side *own, const struct trade_side *other,
                        const struct order *order, uint32_t fee_ppm)
{
    struct settled_side *side = &settlement->sides[own == &settlement->trade.taker];
    const struct position *position = position_find(engine, own->account, settlement->trade.market);
    struct ledger_row row = { .account = own->account,
                              .trade = &settlement->trade,
                              .own = own,
                              .other = other,
                              .wallet =
                                  order_on_margin(own->type) ? WALLET_MARGIN : WALLET_EXCHANGE,
                              .currency = own->fee_currency };
    int64_t held = position == NULL ? 0 : position->collateral;
    int64_t before = *wallet_balance(engine, &row);

    *side = (struct settled_side){ .amount = own->amount,
                                   .takes_var = (order->flags & ORDER_NO_VAR_RATES) == 0,
                                   .is_forced = (order->flags & ORDER_FORCED) != 0 };
    if (order_on_margin(own->type))
        margin_settle(engine, settlement, row, side);
    else
        exchange_settle(engine, settlement, row);
    row.kind = LEDGER_TRADING_FEE;
    row.fee_ppm = fee_ppm;
    row.amount = -own->fee;
    settle_row(engine, settlement, row);
    engine->accounts[FEE_PLACE].wallets[WALLET_EXCHANGE][own->fee_currency].balance += own->fee;
    if (market_facts(settlement->trade.market)->is_contract)
        contract_settle(engine, settlement, row, order, side, held, before);
}

static struct trade_side side_of(const struct order *order, int64_t amount, int64_t value,
                                 uint32_t fee_ppm)
{
    bool buys = order_is_buy(order), in_quote = order_on_margin(order->type);
    int64_t received = buys && !in_quote ? amount : value;

    return (struct trade_side){
        .order = order->id,
        .account = order->account,
        .cid = order->cid,
        .gid = order->gid,
        .type = order->type,
        .fee_currency = currency_paid(order->market, in_quote || !buys),
        /* Rounded up: a fee is never more than what was received, for that is a whole number too.
         */
        .fee = (int64_t)(((__int128)received * fee_ppm + PPM - 1) / PPM),
        .order_price = order->price,
        .amount = buys ? amount : -amount,
    };
}

static struct account *account_of(struct engine *engine, uint64_t id)
{
    return &engine->accounts[account_place(engine, id)];
}

static uint32_t fee_of(struct engine *engine, const struct order *order, bool is_maker)
{
    struct fee_tier tier =
        fee_tier(engine, account_of(engine, order->account), (enum market)order->market);
    bool hides = (engine->rules & RULE_FEE_TIERS) != 0 && (order->flags & ORDER_HIDDEN) != 0;

    return is_maker && !hides ? tier.maker_ppm : tier.taker_ppm;
}

/* What was traded counts for the next one. */
static void turnover_note(struct engine *engine, const struct trade *trade)
{
    int64_t dollars = margin_dollars(engine, market_facts(trade->market)->quote, trade->value);

    fee_note(engine, account_of(engine, trade->maker.account), dollars);
    if (trade->taker.account != trade->maker.account)
        fee_note(engine, account_of(engine, trade->taker.account), dollars);
}

void settle(struct engine *engine, struct order *maker, struct order *taker, int64_t amount,
            struct settlement *settlement)
{
    struct trade *trade = &settlement->trade;
    uint32_t maker_ppm, taker_ppm;
    bool fits;

    settlement->count = 0;
    *trade = (struct trade){ .id = ++engine->trade_id,
                             .time_ms = engine->time_ms,
                             .market = maker->market,
                             .price = maker->price,
                             .amount = order_is_buy(taker) ? amount : -amount };
    fits = fixed_multiply(amount, trade->price, false, &trade->value);
    assert(fits);
    order_note_fill(engine, maker, trade->price, amount);
    order_note_fill(engine, taker, trade->price, amount);
    maker_ppm = fee_of(engine, maker, true);
    taker_ppm = fee_of(engine, taker, false);
    trade->maker = side_of(maker, amount, trade->value, maker_ppm);
    trade->taker = side_of(taker, amount, trade->value, taker_ppm);
    settle_side(engine, settlement, &trade->maker, &trade->taker, maker, maker_ppm);
    settle_side(engine, settlement, &trade->taker, &trade->maker, taker, taker_ppm);
    if (engine->rules & RULE_FEE_TIERS)
        turnover_note(engine, trade);
}
