#include "exchange/engine.h"

#include <assert.h>
#include <string.h>

#include "base/fixed.h"
#include "exchange/book.h"
#include "exchange/collateral.h"
#include "exchange/lending.h"
#include "exchange/margin.h"
#include "exchange/money.h"
#include "exchange/queue.h"
#include "exchange/settle.h"
#include "exchange/state.h"
#include "exchange/stop.h"
#include "exchange/turn.h"

void tell(const struct turn *turn, struct event event)
{
    event.time_ms = turn->engine->time_ms;
    event.command = turn->command;
    turn->sink.take(turn->sink.context, &event);
}

static void tell_order(const struct turn *turn, enum order_change change, const struct order *order)
{
    tell(turn, (struct event){ .kind = EVENT_ORDER, .order = { change, order } });
}

static void tell_wallet(const struct turn *turn, uint32_t account, enum wallet_kind kind,
                        enum currency currency)
{
    const struct account *owner = &turn->engine->accounts[account];
    const struct wallet *wallet = &owner->wallets[kind][currency];

    tell(turn, (struct event){
                   .kind = EVENT_WALLET,
                   .wallet = { owner->id, kind, currency, wallet->balance, wallet->locked } });
}

/* Hidden orders do not move what the public sees of their level. */
static void tell_level(const struct turn *turn, const struct order *order, int64_t price)
{
    const struct level *level;

    if (order->flags & ORDER_HIDDEN)
        return;
    level = &turn->engine->books[order->market].levels[price_rank(price)];
    tell(turn, (struct event){ .kind = EVENT_LEVEL,
                               .level = { order->market, order_is_buy(order), price, level->amount,
                                          level->count } });
}

/* Locks as much as the order needs now, neither more nor less. */
static void order_relock(struct engine *engine, struct order *order)
{
    struct wallet *wallet =
        wallet_of(engine, order->account, currency_paid(order->market, order_is_buy(order)));
    int64_t lock = 0;

    if (order->state == ORDER_STATE_ACTIVE) {
        bool fits = order_lock(engine, order, &lock);

        assert(fits);
    }
    wallet->locked += lock - order->locked;
    order->locked = lock;
    assert(wallet->locked >= 0 && wallet_available(wallet) >= 0);
}

/* Orders on margin hold nothing in a wallet. */
static void order_tell_wallet(const struct turn *turn, const struct order *order)
{
    if (order_on_margin(order->type))
        return;
    tell_wallet(turn, account_place(turn->engine, order->account), WALLET_EXCHANGE,
                currency_paid(order->market, order_is_buy(order)));
}

/* When the order ends by itself; 0: never. */
static void order_tif_set(struct engine *engine, struct order *order, uint64_t tif_ms)
{
    queue_remove(engine, &engine->due, order);
    order->tif_ms = tif_ms;
    if (tif_ms != 0)
        queue_insert(engine, &engine->due, order);
}

static struct order *order_make(struct engine *engine, const struct command *c)
{
    uint32_t place = engine->order_free;
    uint32_t owner_place = account_place(engine, c->account);
    struct account *owner = &engine->accounts[owner_place];
    struct order *order;

    if (place == 0)
        place = ++engine->order_high;
    else
        engine->order_free = engine->orders[place].level_after;
    order = &engine->orders[place];
    memset(order, 0, sizeof *order);
    order->id = ++engine->order_id;
    order->account = c->account;
    order->amount = order->amount_orig = c->amount;
    order->price = submit_price(engine, c);
    order->price_trailing = order_trails((unsigned)c->type) ? c->price_trailing : 0;
    order->price_aux_limit =
        order_is_stop_limit((unsigned)c->type) ? price_cut(c->price_aux_limit) : 0;
    order->flags = (uint32_t)c->flags;
    order->market = (uint8_t)c->market;
    order->type = (uint8_t)c->type;
    order->leverage = order_leverage((enum market)c->market, c->leverage);
    order->gid = c->gid;
    order->cid = c->cid != 0 ? c->cid : engine->time_ms;
    order->created_ms = order->updated_ms = engine->time_ms;
    memcpy(order->affiliate, c->affiliate, sizeof order->affiliate);
    order_tif_set(engine, order, c->tif_ms);

