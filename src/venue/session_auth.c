#include <inttypes.h>
#include <stdio.h>
#include <sys/random.h>

#include "base/fixed.h"
#include "venue/session_own.h"
#include "venue/shape.h"

#define DEAD_MAN 4 /* "dms" */

enum {
    NONCE_TEXT_SIZE = 24,
    UUID_TEXT_SIZE = 37,
    STATUS_OK = 200,
    STATUS_WRONG = 500,
    STATUS_AWAY = 503
};

static struct slice text_of(const json_t *event, const char *name)
{
    const json_t *value = json_object_get(event, name);

    return (struct slice){ json_string_value(value), json_string_length(value) };
}

/* Clients send a text or a number, which is signed as JavaScript prints it. */
static struct slice nonce_of(const json_t *event, char text[NONCE_TEXT_SIZE])
{
    const json_t *value = json_object_get(event, "authNonce");
    uint64_t number;

    if (!json_is_number(value))
        return text_of(event, "authNonce");
    if (!ask_json_number(value, &number))
        return SLICE_EMPTY;
    snprintf(text, NONCE_TEXT_SIZE, "%" PRIu64, number);
    return slice_of(text);
}

static bool is_usable(const struct gatehouse_claim *claim)
{
    return claim->token.at != NULL || (claim->key.at != NULL && claim->nonce.at != NULL &&
                                       claim->signature.at != NULL && claim->payload.at != NULL);
}

static struct gatehouse_claim claim_of(const json_t *event, char nonce[NONCE_TEXT_SIZE])
{
    return (struct gatehouse_claim){ .key = text_of(event, "apiKey"),
                                     .nonce = nonce_of(event, nonce),
                                     .signature = text_of(event, "authSig"),
                                     .payload = text_of(event, "authPayload"),
                                     .token = text_of(event, "token") };
}

static void unauth_answer(struct session *session)
{
    session_logout(session);
    stream_send(session->stream, SLICE("{\"event\":\"unauth\",\"status\":\"OK\",\"chanId\":0}"));
}

struct visit *session_auth_ask(struct session *session, const json_t *event)
{
    char nonce[NONCE_TEXT_SIZE];
    struct gatehouse_claim claim = claim_of(event, nonce);
    struct visit *visit;

    if (slice_is(text_of(event, "event"), SLICE("unauth"))) {
        if (session->is_open)
            unauth_answer(session);
        else
            session_tell_error(session, 10200, "unauth: invalid");
        return NULL;
    }
    if (!session->has_address) {
        session_expel(session, SESSION_READY, "temporarily_unavailable");
        return NULL;
    }
    visit = session->is_open ? gatehouse_ask(session->all->house, &session->peer, &session->proof,
                                             route_get(ROUTE_NUMBER_WS_AUTH))
                             : gatehouse_prove(session->all->house, &session->peer, &claim);
    if (visit == NULL)
        session_tell_error(session, SESSION_READY, "temporarily_unavailable");
    return visit;
}

/* ---- The answer ---- */

