#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "http/json_write.h"
#include "venue/lent.h"
#include "venue/stream_own.h"

/* What an error or a reply says back, in the client's own words. */
static const char *const echoed[] = { "channel", "symbol", "prec",  "freq",
                                      "len",     "key",    "subId", "pair" };

static void value_put(struct json_writer *w, const char *key, const json_t *value)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

    if (text == NULL) {
        w->out->failed = true;
        return;
    }
    json_put_key(w, key);
    json_put_raw(w, slice_of(text));
    free(text);
}

static void echo_put(struct json_writer *w, const json_t *request, const char *key)
{
    const json_t *value = json_object_get(request, key);

    if (value != NULL)
        value_put(w, key, value);
}

static void text_put(struct json_writer *w, const char *key, const char *text)
{
    json_put_key(w, key);
    json_put_text(w, text);
}

static struct json_writer reply_begin(struct stream *stream, const char *event)
{
    struct json_writer w = json_writer_of(&stream->streams->text);

    w.out->size = 0;
    json_put_open(&w, '{');
    text_put(&w, "event", event);
    return w;
}

static void reply_end(struct stream *stream, struct json_writer *w)
{
    json_put_close(w, '}');
    if (w->out->failed) {
        buffer_wipe(w->out);
        stream->ended = true;
    }
    stream_send(stream, buffer_slice(w->out));
}

/* ---- Subscribing ---- */

/* NULL, as some clients send, is absent; so is what is no text, with *wrong set. */
static struct slice text_of(const json_t *request, const char *key, bool *wrong)
{
    const json_t *value = json_object_get(request, key);

    if (value == NULL || json_is_null(value))
        return SLICE_EMPTY;
    if (!json_is_string(value)) {
        *wrong = true;
        return SLICE_EMPTY;
    }
    return (struct slice){ json_string_value(value), json_string_length(value) };
}

static bool slow_find(struct slice text, bool *slow)
{
    *slow = slice_is(text, SLICE("F1"));
    return *slow || text.size == 0 || slice_is(text, SLICE("F0"));
}

static bool length_find(const json_t *value, unsigned *length)
{
    static const unsigned lengths[] = { 1, 25, 100, 250 };
    char text[8] = "25";

    if (json_is_integer(value))
        snprintf(text, sizeof text, "%lld", (long long)(json_integer_value(value) % 1000000));
    else if (json_is_string(value))
        snprintf(text, sizeof text, "%s", json_string_value(value));
    else if (value != NULL && !json_is_null(value))
        return false;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        char allowed[8];

        snprintf(allowed, sizeof allowed, "%u", lengths[i]);
        *length = lengths[i];
        if (strcmp(text, allowed) == 0)
            return true;
    }
    return false;
}

/* "tBTCUSD"; as `pair` also without the letter. */
static bool market_of(const json_t *request, enum market *market)
{
    bool wrong = false;
    struct slice symbol = text_of(request, "symbol", &wrong);
    struct slice pair = text_of(request, "pair", &wrong);
    char with_letter[16];

    if (wrong)
        return false;
    if (symbol.size > 0)
        return market_find(symbol, market);
    if (market_find(pair, market))
        return true;
    snprintf(with_letter, sizeof with_letter, "t%.*s", (int)(pair.size < 14 ? pair.size : 14),
             pair.at == NULL ? "" : pair.at);
    return market_find(slice_of(with_letter), market);
}

/* Of a market or of what is lent: "fUSD". */
static bool symbol_of(const json_t *request, struct channel_topic *topic)
{
    bool wrong = false;

    topic->is_lent = funding_find(text_of(request, "symbol", &wrong), &topic->currency);
    return topic->is_lent || market_of(request, &topic->market);
}

static bool lent_candles_of(struct slice key, struct channel_topic *topic)
{
    struct lent_candles lent;

    topic->is_lent = lent_candles_find(key, &lent);
    if (!topic->is_lent)
        return false;
    topic->currency = lent.currency;
    topic->period_least = lent.period_least;
    topic->period_most = lent.period_most;
    return true;
}