    order->account_before = owner->order_last;
    *(owner->order_last != 0 ? &engine->orders[owner->order_last].account_after
                             : &owner->order_first) = place;
    owner->order_last = place;
    owner->order_count++;
    engine->order_count++;
    if (order_on_margin(order->type)) {
        owner->margin_order_count++;
        engine->margin_order_count++;
    }
    id_map_insert(engine->order_places, order->id, place);
    return order;
}

/* Takes a finished order, which is in no book, out of its account. */
static void order_unlink(struct engine *engine, struct order *order)
{
    struct account *owner = &engine->accounts[account_place(engine, order->account)];

    *(order->account_before != 0 ? &engine->orders[order->account_before].account_after
                                 : &owner->order_first) = order->account_after;
    *(order->account_after != 0 ? &engine->orders[order->account_after].account_before
                                : &owner->order_last) = order->account_before;
    queue_remove(engine, &engine->due, order);
    owner->order_count--;
    engine->order_count--;
    if (order_on_margin(order->type)) {
        owner->margin_order_count--;
        engine->margin_order_count--;
    }
    id_map_remove(engine->order_places, order->id);
}

static void order_free(struct engine *engine, struct order *order)
{
    order->level_after = engine->order_free;
    engine->order_free = order_place(engine, order);
}

/* Parts a pair; returns the other one, which is to be canceled; NULL: the order is alone. */
static struct order *order_part(struct engine *engine, struct order *order)
{
    struct order *other = &engine->orders[order->partner];

    if (order->partner == 0)
        return NULL;
    order->partner = other->partner = 0;
    return other;
}

/* Ends an order that is in no book and does not wait; what it had locked is free again. */
static void order_end(const struct turn *turn, struct order *order, enum order_state state)
{
    order->state = (uint8_t)state;
    order->updated_ms = turn->engine->time_ms;
    order_relock(turn->engine, order);
    order_unlink(turn->engine, order);
    order_tell_wallet(turn, order);
    tell_order(turn, ORDER_CLOSED, order);
    order_free(turn->engine, order);
}

/* Takes an order out of its book, or lets it wait no longer. */
static void order_leave(const struct turn *turn, struct order *order)
{
    switch ((enum order_standing)order->stands) {
    case ORDER_MOVES:
        break;
    case ORDER_RESTS:
        book_remove(turn->engine, order);
        tell_level(turn, order, order->price);
        break;
    case ORDER_WAITS:
    case ORDER_IS_HIT:
        stop_remove(turn->engine, order);
        break;
    }
}

/* Ends an order wherever it is, and with it the other one of a pair. */
static void order_close(const struct turn *turn, struct order *order, enum order_state state)
{
    struct order *other = order_part(turn->engine, order);

    order_leave(turn, order);
    order_end(turn, order, state);
    if (other != NULL) {
        order_leave(turn, other);
        order_end(turn, other, ORDER_STATE_CANCELED);
    }
}

void order_cancel(const struct turn *turn, struct order *order)
{
    order_close(turn, order, ORDER_STATE_CANCELED);
}

static void tell_liquidation(const struct turn *turn, const struct position *position, bool is_sold,
                             int64_t amount, int64_t price)
{
    tell(turn, (struct event){ .kind = EVENT_LIQUIDATION,
                               .liquidation = { position, is_sold, amount, price } });
}

/* What a side on margin did to its position. */
static void positions_tell(const struct turn *turn, const struct settlement *settlement,
                           const struct settled_side *side)
{
    const struct lending_turn lending = { turn->engine, turn->engine->lending, turn->command,
                                          turn->sink };
    const struct trade *trade = &settlement->trade;

    for (unsigned i = 0; i < side->change_count; i++) {
        if (side->is_forced)
            tell_liquidation(turn, side->changes[i].position, true, -side->amount, trade->price);
        holding_tell(&lending, &side->changes[i],
                     side->is_forced ? POSITION_BY_LIQUIDATION : POSITION_BY_TRADE,
                     side->takes_var);
    }
}

