#include "exchange/holding.h"

#include "base/fixed.h"
#include "exchange/credit.h"
#include "exchange/margin.h"

#define POSITION_ID_FIRST UINT64_C(144830000)

/* ---- The pool ---- */

void holding_init(struct holdings *holdings)
{
    holdings->position_id = POSITION_ID_FIRST;
}

static struct position *position_make(struct engine *engine, uint32_t account, enum market market)
{
    struct holdings *holdings = engine->holdings;
    uint32_t place = holdings->free;
    struct position *position;

    if (place == 0)
        place = ++holdings->high;
    else
        holdings->free = holdings->positions[place].after;
    position = &holdings->positions[place];
    *position = (struct position){ .id = ++holdings->position_id,
                                   .account = engine->accounts[account].id,
                                   .opened_ms = engine->time_ms,
                                   .market = (uint8_t)market,
                                   .before = holdings->last };
    *(holdings->last != 0 ? &holdings->positions[holdings->last].after : &holdings->first) = place;
    holdings->last = place;
    holdings->count++;
    engine->accounts[account].positions[market] = place;
    engine->contracts[market].positions += market_facts(market)->is_contract;
    return position;
}

/* Out of its account and the list; its place is kept until it has been told. */
static void position_unlink(struct engine *engine, struct position *position)
{
    struct holdings *holdings = engine->holdings;
    struct account *owner = &engine->accounts[account_place(engine, position->account)];

    *(position->before != 0 ? &holdings->positions[position->before].after : &holdings->first) =
        position->after;
    *(position->after != 0 ? &holdings->positions[position->after].before : &holdings->last) =
        position->before;
    holdings->count--;
    owner->positions[position->market] = 0;
    engine->contracts[position->market].positions -= market_facts(position->market)->is_contract;
}

static void position_free(struct engine *engine, struct position *position)
{
    position->after = engine->holdings->free;
    engine->holdings->free = (uint32_t)(position - engine->holdings->positions);
}

static struct position *position_at(const struct engine *engine, uint32_t account,
                                    enum market market)
{
    uint32_t place = engine->accounts[account].positions[market];

    return place == 0 ? NULL : &engine->holdings->positions[place];
}

/* ---- What a trade does ---- */

/* Adds to a position that grows, or opens. */
static void position_grow(struct engine *engine, struct position *position, int64_t amount,
                          int64_t value)
{
    position->amount += amount;
    position->quote += amount > 0 ? -value : value;
    position->base_price =
        (int64_t)((__int128)magnitude(position->quote) * FIXED_ONE / magnitude(position->amount));
    position->updated_ms = engine->time_ms;
}

/* Takes `amount` > 0 out of it, and its part of the collateral; returns what that part holds of the
 * quote. */
static int64_t position_shrink(struct engine *engine, struct position *position, int64_t amount)
{
    int64_t whole = magnitude(position->amount);
    int64_t quote = (int64_t)((__int128)position->quote * amount / whole);

    position->amount += position->amount > 0 ? -amount : amount;
    position->quote -= quote;
    position->collateral -= (int64_t)((__int128)position->collateral * amount / whole);
    position->updated_ms = engine->time_ms;
    return quote;
}

int64_t holding_trade(struct engine *engine, uint32_t account, enum market market, int64_t amount,
                      int64_t value, uint64_t order, struct holding_change *changes,
                      unsigned *count)
{
    struct position *position = position_at(engine, account, market);
    int64_t size = magnitude(amount), gained = 0;

    *count = 0;
    engine->margin_moved = true;
    if (position != NULL && (position->amount > 0) != (amount > 0)) {
        int64_t whole = magnitude(position->amount), part = size < whole ? size : whole;
        int64_t part_value = (int64_t)((__int128)value * part / size);

        gained = position_shrink(engine, position, part) + (amount < 0 ? part_value : -part_value);
        position->order = order;
        changes[(*count)++] =
            (struct holding_change){ position,
                                     position->amount == 0 ? POSITION_CLOSED : POSITION_CHANGED };
        size -= part;
        value -= part_value;
        if (position->amount == 0)
            position_unlink(engine, position);
        if (size == 0)
            return gained;
        position = NULL;
    }
    changes[*count].change = position == NULL ? POSITION_NEW : POSITION_CHANGED;
    if (position == NULL)
        position = position_make(engine, account, market);
    position_grow(engine, position, amount > 0 ? size : -size, value);
    position->order = order;
    changes[(*count)++].position = position;
    return gained;
}

void holding_tell(const struct lending_turn *turn, const struct holding_change *change,
                  enum position_cause cause, bool takes_var)
{
    struct position *position = change->position;

    credit_adjust(turn, position, takes_var);
    lending_tell(turn, (struct event){ .kind = EVENT_POSITION,
                                       .position = { change->change, cause, position } });
    if (change->change == POSITION_CLOSED)
        position_free(turn->engine, position);
}