/* "trade:1m:tBTCUSD", "trade:1m:fUSD:p30" */
static bool candles_of(struct slice key, struct channel_topic *topic)
{
    const char *colon;
    struct slice rest;

    if (!slice_starts(key, SLICE("trade:")))
        return false;
    key = slice_from(key, SLICE("trade:").size);
    colon = memchr(key.at, ':', key.size);
    if (colon == NULL ||
        !timeframe_find((struct slice){ key.at, (size_t)(colon - key.at) }, &topic->timeframe))
        return false;
    rest = slice_from(key, (size_t)(colon - key.at) + 1);
    return market_find(rest, &topic->market) || lent_candles_of(rest, topic);
}

/* "liq:global", "deriv:tBTCF0:USTF0" */
static bool status_of(struct slice key, struct channel_topic *topic)
{
    if (slice_is(key, SLICE("liq:global")))
        return true;
    topic->kind = CHANNEL_CONTRACT;
    return slice_starts(key, SLICE("deriv:")) &&
           market_find(slice_from(key, SLICE("deriv:").size), &topic->market) &&
           market_facts(topic->market)->is_contract;
}

static bool channel_kind_find(struct slice name, enum channel_kind *kind)
{
    static const char *const names[] = { [CHANNEL_TICKER] = "ticker",
                                         [CHANNEL_TRADES] = "trades",
                                         [CHANNEL_BOOK] = "book",
                                         [CHANNEL_CANDLES] = "candles",
                                         [CHANNEL_LIQUIDATIONS] = "status" };

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        *kind = (enum channel_kind)i;
        if (slice_is(name, slice_of(names[i])))
            return true;
    }
    return false;
}

/* NULL, or what is wrong, in the venue's words. */
static const char *topic_parse(const json_t *request, struct channel_topic *topic)
{
    bool wrong = false;
    struct slice precision = text_of(request, "prec", &wrong);
    struct slice frequency = text_of(request, "freq", &wrong);
    struct slice key = text_of(request, "key", &wrong);

    switch (topic->kind) {
    case CHANNEL_CANDLES:
        return candles_of(key, topic) ? NULL : "key: invalid";
    case CHANNEL_LIQUIDATIONS:
    case CHANNEL_CONTRACT:
        return status_of(key, topic) ? NULL : "key: invalid";
    case CHANNEL_TICKER:
    case CHANNEL_TRADES:
        return symbol_of(request, topic) ? NULL : "symbol: invalid";
    case CHANNEL_BOOK:
        break;
    }
    if (!symbol_of(request, topic))
        return "symbol: invalid";
    if (wrong || (precision.size > 0 && !depth_precision_find(precision, &topic->precision)))
        return "prec: invalid";
    if (!slow_find(frequency, &topic->slow))
        return "freq: invalid";
    return length_find(json_object_get(request, "len"), &topic->length) ? NULL : "len: invalid";
}

static void refuse(struct stream *stream, const json_t *request, int code, const char *text)
{
    struct json_writer w = reply_begin(stream, "error");
    const char *symbol = json_string_value(json_object_get(request, "symbol"));

    text_put(&w, "msg", text);
    json_put_key(&w, "code");
    json_put_int(&w, code);
    for (size_t i = 0; i < sizeof echoed / sizeof *echoed; i++)
        echo_put(&w, request, echoed[i]);
    /* As the venue does it: whatever the first letter was. */
    if (json_object_get(request, "pair") == NULL && symbol != NULL && symbol[0] != '\0')
        text_put(&w, "pair", symbol + 1);
    reply_end(stream, &w);
}

/* As the client said it, or what that means. */
static void parameter_put(struct json_writer *w, const json_t *request, const char *key,
                          const char *usual)
{
    const json_t *value = json_object_get(request, key);

    if (value != NULL && !json_is_null(value))
        value_put(w, key, value);
    else
        text_put(w, key, usual);
}

