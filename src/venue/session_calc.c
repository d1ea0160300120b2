#include "base/clock.h"
#include "venue/call.h"
#include "venue/session_own.h"
#include "venue/shape.h"

/* Limits of the venue: items of a message, and calculations a second. */
enum { ITEMS_MOST = 30, ITEMS_PER_S = 8 };

enum { STATUS_OK = 200, STATUS_WRONG = 500 };

/* "wallet_exchange_USD" behind "wallet_" */
static bool wallet_read(struct slice words, enum wallet_kind *kind, enum currency *currency)
{
    for (unsigned i = 0; i < WALLET_COUNT; i++) {
        struct slice name = slice_of(wallet_text((enum wallet_kind)i));

        if (!slice_starts(words, name) || words.size <= name.size || words.at[name.size] != '_')
            continue;
        *kind = (enum wallet_kind)i;
        return currency_find(slice_from(words, name.size + 1), currency);
    }
    return false;
}

static bool wallet_tell(struct session *session, struct slice words)
{
    const struct account *account =
        engine_account_find(venue_engine(session->all->venue), session->account);
    const struct account_history *history =
        history_find(venue_history(session->all->venue), session->account);
    enum wallet_kind kind;
    enum currency currency;
    struct json_writer w;

    if (!wallet_read(words, &kind, &currency) || account == NULL || history == NULL)
        return false;
    w = session_write(session);
    json_put_text(&w, "wu");
    shape_wallet(&w, kind, currency, account->wallets[kind][currency].balance,
                 wallet_free(venue_engine(session->all->venue), session->account, kind, currency),
                 &history->last_change[kind][currency]);
    session_tell_news(session);
    return true;
}

static void margin_base_tell(struct session *session)
{
    struct json_writer w = session_write(session);
    struct margin margin = margin_of(venue_engine(session->all->venue), session->account);

    json_put_text(&w, "miu");
    shape_margin_base(&w, &margin);
    session_tell_news(session);
}

static void margin_symbol_tell(struct session *session, enum market market)
{
    struct json_writer w = session_write(session);

    json_put_text(&w, "miu");
    shape_margin_symbol(&w, venue_engine(session->all->venue), session->account, market);
    session_tell_news(session);
}

/* Of a position that nobody has the venue is silent. */
static void position_tell(struct session *session, enum market market)
{
    const struct engine *engine = venue_engine(session->all->venue);
    const struct position *position = position_find(engine, session->account, market);
    struct position_worth worth;
    struct json_writer w;

    if (position == NULL)
        return;
    worth = position_worth(engine, position);
    w = session_write(session);
    json_put_text(&w, "pu");
    shape_position(&w, position, &worth);
    session_tell_news(session);
}

static void funding_tell(struct session *session, enum currency currency)
{
    struct json_writer w = session_write(session);

    json_put_text(&w, "fiu");
    funding_info_put(&w, venue_engine(session->all->venue), session->account, currency);
    session_tell_news(session);
}

/* False: there is no such thing to calculate. */
static bool item_tell(struct session *session, const char *item, unsigned route)
{
    struct json_writer w;
    enum currency currency;
    enum market market;

    switch (route) {
    case ROUTE_NUMBER_WS_CALC_BALANCE:
        w = session_write(session);
        session_balance_write(session, &w);
        session_tell_news(session);
        return true;
    case ROUTE_NUMBER_WS_CALC_WALLET:
        return wallet_tell(session,
                           slice_of(item + strcspn(item, "_") + (strchr(item, '_') != NULL)));
    case ROUTE_NUMBER_WS_CALC_MARGIN_BASE:
        margin_base_tell(session);
        return true;
    case ROUTE_NUMBER_WS_CALC_MARGIN:
        item += strlen("margin_sym_");
        if (!market_find(slice_of(item), &market))
            return false;
        margin_symbol_tell(session, market);
        return true;
    case ROUTE_NUMBER_WS_CALC_FUNDING:
        item += strlen("funding_sym_");
        if (!funding_find(slice_of(item), &currency))
            return false;
        funding_tell(session, currency);
        return true;
    default:
        item += strlen("position_");
        if (!market_find(slice_of(item), &market))
            return false;
        position_tell(session, market);
        return true;
    }
}

/* Each item is asked for its own scope. */
static bool item_run(struct session *session, const json_t *item)
{
    const char *name = json_string_value(json_is_array(item) ? json_array_get(item, 0) : item);
    const struct route *route =
        name == NULL ? NULL : route_find_input(ROUTE_INPUT_CALC, slice_of(name));

    if (route == NULL) {
        session_tell_error(session, STREAM_PARAMS, "calc: invalid");
        return false;
    }
    if (!session_has_scope(session, (enum scope)route->scope)) {
        session_tell_error(session, SESSION_GENERIC, "api_key: permission invalid");
        return false;
    }
    if (item_tell(session, name, route->number))
        return true;
    session_tell_error(session, STREAM_PARAMS, "calc: invalid");
    return false;
}

unsigned session_calc(struct session *session, const json_t *items)
{
    const struct meter_rate rate = meter_rate_of(ITEMS_PER_S, ITEMS_MOST);
    size_t count = json_array_size(items);
    unsigned status = STATUS_OK;
    uint64_t retry_ns;

    if (count == 0 || count > ITEMS_MOST) {
        session_tell_error(session, STREAM_PARAMS, "calc: invalid");
        return STATUS_WRONG;
    }
    if (!meter_take(&session->calc_full_at_ns, rate, clock_mono_ns(), (uint32_t)count, &retry_ns)) {
        session_tell_error(session, SESSION_RATE, "ratelimit: error");
        return STATUS_WRONG;
    }
    for (size_t i = 0; i < count; i++)
        if (!item_run(session, json_array_get(items, i)))
            status = STATUS_WRONG;
    return status;
}
