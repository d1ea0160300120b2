/* tests/venue/session_scene.h: a session over a real venue and a real gate, its stream overheard */
#ifndef SESSION_SCENE_H
#define SESSION_SCENE_H

#include "../test.h"

#include "../shm/temporary_segment.h"
#include "base/clock.h"
#include "base/fixed.h"
#include "shm/slots.h"
#include "venue/session_own.h"

#define SCENE_LINES 256

/* What a stream would have sent: events as they are, arrays with their AUTHSEQ behind a "#". */
struct stream {
    struct stream_peer peer;
    struct session *session;
    char *lines[SCENE_LINES];
    unsigned count;
    bool has_account;
    uint16_t closed;
};

static inline void line_add(struct stream *stream, char *line)
{
    assert_in_range(stream->count, 0, SCENE_LINES - 1);
    stream->lines[stream->count++] = line;
}

const struct stream_peer *stream_peer(const struct stream *stream)
{
    return &stream->peer;
}

void stream_send(struct stream *stream, struct slice json)
{
    line_add(stream, strndup(json.at, json.size));
}

void stream_send_error(struct stream *stream, int code, const char *text)
{
    char *line = NULL;

    assert_true(asprintf(&line, "error %d %s", code, text) > 0);
    line_add(stream, line);
}

void stream_send_account(struct stream *stream, struct slice inner, uint64_t sequence)
{
    char *line = NULL;
    json_t *json;

    if (sequence == STREAM_NO_SEQUENCE)
        assert_true(asprintf(&line, "[0,%.*s]#", (int)inner.size, inner.at) > 0);
    else
        assert_true(asprintf(&line, "[0,%.*s]#%llu", (int)inner.size, inner.at,
                             (unsigned long long)sequence) > 0);
    json = json_loadb(line, (size_t)(strrchr(line, '#') - line), 0, NULL);
    assert_non_null(json);
    json_decref(json);
    line_add(stream, line);
}

void stream_account_open(struct stream *stream)
{
    stream->has_account = true;
}

void stream_account_close(struct stream *stream)
{
    stream->has_account = false;
}

void stream_close(struct stream *stream, uint16_t code)
{
    stream->closed = code;
}

/* Two connections of one account, 7; 8 trades with it. */
struct scene {
    char folder[40];
    struct signed_request key;
    struct key_entry entry;
    struct segment *segment;
    struct gatehouse *house;
    struct venue *venue;
    struct sessions *sessions;
    struct stream a, b;
    unsigned nonce;
    unsigned records;
    struct audit_record latest; /* of the log */
};

static inline void scene_event(void *context, const struct event *event)
{
    sessions_take(context, event);
}

static inline void forget(struct stream *stream)
{
    for (unsigned i = 0; i < stream->count; i++)
        free(stream->lines[i]);
    stream->count = 0;
}

static inline void scene_admit(struct scene *s, struct stream *stream)
{
    forget(stream);
    *stream = (struct stream){ .peer = { .address = "192.0.2.7", .encrypted = true } };
    stream->session = sessions_admit(s->sessions, stream);
    assert_non_null(stream->session);
}

