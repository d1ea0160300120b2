#include "venue/session_own.h"

#include <stdlib.h>

#include "base/clock.h"
#include "market/generator.h"
#include "venue/shape.h"

/* More than this is said ahead of the gate by nobody who waits for answers. */
#define SAID_MOST 128

/* Between the answer to a login and the snapshots.  At the venue a network lies between them, and
 * clients (ccxt) begin to listen when the answer has come: what comes with it is lost on them. */
#define SNAPSHOTS_PAUSE_MS 100

#define CLOSE_POLICY       1008 /* RFC 6455, 7.4.1 */

#define STATUS_GONE        499 /* nginx's number for a client that did not wait */

/* Said, and not answered yet. */
struct said {
    json_t *json;
    bool is_event;
    struct visit *visit; /* NULL: not asked yet */
    struct said *next;
};

/* ---- Telling ---- */

struct json_writer session_write(struct session *session)
{
    struct buffer *text = &session->all->text;

    text->size = 0;
    return json_writer_of(text);
}

static struct slice written(struct session *session)
{
    session->bytes_sent += session->all->text.size;
    return buffer_slice(&session->all->text);
}

void session_tell_event(struct session *session)
{
    stream_send(session->stream, written(session));
}

void session_tell_answer(struct session *session)
{
    stream_send_account(session->stream, written(session), STREAM_NO_SEQUENCE);
}

void session_tell_snapshot(struct session *session)
{
    stream_send_account(session->stream, written(session), 0);
}

void session_tell_news(struct session *session)
{
    stream_send_account(session->stream, written(session), ++session->told_count);
}

void session_tell_error(struct session *session, int code, const char *text)
{
    stream_send_error(session->stream, code, text);
}

bool session_has_scope(const struct session *session, enum scope scope)
{
    return (session->scopes & SCOPE_BIT(scope)) != 0;
}

/* ---- What happens to accounts ---- */

static struct session **bucket_of(struct sessions *sessions, uint64_t account)
{
    return &sessions->buckets[account % SESSION_BUCKETS];
}

static void balance_mark(struct session *session)
{
    struct sessions *all = session->all;

    if (session->balance_due || !session->filter.balance)
        return;
    session->balance_due = true;
    session->balance_next = all->balance_due;
    all->balance_due = session;
}

static bool hears_funding(const struct session *session, enum currency currency)
{
    return session_has_scope(session, SCOPE_FUNDING_READ) &&
           filter_passes_funding(&session->filter, currency);
}

/* A key that has ended hears nothing from that moment on, so it is looked at once more before the
 * first news of a turn.  What ends with it may begin something new, so that waits for the next
 * sessions_look(), which is due at once. */
static bool stands(struct session *session)
{
    struct sessions *all = session->all;
    char text[VISIT_TEXT_SIZE];
    int code;

    if (session->looked_turn == all->turn)
        return !session->is_over;
    session->looked_turn = all->turn;
    session->is_over = !gatehouse_stands(all->house, &session->peer, &session->proof,
                                         &session->scopes, &code, text);
    if (session->is_over)
        all->look_at_ns = 0;
    return !session->is_over;
}

/* Does this session hear of it? */
static bool hears(struct session *session, const struct feed_entry *entry)
{
    if (session->account != entry->account || session->snapshots_at_ns != 0 || !stands(session))
        return false;
    switch (entry->kind) {
    case FEED_ORDER:
        return session_has_scope(session, SCOPE_ORDERS_READ) &&
               filter_passes_market(&session->filter, entry->order.market);
    case FEED_TRADE:
        return session_has_scope(session, SCOPE_ORDERS_READ) &&
               filter_passes_market(&session->filter, entry->trade.market);
    case FEED_CHANGE:
        return session_has_scope(session, SCOPE_WALLETS_READ) &&
               filter_passes_wallet(&session->filter, entry->change.wallet, entry->change.currency);
    case FEED_OFFER:
        return hears_funding(session, (enum currency)entry->offer.currency);
    case FEED_LOAN:
        return hears_funding(session, (enum currency)entry->loan.currency);
    case FEED_LENDING:
        return hears_funding(session, entry->lending.currency);
    case FEED_POSITION:
        return session_has_scope(session, SCOPE_POSITIONS_READ) &&
               filter_passes_market(&session->filter, (enum market)entry->position.market);
    }
    return false;
}

