#include "venue/call.h"

#include <strings.h>

#include "venue/conf.h"
#include "venue/depth.h"
#include "venue/shape.h"

#define TRADES_USUAL  125
#define CANDLES_USUAL 100
#define LIMIT_MOST    10000

CALL(call_status)
{
    CALL_BEGIN;
    json_put_raw(&call->w,
                 control_in_maintenance(venue_controls(call->venue), venue_now_ms(call->venue))
                     ? SLICE("[0]")
                     : SLICE("[1]"));
}

CALL(call_conf)
{
    CALL_BEGIN;
    conf_write(&call->w, values->at[0]);
}

/* There are no derivatives, which the venue itself would answer like this. */
CALL(call_derivatives)
{
    CALL_BEGIN;
    json_put_raw(&call->w, SLICE("[]"));
}

static void ticker_put(struct call *call, enum market market, bool with_symbol)
{
    depth_ticker(&call->w, venue_engine(call->venue), venue_candles(call->venue), market,
                 venue_now_ms(call->venue), with_symbol);
}

CALL(call_ticker)
{
    enum market market;
    CALL_BEGIN;

    if (call_market(call, values->at[0], &market))
        ticker_put(call, market, false);
}

CALL(call_tickers)
{
    struct slice symbols;
    enum market market;
    CALL_BEGIN;

    if (ask_text(call->ask, "symbols", &symbols) != ASK_GOOD) {
        call_fail(call, CALL_PARAMS, "symbols: invalid");
        return;
    }
    json_put_open(&call->w, '[');
    if (slice_is(symbols, SLICE("ALL"))) {
        for (unsigned i = 0; i < MARKET_COUNT; i++)
            ticker_put(call, (enum market)i, true);
        symbols = SLICE_EMPTY;
    }
    while (symbols.size > 0) {
        const char *comma = memchr(symbols.at, ',', symbols.size);
        size_t size = comma == NULL ? symbols.size : (size_t)(comma - symbols.at);

        if (market_find((struct slice){ symbols.at, size }, &market))
            ticker_put(call, market, true);
        symbols = slice_from(symbols, comma == NULL ? size : size + 1);
    }
    json_put_close(&call->w, ']');
}

CALL(call_trades)
{
    const struct ring *tape;
    struct ask_page page;
    enum market market;
    CALL_BEGIN;

    if (call_is_funding(values->at[0])) {
        if (call_page(call, TRADES_USUAL, LIMIT_MOST, &page))
            json_put_raw(&call->w, SLICE("[]")); /* nothing is lent here */
        return;
    }
    if (!call_market(call, values->at[0], &market) ||
        !call_page(call, TRADES_USUAL, LIMIT_MOST, &page))
        return;
    tape = &venue_history(call->venue)->tape[market];
    json_put_open(&call->w, '[');
    for (size_t i = 0; i < tape->count && page.limit > 0; i++) {
        const struct tape_row *row = ring_at(tape, page.newest_first ? tape->count - 1 - i : i);

        if (row->time_ms < page.start_ms || row->time_ms > page.end_ms)
            continue;
        shape_tape(&call->w, row);
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

CALL(call_book)
{
    enum depth_precision precision;
    enum market market = MARKET_COUNT;
    uint64_t length = 25;
    CALL_BEGIN;

    if (!call_is_funding(values->at[0]) && !call_market(call, values->at[0], &market))
        return;
    if (!depth_precision_find(values->at[1], &precision))
        call_fail(call, CALL_PARAMS, "prec: invalid");
    else if (ask_number(call->ask, "len", &length) == ASK_BAD ||
             (length != 1 && length != 25 && length != 100 && length != 250))
        call_fail(call, CALL_PARAMS, "len: invalid");
    else if (call_is_funding(values->at[0]))
        json_put_raw(&call->w, SLICE("[]")); /* nothing is lent here */
    else
        depth_book(&call->w, venue_engine(call->venue), market, precision, (unsigned)length);
}

/* "p30", "a10": a letter and a number of days. */
static bool days_take(struct slice *rest, char letter)
{
    size_t size = 1;

    if (rest->size < 2 || rest->at[0] != letter)
        return false;
    while (size < rest->size && rest->at[size] >= '0' && rest->at[size] <= '9')
        size++;
    if (size == 1 || (size < rest->size && rest->at[size] != ':'))
        return false;
    *rest = slice_from(*rest, size < rest->size ? size + 1 : size);
    return true;
}

/* "fUSD:p30", or aggregated over periods "fUSD:a30:p2:p30" */
static bool is_funding_key(struct slice rest)
{
    const char *colon = memchr(rest.at, ':', rest.size);
    size_t size = colon == NULL ? rest.size : (size_t)(colon - rest.at);

    if (colon == NULL || !call_is_funding((struct slice){ rest.at, size }))
        return false;
    rest = slice_from(rest, size + 1);
    if (days_take(&rest, 'a') && !days_take(&rest, 'p'))
        return false;
    return days_take(&rest, 'p') && rest.size == 0;
}

/* "trade:1m:tBTCUSD"; `market` is MARKET_COUNT for a key of funding. */
static bool candle_key_parse(struct slice key, enum timeframe *timeframe, enum market *market)
{
    const char *colon;
    struct slice rest;

    if (!slice_starts(key, SLICE("trade:")))
        return false;
    key = slice_from(key, SLICE("trade:").size);
    colon = memchr(key.at, ':', key.size);
    if (colon == NULL)
        return false;
    rest = slice_from(key, (size_t)(colon - key.at) + 1);
    *market = MARKET_COUNT;
    return timeframe_find((struct slice){ key.at, (size_t)(colon - key.at) }, timeframe) &&
           (market_find(rest, market) || is_funding_key(rest));
}

static bool word_is(struct slice word, const char *wanted)
{
    return word.size == strlen(wanted) && strncasecmp(word.at, wanted, word.size) == 0;
}

CALL(call_candles)
{
    struct candle_walk walk = { 0 };
    bool all = word_is(values->at[1], "hist");
    struct candle candle;
    struct ask_page page;
    CALL_BEGIN;

    if (!candle_key_parse(values->at[0], &walk.timeframe, &walk.market)) {
        call_fail(call, CALL_PARAMS, "symbol: invalid");
        return;
    }
    if (!all && !word_is(values->at[1], "last")) {
        call_fail(call, CALL_PARAMS, "section: invalid");
        return;
    }
    if (!call_page(call, CANDLES_USUAL, LIMIT_MOST, &page))
        return;
    if (walk.market == MARKET_COUNT) {
        json_put_raw(&call->w, SLICE("[]")); /* nothing is lent here */
        return;
    }
    walk.candles = venue_candles(call->venue);
    walk.from_ms = page.start_ms;
    walk.to_ms = page.end_ms;
    walk.newest_first = page.newest_first || !all;
    if (!all) {
        if (candle_next(&walk, &candle))
            shape_candle(&call->w, &candle);
        else
            json_put_raw(&call->w, SLICE("[]"));
        return;
    }
    json_put_open(&call->w, '[');
    while (page.limit-- > 0 && candle_next(&walk, &candle))
        shape_candle(&call->w, &candle);
    json_put_close(&call->w, ']');
}
