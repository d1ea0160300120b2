#include <stdio.h>

#include "venue/call.h"
#include "venue/session_own.h"
#include "venue/shape.h"

#define OPERATIONS_MOST 75
#define NOTE_MOST_BYTES 4096

enum { STATUS_OK = 200, STATUS_WRONG = 500, STATUS_AWAY = 503 };

/* What is put at channel 0 by a request, under its row of the gate's routes. */
static const char *type_of(const json_t *input)
{
    return json_string_value(json_array_get(input, 1));
}

static const json_t *payload_of(const json_t *input)
{
    return json_array_get(input, 3);
}

struct visit *session_input_ask(struct session *session, const json_t *input)
{
    const json_t *channel = json_array_get(input, 0);
    const char *type = type_of(input);
    const struct route *route;
    struct visit *visit;

    if (!json_is_integer(channel) || json_integer_value(channel) != 0 || type == NULL) {
        session_tell_error(session, STREAM_UNKNOWN, "input: invalid");
        return NULL;
    }
    if (!session->is_open) {
        session_tell_error(session, STREAM_AUTH_FAIL, "auth: invalid");
        return NULL;
    }
    route = route_find_input(ROUTE_INPUT_CHANNEL_0, slice_of(type));
    if (route == NULL) {
        session_tell_error(session, STREAM_UNKNOWN, "input: unknown");
        return NULL;
    }
    visit = gatehouse_ask(session->all->house, &session->peer, &session->proof, route);
    if (visit == NULL)
        session_tell_error(session, SESSION_READY, "temporarily_unavailable");
    return visit;
}

/* ---- Refused ---- */

static void fixed_or_null(struct json_writer *w, struct ask ask, const char *name)
{
    int64_t value;

    if (ask_fixed(ask, name, &value) == ASK_GOOD)
        json_put_fixed(w, value);
    else
        json_put_nulls(w, 1);
}

static void number_or_null(struct json_writer *w, struct ask ask, const char *name)
{
    uint64_t value;

    if (ask_number(ask, name, &value) == ASK_GOOD)
        json_put_uint(w, value);
    else
        json_put_nulls(w, 1);
}

static void text_or_null(struct json_writer *w, struct ask ask, const char *name)
{
    struct slice text;

    if (ask_text(ask, name, &text) == ASK_GOOD)
        json_put_slice(w, text);
    else
        json_put_nulls(w, 1);
}

/* An order as it was asked for: 32 elements, by which clients find their request again. */
static void order_asked_write(struct json_writer *w, struct ask ask)
{
    json_put_open(w, '[');
    number_or_null(w, ask, "id");
    number_or_null(w, ask, "gid");
    number_or_null(w, ask, "cid");
    text_or_null(w, ask, "symbol");
    json_put_nulls(w, 2);
    fixed_or_null(w, ask, "amount");
    fixed_or_null(w, ask, "amount");
    text_or_null(w, ask, "type");
    json_put_nulls(w, 7);
    fixed_or_null(w, ask, "price"); /* 16 */
    json_put_nulls(w, 1);
    fixed_or_null(w, ask, "price_trailing");
    fixed_or_null(w, ask, "price_aux_limit");
    json_put_nulls(w, 3);
    json_put_uint(w, 0); /* 23: notify */
    json_put_nulls(w, 8);
    json_put_close(w, ']');
}

/* A funding offer likewise: 21. */
static void offer_asked_write(struct json_writer *w, struct ask ask)
{
    json_put_open(w, '[');
    number_or_null(w, ask, "id");
    text_or_null(w, ask, "symbol");
    json_put_nulls(w, 2);
    fixed_or_null(w, ask, "amount");
    fixed_or_null(w, ask, "amount");
    text_or_null(w, ask, "type");
    json_put_nulls(w, 7);
    fixed_or_null(w, ask, "rate"); /* 14 */
    number_or_null(w, ask, "period");
    json_put_nulls(w, 5);
    json_put_close(w, ']');
}

/* Notifications of requests are named after them; calc and n have none. */
static const struct {
    const char *type, *notice;
    enum asked { ASKED_ORDER, ASKED_LIST, ASKED_OFFER } asked;
} notices[] = {
    { "on", "on-req", ASKED_ORDER },
    { "ou", "ou-req", ASKED_ORDER },
    { "oc", "oc-req", ASKED_ORDER },
    { "oc_multi", "oc_multi-req", ASKED_LIST },
    { "ox_multi", "ox_multi-req", ASKED_LIST },
    { "fon", "fon-req", ASKED_OFFER },
    { "foc", "foc-req", ASKED_OFFER },
};