static void entry_tell(struct session *session, const struct feed_entry *entry)
{
    struct json_writer w = session_write(session);

    switch (entry->kind) {
    case FEED_ORDER:
        json_put_text(&w, feed_word(entry));
        shape_order(&w, &entry->order);
        break;
    case FEED_TRADE:
        json_put_text(&w, "te");
        shape_trade_executed(&w, &entry->trade);
        session_tell_news(session);
        w = session_write(session);
        json_put_text(&w, "tu");
        shape_trade(&w, &entry->trade);
        break;
    case FEED_CHANGE:
        json_put_text(&w, "wu");
        shape_wallet_told(&w, entry->change.wallet, entry->change.currency, entry->change.balance,
                          &entry->change);
        break;
    case FEED_OFFER:
        json_put_text(&w, feed_word(entry));
        shape_offer(&w, &entry->offer);
        break;
    case FEED_LOAN:
        json_put_text(&w, feed_word(entry));
        if (entry->loan.position != 0)
            shape_credit(&w, &entry->loan, session->account);
        else
            shape_loan(&w, &entry->loan, session->account);
        break;
    case FEED_POSITION:
        json_put_text(&w, feed_word(entry));
        shape_position(&w, &entry->position, NULL);
        break;
    case FEED_LENDING:
        json_put_text(&w, "fte");
        shape_lending(&w, &entry->lending);
        session_tell_news(session);
        w = session_write(session);
        json_put_text(&w, "ftu");
        shape_lending(&w, &entry->lending);
        break;
    }
    session_tell_news(session);
}

static void entry_show(void *context, const struct feed_entry *entry)
{
    struct sessions *sessions = context;

    for (struct session *s = *bucket_of(sessions, entry->account); s != NULL; s = s->next) {
        if (hears(s, entry))
            entry_tell(s, entry);
        if (entry->kind == FEED_CHANGE && s->account == entry->account && s->snapshots_at_ns == 0 &&
            stands(s) && session_has_scope(s, SCOPE_WALLETS_READ))
            balance_mark(s);
    }
}

void sessions_tell(struct sessions *sessions)
{
    struct session *next;

    feed_empty(&sessions->feed, entry_show, sessions);
    for (struct session *s = sessions->balance_due; s != NULL; s = next) {
        struct json_writer w = session_write(s);

        next = s->balance_next;
        s->balance_due = false;
        session_balance_write(s, &w);
        session_tell_news(s);
    }
    sessions->balance_due = NULL;
}

/* [MTS, TYPE, MESSAGE_ID, null, INFO, CODE, STATUS, TEXT]; it counts for nobody's AUTHSEQ. */
void sessions_note(struct session *session, const char *type, struct ask note, const char *info)
{
    uint64_t id;
    bool has_id = ask_number(note, "mid", &id) == ASK_GOOD;

    for (struct session *s = *bucket_of(session->all, session->account); s != NULL; s = s->next) {
        struct json_writer w;

        if (s->account != session->account || !s->filter.notify || !stands(s))
            continue;
        session_catch_up(s);
        w = session_write(s);
        json_put_text(&w, "n");
        json_put_open(&w, '[');
        json_put_uint(&w, venue_now_ms(session->all->venue));
        json_put_text(&w, type);
        if (has_id)
            json_put_uint(&w, id);
        else
            json_put_nulls(&w, 1);
        json_put_nulls(&w, 1);
        json_put_raw(&w, info == NULL ? SLICE("null") : slice_of(info));
        json_put_nulls(&w, 1);
        json_put_text(&w, "SUCCESS");
        json_put_nulls(&w, 1);
        json_put_close(&w, ']');
        stream_send_account(s->stream, buffer_slice(&s->all->text), s->told_count);
    }
}