static void trade_tell(const struct turn *turn, const struct settlement *settlement)
{
    const struct trade *trade = &settlement->trade;
    const struct trade_side *sides[] = { &trade->maker, &trade->taker };

    tell(turn, (struct event){ .kind = EVENT_TRADE, .trade = trade });
    for (unsigned i = 0; i < settlement->count; i++)
        tell(turn, (struct event){ .kind = EVENT_LEDGER, .row = &settlement->rows[i] });
    for (unsigned i = 0; i < 2; i++) {
        uint32_t place = account_place(turn->engine, sides[i]->account);
        bool on_margin = order_on_margin(sides[i]->type);

        if (!on_margin)
            tell_wallet(turn, place, WALLET_EXCHANGE, market_facts(trade->market)->base);
        tell_wallet(turn, place, on_margin ? WALLET_MARGIN : WALLET_EXCHANGE,
                    market_facts(trade->market)->quote);
    }
    for (unsigned i = 0; i < 2; i++)
        positions_tell(turn, settlement, &settlement->sides[i]);
}

/* Cancels what would no longer make the position smaller, now that it has changed. */
static void reducing_trim(const struct turn *turn, uint64_t account, enum market market)
{
    struct engine *engine = turn->engine;
    const struct account *owner = &engine->accounts[account_place(engine, account)];
    uint32_t place = owner->margin_order_count > 0 ? owner->order_first : 0;

    while (place != 0) {
        struct order *order = &engine->orders[place];
        enum order_state state = ORDER_STATE_ACTIVE;

        if (order->market == market &&
            (order->stands == ORDER_RESTS || order->stands == ORDER_WAITS))
            state = margin_reduces(engine, order);
        place = order->account_after;
        if (state == ORDER_STATE_ACTIVE)
            continue;
        order_close(turn, order, state);
        place = owner->order_first; /* a pair may have gone */
    }
}

/* After a fill: the order goes on, or it has come to its end. */
static void order_tell_filled(const struct turn *turn, struct order *order)
{
    if (order->state == ORDER_STATE_ACTIVE) {
        tell_order(turn, ORDER_FILLED, order);
        return;
    }
    tell_order(turn, ORDER_CLOSED, order);
    order_free(turn->engine, order);
}

/* One trade.  All of the state changes first and is told afterwards.  `amount` > 0. */
static void fill(const struct turn *turn, struct order *maker, struct order *taker, int64_t amount)
{
    struct engine *engine = turn->engine;
    struct order *others[] = { order_part(engine, maker), order_part(engine, taker) };
    struct settlement settlement;

    if (amount == magnitude(maker->amount))
        book_remove(engine, maker);
    else
        book_resize(engine, maker, maker->amount + (order_is_buy(taker) ? amount : -amount));
    settle(engine, maker, taker, amount, &settlement);
    order_relock(engine, maker);
    order_relock(engine, taker);
    if (maker->state != ORDER_STATE_ACTIVE)
        order_unlink(engine, maker);
    if (taker->state != ORDER_STATE_ACTIVE)
        order_unlink(engine, taker);
    engine->last_prices[maker->market] = maker->price;
    if (engine->holdings->count > 0)
        engine->margin_moved = true;
    if (engine->waiting_count > 0)
        stop_trade(engine, maker->market, maker->price);

    trade_tell(turn, &settlement);
    tell_level(turn, maker, settlement.trade.price);
    order_tell_filled(turn, maker);
    order_tell_filled(turn, taker);
    for (unsigned i = 0; i < 2; i++)
        if (others[i] != NULL)
            order_cancel(turn, others[i]);
    for (unsigned i = 0; i < 2; i++)
        if (settlement.sides[i].change_count > 0)
            reducing_trim(turn,
                          i == 0 ? settlement.trade.maker.account : settlement.trade.taker.account,
                          settlement.trade.market);
}

/* How much of `most` an order may trade at this price: an order at market was promised nothing. */
static int64_t affordable(struct engine *engine, const struct order *order, int64_t price,
                          int64_t most)
{
    enum currency quote = market_facts(order->market)->quote;
    __int128 amount;

    if (!order_is_market(order->type))
        return most;
    if (order_on_margin(order->type))
        return margin_affordable(engine, order, price, most);
    if (!order_is_buy(order))
        return most;
    amount = wallet_available(wallet_of(engine, order->account, quote));

    amount = amount * FIXED_ONE / price;
    return amount < most ? (int64_t)amount : most;
}

