#include "venue/streams.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "venue/gatehouse.h"
#include "venue/stream_own.h"

#define MESSAGE_MOST_BYTES ((size_t)64 << 10)
#define QUEUE_MOST_BYTES   ((size_t)2 << 20) /* 25 snapshots of the largest books */
#define EVENTS_A_TURN      256

/* ---- One stream ---- */

static bool watch(struct stream *stream, int operation, uint32_t what)
{
    struct epoll_event event = { .events = what, .data.ptr = stream };

    return epoll_ctl(stream->streams->epoll, operation, websocket_descriptor(stream->websocket),
                     &event) == 0;
}

static void stream_free(struct stream *stream)
{
    struct streams *streams = stream->streams;

    if (stream->session != NULL)
        session_close(&stream->session);
    channel_leave_all(stream);
    stream_account_close(stream);
    if (stream->speaks)
        TAILQ_REMOVE(stream->is_gone ? &streams->gone : &streams->speakers, stream, of_speakers);
    TAILQ_REMOVE(&streams->all, stream, of_all);
    streams->count--;
    websocket_close(&stream->websocket);
    free(stream);
}

static void text_take(void *context, struct slice text)
{
    stream_event(context, text);
}

static void info_send(struct stream *stream)
{
    char info[128];

    snprintf(info, sizeof info,
             "{\"event\":\"info\",\"version\":2,\"serverId\":\"%s\",\"platform\":{\"status\":1}}",
             stream->streams->server_id);
    stream_send(stream, slice_of(info));
}

/* NULL: there is no memory, or the kernel takes no more. */
static struct stream *stream_open(struct streams *streams, const struct stream_peer *peer,
                                  int descriptor, struct slice early)
{
    struct stream *stream = calloc(1, sizeof *stream);
    struct websocket_options options = { .message_most = MESSAGE_MOST_BYTES,
                                         .queue_most = QUEUE_MOST_BYTES,
                                         .take = text_take,
                                         .context = stream };

    if (stream == NULL) {
        close(descriptor);
        return NULL;
    }
    stream->streams = streams;
    stream->peer = *peer;
    TAILQ_INIT(&stream->subscriptions);
    if (websocket_open(descriptor, early, &options, &stream->websocket) != OK) {
        free(stream);
        return NULL;
    }
    TAILQ_INSERT_TAIL(&streams->all, stream, of_all);
    streams->count++;
    stream->session = sessions_admit(streams->sessions, stream);
    if (stream->session == NULL || !watch(stream, EPOLL_CTL_ADD, EPOLLIN)) {
        stream_free(stream);
        return NULL;
    }
    info_send(stream);
    if (early.size > 0 && !websocket_read(stream->websocket))
        stream->ended = true;
    return stream;
}

/* ---- The handshake ---- */

/* Between the request and the moment at which its socket is ours. */
struct opening {
    struct streams *streams;
    struct stream_peer peer;
};

static void opening_take(void *context, int descriptor, struct slice early)
{
    struct opening *opening = context;

    if (descriptor >= 0 && stream_open(opening->streams, &opening->peer, descriptor, early) == NULL)
        log_error("venue", "no memory for one more connection");
    free(opening);
}

static void header_copy(const struct http_request *request, const char *name, char *text,
                        size_t size)
{
    const char *value = http_request_header(request, name);

    snprintf(text, size, "%s", value == NULL ? "" : value);
}

void streams_greet(struct streams *streams, const struct http_request *request,
                   struct http_reply *reply)
{
    const char *tls = http_request_header(request, "X-Latchkey-TLS");
    struct opening *opening;

    if (streams->count >= STREAMS_MOST) {
        reply->status = 503;
        buffer_append(&reply->body, SLICE("{\"error\":\"temporarily_unavailable\",\"message\":"
                                          "\"temporarily_unavailable\"}"));
        return;
    }
    if (!websocket_greet(request, reply))
        return;
    opening = calloc(1, sizeof *opening);
    if (opening == NULL) {
        reply->body.failed = true;
        return;
    }
    opening->streams = streams;
    opening->peer.encrypted = tls != NULL && tls[0] != '\0';
    header_copy(request, "X-Latchkey-Address", opening->peer.address, sizeof opening->peer.address);
    header_copy(request, "X-Latchkey-Request-Id", opening->peer.request_id,
                sizeof opening->peer.request_id);
    reply->upgrade = (struct http_upgrade){ opening_take, opening };
}

/* ---- A turn ---- */

int streams_descriptor(const struct streams *streams)
{
    return streams->epoll;
}

