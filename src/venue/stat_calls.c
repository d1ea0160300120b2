#include "venue/call.h"

#include <strings.h>

#include "venue/shape.h"
#include "venue/stats.h"

#define TICKERS_USUAL      100
#define TICKERS_MOST       250
#define STATS_USUAL        100
#define STATS_MOST         10000
#define LIQUIDATIONS_USUAL 120
#define LIQUIDATIONS_MOST  500
#define RANKINGS_USUAL     125
#define FUNDING_MOST       250

static bool section_read(struct call *call, struct slice word, bool *last)
{
    *last = word.size == 4 && strncasecmp(word.at, "last", 4) == 0;
    if (*last || (word.size == 4 && strncasecmp(word.at, "hist", 4) == 0))
        return true;
    call_fail(call, CALL_PARAMS, "section: invalid");
    return false;
}

/* ---- Tickers of the past ---- */

static bool is_listed(struct slice symbols, enum market market)
{
    if (slice_is(symbols, SLICE("ALL")))
        return true;
    while (symbols.size > 0) {
        const char *comma = memchr(symbols.at, ',', symbols.size);
        size_t size = comma == NULL ? symbols.size : (size_t)(comma - symbols.at);
        enum market listed;

        if (market_find((struct slice){ symbols.at, size }, &listed) && listed == market)
            return true;
        symbols = slice_from(symbols, comma == NULL ? size : size + 1);
    }
    return false;
}

static void price_or_null(struct json_writer *w, int64_t price)
{
    if (price == 0)
        json_put_nulls(w, 1);
    else
        json_put_fixed(w, price);
}

CALL(call_tickers_hist)
{
    const struct ring *rows;
    struct slice symbols;
    struct ask_page page;
    CALL_BEGIN;

    if (ask_text(call->ask, "symbols", &symbols) != ASK_GOOD) {
        call_fail(call, CALL_PARAMS, "symbols: invalid");
        return;
    }
    if (!call_page(call, TICKERS_USUAL, TICKERS_MOST, &page))
        return;
    rows = &venue_quotes(call->venue)->rows;
    json_put_open(&call->w, '[');
    for (size_t i = 0; i < rows->count * MARKET_COUNT && page.limit > 0; i++) {
        size_t at = i / MARKET_COUNT;
        const struct quote_row *row = page_row(rows, &page, at);
        enum market market = (enum market)(i % MARKET_COUNT);

        if (!page_has(&page, row->time_ms) ||
            !is_listed(symbols, market))
            continue;
        json_put_open(&call->w, '[');
        shape_symbol(&call->w, market);
        price_or_null(&call->w, row->at[market].bid);
        json_put_nulls(&call->w, 1);
        price_or_null(&call->w, row->at[market].ask);
        json_put_nulls(&call->w, 8);
        json_put_uint(&call->w, row->time_ms);
        json_put_close(&call->w, ']');
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

/* ---- Statistics ---- */

CALL(call_stats)
{
    struct size_row now = { .time_ms = 0 };
    struct stat_sources from;
    struct ask_page page;
    struct stat stat;
    bool last;
    CALL_BEGIN;

    if (!stat_find(values->at[0], &stat)) {
        call_fail(call, CALL_PARAMS, "key: invalid");
        return;
    }
    if (!section_read(call, values->at[1], &last) ||
        !call_page(call, STATS_USUAL, STATS_MOST, &page))
        return;
    sizes_read(venue_engine(call->venue), &now);
    from = (struct stat_sources){ venue_candles(call->venue), venue_sizes(call->venue), &now };
    stat_put(&call->w, &from, &stat, &page,
             engine_started_ms(venue_engine(call->venue)), venue_now_ms(call->venue), last);
}

/* ---- What has not happened here ---- */

static void nothing_put(struct call *call, uint64_t usual, uint64_t most)
{
    struct ask_page page;

    if (call_page(call, usual, most, &page))
        json_put_raw(&call->w, SLICE("[]"));
}

CALL(call_liquidations)
{
    const struct ring *rows;
    struct ask_page page;
    CALL_BEGIN;

    if (!call_page(call, LIQUIDATIONS_USUAL, LIQUIDATIONS_MOST, &page))
        return;
    rows = &venue_history(call->venue)->liquidations;
    json_put_open(&call->w, '[');
    for (size_t i = 0; i < rows->count && page.limit > 0; i++) {
        const struct liquidation_row *row = page_row(rows, &page, i);

        if (!page_has(&page, row->time_ms))
            continue;
        json_put_open(&call->w, '[');
        shape_liquidation(&call->w, row);
        json_put_close(&call->w, ']');
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

/* The rate a year's 365th part, as the venue prints it. */
static void funding_row_put(struct json_writer *w, const struct frr_row *row)
{
    json_put_open(w, '[');
    json_put_uint(w, row->time_ms);
    json_put_nulls(w, 2);
    json_put_fixed(w, row->rate / 365);
    json_put_fixed(w, row->period_avg);
    json_put_nulls(w, 2);
    json_put_fixed(w, row->lent);
    json_put_fixed(w, row->used);
    json_put_nulls(w, 2);
    json_put_uint(w, 0);
    json_put_close(w, ']');
}

CALL(call_funding_stats)
{
    const struct ring *rows;
    enum currency currency;
    struct ask_page page;
    CALL_BEGIN;

    if (!call_funding(call, values->at[0], &currency) ||
        !call_page(call, FUNDING_MOST, FUNDING_MOST, &page))
        return;
    rows = &venue_history(call->venue)->frr[currency];
    json_put_open(&call->w, '[');
    for (size_t i = 0; i < rows->count && page.limit > 0; i++) {
        const struct frr_row *row = page_row(rows, &page, i);

        if (!page_has(&page, row->time_ms))
            continue;
        funding_row_put(&call->w, row);
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

/* Whoever stands on the board has chosen a name to stand there; accounts of this exchange have
 * none. */
CALL(call_rankings)
{
    static const char *const kinds[] = { "plu_diff:", "plu:", "vol:", "plr:" };
    static const char *const spans[] = { "3h:", "1w:", "1M:" };
    struct slice key = values->at[0], rest = SLICE_EMPTY;
    bool last;
    enum market market;
    CALL_BEGIN;

    for (size_t i = 0; i < 12; i++) {
        struct slice kind = slice_of(kinds[i / 3]), span = slice_of(spans[i % 3]);

        if (slice_starts(key, kind) && slice_starts(slice_from(key, kind.size), span))
            rest = slice_from(key, kind.size + span.size);
    }
    if (!market_find(rest, &market) && !slice_is(rest, SLICE("tGLOBAL:USD")))
        call_fail(call, CALL_PARAMS, "key: invalid");
    else if (section_read(call, values->at[1], &last))
        nothing_put(call, RANKINGS_USUAL, STATS_MOST);
}