/* Trades while prices meet.  Says what becomes of the rest, if there is one: ACTIVE, it may go on.
 */
static enum order_state match(const struct turn *turn, struct order *order)
{
    struct engine *engine = turn->engine;
    struct book *book = &engine->books[order->market];
    bool buy = order_is_buy(order), is_market = order_is_market(order->type);
    int64_t left = magnitude(order->amount), limit = is_market ? 0 : order->price;

    while (left > 0) {
        uint32_t rank = buy ? book->best_ask : book->best_bid;
        struct order *maker;
        int64_t amount, can;

        if (!price_meets(buy, limit, rank))
            return is_market ? ORDER_STATE_BOOK_SLIP : ORDER_STATE_ACTIVE;
        maker = &engine->orders[book->levels[rank].first];
        if ((order->flags & ORDER_PROTECT_SELFMATCH) && maker->account == order->account)
            return ORDER_STATE_CANCELED;
        amount = magnitude(maker->amount) < left ? magnitude(maker->amount) : left;
        can = affordable(engine, order, maker->price, amount);
        if (can > 0)
            fill(turn, maker, order, can);
        if (can < amount)
            return order_on_margin(order->type) ? ORDER_STATE_INSUFFICIENT_MARGIN
                                                : ORDER_STATE_INSUFFICIENT_BALANCE;
        left -= amount;
    }
    return ORDER_STATE_EXECUTED;
}

/* What keeps an order from matching at all: ACTIVE, nothing does. */
static enum order_state match_bar(const struct engine *engine, const struct order *order)
{
    bool buy = order_is_buy(order);

    if ((order->flags & ORDER_POST_ONLY) && !order_is_market(order->type) &&
        price_meets(buy, order->price, book_best(engine, order->market, !buy)))
        return ORDER_STATE_POSTONLY_CANCELED;
    if (order_is_fok(order->type) && !book_fills_whole(engine, order))
        return ORDER_STATE_FOK_CANCELED;
    return margin_reduces(engine, order);
}

/* Matches an order that is in no book and lets the rest of it rest or end. */
static void order_place_or_close(const struct turn *turn, struct order *order)
{
    enum order_state state = match_bar(turn->engine, order);

    if (state == ORDER_STATE_ACTIVE)
        state = match(turn, order);
    if (state == ORDER_STATE_EXECUTED)
        return; /* told, and freed, with its last fill */
    if (state == ORDER_STATE_ACTIVE && order_is_ioc(order->type))
        state = ORDER_STATE_IOC_CANCELED;
    if (state != ORDER_STATE_ACTIVE) {
        order_close(turn, order, state);
        return;
    }
    book_insert(turn->engine, order);
    tell_level(turn, order, order->price);
    tell_order(turn, ORDER_OPENED, order);
}

static void order_wait(const struct turn *turn, struct order *order)
{
    stop_insert(turn->engine, order);
    tell_order(turn, ORDER_OPENED, order);
}

/* The stop of a pair. */
static struct order *partner_make(struct engine *engine, struct order *order,
                                  const struct command *c)
{
    struct command stop = *c;
    struct order *partner;

    stop.type = order->type == ORDER_TYPE_LIMIT ? ORDER_TYPE_STOP : ORDER_TYPE_EXCHANGE_STOP;
    stop.price = c->price_oco_stop;
    stop.cid = c->cid_oco;
    partner = order_make(engine, &stop);
    partner->placed_by = order->id;
    partner->partner = order_place(engine, order);
    order->partner = order_place(engine, partner);
    return partner;
}

