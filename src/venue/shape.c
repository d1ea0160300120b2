#include "venue/shape.h"

#include <stdio.h>

#include "base/fixed.h"

#define DESCRIPTION_SIZE 192

const char *wallet_text(enum wallet_kind kind)
{
    static const char *const texts[WALLET_COUNT] = {
        [WALLET_EXCHANGE] = "exchange", [WALLET_MARGIN] = "margin", [WALLET_FUNDING] = "funding"
    };

    return texts[kind];
}

const char *wallet_name(enum wallet_kind kind)
{
    static const char *const names[WALLET_COUNT] = {
        [WALLET_EXCHANGE] = "Exchange", [WALLET_MARGIN] = "Margin", [WALLET_FUNDING] = "Funding"
    };

    return names[kind];
}

bool wallet_find(struct slice text, enum wallet_kind *kind)
{
    if (slice_is(text, SLICE("trading")))
        text = SLICE("margin");
    if (slice_is(text, SLICE("deposit")))
        text = SLICE("funding");
    for (unsigned i = 0; i < WALLET_COUNT; i++) {
        if (slice_is(text, slice_of(wallet_text((enum wallet_kind)i)))) {
            *kind = (enum wallet_kind)i;
            return true;
        }
    }
    return false;
}

void amount_format(int64_t amount, char text[FIXED_TEXT_SIZE])
{
    uint64_t size = amount < 0 ? -(uint64_t)amount : (uint64_t)amount, rest = size % FIXED_ONE;
    int digits = 8;

    for (; digits > 1 && rest % 10 == 0; digits--)
        rest /= 10;
    snprintf(text, FIXED_TEXT_SIZE, "%s%llu.%0*llu", amount < 0 ? "-" : "",
             (unsigned long long)(size / FIXED_ONE), digits, (unsigned long long)rest);
}

/* 0 stands for "none" where clients expect null. */
static void put_or_null(struct json_writer *w, uint64_t value)
{
    if (value == 0)
        json_put_nulls(w, 1);
    else
        json_put_uint(w, value);
}

void shape_symbol(struct json_writer *w, enum market market)
{
    char symbol[16];

    snprintf(symbol, sizeof symbol, "t%s", market_facts(market)->pair);
    json_put_text(w, symbol);
}

static void shape_meta(struct json_writer *w, const struct order *order)
{
    json_put_open(w, '{');
    if (order->flags & ORDER_POST_ONLY) {
        json_put_key(w, "$F7");
        json_put_uint(w, 1);
    }
    if (order->leverage > 0) {
        json_put_key(w, "$F33");
        json_put_uint(w, order->leverage);
        json_put_key(w, "lev");
        json_put_uint(w, order->leverage);
    }
    if (order->affiliate[0] != '\0') {
        json_put_key(w, "aff_code");
        json_put_slice(
            w, (struct slice){ order->affiliate, strnlen(order->affiliate, ORDER_AFFILIATE_SIZE) });
    }
    json_put_close(w, '}');
}

void shape_order(struct json_writer *w, const struct order *order)
{
    char status[ORDER_STATUS_SIZE];

    order_status_format(order, status);
    json_put_open(w, '[');
    json_put_uint(w, order->id);
    put_or_null(w, order->gid);
    json_put_uint(w, order->cid);
    shape_symbol(w, order->market);
    json_put_uint(w, order->created_ms);
    json_put_uint(w, order->updated_ms);
    json_put_fixed(w, order->amount);
    json_put_fixed(w, order->amount_orig);
    json_put_text(w, order_type_text(order->type));
    json_put_text(w, order_type_text(order->type_previous)); /* 0 has no text */
    put_or_null(w, order->tif_ms);
    json_put_nulls(w, 1);
    json_put_uint(w, order->flags & ORDER_FLAGS_VENUE);
    json_put_text(w, status);
    json_put_nulls(w, 2);
    json_put_fixed(w, order->price);
    json_put_fixed(w, order->price_avg);
    json_put_fixed(w, order->price_trailing);
    json_put_fixed(w, order->price_aux_limit);
    json_put_nulls(w, 3);
    json_put_uint(w, 0); /* notify */
    json_put_uint(w, (order->flags & ORDER_HIDDEN) != 0);
    put_or_null(w, order->placed_by);
    json_put_nulls(w, 2);
    json_put_text(w, "API>BFX");
    json_put_nulls(w, 2);
    shape_meta(w, order);
    json_put_close(w, ']');
}

