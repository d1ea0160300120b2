/* What an account holds on margin, and what backs it. */
#include "venue/call.h"

#include "base/fixed.h"
#include "venue/shape.h"

#define DAY_MS UINT64_C(86400000)

enum { HIST_MOST = 50, SNAPS_MOST = 500, AUDIT_MOST = 250, USUAL = 25, IDS_MOST = 64 };

/* ---- Positions that are open ---- */

CALL(call_positions)
{
    const struct engine *engine;
    CALL_BEGIN;

    engine = venue_engine(call->venue);
    json_put_open(&call->w, '[');
    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        const struct position *position = position_find(engine, call->account, (enum market)m);

        if (position != NULL) {
            const struct position_worth worth = position_worth(engine, position);

            shape_position(&call->w, position, &worth);
        }
    }
    json_put_close(&call->w, ']');
}

/* ---- What they were ---- */

struct ids {
    uint64_t at[IDS_MOST];
    size_t count; /* 0: all */
};

static bool id_add(struct ids *ids, const json_t *value)
{
    if (!json_is_integer(value) || json_integer_value(value) <= 0 || ids->count == IDS_MOST)
        return false;
    ids->at[ids->count++] = (uint64_t)json_integer_value(value);
    return true;
}

/* One or a list, under either name that clients use; false after failing. */
static bool ids_read(struct call *call, struct ids *ids)
{
    const json_t *given = json_object_get(call->ask.body, "id"), *each;
    bool good = true;
    size_t i;

    ids->count = 0;
    if (given == NULL || json_is_null(given))
        given = json_object_get(call->ask.body, "ids");
    if (json_is_array(given))
        json_array_foreach(given, i, each) good = good && id_add(ids, each);
    else if (given != NULL && !json_is_null(given))
        good = id_add(ids, given);
    if (!good)
        call_fail(call, CALL_PARAMS, "id: invalid");
    return good;
}

static bool ids_have(const struct ids *ids, uint64_t id)
{
    bool has = ids->count == 0;

    for (size_t i = 0; i < ids->count; i++)
        has = has || ids->at[i] == id;
    return has;
}

static const struct ring *own_rows(const struct call *call)
{
    return &history_find(venue_history(call->venue), call->account)->positions;
}

/* Changes of positions, only closings or all of them. */
static void rows_put(struct call *call, uint64_t most, bool only_closed)
{
    const struct ring *rows = own_rows(call);
    struct ask_page page;
    struct ids ids;

    if (!ids_read(call, &ids) || !call_page(call, most < USUAL ? most : USUAL, most, &page))
        return;
    json_put_open(&call->w, '[');
    for (size_t i = 0; i < rows->count && page.limit > 0; i++) {
        const struct position_row *row = ring_at(rows, page.newest_first ? rows->count - 1 - i : i);

        if (row->time_ms < page.start_ms || row->time_ms > page.end_ms ||
            (only_closed && row->change != POSITION_CLOSED) || !ids_have(&ids, row->position.id))
            continue;
        shape_position(&call->w, &row->position, NULL);
        page.limit--;
    }
    json_put_close(&call->w, ']');
}

CALL(call_positions_hist)
{
    CALL_BEGIN;
    rows_put(call, HIST_MOST, true);
}

CALL(call_positions_audit)
{
    CALL_BEGIN;
    rows_put(call, AUDIT_MOST, false);
}

/* What each market's position was at a moment: its latest change before, unless that closed it. */
static void snap_put(struct call *call, const struct ids *ids, uint64_t at_ms, uint64_t *left)
{
    const struct ring *rows = own_rows(call);
    const struct position_row *latest[MARKET_COUNT] = { NULL };

    for (size_t i = 0; i < rows->count; i++) {
        const struct position_row *row = ring_at(rows, i);

        if (row->time_ms <= at_ms)
            latest[row->position.market] = row;
    }
    for (unsigned m = 0; m<MARKET_COUNT && * left> 0; m++) {
        struct position position;

        if (latest[m] == NULL || latest[m]->position.amount == 0 ||
            !ids_have(ids, latest[m]->position.id))
            continue;
        position = latest[m]->position;
        position.updated_ms = at_ms;
        shape_position(&call->w, &position, NULL);
        (*left)--;
    }
}