/* ---- Claims and increases ---- */

static struct position *position_of_id(const struct engine *engine, const struct command *c)
{
    uint32_t account = account_place(engine, c->account);

    for (unsigned m = 0; m < MARKET_COUNT && account != 0; m++) {
        struct position *position = position_at(engine, account, (enum market)m);

        if (position != NULL && position->id == c->order)
            return position;
    }
    return NULL;
}

/* Whose balance in the margin wallet must be there: what the position owes of the part. */
static enum refusal owed_judge(const struct engine *engine, uint64_t account,
                               enum currency currency, int64_t owed, struct event_refused *refused)
{
    refused->limit =
        engine->accounts[account_place(engine, account)].wallets[WALLET_MARGIN][currency].balance;
    return owed > refused->limit ? REFUSAL_AVAILABLE : REFUSAL_NONE;
}

static enum refusal claim_judge(const struct engine *engine, const struct command *c,
                                struct event_refused *refused)
{
    const struct position *position = position_of_id(engine, c);
    enum currency currency;
    struct position part;
    int64_t owed;

    if (position == NULL || market_facts(position->market)->is_contract)
        return REFUSAL_POSITION;
    if (c->amount < 0 || c->amount > magnitude(position->amount))
        return REFUSAL_AMOUNT;
    part = *position;
    if (c->amount != 0) {
        part.quote = (int64_t)((__int128)part.quote * c->amount / magnitude(part.amount));
        part.amount = part.amount > 0 ? c->amount : -c->amount;
    }
    owed = credit_need(&part, &currency);
    return owed_judge(engine, c->account, currency, owed, refused);
}

/* What it would be worth; 0: nobody has traded yet, or more than can be. */
static int64_t increase_value(const struct engine *engine, const struct command *c)
{
    int64_t value;

    return fixed_multiply(magnitude(c->amount), engine->last_prices[c->market], false, &value)
               ? value
               : 0;
}

static enum refusal increase_judge(const struct engine *engine, const struct command *c,
                                   struct event_refused *refused)
{
    uint32_t account = account_place(engine, c->account);
    const struct market_facts *facts;
    const struct position *position;
    struct margin_try try;
    enum refusal why;

    if (c->market >= MARKET_COUNT || market_facts((enum market)c->market)->is_contract)
        return REFUSAL_SYMBOL;
    facts = market_facts((enum market)c->market);
    if (c->amount == 0 || c->amount == INT64_MIN || magnitude(c->amount) > facts->size_greatest ||
        increase_value(engine, c) == 0)
        return REFUSAL_AMOUNT;
    if (account == 0)
        return REFUSAL_AVAILABLE;
    position = position_at(engine, account, (enum market)c->market);
    if (position != NULL && (position->amount > 0) != (c->amount > 0))
        return REFUSAL_AMOUNT;
    if (position == NULL && engine->holdings->count + engine->margin_order_count >= POSITIONS_MOST)
        return REFUSAL_ORDERS_FULL;
    why = owed_judge(engine, c->account, c->amount > 0 ? facts->base : facts->quote,
                     c->amount > 0 ? c->amount : increase_value(engine, c), refused);
    if (why != REFUSAL_NONE)
        return why;
    try = (struct margin_try){ .market = (enum market)c->market,
                               .amount = c->amount,
                               .price = engine->last_prices[c->market] };
    return margin_allows(engine, account, &try) ? REFUSAL_NONE : REFUSAL_TRADABLE;
}

enum refusal holding_judge(const struct engine *engine, const struct command *command,
                           struct event_refused *refused)
{
    if (command->kind == COMMAND_POSITION_CLAIM)
        return claim_judge(engine, command, refused);
    if (command->kind == COMMAND_POSITION_INCREASE)
        return increase_judge(engine, command, refused);
    if (command->market >= MARKET_COUNT || market_facts((enum market)command->market)->is_contract)
        return REFUSAL_SYMBOL;
    return position_find(engine, command->account, (enum market)command->market) != NULL
               ? REFUSAL_NONE
               : REFUSAL_POSITION;
}

/* What a part of a position holds goes into the margin wallet; signs turned round, out of it. */
static void move(const struct lending_turn *turn, const struct position *position, int64_t amount,
                 int64_t quote)
{
    const struct market_facts *facts = market_facts((enum market)position->market);

    lending_row(turn, position->account, WALLET_MARGIN, facts->base, LEDGER_CLAIM, amount);
    lending_row(turn, position->account, WALLET_MARGIN, facts->quote, LEDGER_CLAIM, quote);
}