static bool is_heard(struct sessions *sessions, uint64_t account)
{
    struct session *session = *bucket_of(sessions, account);

    while (session != NULL && session->account != account)
        session = session->next;
    return session != NULL;
}

static void account_take(struct sessions *sessions, const struct event *event, uint64_t account)
{
    if (account < GENERATOR_ACCOUNT_FIRST && is_heard(sessions, account))
        feed_take(&sessions->feed, event, engine_command_count(venue_engine(sessions->venue)),
                  venue_history(sessions->venue), account);
}

void sessions_take(struct sessions *sessions, const struct event *event)
{
    if (sessions->open_count == 0)
        return;
    switch (event->kind) {
    case EVENT_ORDER:
        account_take(sessions, event, event->order.order->account);
        break;
    case EVENT_LEDGER:
        account_take(sessions, event, event->row->account);
        break;
    case EVENT_TRADE:
        account_take(sessions, event, event->trade->maker.account);
        if (event->trade->taker.account != event->trade->maker.account)
            account_take(sessions, event, event->trade->taker.account);
        break;
    case EVENT_OFFER:
        account_take(sessions, event, event->offer.offer->account);
        break;
    case EVENT_POSITION:
        account_take(sessions, event, event->position.position->account);
        break;
    case EVENT_LOAN:
        account_take(sessions, event, event->loan.loan->lender);
        account_take(sessions, event, event->loan.loan->borrower);
        break;
    case EVENT_FUNDING_TRADE:
        account_take(sessions, event, event->funding_trade->lender);
        account_take(sessions, event, event->funding_trade->borrower);
        break;
    default:
        break;
    }
}

/* ---- Beginning and ending ---- */

void session_login(struct session *session, const struct visit *visit)
{
    struct session **bucket = bucket_of(session->all, visit->outcome.account);

    session->is_open = true;
    session->account = visit->outcome.account;
    session->proof = visit->proof;
    session->scopes = visit->outcome.scopes;
    session->told_count = 0;
    session->calc_full_at_ns = 0;
    session->looked_turn = session->all->turn; /* the login itself was this turn's look */
    session->is_over = false;
    session->before = NULL;
    session->next = *bucket;
    if (session->next != NULL)
        session->next->before = session;
    *bucket = session;
    session->all->open_count++;
    session->snapshots_at_ns = clock_mono_ns() + session->all->pause_ns;
    session->fresh_next = session->all->fresh;
    session->all->fresh = session;
    stream_account_open(session->stream);
}

static void fresh_remove(struct session *session)
{
    struct session **at = &session->all->fresh;

    if (session->snapshots_at_ns == 0)
        return;
    while (*at != session)
        at = &(*at)->fresh_next;
    *at = session->fresh_next;
    session->snapshots_at_ns = 0;
}

void session_catch_up(struct session *session)
{
    if (session->snapshots_at_ns == 0)
        return;
    /* Earlier news are in the snapshots already. */
    sessions_tell(session->all);
    fresh_remove(session);
    session_snapshots_tell(session);
}

static void balance_unmark(struct session *session)
{
    struct session **at = &session->all->balance_due;

    while (session->balance_due && *at != NULL) {
        if (*at == session) {
            *at = session->balance_next;
            session->balance_due = false;
            return;
        }
        at = &(*at)->balance_next;
    }
}

/* The dead man's switch: whoever no longer listens wants no orders. */
static void dead_man_cancel(struct session *session)
{
    const struct command command = { .kind = COMMAND_CANCEL_ALL, .account = session->account };

    if (session->dead_man)
        venue_apply(session->all->venue, command, NULL);
    session->dead_man = false;
}

void session_logout(struct session *session)
{
    if (!session->is_open)
        return;
    sessions_tell(session->all);
    if (session->next != NULL)
        session->next->before = session->before;
    if (session->before != NULL)
        session->before->next = session->next;
    else
        *bucket_of(session->all, session->account) = session->next;
    balance_unmark(session);
    fresh_remove(session);
    session->is_open = false;
    session->all->open_count--;
    stream_account_close(session->stream);
    dead_man_cancel(session);
}