static inline void scene_open(struct scene *s)
{
    struct venue_options options = { .folder = s->folder, .environment = ENVIRONMENT_SANDBOX };

    memset(s, 0, sizeof *s);
    snprintf(s->folder, sizeof s->folder, "/tmp/latchkey-session-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    s->segment = temporary_segment();
    signed_request_init(&s->key, 1);
    s->key.key.created_at_ns = clock_wall_ns();
    s->key.key.private_per_s = 1000;
    s->entry = entry_of(&s->key);
    assert_int_equal(key_table_publish(s->segment, &s->entry), OK);
    assert_int_equal(gatehouse_open(path_, ENVIRONMENT_SANDBOX, &s->house), OK);
    assert_int_equal(venue_open(&options, &s->venue), OK);
    assert_non_null(venue_account(s->venue, 8));
    s->sessions = sessions_open(s->venue, s->house);
    assert_non_null(s->sessions);
    s->sessions->pause_ns = 0;
    venue_watch(s->venue, (struct event_sink){ scene_event, s->sessions });
    scene_admit(s, &s->a);
    scene_admit(s, &s->b);
}

static inline bool scene_record(void *context, const struct audit_record *record)
{
    struct scene *s = context;

    s->records++;
    s->latest = *record;
    return true;
}

/* The end of a turn of the loop. */
static inline void turn(struct scene *s)
{
    sessions_settle(s->sessions);
    assert_int_equal(venue_sync(s->venue), OK);
    sessions_release(s->sessions);
    slots_drain(s->segment, 64, scene_record, s);
    slots_release(s->segment);
}

static inline void scene_close(struct scene *s)
{
    char path[64];

    session_close(&s->a.session);
    session_close(&s->b.session);
    turn(s);
    forget(&s->a);
    forget(&s->b);
    sessions_close(&s->sessions);
    venue_close(&s->venue);
    gatehouse_close(&s->house);
    temporary_segment_remove(&s->segment);
    snprintf(path, sizeof path, "%s/journal", s->folder);
    unlink(path);
    rmdir(s->folder);
}

/* Says something and ends the turn.  Apostrophes stand for quotes. */
static inline void say(struct scene *s, struct stream *stream, const char *text)
{
    char *copy = strdup(text);
    json_t *json;

    for (char *at = copy; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    json = json_loads(copy, 0, NULL);
    assert_non_null(json);
    forget(stream);
    if (json_is_object(json))
        session_event(stream->session, json);
    else
        session_input(stream->session, json);
    json_decref(json);
    free(copy);
    turn(s);
}

/* Logs in with the next nonce; `more` is what the event has besides: ",'dms':4". */
static inline void login(struct scene *s, struct stream *stream, const char *more)
{
    char text[1024], signature_text[SIGNATURE_TEXT_SIZE + 1], payload[32];
    uint8_t signature[SIGNATURE_SIZE];
    struct slice signed_text;

    snprintf(payload, sizeof payload, "AUTH%u", 1000 + s->nonce);
    signed_text = slice_of(payload);
    signature_compute(&s->key.key.midstate, &signed_text, 1, signature);
    hex_format(signature, sizeof signature, signature_text);
    snprintf(text, sizeof text,
             "{'event':'auth','apiKey':'%s','authNonce':%u,'authPayload':'%s','authSig':'%s'%s}",
             s->key.id_text, 1000 + s->nonce, payload, signature_text, more);
    s->nonce++;
    say(s, stream, text);
}

/* The n-th line begins with this. */
static inline void line_is(const struct stream *stream, unsigned n, const char *start)
{
    char wanted[512];

    snprintf(wanted, sizeof wanted, "%s", start);
    for (char *at = wanted; *at != '\0'; at++)
        *at = *at == '\'' ? '"' : *at;
    assert_in_range(n, 0, stream->count == 0 ? 0 : stream->count - 1);
    if (stream->count == 0 || strncmp(stream->lines[n], wanted, strlen(wanted)) != 0)
        fprintf(stderr, "line %u of %u is %s\n", n, stream->count,
                stream->count == 0 ? "not there" : stream->lines[n]);
    assert_true(stream->count > 0);
    assert_memory_equal(stream->lines[n], wanted, strlen(wanted));
}

static inline bool line_has(const struct stream *stream, unsigned n, const char *part)
{
    return n < stream->count && strstr(stream->lines[n], part) != NULL;
}

/* An order of account 8, limited. */
static inline void other_orders(struct scene *s, int64_t amount, int64_t price)
{
    struct command command = { .kind = COMMAND_SUBMIT,
                               .account = 8,
                               .market = MARKET_BTCUSD,
                               .type = ORDER_TYPE_EXCHANGE_LIMIT,
                               .amount = amount,
                               .price = price };

    assert_int_equal(venue_apply(s->venue, command, NULL), VENUE_DONE);
}

#endif