/* Of each midnight (UTC), the latest first. */
CALL(call_positions_snap)
{
    const struct ring *rows;
    struct ask_page page;
    struct ids ids;
    uint64_t first_ms, now_ms;
    CALL_BEGIN;

    if (!ids_read(call, &ids) || !call_page(call, USUAL, SNAPS_MOST, &page))
        return;
    rows = own_rows(call);
    now_ms = venue_now_ms(call->venue);
    if (page.end_ms > now_ms)
        page.end_ms = now_ms;
    first_ms = rows->count == 0 ? now_ms : ((const struct position_row *)ring_at(rows, 0))->time_ms;
    if (page.start_ms < first_ms)
        page.start_ms = first_ms;
    json_put_open(&call->w, '[');
    for (uint64_t at_ms = page.end_ms / DAY_MS * DAY_MS; at_ms >= page.start_ms && page.limit > 0;
         at_ms -= DAY_MS)
        snap_put(call, &ids, at_ms, &page.limit);
    json_put_close(&call->w, ']');
}

/* ---- What backs them ---- */

CALL(call_margin_info)
{
    const struct engine *engine;
    enum market market;
    CALL_BEGIN;

    engine = venue_engine(call->venue);
    if (slice_is(values->at[0], SLICE("base"))) {
        const struct margin margin = margin_of(engine, call->account);

        shape_margin_base(&call->w, &margin);
    } else if (slice_is(values->at[0], SLICE("sym_all"))) {
        json_put_open(&call->w, '[');
        for (unsigned m = 0; m < MARKET_COUNT; m++)
            shape_margin_symbol(&call->w, engine, call->account, (enum market)m);
        json_put_close(&call->w, ']');
    } else if (call_market(call, values->at[0], &market)) {
        shape_margin_symbol(&call->w, engine, call->account, market);
    }
}

/* ---- Changing them other than by an order ---- */

/* Carries it out; false after failing. */
static bool apply(struct call *call, const struct command *command)
{
    struct venue_effect effect;

    switch (venue_apply(call->venue, *command, &effect)) {
    case VENUE_DONE:
        return true;
    case VENUE_DISK:
        call_fail_disk(call);
        return false;
    case VENUE_REFUSED:
        break;
    }
    call_fail(call, effect.refused.why == REFUSAL_SYMBOL ? CALL_PARAMS : CALL_GENERIC,
              refusal_text(effect.refused.why));
    return false;
}

static void notice(struct call *call, const char *type, const struct position *position,
                   const char *text)
{
    shape_notice_open(&call->w, venue_now_ms(call->venue), type);
    if (position != NULL)
        shape_position(&call->w, position, NULL);
    else
        json_put_nulls(&call->w, 1);
    shape_notice_close(&call->w, "SUCCESS", text);
}

CALL(call_position_claim)
{
    struct command command = { .kind = COMMAND_POSITION_CLAIM };
    struct position before = { 0 };
    char text[64];
    CALL_BEGIN;

    command.account = call->account;
    if (ask_number(call->ask, "id", &command.order) != ASK_GOOD) {
        call_fail(call, CALL_PARAMS, "id: invalid");
        return;
    }
    if (ask_fixed(call->ask, "amount", &command.amount) == ASK_BAD || command.amount == INT64_MIN) {
        call_fail(call, CALL_PARAMS, "amount: invalid");
        return;
    }
    if (command.amount < 0) /* of a short one clients send it with its sign */
        command.amount = -command.amount;
    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        const struct position *position =
            position_find(venue_engine(call->venue), call->account, (enum market)m);

        if (position != NULL && position->id == command.order)
            before = *position;
    }
    if (!apply(call, &command))
        return;
    snprintf(text, sizeof text, "Claimed position %llu.", (unsigned long long)before.id);
    notice(call, "pm-req", &before, text);
}

