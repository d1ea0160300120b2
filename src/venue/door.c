#include "venue/door.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "market/generator.h"
#include "venue/call.h"
#include "venue/streams.h"

#define BODY_MOST_BYTES (64 * 1024)
/* Below it commands of the operator, from the command line: the gate knows no such route, and only
 * who runs the exchange is answered. */
#define OPERATOR_PATH "/operator/sandbox/"

#define NS_PER_MS_LONG  1000000L

static const struct http_route routes[] = {
#define ROUTE(method, path, function) { method, path, function },
#include "venue/route.def"
#undef ROUTE
};

/* A reply that waits for the journal. */
struct held {
    struct http_request *request;
    struct http_reply reply;
    uint64_t release_ns; /* monotonic; 0: as soon as the journal is on disk */
};

struct door {
    struct venue *venue;
    struct http_server *server;
    struct streams *streams;
    int timer;
    uint64_t armed_ms; /* when the timer goes off */
    struct held *held;
    size_t held_count, held_capacity;
};

static void not_served(struct http_request *request, struct http_reply *reply,
                       enum http_route_answer why)
{
    struct json_writer w = json_writer_of(&reply->body);
    char text[512];

    reply->status = why == HTTP_ROUTE_OTHER_METHOD ? 405 : 404;
    snprintf(text, sizeof text,
             why == HTTP_ROUTE_OTHER_METHOD ? "%s is not the method of %.400s"
                                            : "%s %.400s is not served by this exchange",
             http_request_method(request), http_request_path(request));
    json_put_open(&w, '{');
    json_put_key(&w, "error");
    json_put_text(&w, why == HTTP_ROUTE_OTHER_METHOD ? "method_not_allowed" : "not_served");
    json_put_key(&w, "message");
    json_put_text(&w, text);
    json_put_close(&w, '}');
}

/* Decimal, of a person. */
static bool account_parse(const char *text, uint64_t *account)
{
    uint64_t sum = 0;

    if (text == NULL || *text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || sum >= GENERATOR_ACCOUNT_FIRST)
            return false;
        sum = sum * 10 + (uint64_t)(*text - '0');
    }
    *account = sum;
    return sum != ENGINE_FEE_ACCOUNT && sum < GENERATOR_ACCOUNT_FIRST;
}

/* False after failing. */
static bool account_open(struct call *call, struct http_request *request)
{
    if (!account_parse(http_request_header(request, "X-Latchkey-Account"), &call->account)) {
        call_fail(call, CALL_AUTH_FAIL, "apikey: invalid");
        return false;
    }
    call->scopes = http_request_header(request, "X-Latchkey-Scopes");
    if (venue_account(call->venue, call->account) == NULL) {
        call_fail_disk(call);
        return false;
    }
    return true;
}

static bool path_is_sandbox(struct slice path)
{
    return slice_starts(path, SLICE(OPERATOR_PATH)) ||
           slice_starts(path, SLICE("/v2/auth/w/sandbox/")) ||
           slice_starts(path, SLICE("/v2/auth/r/sandbox/"));
}

/* A sandbox is controlled by an account, or by who runs it. */
static bool sandbox_open(struct call *call, struct http_request *request, struct slice path)
{
    uid_t peer = http_request_peer(request);

    if (!slice_starts(path, SLICE(OPERATOR_PATH)))
        return account_open(call, request);
    if (peer == 0 || peer == geteuid())
        return true;
    call_fail(call, CALL_AUTH_FAIL, "apikey: invalid");
    return false;
}

/* True: what is injected has answered the call. */
static bool suffers(struct call *call)
{
    struct injection_target target = { .kind = INJECTION_LATENCY, .account = call->account };
    struct injection found;

    if (venue_injected(call->venue, &target, &found))
        call->delay_ms = (uint64_t)found.value;
    if (call->account != 0 &&
        control_in_maintenance(venue_controls(call->venue), venue_now_ms(call->venue))) {
        call_fail(call, CALL_MAINTENANCE, "maintenance");
        return true;
    }
    target.kind = INJECTION_ERROR;
    if (!venue_injected(call->venue, &target, &found))
        return false;
    call_fail(call, CALL_UNKNOWN, "unknown error");
    if (found.value == 503)
        call_fail_away(call);
    call->reply->status = (unsigned)found.value;
    return true;
}

