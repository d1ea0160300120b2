/* What a client says on a WebSocket about its account, over a real venue and a real gate.
 *
 * The first byte chooses: an odd one speaks with an account, an even one without.  The rest is what
 * the client sends, a JSON value a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hex.h"
#include "shm/key_table.h"
#include "shm/slots.h"
#include "venue/session_own.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct stream {
    struct stream_peer peer;
    size_t sent;
};

const struct stream_peer *stream_peer(const struct stream *stream)
{
    return &stream->peer;
}

/* Whatever is sent is JSON. */
static void sent(struct stream *stream, struct slice open, const char *end)
{
    char *text = NULL;
    json_t *json;

    if (asprintf(&text, "%.*s%s", (int)open.size, open.at, end) < 0)
        abort();
    json = json_loads(text, 0, NULL);
    if (json == NULL)
        abort();
    json_decref(json);
    free(text);
    stream->sent++;
}

void stream_send(struct stream *stream, struct slice json)
{
    sent(stream, json, "");
}

void stream_send_error(struct stream *stream, int code, const char *text)
{
    (void)code;
    if (text[0] == '\0')
        abort();
    stream->sent++;
}

void stream_send_account(struct stream *stream, struct slice inner, uint64_t account_sequence)
{
    char *text = NULL;

    (void)account_sequence;
    if (asprintf(&text, "[0,%.*s", (int)inner.size, inner.at) < 0)
        abort();
    sent(stream, slice_of(text), "]");
    free(text);
}

void stream_account_open(struct stream *stream)
{
    (void)stream;
}

void stream_account_close(struct stream *stream)
{
    (void)stream;
}

void stream_close(struct stream *stream, uint16_t code)
{
    (void)stream;
    (void)code;
}

static char folder[] = "/dev/shm/latchkey-fuzz-XXXXXX";
static struct segment *segment;
static struct gatehouse *house;
static struct venue *venue;
static struct sessions *sessions;
static struct key_entry key;
static struct secret secret = { .size = 6, .bytes = "secret" };

static void event_take(void *context, const struct event *event)
{
    sessions_take(context, event);
}

/* Aborts with the place. */
#define must(is) assert_at((is), __LINE__)
static void assert_at(bool is, int line)
{
    if (is)
        return;
    fprintf(stderr, "session.c:%d: %m\n", line);
    abort();
}

static void folder_remove(void)
{
    static const char *const names[] = { "journal", "sandbox.seg" };
    char path[64];

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void setup(void)
{
    const struct segment_shape shape = { 300, 64, 3, 16, 64 };
    struct venue_options options = { .environment = ENVIRONMENT_SANDBOX };
    char path[64];

    must(mkdtemp(folder) != NULL);
    atexit(folder_remove);
    snprintf(path, sizeof path, "%s/sandbox.seg", folder);
    must(segment_create(path, 0600, ENVIRONMENT_SANDBOX, &shape, &segment) == OK);
    memcpy(key.random, "0123456789ABCDEF", sizeof key.random);
    key.fixed = (struct gate_key){ .account = 7,
                                   .created_at_ns = clock_wall_ns(),
                                   .scopes = UINT32_MAX >> (32 - SCOPE_COUNT),
                                   .public_per_s = 100000,
                                   .private_per_s = 100000,
                                   .ip_rule_count = 1,
                                   .state = KEY_ACTIVE };
    must(ip_rule_parse(SLICE("192.0.2.7"), &key.fixed.ip_rules[0]) == IP_FINE);
    midstate_init(&key.fixed.midstate, &secret);
    must(key_table_publish(segment, &key) == OK);
    must(gatehouse_open(path, ENVIRONMENT_SANDBOX, &house) == OK);
    options.folder = folder;
    must(venue_open(&options, &venue) == OK);
    sessions = sessions_open(venue, house);
    must(sessions != NULL);
    sessions->pause_ns = 0;
    venue_watch(venue, (struct event_sink){ event_take, sessions });
}

static bool drop(void *context, const struct audit_record *record)
{
    (void)context;
    (void)record;
    return true;
}

static void turn(void)
{
    sessions_settle(sessions);
    sessions_release(sessions);
    slots_drain(segment, SIZE_MAX, drop, NULL);
    slots_release(segment);
}

static void login(struct session *session)
{
    static unsigned long long nonce;
    const struct key_id id = { .environment = ENVIRONMENT_SANDBOX };
    char payload[32], id_text[KEY_ID_TEXT_SIZE], text[SIGNATURE_TEXT_SIZE + 1];
    uint8_t signature[SIGNATURE_SIZE];
    struct key_id named = id;
    struct slice part;
    json_t *event;

    memcpy(named.random, key.random, sizeof named.random);
    key_id_format(&named, id_text);
    snprintf(payload, sizeof payload, "AUTH%llu", ++nonce);
    part = slice_of(payload);
    signature_compute(&key.fixed.midstate, &part, 1, signature);
    hex_format(signature, sizeof signature, text);
    event = json_pack("{s:s,s:s,s:s,s:s,s:s}", "event", "auth", "apiKey", id_text, "authNonce",
                      payload + 4, "authPayload", payload, "authSig", text);
    session_event(session, event);
    json_decref(event);
    turn();
    must(session->is_open);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stream stream = { .peer = { .address = "192.0.2.7", .encrypted = true } };
    const char *at = (const char *)data + 1, *end = (const char *)data + size;
    struct session *session;

    if (size < 1)
        return 0;
    if (sessions == NULL)
        setup();
    session = sessions_admit(sessions, &stream);
    must(session != NULL);
    if (data[0] & 1)
        login(session);
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        json_t *json = json_loadb(at, (size_t)((line == NULL ? end : line) - at), 0, NULL);

        if (json_is_object(json))
            session_event(session, json);
        else if (json_is_array(json))
            session_input(session, json);
        json_decref(json);
        turn();
        at = line == NULL ? end : line + 1;
    }
    session_close(&session);
    turn();
    must(engine_check(venue_engine(venue)) == NULL);
    return 0;
}