void session_expel(struct session *session, int code, const char *text)
{
    struct json_writer w;

    session_logout(session);
    w = session_write(session);
    json_put_open(&w, '{');
    json_put_key(&w, "event");
    json_put_text(&w, "auth");
    json_put_key(&w, "status");
    json_put_text(&w, "FAILED");
    json_put_key(&w, "chanId");
    json_put_uint(&w, 0);
    json_put_key(&w, "code");
    json_put_int(&w, code);
    json_put_key(&w, "msg");
    json_put_text(&w, text);
    json_put_close(&w, '}');
    session_tell_event(session);
}

void session_part(struct session *session, int code, const char *text)
{
    session_expel(session, code, text);
    stream_close(session->stream, CLOSE_POLICY);
}

/* ---- Said ---- */

static struct visit *said_ask(struct session *session, const json_t *json, bool is_event)
{
    return is_event ? session_auth_ask(session, json) : session_input_ask(session, json);
}

static void said_answer(struct session *session, const json_t *json, bool is_event,
                        struct visit **visit)
{
    unsigned status;

    session->bytes_sent = 0;
    status = is_event ? session_auth_answer(session, json, *visit)
                      : session_input_answer(session, json, *visit);
    visit_end(visit, status, session->bytes_sent);
}

static void waiting_add(struct session *session)
{
    session->waiting_next = session->all->waiting;
    session->all->waiting = session;
}

static void waiting_remove(struct session *session)
{
    struct session **at = &session->all->waiting;

    while (*at != session)
        at = &(*at)->waiting_next;
    *at = session->waiting_next;
}

/* `visit` belongs to the one who waits first. */
static void said_wait(struct session *session, const json_t *json, bool is_event,
                      struct visit *visit)
{
    struct said *said = session->said_count < SAID_MOST ? calloc(1, sizeof *said) : NULL;

    if (said != NULL)
        said->json = json_deep_copy(json);
    if (said == NULL || said->json == NULL) {
        free(said);
        visit_end(&visit, STATUS_GONE, 0);
        stream_close(session->stream, CLOSE_POLICY);
        return;
    }
    said->is_event = is_event;
    said->visit = visit;
    if (session->first == NULL) {
        session->first = said;
        waiting_add(session);
    } else {
        session->last->next = said;
    }
    session->last = said;
    session->said_count++;
}

static void said_take(struct session *session, const json_t *json, bool is_event)
{
    struct visit *visit;

    if (session->first != NULL) {
        said_wait(session, json, is_event, NULL);
        return;
    }
    visit = said_ask(session, json, is_event);
    if (visit == NULL)
        return;
    if (visit_is_due(visit))
        said_answer(session, json, is_event, &visit);
    else
        said_wait(session, json, is_event, visit);
}

static void said_drop(struct session *session)
{
    struct said *said = session->first;

    session->first = said->next;
    session->said_count--;
    visit_end(&said->visit, STATUS_GONE, 0);
    json_decref(said->json);
    free(said);
}

/* As far as the gate lets it. */
static void said_go_on(struct session *session)
{
    while (session->first != NULL) {
        struct said *said = session->first;

        if (said->visit == NULL)
            said->visit = said_ask(session, said->json, said->is_event);
        if (said->visit != NULL && !visit_is_due(said->visit))
            return;
        if (said->visit != NULL)
            said_answer(session, said->json, said->is_event, &said->visit);
        said_drop(session);
    }
    waiting_remove(session);
}

void session_event(struct session *session, const json_t *event)
{
    said_take(session, event, true);
}

void session_input(struct session *session, const json_t *input)
{
    said_take(session, input, false);
}

/* ---- All ---- */