void streams_turn(struct streams *streams)
{
    struct epoll_event events[EVENTS_A_TURN];
    int count = epoll_wait(streams->epoll, events, EVENTS_A_TURN, 0);

    for (int i = 0; i < count; i++) {
        struct stream *stream = events[i].data.ptr;
        uint64_t expired;

        if (stream == NULL) { /* the timer: streams_settle() looks at what is due */
            if (read(streams->timer, &expired, sizeof expired) < 0)
                log_debug("venue", "timer: %m");
            streams->timer_ms = UINT64_MAX;
            continue;
        }
        if (events[i].events & EPOLLOUT)
            stream_speaks(stream);
        if ((events[i].events & ~(uint32_t)EPOLLOUT) != 0 && !websocket_read(stream->websocket))
            stream->ended = true;
        stream_speaks(stream); /* pongs and the like are wslay's own words */
    }
}

static void accounts_beat(struct streams *streams, uint64_t now_ms)
{
    struct stream *stream;

    while ((stream = TAILQ_FIRST(&streams->accounts)) != NULL &&
           stream->account_spoke_ms + streams->heartbeat_ms <= now_ms)
        stream_send_account(stream, SLICE("\"hb\""), STREAM_NO_SEQUENCE);
}

/* Monotonic; UINT64_MAX: never. */
static uint64_t due_ms(const struct streams *streams, uint64_t now_ms)
{
    const struct stream *silent = TAILQ_FIRST(&streams->accounts);
    uint64_t due = channels_due_ms(streams->channels);
    int wait_ms = sessions_wait_ms(streams->sessions);

    if (silent != NULL && silent->account_spoke_ms + streams->heartbeat_ms < due)
        due = silent->account_spoke_ms + streams->heartbeat_ms;
    if (wait_ms >= 0 && now_ms + (uint64_t)wait_ms < due)
        due = now_ms + (uint64_t)wait_ms;
    return due;
}

/* Only forward: a timer that goes off too early is set again. */
static void timer_arm(struct streams *streams)
{
    uint64_t due = due_ms(streams, clock_mono_ns() / NS_PER_MS);
    struct itimerspec when = { 0 };

    if (due >= streams->timer_ms)
        return;
    when.it_value.tv_sec = (time_t)(due / 1000);
    when.it_value.tv_nsec = (long)(due % 1000 * NS_PER_MS);
    timerfd_settime(streams->timer, TFD_TIMER_ABSTIME, &when, NULL);
    streams->timer_ms = due;
}

static void everybody_hears(struct streams *streams, struct slice json)
{
    struct stream *stream;

    TAILQ_FOREACH(stream, &streams->all, of_all)
    stream_send(stream, json);
}

void streams_stop(struct streams *streams)
{
    struct stream *stream;

    everybody_hears(streams, SLICE("{\"event\":\"info\",\"code\":20051,\"msg\":\"Stopping. Please "
                                   "try to reconnect\"}"));
    TAILQ_FOREACH(stream, &streams->all, of_all)
    stream_close(stream, WEBSOCKET_RESTART);
}

/* Cuts the connections that somebody wanted cut, without a word. */
static void disconnects_follow(struct streams *streams)
{
    struct stream *stream, *other;

    TAILQ_FOREACH(stream, &streams->all, of_all)
    {
        struct injection_target target = { .kind = INJECTION_DISCONNECT,
                                           .account = session_account(stream->session) };
        struct injection found;

        if (stream->ended || !venue_injected(streams->venue, &target, &found))
            continue;
        /* It strikes once all connections that it concerns. */
        TAILQ_FOREACH(other, &streams->all, of_all)
        {
            if (found.account != 0 && session_account(other->session) != found.account)
                continue;
            other->ended = true;
            stream_speaks(other);
        }
    }
}

/* What the owner of a sandbox has changed since the turn before. */
static void control_follow(struct streams *streams)
{
    const struct control *control = venue_controls(streams->venue);
    bool maintenance = control_in_maintenance(control, venue_now_ms(streams->venue));

    if (venue_beginnings(streams->venue) != streams->beginnings)
        streams_stop(streams); /* what they know is of another exchange */
    if (maintenance != streams->maintenance)
        everybody_hears(streams, maintenance
                                     ? SLICE("{\"event\":\"info\",\"code\":20060,\"msg\":"
                                             "\"Entering in Maintenance mode\"}")
                                     : SLICE("{\"event\":\"info\",\"code\":20061,\"msg\":"
                                             "\"Maintenance ended\"}"));
    streams->beginnings = venue_beginnings(streams->venue);
    streams->maintenance = maintenance;
    if (control->changes == streams->control_changes)
        return;
    disconnects_follow(streams);
    streams->control_changes = control->changes;
}

