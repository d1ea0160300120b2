#include "exchange/contract.h"

#include "base/fixed.h"
#include "exchange/collateral.h"
#include "exchange/holding.h"

/* ---- Prices ---- */

static int64_t within(int64_t number, int64_t most)
{
    return number > most ? most : number < -most ? -most : number;
}

static int64_t index_of(const struct engine *engine, enum market market)
{
    return engine->last_prices[market_facts(market)->underlying];
}

/* Of the latest trade over the index; 0 while there is no index. */
static int64_t premium_of(const struct engine *engine, enum market market)
{
    int64_t index = index_of(engine, market);
    __int128 over = engine->last_prices[market] - index;

    if (index == 0 || over > index || over < -index)
        return index == 0 ? 0 : over > 0 ? FIXED_ONE : -FIXED_ONE;
    return (int64_t)(over * FIXED_ONE / index);
}

static int64_t premium_mean(const struct contract *contract)
{
    return contract->samples == 0 ? contract->premium_before
                                  : contract->premium_sum / contract->samples;
}

static int64_t rate_of(int64_t mean)
{
    int64_t above = mean > CONTRACT_CLAMP_LEAST ? mean : CONTRACT_CLAMP_LEAST;
    int64_t below = mean < -CONTRACT_CLAMP_LEAST ? mean : -CONTRACT_CLAMP_LEAST;

    return within(above + below, CONTRACT_CLAMP_MOST);
}

int64_t contract_price(const struct engine *engine, enum market market)
{
    int64_t index, premium;

    if (!market_facts(market)->is_contract)
        return engine->last_prices[market];
    index = index_of(engine, market);
    if (index == 0)
        return engine->last_prices[market];
    premium = within(premium_mean(&engine->contracts[market]), CONTRACT_CLAMP_MOST);
    return index + (int64_t)((__int128)index * premium / FIXED_ONE);
}

struct contract_status contract_status(const struct engine *engine, enum market market)
{
    const struct contract *contract = &engine->contracts[market];
    const struct position *p = NULL;
    enum currency quote = market_facts(market)->quote;
    struct contract_status status = {
        .price = engine->last_prices[market],
        .spot = index_of(engine, market),
        .mark = contract_price(engine, market),
        .insurance = engine->accounts[FEE_PLACE].wallets[WALLET_MARGIN][quote].balance,
        .event_ms = contract->event_ms,
        .accrued = rate_of(premium_mean(contract)),
        .step = contract->samples,
        .rate = contract->rate
    };

    while (contract->positions > 0 && (p = position_next(engine, p)) != NULL)
        if (p->market == market && p->amount > 0)
            status.open_interest += p->amount;
    return status;
}

/* ---- What time does ---- */

/* What a position pays, rounded up, or gets, rounded down; nobody pays more than backs it. */
static int64_t funding_of(const struct engine *engine, const struct position *position,
                          int64_t rate, int64_t mark)
{
    enum currency quote = market_facts(position->market)->quote;
    uint32_t account = account_place(engine, position->account);
    __int128 value = (__int128)magnitude(position->amount) * mark / FIXED_ONE;
    bool pays = (position->amount > 0) == (rate > 0);
    __int128 due = value * magnitude(rate);
    int64_t most = engine->accounts[account].wallets[WALLET_MARGIN][quote].balance -
                   collateral_sum(engine, account, quote) + position->collateral;

    due = pays ? (due + FIXED_ONE - 1) / FIXED_ONE : due / FIXED_ONE;
    if (!pays)
        return (int64_t)due;
    return most < 0 ? 0 : due > most ? -most : -(int64_t)due;
}