/* A key that has ended takes its connections with it. */
static void sessions_look(struct sessions *sessions)
{
    uint64_t now_ns = clock_mono_ns();
    char text[VISIT_TEXT_SIZE];
    struct session *next;
    int code;

    if (now_ns < sessions->look_at_ns)
        return;
    sessions->look_at_ns = now_ns + SESSION_LOOK_MS * NS_PER_MS;
    for (unsigned i = 0; sessions->open_count > 0 && i < SESSION_BUCKETS; i++) {
        for (struct session *s = sessions->buckets[i]; s != NULL; s = next) {
            next = s->next;
            if (!gatehouse_stands(sessions->house, &s->peer, &s->proof, &s->scopes, &code, text))
                session_part(s, code, text);
        }
    }
}

static void snapshots_settle(struct sessions *sessions)
{
    uint64_t now_ns = clock_mono_ns();
    struct session *next;

    for (struct session *s = sessions->fresh; s != NULL; s = next) {
        next = s->fresh_next;
        if (s->snapshots_at_ns <= now_ns)
            session_catch_up(s);
    }
}

void sessions_settle(struct sessions *sessions)
{
    struct session *next;

    for (struct session *s = sessions->waiting; s != NULL; s = next) {
        next = s->waiting_next;
        said_go_on(s);
    }
    snapshots_settle(sessions);
    sessions_look(sessions);
    sessions_tell(sessions);
}

void sessions_release(struct sessions *sessions)
{
    gatehouse_release(sessions->house);
    sessions->turn++;
}

int sessions_wait_ms(const struct sessions *sessions)
{
    if (sessions->waiting != NULL)
        return 1;
    if (sessions->fresh != NULL)
        return SNAPSHOTS_PAUSE_MS / 10;
    if (sessions->open_count == 0)
        return -1;
    return sessions->look_at_ns == 0 ? 0 : SESSION_LOOK_MS;
}

/* The row of the alert as the REST API has it, to those who want notes; nobody's AUTHSEQ counts
 * it.  It goes off in the middle of a command, whose answer is perhaps being written: so it has a
 * text of its own, and what the command did comes after it. */
static void alert_take(void *context, uint64_t account, const struct alert *alert,
                       const struct trade *trade)
{
    struct sessions *sessions = context;
    struct buffer text = { 0 };
    struct json_writer w = json_writer_of(&text);

    (void)trade;
    json_put_text(&w, "uac");
    shape_alert(&w, alert);
    for (struct session *s = *bucket_of(sessions, account); s != NULL; s = s->next)
        if (s->account == account && s->filter.notify && stands(s))
            stream_send_account(s->stream, buffer_slice(&text), s->told_count);
    buffer_wipe(&text);
}

struct sessions *sessions_open(struct venue *venue, struct gatehouse *house)
{
    struct sessions *sessions = calloc(1, sizeof *sessions);

    if (sessions == NULL)
        return NULL;
    sessions->venue = venue;
    sessions->house = house;
    sessions->pause_ns = SNAPSHOTS_PAUSE_MS * NS_PER_MS;
    feed_init(&sessions->feed);
    buffer_init(&sessions->text);
    venue_watch_alerts(venue, alert_take, sessions);
    return sessions;
}

void sessions_close(struct sessions **sessions)
{
    struct sessions *s = *sessions;

    if (s == NULL)
        return;
    venue_watch_alerts(s->venue, NULL, NULL);
    feed_wipe(&s->feed);
    buffer_wipe(&s->text);
    free(s);
    *sessions = NULL;
}

struct session *sessions_admit(struct sessions *sessions, struct stream *stream)
{
    struct session *session = calloc(1, sizeof *session);
    const struct stream_peer *peer = stream_peer(stream);

    if (session == NULL)
        return NULL;
    session->all = sessions;
    session->stream = stream;
    session->peer.encrypted = peer->encrypted;
    session->has_address = ip_address_parse(slice_of(peer->address), session->peer.address);
    return session;
}

uint64_t session_account(const struct session *session)
{
    return session->is_open ? session->account : 0;
}

void session_close(struct session **session)
{
    struct session *s = *session;

    if (s == NULL)
        return;
    if (s->first != NULL)
        waiting_remove(s);
    while (s->first != NULL)
        said_drop(s);
    session_logout(s);
    free(s);
    *session = NULL;
}