static void trade_shape(struct json_writer *w, const struct own_trade *trade, bool with_fee)
{
    json_put_open(w, '[');
    json_put_uint(w, trade->id);
    shape_symbol(w, trade->market);
    json_put_uint(w, trade->time_ms);
    json_put_uint(w, trade->side.order);
    json_put_fixed(w, trade->side.amount);
    json_put_fixed(w, trade->price);
    json_put_text(w, order_type_text(trade->side.type));
    json_put_fixed(w, trade->side.order_price);
    json_put_int(w, trade->is_maker ? 1 : -1);
    if (with_fee) {
        json_put_fixed(w, -trade->side.fee);
        json_put_text(w, currency_code(trade->side.fee_currency));
    } else {
        json_put_nulls(w, 2);
    }
    json_put_uint(w, trade->side.cid);
    json_put_close(w, ']');
}

void shape_trade(struct json_writer *w, const struct own_trade *trade)
{
    trade_shape(w, trade, true);
}

void shape_trade_executed(struct json_writer *w, const struct own_trade *trade)
{
    trade_shape(w, trade, false);
}

/* Of money that moved without a trade. */
static void movement_format(const struct ledger_line *line, char text[DESCRIPTION_SIZE])
{
    const char *label = currency_label(line->currency);
    unsigned long long movement = line->movement;
    char amount[FIXED_TEXT_SIZE];

    if (line->kind == LEDGER_TRANSFER) {
        bool leaves = line->amount < 0;

        fixed_format(leaves ? -line->amount : line->amount, amount);
        if (line->currency_other != line->currency) {
            snprintf(text, DESCRIPTION_SIZE, "Transfer of %s %s from wallet %s to %s as %s", amount,
                     currency_code(leaves ? line->currency : line->currency_other),
                     wallet_name(leaves ? line->wallet : line->wallet_other),
                     wallet_name(leaves ? line->wallet_other : line->wallet),
                     currency_code(leaves ? line->currency_other : line->currency));
            return;
        }
        snprintf(text, DESCRIPTION_SIZE, "Transfer of %s %s from wallet %s to %s", amount,
                 currency_code(line->currency),
                 wallet_name(leaves ? line->wallet : line->wallet_other),
                 wallet_name(leaves ? line->wallet_other : line->wallet));
    } else if (line->kind == LEDGER_WITHDRAWAL_FEE) {
        snprintf(text, DESCRIPTION_SIZE, "%s Withdrawal fee #%llu", label, movement);
    } else if (line->kind == LEDGER_WITHDRAWAL) {
        snprintf(text, DESCRIPTION_SIZE, "%s Withdrawal #%llu", label, movement);
    } else if (line->kind == LEDGER_WITHDRAWAL_CANCELED) {
        snprintf(text, DESCRIPTION_SIZE, "Canceled %s Withdrawal #%llu", label, movement);
    } else if (movement != 0) {
        snprintf(text, DESCRIPTION_SIZE, "Deposit (%s) #%llu", label, movement);
    } else {
        snprintf(text, DESCRIPTION_SIZE, "Deposit (%s)", label);
    }
}

/* As the venue words it; clients read what stands before " @ ", and the wallet behind the last
 * "wallet". */