static void call_answer(struct call *call, const struct http_route *route,
                        struct http_request *request, const struct http_values *values)
{
    struct slice path = slice_of(http_request_path(request));

    if (path_is_sandbox(path)) {
        if (sandbox_open(call, request, path))
            route->answer(call, request, values, call->reply);
    } else if ((!slice_starts(path, SLICE("/v2/auth/")) || account_open(call, request)) &&
               !suffers(call)) {
        route->answer(call, request, values, call->reply);
    }
}

/* Returns how long the reply is to be held back. */
static uint64_t answer(struct door *door, struct http_request *request, struct http_reply *reply)
{
    struct call call = { .venue = door->venue,
                         .ask = { .request = request },
                         .w = json_writer_of(&reply->body),
                         .reply = reply };
    const char *path = http_request_path(request);
    const struct http_route *route;
    struct http_values values;
    enum http_route_answer found =
        http_route_find(routes, sizeof routes / sizeof *routes, http_request_method(request), path,
                        &route, &values);

    /* On a live exchange there is nothing of the kind. */
    if (found == HTTP_ROUTE_FOUND && venue_environment(door->venue) == ENVIRONMENT_LIVE &&
        path_is_sandbox(slice_of(path)))
        found = HTTP_ROUTE_MISSING;
    if (found != HTTP_ROUTE_FOUND) {
        not_served(request, reply, found);
        return 0;
    }
    call.ask.body = http_request_json(request);
    if (call.ask.body == NULL)
        call_fail(&call, CALL_PARAMS, "body: invalid");
    else
        call_answer(&call, route, request, &values);
    return call.delay_ms;
}

/* False: there is no memory for it. */
static bool hold(struct door *door, struct http_request *request, const struct http_reply *reply,
                 uint64_t delay_ms)
{
    if (door->held_count == door->held_capacity) {
        size_t capacity = door->held_capacity == 0 ? 64 : door->held_capacity * 2;
        struct held *more = realloc(door->held, capacity * sizeof *more);

        if (more == NULL)
            return false;
        door->held = more;
        door->held_capacity = capacity;
    }
    door->held[door->held_count++] = (struct held){
        request, *reply, delay_ms == 0 ? 0 : clock_mono_ns() + delay_ms * NS_PER_MS
    };
    http_request_hold(request);
    return true;
}

static void request_take(void *context, struct http_request *request, struct http_reply *reply)
{
    struct door *door = context;
    uint64_t delay_ms = 0;

    if (strcmp(http_request_path(request), "/ws/2") == 0)
        streams_greet(door->streams, request, reply);
    else
        delay_ms = answer(door, request, reply);
    if (!venue_is_ahead(door->venue) && delay_ms == 0)
        return;
    if (hold(door, request, reply, delay_ms)) {
        http_reply_init(reply); /* its body is the held one's now */
        return;
    }
    /* What was done stays done, but cannot be told before it is on disk. */
    http_reply_wipe(reply);
    reply->status = 503;
    buffer_append(&reply->body, SLICE("{\"error\":\"temporarily_unavailable\",\"message\":"
                                      "\"temporarily_unavailable\"}"));
}

/* Nothing leaves, on whatever connection, before what it tells is on disk.  `all`: also replies
 * that are held back.  `*more` becomes true when another turn has to follow at once. */
static enum err turn_end(struct door *door, bool all, bool *more)
{
    uint64_t now_ns = clock_mono_ns();
    size_t kept = 0;
    enum err e = OK;

    streams_settle(door->streams);
    if (venue_is_ahead(door->venue))
        TRY(venue_sync(door->venue));
    for (size_t i = 0; i < door->held_count; i++) {
        if (!all && door->held[i].release_ns > now_ns)
            door->held[kept++] = door->held[i];
        else
            http_request_answer(door->held[i].request, &door->held[i].reply);
    }
    *more |= kept < door->held_count; /* what was answered is to be sent */
    door->held_count = kept;
    *more |= streams_flush(door->streams);
out:
    return e;
}