static void submit(const struct turn *turn)
{
    struct engine *engine = turn->engine;
    struct command command = *turn->command;
    struct order *order, *partner = NULL;

    command.amount = submit_amount(engine, &command);
    order = order_make(engine, &command);
    if (order->flags & ORDER_OCO)
        partner = partner_make(engine, order, turn->command);
    order_relock(engine, order);
    if (order->locked != 0)
        order_tell_wallet(turn, order);
    tell_order(turn, ORDER_NEW, order);
    if (partner != NULL) {
        tell_order(turn, ORDER_NEW, partner);
        order_wait(turn, partner);
    }
    if (order_type_waits(order->type))
        order_wait(turn, order);
    else
        order_place_or_close(turn, order);
}

/* A stop that was hit becomes what it stood for. */
static void stop_become(const struct turn *turn, struct order *order)
{
    struct engine *engine = turn->engine;
    struct order *other = order_part(engine, order);

    if (other != NULL)
        order_cancel(turn, other);
    order->type_previous = order->type;
    order->type = (uint8_t)stop_type_hit(order->type);
    if (order->price_aux_limit != 0)
        order->price = order->price_aux_limit;
    order->updated_ms = engine->time_ms;
    order_relock(engine, order);
    order_tell_wallet(turn, order);
    tell_order(turn, ORDER_UPDATED, order);
    if (order_is_market(order->type) ||
        book_has_room(engine, order->market, order->price, order->amount))
        order_place_or_close(turn, order);
    else
        order_close(turn, order, ORDER_STATE_CANCELED);
}

/* What the command has done to prices moves the orders that wait for one, and so on. */
static void stops_settle(const struct turn *turn)
{
    struct engine *engine = turn->engine;
    struct order *order;

    while (engine->waiting_count > 0) {
        while ((order = stop_follow(engine)) != NULL) {
            order->updated_ms = engine->time_ms;
            order_relock(engine, order);
            order_tell_wallet(turn, order);
            tell_order(turn, ORDER_UPDATED, order);
        }
        order = stop_next(engine);
        if (order == NULL)
            return;
        stop_become(turn, order);
    }
}

static void update(const struct turn *turn, struct order *order)
{
    struct engine *engine = turn->engine;
    struct order updated;
    enum refusal why = order_updated(engine, order, turn->command, &updated);
    bool keeps_place = order_keeps_place(order, &updated);

    assert(why == REFUSAL_NONE);
    if (keeps_place)
        book_resize(engine, order, updated.amount);
    else
        order_leave(turn, order);
    /* Not the whole of it: its links are those from before the removal. */
    order->flags = updated.flags;
    order->leverage = updated.leverage;
    order->gid = updated.gid;
    memcpy(order->affiliate, updated.affiliate, sizeof order->affiliate);
    order_tif_set(engine, order, updated.tif_ms);
    order->price = updated.price;
    order->price_trailing = updated.price_trailing;
    order->price_aux_limit = updated.price_aux_limit;
    order->amount = updated.amount;
    order->amount_orig = updated.amount_orig;
    order->updated_ms = engine->time_ms;
    order_relock(engine, order);
    if (order->partner != 0)
        order_relock(engine, &engine->orders[order->partner]);
    if (keeps_place)
        tell_level(turn, order, order->price);
    order_tell_wallet(turn, order);
    tell_order(turn, ORDER_UPDATED, order);
    if (order_type_waits(order->type))
        stop_insert(engine, order);
    else if (!keeps_place)
        order_place_or_close(turn, order);
    if (updated.flags & ORDER_FLAGS_REDUCE)
        reducing_trim(turn, updated.account, (enum market)updated.market);
}

static void cancel_many(const struct turn *turn, uint64_t account, uint64_t gid)
{
    struct engine *engine = turn->engine;
    uint32_t owner = account_place(engine, account), place, after;
    bool any = false;

    for (place = engine->accounts[owner].order_first; place != 0; place = after) {
        struct order *order = &engine->orders[place];

        after = order->account_after;
        if (gid != 0 && order->gid != gid)
            continue;
        if (after != 0 && after == order->partner) /* it goes along */
            after = engine->orders[after].account_after;
        order_cancel(turn, order);
        any = true;
    }
    if (!any)
        tell(turn, (struct event){ .kind = EVENT_DONE });
}