/* Pays what is free first, then out of what backs the position. */
static void funding_book(const struct lending_turn *turn, struct position *position, int64_t amount)
{
    enum currency quote = market_facts(position->market)->quote;
    const struct engine *engine = turn->engine;
    uint32_t account = account_place(engine, position->account);
    const struct holding_change change = { position, POSITION_CHANGED };
    int64_t lacks;

    if (amount == 0)
        return;
    lending_row(turn, position->account, WALLET_MARGIN, quote, LEDGER_FUNDING_EVENT, amount);
    lending_row(turn, ENGINE_FEE_ACCOUNT, WALLET_MARGIN, quote, LEDGER_FUNDING_EVENT, -amount);
    lacks = collateral_sum(engine, account, quote) -
            engine->accounts[account].wallets[WALLET_MARGIN][quote].balance;
    if (lacks > 0)
        position->collateral -= lacks < position->collateral ? lacks : position->collateral;
    position->funded += amount;
    position->updated_ms = engine->time_ms;
    holding_tell(turn, &change, POSITION_BY_FUNDING, true);
}

static void funding_event(const struct lending_turn *turn, enum market market)
{
    struct engine *engine = turn->engine;
    struct contract *contract = &engine->contracts[market];
    int64_t mean = premium_mean(contract), mark = contract_price(engine, market);

    contract->rate = index_of(engine, market) == 0 ? 0 : rate_of(mean);
    for (uint32_t place = engine->holdings->first; place != 0 && contract->positions > 0;
         place = engine->holdings->positions[place].after) {
        struct position *position = &engine->holdings->positions[place];

        if (position->market == market)
            funding_book(turn, position, funding_of(engine, position, contract->rate, mark));
    }
    contract->premium_before = mean;
    contract->premium_sum = 0;
    contract->samples = 0;
    contract->event_ms += CONTRACT_EVENT_MS;
}

/* Between two commands no price moves, so all minutes that have passed are alike. */
static bool sample(const struct engine *engine, struct contract *contract, enum market market)
{
    uint64_t until_ms = engine->time_ms, count;

    if (until_ms > contract->event_ms)
        until_ms = contract->event_ms;
    if (contract->sample_ms > until_ms)
        return false;
    count = (until_ms - contract->sample_ms) / CONTRACT_SAMPLE_MS + 1;
    contract->premium_sum += (int64_t)count * premium_of(engine, market);
    contract->samples += (uint32_t)count;
    contract->sample_ms += count * CONTRACT_SAMPLE_MS;
    return true;
}

static void tell_contract(const struct lending_turn *turn, enum market market, bool is_funding)
{
    const struct contract_status status = contract_status(turn->engine, market);

    lending_tell(turn, (struct event){ .kind = EVENT_CONTRACT,
                                       .contract = { market, is_funding, &status } });
}

static void market_pass(const struct lending_turn *turn, enum market market)
{
    struct engine *engine = turn->engine;
    struct contract *contract = &engine->contracts[market];
    uint64_t now_ms = engine->time_ms;

    if (contract->event_ms == 0) {
        contract->sample_ms = (now_ms / CONTRACT_SAMPLE_MS + 1) * CONTRACT_SAMPLE_MS;
        contract->event_ms = (now_ms / CONTRACT_EVENT_MS + 1) * CONTRACT_EVENT_MS;
    }
    if (contract->sample_ms > now_ms)
        return;
    while (contract->event_ms <= now_ms) {
        sample(engine, contract, market);
        funding_event(turn, market);
        tell_contract(turn, market, true);
    }
    if (sample(engine, contract, market))
        tell_contract(turn, market, false);
    engine->margin_moved |= contract->positions > 0; /* the mark has */
}

void contract_pass(const struct lending_turn *turn)
{
    for (unsigned m = 0; m < MARKET_COUNT; m++)
        if (market_facts((enum market)m)->is_contract && turn->engine->last_prices[m] != 0)
            market_pass(turn, (enum market)m);
}

uint64_t contract_due_ms(const struct engine *engine)
{
    uint64_t due_ms = UINT64_MAX;

    for (unsigned m = 0; m < MARKET_COUNT; m++)
        if (engine->contracts[m].positions > 0 && engine->contracts[m].event_ms != 0 &&
            engine->contracts[m].event_ms < due_ms)
            due_ms = engine->contracts[m].event_ms;
    return due_ms;
}