static void subscribed(struct stream *stream, const json_t *request,
                       const struct channel_topic *topic, uint64_t number)
{
    struct json_writer w = reply_begin(stream, "subscribed");
    char symbol[16];

    echo_put(&w, request, "channel");
    json_put_key(&w, "chanId");
    json_put_uint(&w, number);
    if (topic->kind == CHANNEL_CANDLES || topic->kind == CHANNEL_LIQUIDATIONS ||
        topic->kind == CHANNEL_CONTRACT) {
        echo_put(&w, request, "key");
        echo_put(&w, request, "subId");
        reply_end(stream, &w);
        return;
    }
    if (topic->is_lent)
        snprintf(symbol, sizeof symbol, "f%s", currency_code(topic->currency));
    else
        snprintf(symbol, sizeof symbol, "t%s", market_facts(topic->market)->pair);
    text_put(&w, "symbol", symbol);
    if (topic->kind == CHANNEL_BOOK) {
        parameter_put(&w, request, "prec", "P0");
        parameter_put(&w, request, "freq", "F0");
        parameter_put(&w, request, "len", "25");
    }
    echo_put(&w, request, "subId");
    text_put(&w, topic->is_lent ? "currency" : "pair", symbol + 1);
    reply_end(stream, &w);
}

static void subscribe(struct stream *stream, const json_t *request)
{
    bool wrong = false;
    struct channel_topic topic = { 0 };
    struct subscription *subscription;
    char denied[VISIT_TEXT_SIZE];
    const char *why;

    if (!channel_kind_find(text_of(request, "channel", &wrong), &topic.kind)) {
        refuse(stream, request, STREAM_SUB_UNKNOWN, "channel: unknown");
        return;
    }
    why = topic_parse(request, &topic);
    if (why != NULL) {
        refuse(stream, request, STREAM_SUB_FAIL, why);
        return;
    }
    if (!session_may_subscribe(stream->session,
                               json_string_value(json_object_get(request, "channel")), denied)) {
        refuse(stream, request, STREAM_SUB_FAIL, denied);
        return;
    }
    if (channel_of_topic(stream, &topic) != NULL) {
        refuse(stream, request, STREAM_SUB_MULTI, "subscribe: dup");
        return;
    }
    if (stream->subscription_count == CHANNELS_OF_STREAM_MOST) {
        refuse(stream, request, STREAM_SUB_LIMIT, "subscribe: limit");
        return;
    }
    subscription = channel_join(stream->streams->channels, stream, &topic);
    if (subscription == NULL) {
        refuse(stream, request, STREAM_SUB_FAIL, "subscribe: unavailable");
        return;
    }
    subscription->keyed = session_account(stream->session) != 0;
    subscribed(stream, request, &topic, channel_number(subscription));
    channel_begin(subscription);
}

/* A number, or its digits as text: some clients send that. */
static uint64_t number_of(const json_t *value)
{
    const char *text = json_string_value(value);
    uint64_t number = 0;

    if (json_is_integer(value))
        return json_integer_value(value) < 0 ? 0 : (uint64_t)json_integer_value(value);
    if (text == NULL || strlen(text) > 16)
        return 0;
    for (; *text >= '0' && *text <= '9'; text++)
        number = number * 10 + (uint64_t)(*text - '0');
    return *text == '\0' ? number : 0;
}

static void unsubscribed(struct stream *stream, uint64_t number)
{
    struct json_writer w = reply_begin(stream, "unsubscribed");

    text_put(&w, "status", "OK");
    json_put_key(&w, "chanId");
    json_put_uint(&w, number);
    reply_end(stream, &w);
}

