/* Contracts: what everybody may know of them, and what backs one's own. */
#include "venue/call.h"

#include "venue/deriv.h"

#define STATUS_USUAL 100
#define STATUS_MOST  5000

/* ---- For everybody ---- */

/* Is the market one of contracts, and among the comma-separated keys? */
static bool is_asked_for(struct slice keys, enum market market)
{
    while (keys.size > 0) {
        const char *comma = memchr(keys.at, ',', keys.size);
        size_t size = comma == NULL ? keys.size : (size_t)(comma - keys.at);
        struct slice key = { keys.at, size };
        enum market named;

        if (slice_is(key, SLICE("ALL")) || (market_find(key, &named) && named == market))
            return true;
        keys = slice_from(keys, comma == NULL ? size : size + 1);
    }
    return false;
}

CALL(call_contracts)
{
    struct slice keys = SLICE_EMPTY;
    CALL_BEGIN;

    ask_text(call->ask, "keys", &keys);
    json_put_open(&call->w, '[');
    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        if (market_facts((enum market)m)->is_contract && is_asked_for(keys, (enum market)m))
            deriv_put_now(&call->w, venue_engine(call->venue), (enum market)m,
                          venue_now_ms(call->venue), true);
    }
    json_put_close(&call->w, ']');
}

/* Of a key that is none the venue knows nothing, and says so by an empty list. */
CALL(call_contract_hist)
{
    struct ask_page page;
    enum market market;
    CALL_BEGIN;

    if (!call_page(call, STATUS_USUAL, STATUS_MOST, &page))
        return;
    json_put_open(&call->w, '[');
    if (market_find(values->at[0], &market)) {
        const struct ring *rows = &venue_history(call->venue)->contracts[market];

        for (size_t i = 0; i < rows->count && page.limit > 0; i++) {
            const struct contract_row *row =
                ring_at(rows, page.newest_first ? rows->count - 1 - i : i);

            if (row->time_ms < page.start_ms || row->time_ms > page.end_ms)
                continue;
            deriv_put(&call->w, market, row, false);
            page.limit--;
        }
    }
    json_put_close(&call->w, ']');
}

/* ---- What backs one's own ---- */

/* NULL after failing. */
static const struct position *position_read(struct call *call)
{
    const struct position *position;
    struct slice symbol = SLICE_EMPTY;
    enum market market;

    ask_text(call->ask, "symbol", &symbol);
    if (!call_market(call, symbol, &market))
        return NULL;
    if (!market_facts(market)->is_contract) {
        call_fail(call, CALL_PARAMS, refusal_text(REFUSAL_SYMBOL));
        return NULL;
    }
    position = position_find(venue_engine(call->venue), call->account, market);
    if (position == NULL)
        call_fail(call, CALL_GENERIC, refusal_text(REFUSAL_POSITION));
    return position;
}

CALL(call_collateral_limits)
{
    const struct position *position;
    int64_t least, most;
    CALL_BEGIN;

    position = position_read(call);
    if (position == NULL)
        return;
    contract_collateral_limits(venue_engine(call->venue), position, &least, &most);
    json_put_open(&call->w, '[');
    json_put_fixed(&call->w, least);
    json_put_fixed(&call->w, most);
    json_put_close(&call->w, ']');
}

CALL(call_collateral_set)
{
    struct command command = { .kind = COMMAND_COLLATERAL };
    const struct position *position;
    struct venue_effect effect;
    CALL_BEGIN;

    position = position_read(call);
    if (position == NULL)
        return;
    if (ask_fixed(call->ask, "collateral", &command.amount) != ASK_GOOD || command.amount < 0) {
        call_fail(call, CALL_PARAMS, "collateral: invalid");
        return;
    }
    command.account = call->account;
    command.market = position->market;
    switch (venue_apply(call->venue, command, &effect)) {
    case VENUE_DONE:
        json_put_raw(&call->w, SLICE("[[1]]"));
        return;
    case VENUE_DISK:
        call_fail_disk(call);
        return;
    case VENUE_REFUSED:
        break;
    }
    call_fail(call, effect.refused.why == REFUSAL_COLLATERAL ? CALL_COLLATERAL : CALL_GENERIC,
              refusal_text(effect.refused.why));
}