static void description_format(const struct ledger_line *line, char text[DESCRIPTION_SIZE])
{
    char amount[FIXED_TEXT_SIZE], price[FIXED_TEXT_SIZE], percent[FIXED_TEXT_SIZE];
    const struct market_facts *facts = market_facts(line->market);

    amount_format(line->trade_amount < 0 ? -line->trade_amount : line->trade_amount, amount);
    fixed_format(line->trade_price, price);
    switch (line->kind) {
    case LEDGER_DEPOSIT:
    case LEDGER_WITHDRAWAL:
    case LEDGER_WITHDRAWAL_CANCELED:
    case LEDGER_WITHDRAWAL_FEE:
    case LEDGER_TRANSFER:
        movement_format(line, text);
        return;
    case LEDGER_INTEREST:
        snprintf(text, DESCRIPTION_SIZE, "Margin Funding Payment");
        return;
    case LEDGER_UNUSED_FUNDING_FEE:
        snprintf(text, DESCRIPTION_SIZE, "Unused Margin Funding Fee (%s)",
                 currency_code(line->currency));
        return;
    case LEDGER_USED_FUNDING_FEE:
        snprintf(text, DESCRIPTION_SIZE, "Used Margin Funding Charge (%s)",
                 currency_code(line->currency));
        return;
    case LEDGER_POSITION:
        snprintf(text, DESCRIPTION_SIZE, "Position closed @ %s (TRADE)", price);
        return;
    case LEDGER_CLAIM:
        snprintf(text, DESCRIPTION_SIZE, "Position claim (%s)", currency_code(line->currency));
        return;
    case LEDGER_FUNDING_EVENT:
        snprintf(text, DESCRIPTION_SIZE, "Derivatives Funding Event (%s)",
                 currency_code(line->currency));
        return;
    case LEDGER_LOSS:
        snprintf(text, DESCRIPTION_SIZE, "Settlement of a liquidated wallet (%s)",
                 currency_code(line->currency));
        return;
    case LEDGER_EXCHANGE:
        snprintf(text, DESCRIPTION_SIZE, "Exchange %s %s for %s @ %s", amount,
                 currency_code(facts->base), currency_code(facts->quote), price);
        return;
    case LEDGER_TRADING_FEE:
        fixed_format((int64_t)line->fee_ppm * (FIXED_ONE / 10000), percent);
        snprintf(text, DESCRIPTION_SIZE, "Trading fees for %s %s (%s) @ %s on BFX (%s%%)", amount,
                 currency_code(facts->base), facts->pair, price, percent);
        return;
    }
    text[0] = '\0';
}

void shape_ledger(struct json_writer *w, const struct ledger_line *line)
{
    char text[DESCRIPTION_SIZE], whole[DESCRIPTION_SIZE + 32];

    description_format(line, text);
    snprintf(whole, sizeof whole, "%s on wallet %s", text, wallet_text(line->wallet));
    json_put_open(w, '[');
    json_put_uint(w, line->id);
    json_put_text(w, currency_code(line->currency));
    json_put_text(w, wallet_text(line->wallet));
    json_put_uint(w, line->time_ms);
    json_put_nulls(w, 1);
    json_put_fixed(w, line->amount);
    json_put_fixed(w, line->balance);
    json_put_nulls(w, 1);
    json_put_text(w, whole);
    json_put_close(w, ']');
}

static void put_key_fixed_text(struct json_writer *w, const char *key, int64_t value)
{
    char text[FIXED_TEXT_SIZE];

    fixed_format(value, text);
    json_put_key(w, key);
    json_put_text(w, text);
}

static void shape_change(struct json_writer *w, const struct ledger_line *change)
{
    char text[DESCRIPTION_SIZE], amount[FIXED_TEXT_SIZE];

    if (change->id == 0) {
        json_put_nulls(w, 2);
        return;
    }
    description_format(change, text);
    json_put_text(w, text);
    if (change->order == 0) {
        json_put_nulls(w, 1);
        return;
    }
    json_put_open(w, '{');
    json_put_key(w, "reason");
    json_put_text(w, "TRADE");
    json_put_key(w, "order_id");
    json_put_uint(w, change->order);
    json_put_key(w, "order_id_oppo");
    json_put_uint(w, change->order_other);
    put_key_fixed_text(w, "trade_price", change->trade_price);
    amount_format(change->trade_amount, amount);
    json_put_key(w, "trade_amount");
    json_put_text(w, amount);
    json_put_key(w, "order_cid");
    json_put_uint(w, change->cid);
    json_put_key(w, "order_gid");
    if (change->gid == 0)
        json_put_nulls(w, 1);
    else
        json_put_uint(w, change->gid);
    json_put_close(w, '}');
}

