#include "venue/call.h"

#include <stdio.h>

#include "base/fixed.h"
#include "venue/rate.h"
#include "venue/shape.h"

#define ORDERS_USUAL 25
#define TRADES_USUAL 125
#define LIMIT_MOST   2500
#define MS_PER_DAY   UINT64_C(86400000)

/* Fees of so long a time are summed up. */
#define SUMMARY_MS (30 * MS_PER_DAY)

/* An account exists before its call is made. */
static const struct account_history *own_history(const struct call *call)
{
    return history_find(venue_history(call->venue), call->account);
}

CALL(call_wallets)
{
    const struct account *account;
    const struct account_history *history;
    CALL_BEGIN;

    account = engine_account_find(venue_engine(call->venue), call->account);
    history = own_history(call);
    json_put_open(&call->w, '[');
    for (unsigned kind = 0; kind < WALLET_COUNT; kind++)
        for (unsigned currency = 0; currency < CURRENCY_COUNT; currency++)
            if (history->last_change[kind][currency].id != 0)
                shape_wallet(&call->w, (enum wallet_kind)kind, (enum currency)currency,
                             account->wallets[kind][currency].balance,
                             wallet_free(venue_engine(call->venue), call->account,
                                         (enum wallet_kind)kind, (enum currency)currency),
                             &history->last_change[kind][currency]);
    json_put_close(&call->w, ']');
}

/* Each wallet's balance at a moment: that of the last row of its ledger until then.  Rows that are
 * not kept any more are as if they had never been. */
CALL(call_wallets_hist)
{
    const struct ledger_line *latest[WALLET_COUNT][CURRENCY_COUNT] = { 0 };
    struct slice code = SLICE_EMPTY;
    enum currency only = CURRENCY_COUNT;
    uint64_t end_ms = UINT64_MAX;
    const struct ring *rows;
    CALL_BEGIN;

    if (ask_number(call->ask, "end", &end_ms) == ASK_BAD) {
        call_fail(call, CALL_PARAMS, "end: invalid");
        return;
    }
    if (ask_text(call->ask, "currency", &code) == ASK_BAD ||
        (code.size > 0 && !currency_find(code, &only))) {
        call_fail(call, CALL_PARAMS, "currency: invalid");
        return;
    }
    rows = &own_history(call)->rows;
    for (size_t i = 0; i < rows->count; i++) {
        const struct ledger_line *line = ring_at(rows, i);

        if (line->time_ms <= end_ms && (code.size == 0 || line->currency == only))
            latest[line->wallet][line->currency] = line;
    }
    json_put_open(&call->w, '[');
    for (unsigned i = 0; i < WALLET_COUNT * CURRENCY_COUNT; i++) {
        const struct ledger_line *line = latest[i / CURRENCY_COUNT][i % CURRENCY_COUNT];

        if (line == NULL)
            continue;
        json_put_open(&call->w, '[');
        json_put_text(&call->w, wallet_text(line->wallet));
        json_put_text(&call->w, currency_code(line->currency));
        json_put_fixed(&call->w, line->balance);
        json_put_uint(&call->w, 0);
        json_put_nulls(&call->w, 2); /* what was locked then is not kept */
        json_put_uint(&call->w, line->time_ms);
        json_put_close(&call->w, ']');
    }
    json_put_close(&call->w, ']');
}

