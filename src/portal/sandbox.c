#include "portal/sandbox.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "authority/change.h"
#include "authority/session.h"
#include "base/clock.h"
#include "base/log.h"
#include "console/number.h"
#include "gate/meter.h"
#include "http/local.h"
#include "portal/sandbox_shape.h"

enum {
    PACES = 4096,     /* accounts whose numbers leave the same remainder share one */
    UNITS_PER_S = 20, /* a page that is open makes about three calls in two seconds */
    UNITS_AT_ONCE = 80,
    READ_UNITS = 1,
    WRITE_UNITS = 4,
    UNDER_WAY_MOST = 4, /* of the threads that wait for the exchange (portal/portal.c) */
    WAIT_S = 55,        /* nginx waits a minute */
    VALUE_MOST = 64,    /* characters of a text that is handed on */
    PATH_SIZE = 64,
};

/* How often an account may call. */
struct pace {
    _Atomic uint64_t full_at_ns; /* gate/meter.h */
    atomic_uint under_way;
};

struct sandbox {
    const char *socket;
    struct pace paces[PACES];
};

enum err sandbox_open(const char *socket, struct sandbox **sandbox)
{
    *sandbox = calloc(1, sizeof **sandbox);
    if (*sandbox == NULL)
        return ERR_MEMORY;
    (*sandbox)->socket = socket;
    return OK;
}

void sandbox_close(struct sandbox **sandbox)
{
    free(*sandbox);
    *sandbox = NULL;
}

/* ---- How often ---- */

static bool meter_passes(struct pace *pace, uint32_t units, uint64_t *retry_ns)
{
    uint64_t before = atomic_load(&pace->full_at_ns), after;

    do {
        after = before;
        if (!meter_take(&after, meter_rate_of(UNITS_PER_S, UNITS_AT_ONCE), clock_mono_ns(), units,
                        retry_ns))
            return false;
    } while (!atomic_compare_exchange_weak(&pace->full_at_ns, &before, after));
    return true;
}

/* False after refusing; else pace_end() follows. */
static bool pace_begin(struct call *c, struct pace *pace, uint32_t units)
{
    uint64_t retry_ns = NS_PER_S;

    if (atomic_fetch_add(&pace->under_way, 1) < UNDER_WAY_MOST &&
        meter_passes(pace, units, &retry_ns))
        return true;
    atomic_fetch_sub(&pace->under_way, 1);
    refusal_add(&c->refusal, REFUSAL_THROTTLED, "sandbox-throttled",
                "too many calls to the sandbox at once: wait a second");
    c->refusal.retry_s = (unsigned)(retry_ns / NS_PER_S) + 1;
    return false;
}

static void pace_end(struct pace *pace)
{
    atomic_fetch_sub(&pace->under_way, 1);
}

/* ---- Asking ---- */

/* What is said instead of the exchange, which is gone or has no words. */
static void away_tell(struct call *c)
{
    static const char words[] = "the sandbox does not answer at this moment: try again";

    c->status = 503;
    c->reply = json_pack("{s:{s:s, s:s, s:[{s:s, s:s}]}}", "error", "code", "sandbox-away",
                         "message", words, "reasons", "code", "sandbox-away", "message", words);
}

/* *answer is NULL when the call is answered already, by a refusal or by away_tell(). */
static enum err exchange_ask(struct call *c, const char *path, const json_t *body, json_t **answer)
{
    char header[64];
    struct local_call call = { .socket = c->sandbox->socket,
                               .method = "POST",
                               .path = path,
                               .body = body,
                               .header = header,
                               .wait_s = WAIT_S };
    json_t *reply = NULL;
    long status = 0;
    enum err e;

    *answer = NULL;
    snprintf(header, sizeof header, "X-Latchkey-Account: %" PRIu64, c->session->account);
    e = local_exchange(&call, &status, &reply);
    if (e == ERR_MEMORY)
        return e;
    if (e != OK)
        log_info("portal", "%s on %s: %s", path, call.socket, err_text(e));
    if (e == OK && status == 200 && reply != NULL) {
        *answer = reply;
        return OK;
    }
    if (e != OK || !sandbox_refused(reply, &c->refusal))
        away_tell(c);
    json_decref(reply);
    return OK;
}

struct question {
    const char *path;
    const json_t *body;                  /* borrowed; NULL: none */
    json_t *(*shape)(const json_t *one); /* of the answer */
    const char *what;                    /* in the change log; NULL: nothing is changed */
    json_t *change;                      /* of the change log; taken over */
};

static enum err answer_take(struct call *c, const struct question *q)
{
    json_t *answer;
    enum err e = exchange_ask(c, q->path, q->body, &answer);