static void move(const struct turn *turn)
{
    struct engine *engine = turn->engine;
    uint32_t place = account_place(engine, turn->command->account);
    struct ledger_row rows[MONEY_ROWS_MOST];
    unsigned count;

    if (place == 0)
        place = account_make(engine, turn->command->account);
    count = money_move(engine, turn->command, place, rows);
    for (unsigned i = 0; i < count; i++) {
        tell(turn, (struct event){ .kind = EVENT_LEDGER, .row = &rows[i] });
        tell_wallet(turn, place, rows[i].wallet, rows[i].currency);
    }
}

/* Ends the orders whose time is over, first those that ended first. */
static void expire(const struct turn *turn)
{
    struct engine *engine = turn->engine;
    struct order *order = queue_first(engine, &engine->due);
    bool any = false;

    for (; order != NULL && order->tif_ms <= engine->time_ms; any = true) {
        order_cancel(turn, order);
        order = queue_first(engine, &engine->due);
    }
    if (!any)
        tell(turn, (struct event){ .kind = EVENT_DONE });
}

/* ---- Liquidation ---- */

void order_force(const struct turn *turn, const struct position *position)
{
    struct engine *engine = turn->engine;
    const struct command command = { .account = position->account,
                                     .market = position->market,
                                     .type = ORDER_TYPE_MARKET,
                                     .flags = ORDER_FORCED | ORDER_CLOSE,
                                     .amount = -position->amount };
    struct order *order;

    tell_liquidation(turn, position, false, position->amount,
                     engine->last_prices[position->market]);
    order = order_make(engine, &command);
    tell_order(turn, ORDER_NEW, order);
    order_place_or_close(turn, order);
}

static struct order *own_order(const struct turn *turn)
{
    return &turn->engine->orders[id_map_find(turn->engine->order_places, turn->command->order)];
}

static void carry_out(const struct turn *turn, const struct lending_turn *lending)
{
    const struct command *command = turn->command;

    switch ((enum command_kind)command->kind) {
    case COMMAND_CREDIT:
    case COMMAND_TRANSFER:
    case COMMAND_WITHDRAW:
    case COMMAND_WITHDRAW_RETURN:
        move(turn);
        break;
    case COMMAND_SUBMIT:
        submit(turn);
        break;
    case COMMAND_UPDATE:
        update(turn, own_order(turn));
        break;
    case COMMAND_CANCEL:
        order_cancel(turn, own_order(turn));
        break;
    case COMMAND_CANCEL_GROUP:
        cancel_many(turn, command->account, command->gid);
        break;
    case COMMAND_CANCEL_ALL:
        cancel_many(turn, command->account, 0);
        break;
    case COMMAND_OFFER_SUBMIT:
    case COMMAND_OFFER_CANCEL:
    case COMMAND_OFFER_CANCEL_ALL:
    case COMMAND_LOAN_CLOSE:
    case COMMAND_LOAN_KEEP:
    case COMMAND_FUNDING_AUTO:
        lending_apply(lending);
        break;
    case COMMAND_POSITION_CLAIM:
    case COMMAND_POSITION_INCREASE:
    case COMMAND_POSITION_TERM:
        holding_apply(lending);
        break;
    case COMMAND_COLLATERAL:
        collateral_apply(lending);
        break;
    case COMMAND_TIMER:
        expire(turn);
        break;
    case COMMAND_RULES:
        turn->engine->rules = command->fields;
        tell(turn, (struct event){ .kind = EVENT_DONE });
        break;
    }
}

void engine_apply(struct engine *engine, const struct command *command, struct event_sink sink)
{
    const struct turn turn = { engine, command, sink };
    const struct lending_turn lending = { engine, engine->lending, command, sink };
    struct event refused = { .kind = EVENT_REFUSED };

    if (engine->command_count++ == 0)
        engine->started_ms = command->time_ms;
    if (command->time_ms > engine->time_ms)
        engine->time_ms = command->time_ms;
    lending_pass(&lending);
    contract_pass(&lending);
    if (engine_judge(engine, command, &refused.refused) == REFUSAL_NONE)
        carry_out(&turn, &lending);
    else
        tell(&turn, refused);
    stops_settle(&turn);
    while (engine->margin_moved) {
        liquidate(&turn);
        stops_settle(&turn);
    }
}