/* Version 4 of RFC 9562. */
static void uuid_make(char text[UUID_TEXT_SIZE])
{
    uint8_t random[16] = { 0 };
    size_t size = 0;

    if (getrandom(random, sizeof random, 0) != sizeof random)
        memset(random, 0, sizeof random); /* a name, nothing more */
    random[6] = (uint8_t)(0x40 | (random[6] & 0x0f));
    random[8] = (uint8_t)(0x80 | (random[8] & 0x3f));
    for (size_t i = 0; i < sizeof random; i++)
        size +=
            (size_t)snprintf(text + size, UUID_TEXT_SIZE - size,
                             i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", random[i]);
}

static void caps_write(const struct session *session, struct json_writer *w)
{
    static const struct {
        const char *name;
        enum scope read, write;
    } caps[] = {
        { "orders", SCOPE_ORDERS_READ, SCOPE_ORDERS_WRITE },
        { "account", SCOPE_ACCOUNT_READ, SCOPE_ACCOUNT_WRITE },
        { "funding", SCOPE_FUNDING_READ, SCOPE_FUNDING_WRITE },
        { "history", SCOPE_HISTORY_READ, SCOPE_NONE },
        { "wallets", SCOPE_WALLETS_READ, SCOPE_WALLETS_WRITE },
        { "settings", SCOPE_SETTINGS_READ, SCOPE_SETTINGS_WRITE },
        { "withdraw", SCOPE_NONE, SCOPE_WITHDRAW_WRITE },
        { "positions", SCOPE_POSITIONS_READ, SCOPE_POSITIONS_WRITE },
        { "ui_withdraw", SCOPE_NONE, SCOPE_NONE },
    };

    json_put_key(w, "caps");
    json_put_open(w, '{');
    for (size_t i = 0; i < sizeof caps / sizeof *caps; i++) {
        json_put_key(w, caps[i].name);
        json_put_open(w, '{');
        json_put_key(w, "read");
        json_put_uint(w, caps[i].read != SCOPE_NONE && session_has_scope(session, caps[i].read));
        json_put_key(w, "write");
        json_put_uint(w, caps[i].write != SCOPE_NONE && session_has_scope(session, caps[i].write));
        json_put_close(w, '}');
    }
    json_put_close(w, '}');
}

/* Repeated as it came, a text or a number. */
static void sub_id_write(struct json_writer *w, const json_t *sub_id)
{
    char *text = json_is_string(sub_id) || json_is_integer(sub_id)
                     ? json_dumps(sub_id, JSON_ENCODE_ANY | JSON_COMPACT)
                     : NULL;

    if (text == NULL)
        return;
    json_put_key(w, "subId");
    json_put_raw(w, slice_of(text));
    free(text);
}

static void welcome_tell(struct session *session, const json_t *event)
{
    struct json_writer w = session_write(session);
    char uuid[UUID_TEXT_SIZE];

    uuid_make(uuid);
    json_put_open(&w, '{');
    json_put_key(&w, "event");
    json_put_text(&w, "auth");
    json_put_key(&w, "status");
    json_put_text(&w, "OK");
    json_put_key(&w, "chanId");
    json_put_uint(&w, 0);
    json_put_key(&w, "userId");
    json_put_uint(&w, session->account);
    sub_id_write(&w, json_object_get(event, "subId"));
    json_put_key(&w, "auth_id");
    json_put_text(&w, uuid);
    if (session->dead_man) {
        json_put_key(&w, "dms");
        json_put_uint(&w, DEAD_MAN);
    }
    caps_write(session, &w);
    json_put_close(&w, '}');
    session_tell_event(session);
}

/* ---- Snapshots ---- */

/* Everything in the exchange wallet, empty or not: clients reject news of a wallet that they were
 * not told of.  Of the others what there ever was. */
static void wallets_tell(struct session *session)
{
    const struct account *account =
        engine_account_find(venue_engine(session->all->venue), session->account);
    const struct account_history *history =
        history_find(venue_history(session->all->venue), session->account);
    struct json_writer w = session_write(session);

    json_put_text(&w, "ws");
    json_put_open(&w, '[');
    for (unsigned kind = 0; account != NULL && kind < WALLET_COUNT; kind++) {
        for (unsigned currency = 0; currency < CURRENCY_COUNT; currency++) {
            static const struct ledger_line none;
            const struct ledger_line *change =
                history == NULL ? &none : &history->last_change[kind][currency];

            if ((kind == WALLET_EXCHANGE || change->id != 0) &&
                filter_passes_wallet(&session->filter, (enum wallet_kind)kind,
                                     (enum currency)currency))
                shape_wallet_told(&w, (enum wallet_kind)kind, (enum currency)currency,
                                  account->wallets[kind][currency].balance, change);
        }
    }
    json_put_close(&w, ']');
    session_tell_snapshot(session);
}

static void orders_tell(struct session *session)
{
    const struct engine *engine = venue_engine(session->all->venue);
    struct json_writer w = session_write(session);
    const struct order *order = NULL;

    json_put_text(&w, "os");
    json_put_open(&w, '[');
    while ((order = engine_account_order_next(engine, session->account, order)) != NULL)
        if (filter_passes_market(&session->filter, order->market))
            shape_order(&w, order);
    json_put_close(&w, ']');
    session_tell_snapshot(session);
}

/* In US dollars, as far as the latest prices tell; 0 for what has none. */
static int64_t value_of(const struct venue *venue, enum currency currency, int64_t amount)
{
    int64_t value = 0;

    if (currency == CURRENCY_USD)
        return amount;
    for (unsigned i = 0; i < MARKET_COUNT; i++) {
        const struct market_facts *facts = market_facts((enum market)i);

        if (facts->base == currency && facts->quote == CURRENCY_USD &&
            !fixed_multiply(amount, candles_last_price(venue_candles(venue), (enum market)i), false,
                            &value))
            return 0;
    }
    return value;
}

void session_balance_write(struct session *session, struct json_writer *w)
{
    const struct account *account =
        engine_account_find(venue_engine(session->all->venue), session->account);
    int64_t sum = 0, value;

    for (unsigned kind = 0; account != NULL && kind < WALLET_COUNT; kind++) {
        for (unsigned currency = 0; currency < CURRENCY_COUNT; currency++) {
            value = value_of(session->all->venue, (enum currency)currency,
                             account->wallets[kind][currency].balance);
            if (__builtin_add_overflow(sum, value, &sum))
                sum = INT64_MAX;
        }
    }
    json_put_text(w, "bu");
    json_put_open(w, '[');
    json_put_fixed(w, sum);
    json_put_fixed(w, sum);
    json_put_close(w, ']');
}

static void offers_tell(struct session *session)
{
    const struct engine *engine = venue_engine(session->all->venue);
    struct json_writer w = session_write(session);

    json_put_text(&w, "fos");
    json_put_open(&w, '[');
    for (unsigned i = 0; i < CURRENCY_COUNT * 2; i++) {
        const struct offer *o = NULL;

        if (!filter_passes_funding(&session->filter, (enum currency)(i / 2)))
            continue;
        while ((o = funding_offer_next(engine, (enum currency)(i / 2), i % 2, o)) != NULL)
            if (o->account == session->account)
                shape_offer(&w, o);
    }
    json_put_close(&w, ']');
    session_tell_snapshot(session);
}

static void positions_tell(struct session *session)
{
    const struct engine *engine = venue_engine(session->all->venue);
    struct json_writer w = session_write(session);

    json_put_text(&w, "ps");
    json_put_open(&w, '[');
    for (unsigned m = 0; m < MARKET_COUNT; m++) {
        const struct position *position = position_find(engine, session->account, (enum market)m);

        if (position != NULL && filter_passes_market(&session->filter, (enum market)m))
            shape_position(&w, position, NULL);
    }
    json_put_close(&w, ']');
    session_tell_snapshot(session);
}

/* Loans that nothing uses ("fls"), or those of positions ("fcs"). */
static void loans_tell(struct session *session, bool used)
{
    const struct engine *engine = venue_engine(session->all->venue);
    struct json_writer w = session_write(session);

    json_put_text(&w, used ? "fcs" : "fls");
    json_put_open(&w, '[');
    for (unsigned i = 0; i < CURRENCY_COUNT; i++) {
        const struct loan *l = NULL;

        if (!filter_passes_funding(&session->filter, (enum currency)i))
            continue;
        while ((l = funding_loan_next(engine, (enum currency)i, l)) != NULL)
            if ((l->lender == session->account || l->borrower == session->account) &&
                (l->position != 0) == used)
                (used ? shape_credit : shape_loan)(&w, l, session->account);
    }
    json_put_close(&w, ']');
    session_tell_snapshot(session);
}

/* In the venue's order, empty ones too; what the key may not read is left out. */
void session_snapshots_tell(struct session *session)
{
    const struct filter *filter = &session->filter;
    bool positions =
        session_has_scope(session, SCOPE_POSITIONS_READ) && filter_wants_trading(filter);
    bool wallets = session_has_scope(session, SCOPE_WALLETS_READ);
    struct json_writer w;

    if (positions)
        positions_tell(session);
    if (wallets && filter_wants_wallets(filter))
        wallets_tell(session);
    if (session_has_scope(session, SCOPE_ORDERS_READ) && filter_wants_trading(filter))
        orders_tell(session);
    if (session_has_scope(session, SCOPE_FUNDING_READ) && filter_wants_funding(filter)) {
        offers_tell(session);
        loans_tell(session, true);
        loans_tell(session, false);
    }
    if (!wallets || !filter->balance)
        return;
    w = session_write(session);
    session_balance_write(session, &w);
    session_tell_snapshot(session);
}

/* ---- All of it ---- */

static unsigned account_open(struct session *session, const json_t *event,
                             const struct visit *visit)
{
    struct ask ask = { .body = event };
    uint64_t dead_man = 0;
    struct filter filter;

    if (!filter_read(json_object_get(event, "filter"), &filter) ||
        ask_number(ask, "dms", &dead_man) == ASK_BAD || (dead_man != 0 && dead_man != DEAD_MAN)) {
        session_tell_error(session, STREAM_AUTH_FAIL, "auth: invalid");
        return STATUS_WRONG;
    }
    if (venue_account(session->all->venue, visit->outcome.account) == NULL) {
        session_expel(session, SESSION_READY, "temporarily_unavailable");
        return STATUS_AWAY;
    }
    session_login(session, visit);
    session->filter = filter;
    session->dead_man = dead_man == DEAD_MAN && session_has_scope(session, SCOPE_ORDERS_WRITE);
    welcome_tell(session, event);
    return STATUS_OK;
}

unsigned session_auth_answer(struct session *session, const json_t *event,
                             const struct visit *visit)
{
    char nonce[NONCE_TEXT_SIZE];
    struct gatehouse_claim claim = claim_of(event, nonce);

    if (session->is_open) {
        if (visit_ends_session(visit))
            session_part(session, visit->code, visit->text);
        else
            session_tell_error(session, STREAM_AUTH_FAIL, "auth: dup");
        return STATUS_WRONG;
    }
    if (visit->outcome.verdict == VERDICT_PASS)
        return account_open(session, event, visit);
    if (visit->outcome.verdict == VERDICT_HEADERS_MALFORMED && !is_usable(&claim))
        session_tell_error(session, STREAM_AUTH_FAIL, "auth: invalid");
    else
        session_expel(session, visit->code, visit->text);
    return STATUS_WRONG; /* the verdict has its own */
}