/* Order failures are no error events: the client waits for the notification. */
static void refusal_tell(struct session *session, const char *type, const json_t *payload, int code,
                         const char *text)
{
    struct ask ask = { .body = payload };
    struct json_writer w;
    size_t i = 0;

    while (i < sizeof notices / sizeof *notices && strcmp(type, notices[i].type) != 0)
        i++;
    if (i == sizeof notices / sizeof *notices) {
        session_tell_error(session, code, text);
        return;
    }
    w = session_write(session);
    json_put_text(&w, "n");
    shape_notice_open(&w, venue_now_ms(session->all->venue), notices[i].notice);
    switch (notices[i].asked) {
    case ASKED_ORDER:
        order_asked_write(&w, ask);
        break;
    case ASKED_OFFER:
        offer_asked_write(&w, ask);
        break;
    case ASKED_LIST:
        json_put_open(&w, '[');
        json_put_close(&w, ']');
        break;
    }
    shape_notice_close(&w, "ERROR", text);
    session_tell_answer(session);
}

/* ---- Carried out ---- */

/* call_operate or call_lend: each belongs to a scope of its own. */
typedef bool operation(struct call *call, const char *word, const json_t *payload,
                       struct failure *failure);

/* One operation and what comes of it: the notification first, then the news. */
static unsigned operation_run(struct session *session, const char *word, const json_t *payload,
                              operation *operate)
{
    struct call call = { .venue = session->all->venue,
                         .account = session->account,
                         .on_stream = true };
    struct failure failure;
    unsigned status = STATUS_OK;

    sessions_tell(session->all);
    call.w = session_write(session);
    json_put_text(&call.w, "n");
    if (operate(&call, word, payload, &failure)) {
        session_tell_answer(session);
    } else {
        refusal_tell(session, word, payload, failure.code, failure.text);
        status = failure.disk ? STATUS_AWAY : STATUS_WRONG;
    }
    sessions_tell(session->all);
    return status;
}

/* Each operation is answered as if it had come alone. */
static unsigned orders_run(struct session *session, const json_t *pairs)
{
    size_t count = json_array_size(pairs);

    if (count == 0 || count > OPERATIONS_MOST) {
        refusal_tell(session, "ox_multi", NULL, STREAM_PARAMS, "ops: invalid");
        return STATUS_WRONG;
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *pair = json_array_get(pairs, i);
        const char *word = json_string_value(json_array_get(pair, 0));

        operation_run(session, word == NULL ? "on" : word, json_array_get(pair, 1), call_operate);
    }
    return STATUS_OK;
}

/* A note to all connections of the account, whatever stands in it. */
static unsigned note_run(struct session *session, const json_t *note)
{
    const char *type = json_string_value(json_object_get(note, "type"));
    const json_t *info = json_object_get(note, "info");
    char *text = info == NULL ? NULL : json_dumps(info, JSON_ENCODE_ANY | JSON_COMPACT);
    bool is_good = type != NULL && slice_starts(slice_of(type), SLICE("ucm-")) &&
                   strlen(type) < 64 && (text == NULL || strlen(text) <= NOTE_MOST_BYTES);

    if (is_good)
        sessions_note(session, type, (struct ask){ .body = note }, text);
    else
        session_tell_error(session, STREAM_PARAMS, "n: invalid");
    free(text);
    return is_good ? STATUS_OK : STATUS_WRONG;
}

static unsigned input_run(struct session *session, unsigned route, const char *type,
                          const json_t *payload)
{
    switch (route) {
    case ROUTE_NUMBER_WS_ON:
    case ROUTE_NUMBER_WS_OU:
    case ROUTE_NUMBER_WS_OC:
    case ROUTE_NUMBER_WS_OC_MULTI:
        return operation_run(session, type, payload, call_operate);
    case ROUTE_NUMBER_WS_FON:
    case ROUTE_NUMBER_WS_FOC:
        return operation_run(session, type, payload, call_lend);
    case ROUTE_NUMBER_WS_OX_MULTI:
        return orders_run(session, payload);
    case ROUTE_NUMBER_WS_CALC:
        return session_calc(session, payload);
    case ROUTE_NUMBER_WS_NOTE:
        return note_run(session, payload);
    default:
        refusal_tell(session, type, payload, SESSION_GENERIC, "input: invalid");
        return STATUS_WRONG;
    }
}

unsigned session_input_answer(struct session *session, const json_t *input,
                              const struct visit *visit)
{
    const char *type = type_of(input);

    /* It may have ended while this waited for the gate. */
    if (!session->is_open) {
        session_tell_error(session, STREAM_AUTH_FAIL, "auth: invalid");
        return STATUS_WRONG;
    }
    session_catch_up(session);
    if (visit->outcome.verdict == VERDICT_PASS) {
        session->scopes = visit->outcome.scopes;
        return input_run(session, visit->route->number, type, payload_of(input));
    }
    refusal_tell(session, type, payload_of(input), visit->code, visit->text);
    if (visit_ends_session(visit))
        session_part(session, visit->code, visit->text);
    return STATUS_WRONG; /* the verdict has its own */
}