/* Wall clock, as the traders go by it: when somebody sets it, the timer goes off too. */
static void timer_arm(struct door *door)
{
    uint64_t due_ms = venue_due_ms(door->venue);
    struct itimerspec when = { 0 };

    door->armed_ms = due_ms;
    if (due_ms == UINT64_MAX)
        return;
    when.it_value.tv_sec = (time_t)(due_ms / 1000);
    when.it_value.tv_nsec = (long)(due_ms % 1000) * NS_PER_MS_LONG;
    timerfd_settime(door->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL);
}

static void timer_read(struct door *door)
{
    uint64_t count;

    /* ECANCELED says that the clock was set: as good a reason to look at it. */
    if (read(door->timer, &count, sizeof count) < 0)
        log_debug("venue", "timer: %m");
    venue_trade(door->venue);
    timer_arm(door);
}

/* How long poll() may wait for the next reply that is held back; -1: there is none. */
static int release_wait_ms(const struct door *door)
{
    uint64_t now_ns = clock_mono_ns(), next_ns = UINT64_MAX;

    for (size_t i = 0; i < door->held_count; i++)
        if (door->held[i].release_ns < next_ns)
            next_ns = door->held[i].release_ns;
    if (next_ns == UINT64_MAX)
        return -1;
    return next_ns <= now_ns ? 0 : (int)((next_ns - now_ns) / NS_PER_MS) + 1;
}

enum err door_serve(struct door *door, int stop_descriptor)
{
    enum { STOP, TIMER, SERVER, STREAMS, COUNT };
    struct pollfd ready[COUNT] = {
        [STOP] = { .fd = stop_descriptor, .events = POLLIN },
        [TIMER] = { .fd = door->timer, .events = POLLIN },
        [SERVER] = { .fd = http_server_descriptor(door->server), .events = POLLIN },
        [STREAMS] = { .fd = streams_descriptor(door->streams), .events = POLLIN },
    };
    bool more = true;
    enum err e = OK;

    timer_arm(door);
    do {
        if (poll(ready, COUNT, more ? 0 : release_wait_ms(door)) < 0)
            continue;
        if (ready[TIMER].revents != 0)
            timer_read(door);
        if (ready[STREAMS].revents != 0)
            streams_turn(door->streams);
        more = http_server_turn(door->server);
        TRY(turn_end(door, false, &more));
        if (venue_due_ms(door->venue) != door->armed_ms)
            timer_arm(door);
    } while (ready[STOP].revents == 0);
    http_server_turn(door->server); /* sends what was released, and may take something new */
    streams_stop(door->streams);
    TRY(turn_end(door, true, &more)); /* the orders of those who have left now may have to go */
    TRY(turn_end(door, true, &more));
    http_server_turn(door->server);
out:
    return e;
}

enum err door_open(struct venue *venue, const struct door_options *opening, struct door **door)
{
    struct door *d = calloc(1, sizeof *d);
    struct http_options options = { .path = opening->socket_path,
                                    .mode = 0660, /* the folder keeps others out */
                                    .peers_too = { opening->gateway, opening->console },
                                    .body_most = BODY_MOST_BYTES,
                                    .answer = request_take,
                                    .context = d };
    enum err e;

    *door = NULL;
    if (d == NULL)
        return ERR_MEMORY;
    d->venue = venue;
    d->timer = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (d->timer < 0) {
        log_error("venue", "timerfd: %m");
        e = ERR_IO;
        goto out;
    }
    TRY(streams_open(venue, &opening->streams, &d->streams));
    TRY(http_server_open(&options, &d->server));
    *door = d;
    d = NULL;
out:
    door_close(&d);
    return e;
}

void door_close(struct door **door)
{
    struct door *d = *door;

    if (d == NULL)
        return;
    http_server_close(&d->server);
    streams_close(&d->streams);
    for (size_t i = 0; i < d->held_count; i++)
        http_reply_wipe(&d->held[i].reply);
    free(d->held);
    if (d->timer >= 0)
        close(d->timer);
    free(d);
    *door = NULL;
}