static void orders_hist(struct call *call, const enum market *only)
{
    const struct ring *orders = &own_history(call)->orders;
    struct ask_page page;

    if (!call_page(call, ORDERS_USUAL, LIMIT_MOST, &page))
        return;
    if (ask_lists(call->ask, "id", 0) == ASK_BAD) {
        call_fail(call, CALL_PARAMS, "id: invalid");
        return;
    }
    json_put_open(&call->w, '[');
    for (size_t i = 0; i < orders->count && page.limit > 0; i++) {
        const struct order *order = page_row(orders, &page, i);

        if ((only != NULL && order->market != *only) || !page_has(&page, order->created_ms) ||
            ask_lists(call->ask, "id", order->id) != ASK_GOOD)
            continue;
        shape_order(&call->w, order);
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

CALL(call_orders_hist)
{
    CALL_BEGIN;
    orders_hist(call, NULL);
}

CALL(call_orders_hist_of_symbol)
{
    enum market market;
    CALL_BEGIN;

    if (call_market(call, values->at[0], &market))
        orders_hist(call, &market);
}

/* `order` 0: of every order. */
static void own_trades(struct call *call, const enum market *only, uint64_t order)
{
    const struct ring *trades = &own_history(call)->trades;
    struct ask_page page;

    if (!call_page(call, TRADES_USUAL, LIMIT_MOST, &page))
        return;
    json_put_open(&call->w, '[');
    for (size_t i = 0; i < trades->count && page.limit > 0; i++) {
        const struct own_trade *trade = page_row(trades, &page, i);

        if ((only != NULL && trade->market != *only) ||
            (order != 0 && trade->side.order != order) || !page_has(&page, trade->time_ms))
            continue;
        shape_trade(&call->w, trade);
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

/* "tBTCUSD:5"; a symbol may hold a colon itself, so the last one parts. */
CALL(call_order_trades)
{
    struct slice both = values->at[0];
    const char *colon = memrchr(both.at, ':', both.size);
    size_t size = colon == NULL ? both.size : (size_t)(colon - both.at);
    uint64_t order = 0;
    enum market market;
    CALL_BEGIN;

    if (!call_market(call, (struct slice){ both.at, size }, &market))
        return;
    for (size_t i = size + 1; i < both.size && order < UINT64_MAX / 100; i++) {
        if (both.at[i] < '0' || both.at[i] > '9') {
            order = 0;
            break;
        }
        order = order * 10 + (uint64_t)(both.at[i] - '0');
    }
    if (order == 0)
        call_fail(call, CALL_PARAMS, "id: invalid");
    else
        own_trades(call, &market, order);
}

CALL(call_own_trades)
{
    CALL_BEGIN;
    own_trades(call, NULL, 0);
}

CALL(call_own_trades_of_symbol)
{
    enum market market;
    CALL_BEGIN;

    if (call_market(call, values->at[0], &market))
        own_trades(call, &market, 0);
}

/* ---- Sums of trades ---- */

struct side_sum {
    __int128 spent, amount; /* quote x FIXED_ONE, base */
};

static int64_t saturated(__int128 sum)
{
    return sum > INT64_MAX ? INT64_MAX : (int64_t)sum;
}

static void side_put(struct json_writer *w, const struct side_sum *sum)
{
    json_put_fixed(w, saturated(sum->spent / FIXED_ONE));
    json_put_fixed(w, saturated(sum->amount));
    json_put_nulls(w, 1);
}

CALL(call_own_trades_sum)
{
    struct slice symbol = SLICE_EMPTY;
    struct side_sum sums[2] = { 0 }; /* bought, sold */
    const struct own_trade *first = NULL, *last = NULL;
    const struct ring *trades;
    struct ask_page page;
    uint64_t count = 0;
    enum market market;
    CALL_BEGIN;

    ask_text(call->ask, "symbol", &symbol);
    if (!call_market(call, symbol, &market) || !call_page(call, LIMIT_MOST, LIMIT_MOST, &page))
        return;
    trades = &own_history(call)->trades;
    for (size_t i = trades->count; i-- > 0 && count < page.limit;) {
        const struct own_trade *trade = ring_at(trades, i);
        bool sells = trade->side.amount < 0;
        int64_t amount = sells ? -trade->side.amount : trade->side.amount;

        if (trade->market != market || !page_has(&page, trade->time_ms))
            continue;
        sums[sells].spent += (__int128)amount * trade->price;
        sums[sells].amount += amount;
        first = trade;
        last = last == NULL ? trade : last;
        count++;
    }
    json_put_open(&call->w, '[');
    json_put_uint(&call->w, count);
    side_put(&call->w, &sums[0]);
    side_put(&call->w, &sums[1]);
    for (unsigned i = 0; i < 2; i++)
        json_put_fixed(&call->w,
                       sums[i].amount == 0 ? 0 : saturated(sums[i].spent / sums[i].amount));
    json_put_nulls(&call->w, 1);
    json_put_uint(&call->w, first == NULL ? 0 : first->time_ms);
    json_put_uint(&call->w, last == NULL ? 0 : last->time_ms);
    json_put_close(&call->w, ']');
}

static void ledgers(struct call *call, const enum currency *only)
{
    const struct ring *rows = &own_history(call)->rows;
    struct slice wallet = SLICE_EMPTY;
    uint64_t category = 0;
    struct ask_page page;

    if (!call_page(call, TRADES_USUAL, LIMIT_MOST, &page))
        return;
    if (ask_number(call->ask, "category", &category) == ASK_BAD ||
        ask_text(call->ask, "wallet", &wallet) == ASK_BAD) {
        call_fail(call, CALL_PARAMS, "category: invalid");
        return;
    }
    json_put_open(&call->w, '[');
    for (size_t i = 0; i < rows->count && page.limit > 0; i++) {
        const struct ledger_line *line = page_row(rows, &page, i);

        if ((only != NULL && line->currency != *only) ||
            (category != 0 && line->kind != category) ||
            (wallet.size > 0 && !slice_is(wallet, slice_of(wallet_text(line->wallet)))) ||
            !page_has(&page, line->time_ms))
            continue;
        shape_ledger(&call->w, line);
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

CALL(call_ledgers)
{
    CALL_BEGIN;
    ledgers(call, NULL);
}

CALL(call_ledgers_of_currency)
{
    enum currency currency;
    CALL_BEGIN;

    if (currency_find(values->at[0], &currency))
        ledgers(call, &currency);
    else
        call_fail(call, CALL_PARAMS, "currency: invalid");
}

/* 55 elements.  E-mail, name and steps of verification are the authority's; the exchange does not
 * know them and says null. */
CALL(call_user)
{
    uint64_t opened_ms;
    CALL_BEGIN;

    opened_ms = own_history(call)->opened_ms;
    json_put_open(&call->w, '[');
    json_put_uint(&call->w, call->account);
    json_put_nulls(&call->w, 2);
    json_put_uint(&call->w, opened_ms);
    json_put_nulls(&call->w, 3);
    json_put_text(&call->w, "UTC");
    json_put_text(&call->w, "en");
    json_put_text(&call->w, "bitfinex");
    json_put_nulls(&call->w, 4);
    json_put_uint(&call->w, opened_ms); /* 14 */
    json_put_nulls(&call->w, 6);
    json_put_uint(&call->w, venue_environment(call->venue) == ENVIRONMENT_SANDBOX); /* 21: paper */
    json_put_nulls(&call->w, 33);
    json_put_close(&call->w, ']');
}

static bool scope_is_given(const char *scopes, const char *name, const char *right)
{
    char wanted[32];
    size_t size = (size_t)snprintf(wanted, sizeof wanted, "%s:%s", name, right);

    for (const char *at = scopes; at != NULL; at = strchr(at, ' ')) {
        at += *at == ' ';
        if (strcspn(at, " ") == size && strncmp(at, wanted, size) == 0)
            return true;
    }
    return false;
}

CALL(call_permissions)
{
    static const char *const names[] = { "account",     "history",  "orders",  "positions",
                                         "funding",     "settings", "wallets", "withdraw",
                                         "ui_withdraw", "bfxpay" };
    CALL_BEGIN;

    json_put_open(&call->w, '[');
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        json_put_open(&call->w, '[');
        json_put_text(&call->w, names[i]);
        json_put_uint(&call->w, scope_is_given(call->scopes, names[i], "read"));
        json_put_uint(&call->w, scope_is_given(call->scopes, names[i], "write"));
        json_put_close(&call->w, ']');
    }
    json_put_close(&call->w, ']');
}

/* ---- Summary ---- */

struct spending {
    int64_t fees[CURRENCY_COUNT];
    int64_t volume_usd, volume_maker_usd, fees_usd;
};

static int64_t in_usd(const struct call *call, enum currency currency, int64_t amount)
{
    return rate_in_usd(venue_candles(call->venue), currency, amount);
}

static void add_up(int64_t *sum, int64_t more)
{
    if (__builtin_add_overflow(*sum, more, sum))
        *sum = INT64_MAX;
}

static struct spending spending_of(const struct call *call)
{
    const struct ring *trades = &own_history(call)->trades;
    struct spending s = { 0 };
    uint64_t now_ms = venue_now_ms(call->venue);

    for (size_t i = trades->count; i-- > 0;) {
        const struct own_trade *trade = ring_at(trades, i);
        int64_t amount = trade->side.amount, usd;

        if (trade->time_ms + SUMMARY_MS < now_ms)
            break;
        usd = in_usd(call, market_facts(trade->market)->base, amount < 0 ? -amount : amount);
        add_up(&s.volume_usd, usd);
        if (trade->is_maker)
            add_up(&s.volume_maker_usd, usd);
        add_up(&s.fees[trade->side.fee_currency], trade->side.fee);
        add_up(&s.fees_usd, in_usd(call, trade->side.fee_currency, trade->side.fee));
    }
    return s;
}

static void rates_put(struct json_writer *w, uint32_t ppm, uint32_t contract_ppm)
{
    json_put_open(w, '[');
    for (unsigned i = 0; i < 3; i++)
        json_put_fixed(w, (int64_t)ppm * 100);
    json_put_nulls(w, 2);
    json_put_fixed(w, (int64_t)contract_ppm * 100);
    json_put_close(w, ']');
}

static void pair_put(struct json_writer *w, const char *key, int64_t value)
{
    json_put_key(w, key);
    json_put_fixed(w, value);
}

static void volumes_put(struct json_writer *w, const struct spending *s)
{
    json_put_open(w, '[');
    json_put_open(w, '{');
    json_put_key(w, "curr");
    json_put_text(w, "Total (USD)");
    pair_put(w, "vol", s->volume_usd);
    pair_put(w, "vol_safe", s->volume_usd);
    pair_put(w, "vol_maker", s->volume_maker_usd);
    pair_put(w, "vol_BFX", s->volume_usd);
    pair_put(w, "vol_BFX_safe", s->volume_usd);
    pair_put(w, "vol_BFX_maker", s->volume_maker_usd);
    json_put_close(w, '}');
    json_put_close(w, ']');
    json_put_open(w, '{');
    for (unsigned i = 0; i < CURRENCY_COUNT; i++)
        if (s->fees[i] > 0)
            pair_put(w, currency_code((enum currency)i), s->fees[i]);
    json_put_close(w, '}');
    json_put_fixed(w, s->fees_usd);
}

CALL(call_summary)
{
    const struct engine *engine;
    struct fee_tier tier;
    struct spending s;
    struct json_writer *w;
    CALL_BEGIN;

    engine = venue_engine(call->venue);
    tier = fee_tier(engine, engine_account_find(engine, call->account), MARKET_BTCUSD);
    s = spending_of(call);
    w = &call->w;
    json_put_open(w, '[');
    json_put_nulls(w, 4);
    json_put_open(w, '[');
    rates_put(w, tier.maker_ppm, FEE_CONTRACT_MAKER_PPM);
    rates_put(w, tier.taker_ppm, FEE_CONTRACT_TAKER_PPM);
    json_put_close(w, ']');
    json_put_open(w, '[');
    volumes_put(w, &s);
    json_put_close(w, ']');
    json_put_raw(w, SLICE("[null,{},0]")); /* nothing is lent here */
    json_put_nulls(w, 2);
    json_put_raw(w, SLICE("{\"leo_lev\":0,\"leo_amount_avg\":0}"));
    json_put_close(w, ']');
}

/* ---- Active orders ---- */

/* `id`, `gid`, `cid` with `cid_date`: what is given must fit. */
static enum ask_answer filter_passes(struct ask ask, const struct order *order)
{
    uint64_t day = order->created_ms / MS_PER_DAY, wanted = day;
    enum ask_answer answers[] = { ask_lists(ask, "id", order->id),
                                  ask_lists(ask, "gid", order->gid),
                                  ask_lists(ask, "cid", order->cid) };
    enum ask_answer by_day = ask_day(ask, "cid_date", &wanted);
    bool passes = wanted == day;

    if (by_day == ASK_BAD)
        return ASK_BAD;
    for (unsigned i = 0; i < 3; i++) {
        if (answers[i] == ASK_BAD)
            return ASK_BAD;
        passes &= answers[i] == ASK_GOOD;
    }
    return passes ? ASK_GOOD : ASK_ABSENT;
}

static void orders_list(struct call *call, const enum market *only)
{
    const struct engine *engine = venue_engine(call->venue);
    const struct order probe = { 0 }, *order = NULL;

    if (filter_passes(call->ask, &probe) == ASK_BAD) {
        call_fail(call, CALL_PARAMS, "id: invalid");
        return;
    }
    json_put_open(&call->w, '[');
    while ((order = engine_account_order_next(engine, call->account, order)) != NULL)
        if ((only == NULL || order->market == *only) && filter_passes(call->ask, order) == ASK_GOOD)
            shape_order(&call->w, order);
    json_put_close(&call->w, ']');
}

CALL(call_orders)
{
    CALL_BEGIN;
    orders_list(call, NULL);
}

CALL(call_orders_of_symbol)
{
    enum market market;
    CALL_BEGIN;

    if (call_market(call, values->at[0], &market))
        orders_list(call, &market);
}