static void wallet_shape(struct json_writer *w, enum wallet_kind kind, enum currency currency,
                         int64_t balance, const int64_t *available,
                         const struct ledger_line *change)
{
    json_put_open(w, '[');
    json_put_text(w, wallet_text(kind));
    json_put_text(w, currency_code(currency));
    json_put_fixed(w, balance);
    json_put_uint(w, 0); /* unsettled interest: exactly "0", or ccxt sees a debt */
    if (available != NULL)
        json_put_fixed(w, *available);
    else
        json_put_nulls(w, 1);
    shape_change(w, change);
    json_put_close(w, ']');
}

void shape_wallet(struct json_writer *w, enum wallet_kind kind, enum currency currency,
                  int64_t balance, int64_t available, const struct ledger_line *change)
{
    wallet_shape(w, kind, currency, balance, &available, change);
}

void shape_wallet_told(struct json_writer *w, enum wallet_kind kind, enum currency currency,
                       int64_t balance, const struct ledger_line *change)
{
    wallet_shape(w, kind, currency, balance, NULL, change);
}

void shape_tape(struct json_writer *w, const struct tape_row *row)
{
    json_put_open(w, '[');
    json_put_uint(w, row->id);
    json_put_uint(w, row->time_ms);
    json_put_fixed(w, row->amount);
    json_put_fixed(w, row->price);
    json_put_close(w, ']');
}

/* "" stands for "none". */
static void text_or_null(struct json_writer *w, const char *text)
{
    json_put_text(w, *text == '\0' ? NULL : text);
}

/* The 22 elements, which both arrays begin with; clients tell them by their exact lengths. */
static void movement_put(struct json_writer *w, const struct movement *movement, bool with_info)
{
    const struct method_facts *facts = method_facts(movement->method);
    char transaction[MOVEMENT_TRANSACTION_SIZE] = "";
    bool is_sent = movement->amount > 0 || movement->state == MOVEMENT_COMPLETED;

    if (is_sent)
        movement_transaction_format(movement->transaction, transaction);
    json_put_uint(w, movement->id);
    json_put_text(w, currency_code(facts->currency));
    json_put_text(w, facts->name);
    json_put_nulls(w, 1);
    text_or_null(w, with_info ? movement->note : "");
    json_put_uint(w, movement->created_ms);
    json_put_uint(w, movement->updated_ms);
    json_put_nulls(w, 2);
    json_put_text(w, movement_state_text(movement->state));
    json_put_nulls(w, 2);
    json_put_fixed(w, movement->amount);
    json_put_fixed(w, -movement->fee);
    json_put_nulls(w, 2);
    text_or_null(w, movement->address);
    text_or_null(w, movement->payment_id);
    json_put_nulls(w, 2);
    text_or_null(w, transaction);
    text_or_null(w, movement->note);
}

void shape_movement(struct json_writer *w, const struct movement *movement)
{
    json_put_open(w, '[');
    movement_put(w, movement, false);
    json_put_close(w, ']');
}

void shape_movement_info(struct json_writer *w, const struct movement *movement)
{
    json_put_open(w, '[');
    movement_put(w, movement, true);
    json_put_nulls(w, 10); /* of banks, which simulated money has none of */
    json_put_close(w, ']');
}

void shape_alert(struct json_writer *w, const struct alert *alert)
{
    char text[ALERT_TEXT_SIZE];

    alert_format(alert, text);
    json_put_open(w, '[');
    json_put_text(w, text);
    json_put_text(w, "price");
    shape_symbol(w, alert->market);
    json_put_fixed(w, alert->price);
    json_put_uint(w, alert->count);
    json_put_close(w, ']');
}

void shape_candle(struct json_writer *w, const struct candle *candle)
{
    json_put_open(w, '[');
    json_put_uint(w, candle->start_ms);
    json_put_fixed(w, candle->open);
    json_put_fixed(w, candle->close); /* before high and low */
    json_put_fixed(w, candle->high);
    json_put_fixed(w, candle->low);
    json_put_fixed(w, candle->volume);
    json_put_close(w, ']');
}

void shape_notice_open(struct json_writer *w, uint64_t stamp, const char *type)
{
    json_put_open(w, '[');
    json_put_uint(w, stamp);
    json_put_text(w, type);
    json_put_nulls(w, 2);
}

void shape_notice_close(struct json_writer *w, const char *status, const char *text)
{
    json_put_nulls(w, 1);
    json_put_text(w, status);
    json_put_text(w, text);
    json_put_close(w, ']');
}

