#include "venue/call.h"

#include <strings.h>

#include "venue/conf.h"
#include "venue/depth.h"
#include "venue/lent.h"
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

static void ticker_put(struct call *call, enum market market, bool with_symbol)
{
    depth_ticker(&call->w, venue_engine(call->venue), venue_candles(call->venue), market,
                 venue_now_ms(call->venue), with_symbol);
}

static void lent_ticker_put(struct call *call, enum currency currency, bool with_symbol)
{
    lent_ticker(&call->w, venue_engine(call->venue), venue_history(call->venue), currency,
                venue_now_ms(call->venue), with_symbol);
}

CALL(call_ticker)
{
    enum currency currency;
    enum market market;
    CALL_BEGIN;

    if (funding_find(values->at[0], &currency))
        lent_ticker_put(call, currency, false);
    else if (call_market(call, values->at[0], &market))
        ticker_put(call, market, false);
}

CALL(call_tickers)
{
    struct slice symbols;
    enum currency currency;
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
        for (unsigned i = 0; i < CURRENCY_COUNT; i++)
            if (funding_is_lent((enum currency)i))
                lent_ticker_put(call, (enum currency)i, true);
        symbols = SLICE_EMPTY;
    }
    while (symbols.size > 0) {
        const char *comma = memchr(symbols.at, ',', symbols.size);
        size_t size = comma == NULL ? symbols.size : (size_t)(comma - symbols.at);

        if (market_find((struct slice){ symbols.at, size }, &market))
            ticker_put(call, market, true);
        else if (funding_find((struct slice){ symbols.at, size }, &currency))
            lent_ticker_put(call, currency, true);
        symbols = slice_from(symbols, comma == NULL ? size : size + 1);
    }
    json_put_close(&call->w, ']');
}

static void lent_put(struct call *call, enum currency currency)
{
    const struct ring *tape = &venue_history(call->venue)->lent[currency];
    struct ask_page page;

    if (!call_page(call, TRADES_USUAL, LIMIT_MOST, &page))
        return;
    json_put_open(&call->w, '[');
    for (size_t i = 0; i < tape->count && page.limit > 0; i++) {
        const struct lent_row *row = page_row(tape, &page, i);

        if (!page_has(&page, row->time_ms))
            continue;
        shape_lent(&call->w, row);
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

CALL(call_trades)
{
    const struct ring *tape;
    struct ask_page page;
    enum currency currency;
    enum market market;
    CALL_BEGIN;

    if (funding_find(values->at[0], &currency)) {
        lent_put(call, currency);
        return;
    }
    if (!call_market(call, values->at[0], &market) ||
        !call_page(call, TRADES_USUAL, LIMIT_MOST, &page))
        return;
    tape = &venue_history(call->venue)->tape[market];
    json_put_open(&call->w, '[');
    for (size_t i = 0; i < tape->count && page.limit > 0; i++) {
        const struct tape_row *row = page_row(tape, &page, i);

        if (!page_has(&page, row->time_ms))
            continue;
        shape_tape(&call->w, row);
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

CALL(call_book)
{
    enum depth_precision precision;
    enum currency currency = CURRENCY_COUNT;
    enum market market = MARKET_COUNT;
    uint64_t length = 25;
    CALL_BEGIN;

    if (!funding_find(values->at[0], &currency) && !call_market(call, values->at[0], &market))
        return;
    if (!depth_precision_find(values->at[1], &precision))
        call_fail(call, CALL_PARAMS, "prec: invalid");
    else if (ask_number(call->ask, "len", &length) == ASK_BAD ||
             (length != 1 && length != 25 && length != 100 && length != 250))
        call_fail(call, CALL_PARAMS, "len: invalid");
    else if (market == MARKET_COUNT)
        lent_book(&call->w, venue_engine(call->venue), currency, precision, (unsigned)length);
    else
        depth_book(&call->w, venue_engine(call->venue), market, precision, (unsigned)length);
}

/* Candles of a market, or of what is lent. */
struct candle_source {
    bool is_lent;
    struct candle_walk traded;
    struct lent_walk lent;
};

static bool source_next(struct candle_source *source, struct candle *candle)
{
    return source->is_lent ? lent_candle_next(&source->lent, candle)
                           : candle_next(&source->traded, candle);
}

/* "trade:1m:tBTCUSD", "trade:1m:fUSD:p30" */
static bool source_parse(struct slice key, struct candle_source *source)
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
    if (!timeframe_find((struct slice){ key.at, (size_t)(colon - key.at) },
                        &source->traded.timeframe))
        return false;
    source->lent.of.timeframe = source->traded.timeframe;
    source->is_lent = !market_find(rest, &source->traded.market);
    return !source->is_lent || lent_candles_find(rest, &source->lent.of);
}

static void source_open(struct candle_source *source, const struct venue *venue,
                        const struct ask_page *page, bool newest_first)
{
    source->traded.candles = venue_candles(venue);
    source->lent.tape = &venue_history(venue)->lent[source->lent.of.currency];
    source->traded.from_ms = source->lent.from_ms = page->start_ms;
    source->traded.to_ms = source->lent.to_ms = page->end_ms;
    source->traded.newest_first = source->lent.newest_first = newest_first;
}

static bool word_is(struct slice word, const char *wanted)
{
    return word.size == strlen(wanted) && strncasecmp(word.at, wanted, word.size) == 0;
}

CALL(call_candles)
{
    struct candle_source source = { 0 };
    bool all = word_is(values->at[1], "hist");
    struct candle candle;
    struct ask_page page;
    CALL_BEGIN;

    if (!source_parse(values->at[0], &source)) {
        call_fail(call, CALL_PARAMS, "symbol: invalid");
        return;
    }
    if (!all && !word_is(values->at[1], "last")) {
        call_fail(call, CALL_PARAMS, "section: invalid");
        return;
    }
    if (!call_page(call, CANDLES_USUAL, LIMIT_MOST, &page))
        return;
    source_open(&source, call->venue, &page, page.newest_first || !all);
    if (!all) {
        if (source_next(&source, &candle))
            shape_candle(&call->w, &candle);
        else
            json_put_raw(&call->w, SLICE("[]"));
        return;
    }
    json_put_open(&call->w, '[');
    while (page.limit-- > 0 && source_next(&source, &candle))
        shape_candle(&call->w, &candle);
    json_put_close(&call->w, ']');
}