static void claim(const struct lending_turn *turn, struct position *position)
{
    int64_t wanted = turn->command->amount, before = position->amount, quote;
    struct holding_change change = { position, POSITION_CHANGED };

    quote =
        position_shrink(turn->engine, position, wanted != 0 ? wanted : magnitude(position->amount));
    position->order = 0;
    if (position->amount == 0) {
        change.change = POSITION_CLOSED;
        position_unlink(turn->engine, position);
    }
    move(turn, position, before - position->amount, quote);
    holding_tell(turn, &change, POSITION_BY_CLAIM, true);
}

static void increase(const struct lending_turn *turn)
{
    const struct command *c = turn->command;
    uint32_t account = account_place(turn->engine, c->account);
    int64_t value = increase_value(turn->engine, c);
    struct holding_change change = { position_at(turn->engine, account, (enum market)c->market),
                                     POSITION_CHANGED };

    if (change.position == NULL) {
        change.change = POSITION_NEW;
        change.position = position_make(turn->engine, account, (enum market)c->market);
    }
    position_grow(turn->engine, change.position, c->amount, value);
    change.position->order = 0;
    move(turn, change.position, -c->amount, c->amount > 0 ? value : -value);
    holding_tell(turn, &change, POSITION_BY_INCREASE, true);
}

void holding_apply(const struct lending_turn *turn)
{
    const struct command *c = turn->command;
    struct holding_change change = { NULL, POSITION_CHANGED };

    turn->engine->margin_moved = true;
    if (c->kind == COMMAND_POSITION_CLAIM) {
        claim(turn, position_of_id(turn->engine, c));
        return;
    }
    if (c->kind == COMMAND_POSITION_INCREASE) {
        increase(turn);
        return;
    }
    change.position =
        position_at(turn->engine, account_place(turn->engine, c->account), (enum market)c->market);
    change.position->is_term = c->fields != 0;
    change.position->updated_ms = turn->engine->time_ms;
    holding_tell(turn, &change, POSITION_BY_SETTING, true);
}

/* ---- Reading and proving ---- */

const struct position *position_next(const struct engine *engine, const struct position *after)
{
    uint32_t place = after != NULL ? after->after : engine->holdings->first;

    return place == 0 ? NULL : &engine->holdings->positions[place];
}

const struct position *position_find(const struct engine *engine, uint64_t account,
                                     enum market market)
{
    uint32_t place = account_place(engine, account);

    return place == 0 ? NULL : position_at(engine, place, market);
}

static const char *position_check(const struct engine *engine, const struct position *position)
{
    enum currency currency;

    if (position_find(engine, position->account, (enum market)position->market) != position)
        return "a position cannot be found";
    if (position->amount == 0 || (position->amount > 0 ? position->quote > 0 : position->quote < 0))
        return "a position holds nothing, or owes nothing";
    if (credit_sum(engine, position) != credit_need(position, &currency))
        return "a position's credits are not what it owes";
    return NULL;
}

const char *holding_check(const struct engine *engine)
{
    const struct holdings *holdings = engine->holdings;
    uint32_t before = 0, count = 0, known = 0, contracts = 0;

    if (engine->margin_moved)
        return "nobody has looked at the margin";
    for (uint32_t place = holdings->first; place != 0; place = holdings->positions[place].after) {
        const char *wrong = position_check(engine, &holdings->positions[place]);

        if (wrong != NULL)
            return wrong;
        if (holdings->positions[place].before != before)
            return "a link of positions does not lead back";
        before = place;
        count++;
    }
    for (uint32_t place = 1; place <= engine->account_count; place++)
        for (unsigned m = 0; m < MARKET_COUNT; m++)
            known += engine->accounts[place].positions[m] != 0;
    for (unsigned m = 0; m < MARKET_COUNT; m++)
        contracts += engine->contracts[m].positions;
    for (const struct position *p = position_next(engine, NULL); p != NULL;
         p = position_next(engine, p))
        contracts -= market_facts(p->market)->is_contract;
    return count == holdings->count && count == known && before == holdings->last && contracts == 0
               ? NULL
               : "positions are miscounted";
}

void holding_hash(const struct engine *engine, uint64_t *hash,
                  void (*add)(uint64_t *hash, uint64_t word))
{
    const struct position *p = NULL;

    if (engine->holdings->position_id == POSITION_ID_FIRST)
        return;
    add(hash, engine->holdings->position_id);
    while ((p = position_next(engine, p)) != NULL) {
        const uint64_t words[] = { p->id,
                                   p->account,
                                   p->opened_ms,
                                   p->updated_ms,
                                   (uint64_t)p->amount,
                                   (uint64_t)p->quote,
                                   p->order,
                                   (uint64_t)p->base_price,
                                   (uint64_t)p->collateral,
                                   (uint64_t)p->funded,
                                   p->market | (uint64_t)p->is_term << 8 };

        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            add(hash, words[i]);
    }
}