void shape_error(struct json_writer *w, int code, const char *text)
{
    json_put_open(w, '[');
    json_put_text(w, "error");
    json_put_int(w, code);
    json_put_text(w, text);
    json_put_close(w, ']');
}

/* ---- Funding ---- */

void shape_funding_symbol(struct json_writer *w, enum currency currency)
{
    char symbol[8];

    snprintf(symbol, sizeof symbol, "f%s", currency_code(currency));
    json_put_text(w, symbol);
}

void shape_lent(struct json_writer *w, const struct lent_row *row)
{
    json_put_open(w, '[');
    json_put_uint(w, row->id);
    json_put_uint(w, row->time_ms);
    json_put_fixed(w, row->amount);
    json_put_fixed(w, row->rate);
    json_put_uint(w, row->period);
    json_put_close(w, ']');
}

void shape_offer(struct json_writer *w, const struct offer *offer)
{
    char status[FUNDING_STATUS_SIZE];

    offer_status_format(offer, status);
    json_put_open(w, '[');
    json_put_uint(w, offer->id);
    shape_funding_symbol(w, (enum currency)offer->currency);
    json_put_uint(w, offer->created_ms);
    json_put_uint(w, offer->updated_ms);
    json_put_fixed(w, offer->amount);
    json_put_fixed(w, offer->amount_orig);
    json_put_text(w, offer_type_text(offer->type));
    json_put_nulls(w, 2);
    json_put_uint(w, offer->is_hidden ? ORDER_HIDDEN : 0);
    json_put_text(w, status);
    json_put_nulls(w, 3);
    json_put_fixed(w, offer->rate);
    json_put_uint(w, offer->period);
    json_put_uint(w, 0); /* notify */
    json_put_uint(w, offer->is_hidden);
    json_put_nulls(w, 1);
    json_put_uint(w, offer->is_renewed);
    json_put_fixed(w, offer->rate_real);
    json_put_close(w, ']');
}

/* The elements that loans and credits have in common. */
static void loan_put(struct json_writer *w, const struct loan *loan, uint64_t account)
{
    json_put_uint(w, loan->id);
    shape_funding_symbol(w, (enum currency)loan->currency);
    json_put_int(w, loan->lender == account ? 1 : -1);
    json_put_uint(w, loan->opened_ms);
    json_put_uint(w, loan->updated_ms);
    json_put_fixed(w, loan->amount);
    json_put_uint(w, 0); /* flags */
    json_put_text(w, loan_status_text(loan));
    json_put_text(w, loan->is_var ? "VAR" : "FIXED");
    json_put_nulls(w, 2);
    json_put_fixed(w, loan->is_var ? 0 : loan->rate);
    json_put_uint(w, loan->period);
    json_put_uint(w, loan->opened_ms);
    put_or_null(w, loan->paid_ms == loan->opened_ms ? 0 : loan->paid_ms);
    json_put_uint(w, 0); /* notify */
    json_put_uint(w, loan->is_hidden);
    json_put_nulls(w, 1);
    json_put_uint(w, loan->is_renewed);
    json_put_fixed(w, loan->rate_real);
    json_put_uint(w, loan->is_kept);
}

void shape_loan(struct json_writer *w, const struct loan *loan, uint64_t account)
{
    json_put_open(w, '[');
    loan_put(w, loan, account);
    json_put_close(w, ']');
}

void shape_credit(struct json_writer *w, const struct loan *loan, uint64_t account)
{
    json_put_open(w, '[');
    loan_put(w, loan, account);
    shape_symbol(w, (enum market)loan->market);
    json_put_close(w, ']');
}

/* ---- Positions ---- */

static void meta_put(struct json_writer *w, const struct position *position)
{
    if (position->order == 0) {
        json_put_nulls(w, 1);
        return;
    }
    json_put_open(w, '{');
    json_put_key(w, "reason");
    json_put_text(w, "TRADE");
    json_put_key(w, "order_id");
    json_put_uint(w, position->order);
    json_put_key(w, "liq_stage");
    json_put_nulls(w, 1);
    put_key_fixed_text(w, "trade_price", position->trade_price);
    put_key_fixed_text(w, "trade_amount", position->trade_amount);
    json_put_key(w, "order_id_oppo");
    json_put_uint(w, position->order_other);
    json_put_close(w, '}');
}