/* Closes what may not be heard any more: at once what was about to be told, otherwise from time to
 * time, as keys are looked at. */
static void lost_close(struct streams *streams)
{
    uint64_t now_ns = clock_mono_ns();
    struct subscription *subscription, *next;
    struct stream *stream;

    if (!streams->lost && now_ns < streams->look_at_ns)
        return;
    streams->lost = false;
    streams->look_at_ns = now_ns + SESSION_LOOK_MS * NS_PER_MS;
    TAILQ_FOREACH(stream, &streams->all, of_all)
    {
        for (subscription = TAILQ_FIRST(&stream->subscriptions); subscription != NULL;
             subscription = next) {
            next = TAILQ_NEXT(subscription, of_stream);
            if (!stream_may_hear(subscription))
                stream_unsubscribed(subscription);
        }
    }
    streams->lost = false;
}

void streams_settle(struct streams *streams)
{
    struct stream *stream;

    while ((stream = TAILQ_FIRST(&streams->gone)) != NULL)
        stream_free(stream);
    control_follow(streams);
    sessions_settle(streams->sessions);
    channels_settle(streams->channels);
    lost_close(streams);
    accounts_beat(streams, clock_mono_ns() / NS_PER_MS);
    timer_arm(streams);
}

/* False: it is over. */
static bool stream_flush(struct stream *stream)
{
    bool behind;

    if (stream->ended || !websocket_flush(stream->websocket))
        return false;
    behind = websocket_is_behind(stream->websocket);
    if (behind != stream->waits &&
        !watch(stream, EPOLL_CTL_MOD, behind ? EPOLLIN | EPOLLOUT : EPOLLIN))
        return false;
    stream->waits = behind;
    return true;
}

bool streams_flush(struct streams *streams)
{
    struct stream *stream;

    sessions_release(streams->sessions);
    while ((stream = TAILQ_FIRST(&streams->speakers)) != NULL) {
        TAILQ_REMOVE(&streams->speakers, stream, of_speakers);
        if (stream_flush(stream)) {
            stream->speaks = false;
            continue;
        }
        stream->ended = true;
        stream->is_gone = true;
        TAILQ_INSERT_TAIL(&streams->gone, stream, of_speakers);
    }
    return !TAILQ_EMPTY(&streams->gone);
}

/* ---- All of them ---- */

/* A UUID, version 4: clients tell by it that another process answers. */
static void server_id_draw(char text[40])
{
    unsigned char b[16];

    randombytes_buf(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(text, 40, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
             b[14], b[15]);
}

static void event_take(void *context, const struct event *event)
{
    struct streams *streams = context;

    channels_take(streams->channels, event);
    sessions_take(streams->sessions, event);
}

enum err streams_open(struct venue *venue, const struct streams_options *options,
                      struct streams **streams)
{
    struct epoll_event timer = { .events = EPOLLIN, .data.ptr = NULL };
    struct streams *s = calloc(1, sizeof *s);
    enum err e = OK;

    *streams = NULL;
    if (s == NULL)
        return ERR_MEMORY;
    s->venue = venue;
    s->heartbeat_ms = options->heartbeat_ms;
    s->timer_ms = UINT64_MAX;
    TAILQ_INIT(&s->all);
    TAILQ_INIT(&s->speakers);
    TAILQ_INIT(&s->gone);
    TAILQ_INIT(&s->accounts);
    server_id_draw(s->server_id);
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    s->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (s->epoll < 0 || s->timer < 0 || epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->timer, &timer) != 0) {
        log_error("venue", "epoll: %m");
        e = ERR_IO;
        goto out;
    }
    TRY(gatehouse_open(options->segment_path, venue_environment(venue), &s->house));
    s->channels = channels_open(venue, options->heartbeat_ms);
    s->sessions = sessions_open(venue, s->house);
    if (s->channels == NULL || s->sessions == NULL) {
        e = ERR_MEMORY;
        goto out;
    }
    venue_watch(venue, (struct event_sink){ event_take, s });
    *streams = s;
    s = NULL;
out:
    streams_close(&s);
    return e;
}

void streams_close(struct streams **streams)
{
    struct streams *s = *streams;

    if (s == NULL)
        return;
    venue_watch(s->venue, (struct event_sink){ NULL, NULL });
    while (!TAILQ_EMPTY(&s->all))
        stream_free(TAILQ_FIRST(&s->all));
    channels_close(&s->channels);
    sessions_close(&s->sessions);
    gatehouse_close(&s->house);
    if (s->epoll >= 0)
        close(s->epoll);
    if (s->timer >= 0)
        close(s->timer);
    buffer_wipe(&s->text);
    free(s);
    *streams = NULL;
}