/* The symbol, and for an increase the amount; false after failing. */
static bool market_read(struct call *call, struct command *command, bool with_amount)
{
    struct slice symbol = SLICE_EMPTY;
    enum market market;

    ask_text(call->ask, "symbol", &symbol);
    if (!call_market(call, symbol, &market))
        return false;
    command->account = call->account;
    command->market = market;
    if (!with_amount || (ask_fixed(call->ask, "amount", &command->amount) == ASK_GOOD &&
                         command->amount != 0 && command->amount != INT64_MIN))
        return true;
    call_fail(call, CALL_PARAMS, "amount: invalid");
    return false;
}

CALL(call_position_increase)
{
    struct command command = { .kind = COMMAND_POSITION_INCREASE };
    CALL_BEGIN;

    if (!market_read(call, &command, true) || !apply(call, &command))
        return;
    notice(call, "pmi-req",
           position_find(venue_engine(call->venue), call->account, (enum market)command.market),
           "Position increased.");
}

CALL(call_position_funding_type)
{
    struct command command = { .kind = COMMAND_POSITION_TERM };
    CALL_BEGIN;

    if (!market_read(call, &command, false))
        return;
    if (ask_number(call->ask, "type", &command.fields) != ASK_GOOD || command.fields > 1) {
        call_fail(call, CALL_PARAMS, "type: invalid");
        return;
    }
    if (apply(call, &command))
        notice(call, "puft-req", NULL, "Updated the funding type of the position.");
}

static void pair_put(struct call *call, int64_t first, int64_t second)
{
    json_put_open(&call->w, '[');
    json_put_fixed(&call->w, first);
    json_put_fixed(&call->w, second);
    json_put_close(&call->w, ']');
}

/* What an increase would take: of the base for a long position, of the quote for a short one, and
 * what it would borrow. */
CALL(call_position_increase_info)
{
    struct command command = { 0 };
    const struct market_facts *facts;
    const struct position *position;
    const struct engine *engine;
    enum currency needed, borrowed;
    int64_t price, value = 0, tradable[2];
    bool buy;
    CALL_BEGIN;

    if (!market_read(call, &command, true))
        return;
    engine = venue_engine(call->venue);
    facts = market_facts((enum market)command.market);
    buy = command.amount > 0;
    position = position_find(engine, call->account, (enum market)command.market);
    price = engine_last_price(engine, (enum market)command.market);
    if (!fixed_multiply(buy ? command.amount : -command.amount, price, true, &value)) {
        call_fail(call, CALL_PARAMS, "amount: invalid");
        return;
    }
    needed = buy ? facts->base : facts->quote;
    borrowed = buy ? facts->quote : facts->base;
    for (unsigned i = 0; i < 2; i++)
        tradable[i] = margin_tradable(engine, call->account, (enum market)command.market, i, 0);
    json_put_open(&call->w, '[');
    pair_put(call, tradable[buy], position == NULL ? 0 : position->amount);
    json_put_open(&call->w, '[');
    json_put_fixed(&call->w, wallet_free(engine, call->account, WALLET_MARGIN, needed));
    json_put_open(&call->w, '[');
    for (unsigned i = 0; i < 2; i++) {
        int64_t worth = 0;

        (void)fixed_multiply(tradable[i], price, false, &worth);
        json_put_fixed(&call->w, worth);
    }
    json_put_fixed(&call->w, tradable[true]);
    json_put_fixed(&call->w, tradable[false]);
    json_put_nulls(&call->w, 4);
    json_put_close(&call->w, ']');
    json_put_fixed(&call->w,
                   margin_fundable(engine, call->account, (enum market)command.market, buy));
    json_put_close(&call->w, ']');
    json_put_nulls(&call->w, 2);
    pair_put(call, value, buy ? value : -command.amount);
    json_put_open(&call->w, '[');
    json_put_text(&call->w, currency_code(facts->quote));
    json_put_text(&call->w, currency_code(borrowed));
    json_put_close(&call->w, ']');
    json_put_close(&call->w, ']');
}