static void unsubscribe(struct stream *stream, const json_t *request)
{
    const json_t *said = json_object_get(request, "chanId");
    uint64_t number = number_of(said);
    struct subscription *subscription = channel_of_number(stream, number);
    struct json_writer w;

    if (subscription != NULL) {
        channel_leave(subscription);
        unsubscribed(stream, number);
        return;
    }
    w = reply_begin(stream, "error");
    text_put(&w, "msg", "unsubscribe: invalid");
    json_put_key(&w, "code");
    json_put_int(&w, STREAM_UNSUB_FAIL);
    if (said != NULL)
        value_put(&w, "chanId", said);
    reply_end(stream, &w);
}

bool stream_may_hear(struct subscription *subscription)
{
    struct session *session = subscription->stream->session;
    char text[VISIT_TEXT_SIZE];

    if (!channel_is_book(subscription) || subscription->looked_turn == session_turn(session))
        return !subscription->lost;
    subscription->looked_turn = session_turn(session);
    subscription->lost = !session_may_go_on(session, "book", subscription->keyed, text);
    subscription->stream->streams->lost |= subscription->lost;
    return !subscription->lost;
}

void stream_unsubscribed(struct subscription *subscription)
{
    struct stream *stream = subscription->stream;
    uint64_t number = channel_number(subscription);
    char text[VISIT_TEXT_SIZE] = "";
    struct json_writer w;

    session_may_go_on(stream->session, "book", subscription->keyed, text);
    channel_leave(subscription);
    w = reply_begin(stream, "error");
    text_put(&w, "msg", text);
    json_put_key(&w, "code");
    json_put_int(&w, STREAM_SUB_FAIL);
    json_put_key(&w, "chanId");
    json_put_uint(&w, number);
    reply_end(stream, &w);
    unsubscribed(stream, number);
}

/* ---- The other events ---- */

static void configure(struct stream *stream, const json_t *request)
{
    const json_t *flags = json_object_get(request, "flags");
    struct json_writer w;

    if (!json_is_integer(flags) || json_integer_value(flags) < 0 ||
        json_integer_value(flags) > UINT32_MAX) {
        stream_send_error(stream, STREAM_CONF_FAIL, "conf: invalid");
        return;
    }
    if ((stream->flags & STREAM_SEQ_ALL) == 0)
        stream->sequence = 0;
    stream->flags = (uint32_t)json_integer_value(flags);
    w = reply_begin(stream, "conf");
    text_put(&w, "status", "OK");
    json_put_key(&w, "flags");
    json_put_uint(&w, stream->flags);
    reply_end(stream, &w);
}

static void pong(struct stream *stream, const json_t *request)
{
    struct json_writer w = reply_begin(stream, "pong");

    json_put_key(&w, "ts");
    json_put_uint(&w, venue_now_ms(stream->streams->venue));
    echo_put(&w, request, "cid");
    reply_end(stream, &w);
}

static void event_take(struct stream *stream, const json_t *request)
{
    bool wrong = false;
    struct slice event = text_of(request, "event", &wrong);

    if (slice_is(event, SLICE("subscribe")))
        subscribe(stream, request);
    else if (slice_is(event, SLICE("unsubscribe")))
        unsubscribe(stream, request);
    else if (slice_is(event, SLICE("ping")))
        pong(stream, request);
    else if (slice_is(event, SLICE("conf")))
        configure(stream, request);
    else if (slice_is(event, SLICE("auth")) || slice_is(event, SLICE("unauth")))
        session_event(stream->session, request);
    else
        stream_send_error(stream, STREAM_UNKNOWN, "event: unknown");
}

void stream_event(struct stream *stream, struct slice text)
{
    json_t *json = json_loadb(text.at, text.size, 0, NULL);
    const json_t *channel = json_array_get(json, 0);

    if (json_is_object(json))
        event_take(stream, json);
    else if (json_is_integer(channel) && json_integer_value(channel) == 0)
        session_input(stream->session, json);
    else
        stream_send_error(stream, STREAM_UNKNOWN, "message: invalid");
    json_decref(json);
}