void shape_position(struct json_writer *w, const struct position *position,
                    const struct position_worth *worth)
{
    json_put_open(w, '[');
    shape_symbol(w, (enum market)position->market);
    json_put_text(w, position->amount != 0 ? "ACTIVE" : "CLOSED");
    json_put_fixed(w, position->amount);
    json_put_fixed(w, position->base_price);
    json_put_fixed(w, worth == NULL ? 0 : worth->funding);
    json_put_uint(w, position->is_term);
    if (worth == NULL) {
        json_put_nulls(w, 4);
    } else {
        json_put_fixed(w, worth->pl);
        json_put_fixed(w, worth->pl_perc);
        if (worth->price_liq != 0)
            json_put_fixed(w, worth->price_liq);
        else
            json_put_nulls(w, 1);
        json_put_fixed(w, worth->leverage);
    }
    json_put_nulls(w, 1);
    json_put_uint(w, position->id);
    json_put_uint(w, position->opened_ms);
    json_put_uint(w, position->updated_ms);
    json_put_nulls(w, 1);
    json_put_uint(w, market_facts((enum market)position->market)->is_contract);
    json_put_nulls(w, 1);
    json_put_fixed(w, position->collateral);
    json_put_fixed(w, worth == NULL ? 0 : worth->collateral_least);
    meta_put(w, position);
    json_put_close(w, ']');
}

void shape_liquidation(struct json_writer *w, const struct liquidation_row *row)
{
    json_put_open(w, '[');
    json_put_text(w, "pos");
    json_put_uint(w, row->position);
    json_put_uint(w, row->time_ms);
    json_put_nulls(w, 1);
    shape_symbol(w, row->market);
    json_put_fixed(w, row->amount);
    json_put_fixed(w, row->base_price);
    json_put_nulls(w, 1);
    json_put_uint(w, row->is_sold);
    json_put_uint(w, row->is_sold);
    json_put_nulls(w, 1);
    json_put_fixed(w, row->price);
    json_put_close(w, ']');
}

void shape_margin_base(struct json_writer *w, const struct margin *margin)
{
    json_put_open(w, '[');
    json_put_text(w, "base");
    json_put_open(w, '[');
    json_put_fixed(w, margin->pl);
    json_put_fixed(w, margin->interest);
    json_put_fixed(w, margin->balance);
    json_put_fixed(w, margin->net);
    json_put_fixed(w, margin->least);
    json_put_close(w, ']');
    json_put_close(w, ']');
}

void shape_margin_symbol(struct json_writer *w, const struct engine *engine, uint64_t account,
                         enum market market)
{
    const struct market_facts *facts = market_facts(market);
    const struct margin margin = margin_of(engine, account);
    __int128 gross = (__int128)margin.net * 1000000 / facts->margin_initial_ppm;
    __int128 free = (__int128)(margin.net - margin.initial) * 1000000 / facts->margin_initial_ppm;
    int64_t sides[2];

    for (unsigned buy = 0; buy < 2; buy++)
        sides[buy] = margin_tradable(engine, account, market, buy, 0);
    json_put_open(w, '[');
    json_put_text(w, "sym");
    shape_symbol(w, market);
    json_put_open(w, '[');
    json_put_fixed(w, free < 0 ? 0 : (int64_t)free);
    json_put_fixed(w, gross < 0 ? 0 : (int64_t)gross);
    json_put_fixed(w, sides[true]);
    json_put_fixed(w, sides[false]);
    json_put_nulls(w, 4);
    json_put_close(w, ']');
    json_put_close(w, ']');
}

void shape_lending(struct json_writer *w, const struct own_lending *lending)
{
    json_put_open(w, '[');
    json_put_uint(w, lending->id);
    shape_funding_symbol(w, lending->currency);
    json_put_uint(w, lending->time_ms);
    json_put_uint(w, lending->offer);
    json_put_fixed(w, lending->amount);
    json_put_fixed(w, lending->rate);
    json_put_uint(w, lending->period);
    put_or_null(w, lending->is_maker);
    json_put_close(w, ']');
}