    if (e != OK || answer == NULL)
        return e;
    c->reply = q->shape(answer);
    json_decref(answer);
    if (c->reply == NULL) {
        log_error("portal", "%s: the exchange's answer has another shape", q->path);
        away_tell(c);
    }
    return OK;
}

/* A transaction that met another one is run again: nothing has been asked by then. */
static enum err change_told(struct call *c, const struct question *q)
{
    struct change change = { .who = c->who,
                             .what = q->what,
                             .at_ns = c->authority->now_ns(),
                             .account = c->session->account,
                             .after = json_incref(q->change) };

    return q->what == NULL ? OK : change_note(c->authority->store, change);
}

static enum err sandbox_run(struct call *c, struct question q)
{
    struct pace *pace = NULL;
    enum err e = OK;

    if (c->sandbox == NULL) {
        refusal_add(&c->refusal, REFUSAL_MISSING, "sandbox-none",
                    "this venue has no sandbox, or does not show it here");
        goto out;
    }
    pace = &c->sandbox->paces[c->session->account % PACES];
    if (!pace_begin(c, pace, q.what == NULL ? READ_UNITS : WRITE_UNITS))
        goto out;
    e = change_told(c, &q);
    if (e == OK)
        e = answer_take(c, &q);
    pace_end(pace);
out:
    json_decref(q.change);
    return e;
}

/* ---- The calls ---- */

enum err sandbox_get(struct call *c)
{
    return sandbox_run(
        c, (struct question){ .path = "/v2/auth/r/sandbox/status", .shape = sandbox_state_json });
}

enum err sandbox_orders_get(struct call *c)
{
    return sandbox_run(
        c, (struct question){ .path = "/v2/auth/r/orders", .shape = sandbox_orders_json });
}

enum err sandbox_wallets_get(struct call *c)
{
    return sandbox_run(
        c, (struct question){ .path = "/v2/auth/r/wallets", .shape = sandbox_wallets_json });
}

enum err sandbox_orders_post(struct call *c)
{
    static const char *const names[] = { "symbol",          "type",  "amount", "price",
                                         "price_aux_limit", "flags", NULL };
    json_t *body = sandbox_body(c->body, names, VALUE_MOST);
    enum err e = sandbox_run(c, (struct question){ .path = "/v2/auth/w/order/submit",
                                                   .body = body,
                                                   .shape = sandbox_notified_json,
                                                   .what = "sandbox order asked for",
                                                   .change = json_incref(body) });

    json_decref(body);
    return e;
}

enum err sandbox_cancel_post(struct call *c)
{
    uint64_t id = number_of(c->value);
    json_t *body;
    enum err e;

    if (id == 0) {
        refusal_add(&c->refusal, REFUSAL_MISSING, "sandbox-order", "there is no such order");
        return OK;
    }
    body = json_pack("{s:I}", "id", (json_int_t)id);
    e = sandbox_run(c, (struct question){ .path = "/v2/auth/w/order/cancel",
                                          .body = body,
                                          .shape = sandbox_notified_json,
                                          .what = "sandbox order cancelled",
                                          .change = json_incref(body) });
    json_decref(body);
    return e;
}

/* What a page may ask for; the exchange judges whose it is to ask (venue/control_calls.c). */
static const char *command_path(struct slice name)
{
    static const char *const paths[][2] = {
        { "reset", "/v2/auth/w/sandbox/reset" },     { "seed", "/v2/auth/w/sandbox/seed" },
        { "clock", "/v2/auth/w/sandbox/clock" },     { "preset", "/v2/auth/w/sandbox/preset" },
        { "balance", "/v2/auth/w/sandbox/balance" }, { "inject", "/v2/auth/w/sandbox/inject" },
        { "clear", "/v2/auth/w/sandbox/clear" },
    };

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (slice_is(name, slice_of(paths[i][0])))
            return paths[i][1];
    return NULL;
}

enum err sandbox_control_post(struct call *c)
{
    static const char *const names[] = { "mode",   "rate",     "step_ms", "seed",  "time_ms",
                                         "preset", "currency", "amount",  "kind",  "symbol",
                                         "ms",     "status",   "uses",    "cid",   "after_ms",
                                         "for_ms", "percent",  "reason",  "label", "id",
                                         NULL };
    const char *path = command_path(c->value);
    json_t *body;
    enum err e;

    if (path == NULL) {
        refusal_add(&c->refusal, REFUSAL_MISSING, "sandbox-command", "there is no such command");
        return OK;
    }
    body = sandbox_body(c->body, names, VALUE_MOST);
    e = sandbox_run(c, (struct question){ .path = path,
                                          .body = body,
                                          .shape = sandbox_state_json,
                                          .what = "sandbox controlled",
                                          .change = json_pack("{s:s%, s:O}", "command", c->value.at,
                                                              c->value.size, "asked", body) });
    json_decref(body);
    return e;
}
