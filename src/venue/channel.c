#include "venue/channel.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "http/json_write.h"
#include "venue/book_feed.h"
#include "venue/deriv.h"
#include "venue/lent.h"
#include "venue/shape.h"
#include "venue/stream_own.h"

#define TRADES_FIRST   30
#define CANDLES_FIRST  240
#define CANDLES_BEHIND 8 /* intervals that may pass between two messages */

/* How often a channel may speak.  Tickers and candles change with nearly every command. */
#define PACE_MS      250
#define PACE_SLOW_MS 2000

TAILQ_HEAD(channel_list, channel);
LIST_HEAD(place_list, channel);

struct channel {
    uint64_t number;
    struct channel_topic topic;
    struct channels *channels;
    struct subscription_list subscribers;
    LIST_ENTRY(channel) of_place;
    TAILQ_ENTRY(channel) of_dirty;
    TAILQ_ENTRY(channel) of_all; /* the longest silent first */
    bool dirty;
    uint64_t spoke_ms, settled_ms; /* monotonic */
    struct buffer told;            /* ticker: the latest */
    struct candle candle;          /* candles: the latest that was told; start_ms 0: none */
    struct book_side *sides;       /* book: bids and asks as they were told */
};

struct channels {
    struct venue *venue;
    uint64_t heartbeat_ms, last_number;
    struct channel_list all, dirty;
    struct place_list markets[MARKET_COUNT], currencies[CURRENCY_COUNT];
    struct buffer text; /* of the message that is being put together */
};

static struct place_list *place_of(struct channels *channels, const struct channel_topic *topic)
{
    return topic->is_lent ? &channels->currencies[topic->currency]
                          : &channels->markets[topic->market];
}

static uint64_t now_ms(void)
{
    return clock_mono_ns() / NS_PER_MS;
}

static uint64_t pace_ms(const struct channel_topic *topic)
{
    if (topic->kind == CHANNEL_TICKER || topic->kind == CHANNEL_CONTRACT ||
        topic->kind == CHANNEL_CANDLES)
        return PACE_MS;
    return topic->kind == CHANNEL_BOOK && topic->slow ? PACE_SLOW_MS : 0;
}

/* ---- Saying ---- */

/* [number, and what is put behind it. */
static struct json_writer message_begin(struct channel *channel)
{
    struct buffer *text = &channel->channels->text;
    struct json_writer w = json_writer_of(text);

    if (text->failed)
        buffer_wipe(text);
    text->size = 0;
    json_put_open(&w, '[');
    json_put_uint(&w, channel->number);
    return w;
}

static void message_send(struct stream *stream, struct buffer *text)
{
    if (text->failed) { /* without this message the client would believe something wrong */
        stream->ended = true;
        stream_speaks(stream);
    } else {
        stream_send_array(stream, buffer_slice(text));
    }
}

/* To all, or to those whose flags, as far as in `mask`, are `flags`. */
static void message_end(struct channel *channel, uint32_t mask, uint32_t flags)
{
    struct subscription *subscription;

    TAILQ_FOREACH(subscription, &channel->subscribers, of_channel)
    if ((subscription->stream->flags & mask) == flags && stream_may_hear(subscription))
        message_send(subscription->stream, &channel->channels->text);
    channel->spoke_ms = now_ms();
    TAILQ_REMOVE(&channel->channels->all, channel, of_all);
    TAILQ_INSERT_TAIL(&channel->channels->all, channel, of_all);
}

static bool is_wanted(const struct channel *channel, uint32_t mask, uint32_t flags)
{
    const struct subscription *subscription;

    TAILQ_FOREACH(subscription, &channel->subscribers, of_channel)
    if ((subscription->stream->flags & mask) == flags)
        return true;
    return false;
}

static void message_end_for(struct subscription *subscription)
{
    message_send(subscription->stream, &subscription->channel->channels->text);
}

/* ---- Ticker, and status of a contract ---- */

static void ticker_read(const struct channel *channel, struct buffer *text)
{
    const struct venue *venue = channel->channels->venue;
    struct json_writer w = json_writer_of(text);

    if (channel->topic.kind == CHANNEL_CONTRACT)
        deriv_put_now(&w, venue_engine(venue), channel->topic.market, venue_now_ms(venue), false);
    else if (channel->topic.is_lent)
        lent_ticker(&w, venue_engine(venue), venue_history(venue), channel->topic.currency,
                    venue_now_ms(venue), false);
    else
        depth_ticker(&w, venue_engine(venue), venue_candles(venue), channel->topic.market,
                     venue_now_ms(venue), false);
}

static void ticker_settle(struct channel *channel)
{
    struct buffer now = { 0 };
    struct json_writer w;

    ticker_read(channel, &now);
    if (slice_is(buffer_slice(&now), buffer_slice(&channel->told))) {
        buffer_wipe(&now);
        return;
    }
    buffer_wipe(&channel->told);
    channel->told = now;
    w = message_begin(channel);
    json_put_raw(&w, buffer_slice(&channel->told));
    message_end(channel, 0, 0);
}

static void ticker_begin(struct subscription *subscription)
{
    struct channel *channel = subscription->channel;
    struct json_writer w;

    if (channel->told.size == 0)
        ticker_read(channel, &channel->told);
    w = message_begin(channel);
    json_put_raw(&w, buffer_slice(&channel->told));
    message_end_for(subscription);
}

/* ---- Trades ---- */

static void trade_tell(struct channel *channel, const struct trade *trade)
{
    struct tape_row row = { trade->id, trade->time_ms, trade->amount, trade->price };

    for (unsigned i = 0; i < 2; i++) {
        struct json_writer w = message_begin(channel);

        json_put_text(&w, i == 0 ? "te" : "tu");
        shape_tape(&w, &row);
        message_end(channel, 0, 0);
    }
}

static void lent_tell(struct channel *channel, const struct funding_trade *trade)
{
    struct lent_row row = { trade->id, trade->time_ms, trade->amount, trade->rate, trade->period };

    for (unsigned i = 0; i < 2; i++) {
        struct json_writer w = message_begin(channel);

        json_put_text(&w, i == 0 ? "fte" : "ftu");
        shape_lent(&w, &row);
        message_end(channel, 0, 0);
    }
}

static void trades_begin(struct subscription *subscription)
{
    const struct channel *channel = subscription->channel;
    const struct history *history = venue_history(channel->channels->venue);
    const struct ring *tape = channel->topic.is_lent ? &history->lent[channel->topic.currency]
                                                     : &history->tape[channel->topic.market];
    struct json_writer w = message_begin(subscription->channel);

    json_put_open(&w, '[');
    for (size_t i = 0; i < tape->count && i < TRADES_FIRST; i++) {
        const void *row = ring_at(tape, tape->count - 1 - i);

        if (channel->topic.is_lent)
            shape_lent(&w, row);
        else
            shape_tape(&w, row);
    }
    json_put_close(&w, ']');
    message_end_for(subscription);
}

/* ---- Candles ---- */

/* The intervals of a channel, newest first. */
struct interval_walk {
    const struct channel_topic *topic;
    struct candle_walk traded;
    struct lent_walk lent;
};

static struct interval_walk candles_newest(const struct channel *channel)
{
    const struct channel_topic *topic = &channel->topic;
    const struct venue *venue = channel->channels->venue;

    return (struct interval_walk){ .topic = topic,
                                   .traded = { .candles = venue_candles(venue),
                                               .market = topic->market,
                                               .timeframe = topic->timeframe,
                                               .to_ms = UINT64_MAX,
                                               .newest_first = true },
                                   .lent = { .tape = &venue_history(venue)->lent[topic->currency],
                                             .of = { topic->currency, topic->period_least,
                                                     topic->period_most, topic->timeframe },
                                             .to_ms = UINT64_MAX,
                                             .newest_first = true } };
}

static bool interval_next(struct interval_walk *walk, struct candle *candle)
{
    return walk->topic->is_lent ? lent_candle_next(&walk->lent, candle)
                                : candle_next(&walk->traded, candle);
}

static bool candle_is(const struct candle *a, const struct candle *b)
{
    return a->start_ms == b->start_ms && a->open == b->open && a->close == b->close &&
           a->high == b->high && a->low == b->low && a->volume == b->volume;
}

/* What has changed since, oldest first: the interval that was told last may have gone on before the
 * next one began. */
static void candles_settle(struct channel *channel)
{
    struct interval_walk walk = candles_newest(channel);
    struct candle news[CANDLES_BEHIND];
    size_t count = 0;

    while (count < CANDLES_BEHIND && interval_next(&walk, &news[count]) &&
           news[count].start_ms >= channel->candle.start_ms)
        count++;
    while (count-- > 0) {
        struct json_writer w;

        if (candle_is(&news[count], &channel->candle))
            continue;
        channel->candle = news[count];
        w = message_begin(channel);
        shape_candle(&w, &news[count]);
        message_end(channel, 0, 0);
    }
}

static void candles_begin(struct subscription *subscription)
{
    struct channel *channel = subscription->channel;
    struct interval_walk walk = candles_newest(channel);
    struct json_writer w = message_begin(channel);
    struct candle candle;

    json_put_open(&w, '[');
    for (unsigned i = 0; i < CANDLES_FIRST && interval_next(&walk, &candle); i++) {
        if (i == 0)
            channel->candle = candle;
        shape_candle(&w, &candle);
    }
    json_put_close(&w, ']');
    message_end_for(subscription);
}

/* ---- Book ---- */

static void side_read(const struct channel *channel, bool bid, struct book_side *side)
{
    const struct channel_topic *topic = &channel->topic;
    const struct engine *engine = venue_engine(channel->channels->venue);

    side->count =
        topic->is_lent
            ? lent_side(engine, topic->currency, topic->precision, bid, topic->length, side->rows)
            : depth_side(engine, topic->market, topic->precision, bid, topic->length, side->rows);
}

static void checksum_put(struct channel *channel, bool wrong)
{
    struct json_writer w = message_begin(channel);
    int32_t sum = book_checksum(channel->topic.precision, &channel->sides[0], &channel->sides[1]);

    json_put_text(&w, "cs");
    json_put_int(&w, wrong ? ~sum : sum);
}

/* Has somebody asked that this client hear a wrong one? */
static bool checksum_is_wrong(const struct subscription *subscription)
{
    struct injection_target target = { .kind = INJECTION_CHECKSUM,
                                       .account = session_account(subscription->stream->session) };
    struct injection found;

    return venue_injected(subscription->channel->channels->venue, &target, &found);
}

static void checksum_tell_one(struct subscription *subscription)
{
    checksum_put(subscription->channel, checksum_is_wrong(subscription));
    message_end_for(subscription);
}

static void checksum_tell(struct channel *channel)
{
    struct subscription *subscription;

    if (venue_controls(channel->channels->venue)->injection_count == 0) {
        checksum_put(channel, false);
        message_end(channel, STREAM_OB_CHECKSUM, STREAM_OB_CHECKSUM);
        return;
    }
    TAILQ_FOREACH(subscription, &channel->subscribers, of_channel)
    if (!channel->topic.is_lent && (subscription->stream->flags & STREAM_OB_CHECKSUM))
        checksum_tell_one(subscription);
}

static void changes_tell(struct channel *channel, const struct depth_row *changes, size_t count)
{
    bool singly = is_wanted(channel, STREAM_BULK_UPDATES, 0);
    struct json_writer w;

    for (size_t i = 0; i < count && singly; i++) {
        w = message_begin(channel);
        depth_row_put(&w, channel->topic.precision, &changes[i]);
        message_end(channel, STREAM_BULK_UPDATES, 0);
    }
    if (!is_wanted(channel, STREAM_BULK_UPDATES, STREAM_BULK_UPDATES))
        return;
    w = message_begin(channel);
    json_put_open(&w, '[');
    for (size_t i = 0; i < count; i++)
        depth_row_put(&w, channel->topic.precision, &changes[i]);
    json_put_close(&w, ']');
    message_end(channel, STREAM_BULK_UPDATES, STREAM_BULK_UPDATES);
}

static void book_settle(struct channel *channel)
{
    struct depth_row changes[2 * BOOK_CHANGES_MOST];
    struct book_side now;
    size_t count = 0;

    for (unsigned i = 0; i < 2; i++) {
        side_read(channel, i == 0, &now);
        count += book_changes(channel->topic.precision, i == 0, &channel->sides[i], &now,
                              changes + count);
        channel->sides[i] = now;
    }
    if (count == 0)
        return;
    changes_tell(channel, changes, count);
    if (!channel->topic.is_lent && is_wanted(channel, STREAM_OB_CHECKSUM, STREAM_OB_CHECKSUM))
        checksum_tell(channel);
}

static void book_begin(struct subscription *subscription)
{
    const struct channel *channel = subscription->channel;
    struct json_writer w = message_begin(subscription->channel);

    json_put_open(&w, '[');
    for (unsigned side = 0; side < 2; side++)
        for (size_t i = 0; i < channel->sides[side].count; i++)
            depth_row_put(&w, channel->topic.precision, &channel->sides[side].rows[i]);
    json_put_close(&w, ']');
    message_end_for(subscription);
    if (!channel->topic.is_lent && (subscription->stream->flags & STREAM_OB_CHECKSUM))
        checksum_tell_one(subscription);
}

/* ---- All kinds ---- */

static void channel_settle(struct channel *channel)
{
    if (channel->dirty)
        TAILQ_REMOVE(&channel->channels->dirty, channel, of_dirty);
    channel->dirty = false;
    channel->settled_ms = now_ms();
    switch (channel->topic.kind) {
    case CHANNEL_TICKER:
    case CHANNEL_CONTRACT:
        ticker_settle(channel);
        break;
    case CHANNEL_CANDLES:
        candles_settle(channel);
        break;
    case CHANNEL_BOOK:
        book_settle(channel);
        break;
    case CHANNEL_TRADES:
    case CHANNEL_LIQUIDATIONS:
        break;
    }
}

static void channel_mark(struct channel *channel)
{
    if (channel->dirty)
        return;
    channel->dirty = true;
    TAILQ_INSERT_TAIL(&channel->channels->dirty, channel, of_dirty);
}

/* What is lent: books and tickers follow offers and the FRR, all but books follow matches. */
static void lent_take(struct channels *channels, enum currency currency, const struct event *event)
{
    struct channel *channel;

    LIST_FOREACH(channel, &channels->currencies[currency], of_place)
    {
        if (event->kind == EVENT_FUNDING_TRADE && channel->topic.kind == CHANNEL_TRADES)
            lent_tell(channel, event->funding_trade);
        else if (event->kind == EVENT_FUNDING_TRADE || channel->topic.kind == CHANNEL_BOOK ||
                 channel->topic.kind == CHANNEL_TICKER)
            channel_mark(channel);
    }
}

/* Everybody's: its channel stands in the first market's list. */
static void liquidation_tell(struct channels *channels, const struct event *event)
{
    const struct liquidation_row row = history_liquidation(event);
    struct channel *channel;

    LIST_FOREACH(channel, &channels->markets[0], of_place)
    if (channel->topic.kind == CHANNEL_LIQUIDATIONS) {
        struct json_writer w = message_begin(channel);

        json_put_open(&w, '[');
        shape_liquidation(&w, &row);
        json_put_close(&w, ']');
        message_end(channel, 0, 0);
    }
}

static void market_mark(struct channels *channels, enum market market, unsigned kinds)
{
    struct channel *channel;

    LIST_FOREACH(channel, &channels->markets[market], of_place)
    if (kinds >> channel->topic.kind & 1)
        channel_mark(channel);
}

void channels_take(struct channels *channels, const struct event *event)
{
    struct channel *channel;

    if (event->kind == EVENT_LEVEL) {
        market_mark(channels, event->level.market, 1 << CHANNEL_BOOK | 1 << CHANNEL_TICKER);
    } else if (event->kind == EVENT_TRADE) {
        LIST_FOREACH(channel, &channels->markets[event->trade->market], of_place)
        {
            if (channel->topic.kind == CHANNEL_TRADES)
                trade_tell(channel, event->trade);
            else if (channel->topic.kind != CHANNEL_BOOK)
                channel_mark(channel);
        }
    } else if (event->kind == EVENT_OFFER) {
        lent_take(channels, (enum currency)event->offer.offer->currency, event);
    } else if (event->kind == EVENT_FUNDING_TRADE) {
        lent_take(channels, event->funding_trade->currency, event);
    } else if (event->kind == EVENT_LIQUIDATION) {
        liquidation_tell(channels, event);
    } else if (event->kind == EVENT_CONTRACT) {
        market_mark(channels, event->contract.market, 1 << CHANNEL_CONTRACT);
    } else if (event->kind == EVENT_FRR) {
        lent_take(channels, event->frr.currency, event);
    }
}

void channels_settle(struct channels *channels)
{
    struct channel *channel, *next;
    uint64_t now = now_ms();

    for (channel = TAILQ_FIRST(&channels->dirty); channel != NULL; channel = next) {
        next = TAILQ_NEXT(channel, of_dirty);
        if (channel->settled_ms + pace_ms(&channel->topic) <= now)
            channel_settle(channel);
    }
    while ((channel = TAILQ_FIRST(&channels->all)) != NULL &&
           channel->spoke_ms + channels->heartbeat_ms <= now) {
        struct json_writer w = message_begin(channel);

        json_put_text(&w, "hb");
        message_end(channel, 0, 0);
    }
}

uint64_t channels_due_ms(const struct channels *channels)
{
    const struct channel *channel = TAILQ_FIRST(&channels->all);
    uint64_t due = channel == NULL ? UINT64_MAX : channel->spoke_ms + channels->heartbeat_ms;

    TAILQ_FOREACH(channel, &channels->dirty, of_dirty)
    if (channel->settled_ms + pace_ms(&channel->topic) < due)
        due = channel->settled_ms + pace_ms(&channel->topic);
    return due;
}

/* ---- Listening ---- */

static void channel_close(struct channel *channel)
{
    if (channel->dirty)
        TAILQ_REMOVE(&channel->channels->dirty, channel, of_dirty);
    TAILQ_REMOVE(&channel->channels->all, channel, of_all);
    LIST_REMOVE(channel, of_place);
    buffer_wipe(&channel->told);
    free(channel->sides);
    free(channel);
}

static struct channel *channel_open(struct channels *channels, const struct channel_topic *topic)
{
    struct channel *channel = calloc(1, sizeof *channel);

    if (channel == NULL)
        return NULL;
    channel->number = ++channels->last_number;
    channel->topic = *topic;
    channel->channels = channels;
    channel->spoke_ms = now_ms();
    if (topic->kind == CHANNEL_BOOK) {
        channel->sides = calloc(2, sizeof *channel->sides);
        if (channel->sides == NULL) {
            free(channel);
            return NULL;
        }
        side_read(channel, true, &channel->sides[0]);
        side_read(channel, false, &channel->sides[1]);
    }
    TAILQ_INIT(&channel->subscribers);
    TAILQ_INSERT_TAIL(&channels->all, channel, of_all);
    LIST_INSERT_HEAD(place_of(channels, topic), channel, of_place);
    return channel;
}

static bool topic_is(const struct channel_topic *a, const struct channel_topic *b)
{
    return a->kind == b->kind && a->is_lent == b->is_lent && a->market == b->market &&
           a->currency == b->currency && a->precision == b->precision && a->slow == b->slow &&
           a->length == b->length && a->timeframe == b->timeframe &&
           a->period_least == b->period_least && a->period_most == b->period_most;
}

struct subscription *channel_join(struct channels *channels, struct stream *stream,
                                  const struct channel_topic *topic)
{
    struct subscription *subscription = calloc(1, sizeof *subscription);
    struct channel *channel;

    if (subscription == NULL)
        return NULL;
    LIST_FOREACH(channel, place_of(channels, topic), of_place)
    if (topic_is(&channel->topic, topic))
        break;
    if (channel == NULL)
        channel = channel_open(channels, topic);
    if (channel == NULL) {
        free(subscription);
        return NULL;
    }
    *subscription = (struct subscription){ .channel = channel, .stream = stream };
    TAILQ_INSERT_TAIL(&stream->subscriptions, subscription, of_stream);
    stream->subscription_count++;
    return subscription;
}

uint64_t channel_number(const struct subscription *subscription)
{
    return subscription->channel->number;
}

bool channel_is_book(const struct subscription *subscription)
{
    return subscription->channel->topic.kind == CHANNEL_BOOK;
}

void channel_begin(struct subscription *subscription)
{
    struct channel *channel = subscription->channel;

    /* The others hear first what has happened until now: all go on from the same state. */
    if (channel->dirty)
        channel_settle(channel);
    switch (channel->topic.kind) {
    case CHANNEL_TICKER:
    case CHANNEL_CONTRACT:
        ticker_begin(subscription);
        break;
    case CHANNEL_TRADES:
        trades_begin(subscription);
        break;
    case CHANNEL_BOOK:
        book_begin(subscription);
        break;
    case CHANNEL_CANDLES:
        candles_begin(subscription);
        break;
    case CHANNEL_LIQUIDATIONS:
        break; /* only what happens is told */
    }
    TAILQ_INSERT_TAIL(&channel->subscribers, subscription, of_channel);
}

void channel_leave(struct subscription *subscription)
{
    struct channel *channel = subscription->channel;

    TAILQ_REMOVE(&channel->subscribers, subscription, of_channel);
    TAILQ_REMOVE(&subscription->stream->subscriptions, subscription, of_stream);
    subscription->stream->subscription_count--;
    free(subscription);
    if (TAILQ_EMPTY(&channel->subscribers))
        channel_close(channel);
}

struct subscription *channel_of_topic(struct stream *stream, const struct channel_topic *topic)
{
    struct subscription *subscription;

    TAILQ_FOREACH(subscription, &stream->subscriptions, of_stream)
    if (topic_is(&subscription->channel->topic, topic))
        return subscription;
    return NULL;
}

struct subscription *channel_of_number(struct stream *stream, uint64_t number)
{
    struct subscription *subscription;

    TAILQ_FOREACH(subscription, &stream->subscriptions, of_stream)
    if (subscription->channel->number == number)
        return subscription;
    return NULL;
}

void channel_leave_all(struct stream *stream)
{
    while (!TAILQ_EMPTY(&stream->subscriptions))
        channel_leave(TAILQ_FIRST(&stream->subscriptions));
}

struct channels *channels_open(struct venue *venue, uint64_t heartbeat_ms)
{
    struct channels *channels = calloc(1, sizeof *channels);

    if (channels == NULL)
        return NULL;
    channels->venue = venue;
    channels->heartbeat_ms = heartbeat_ms;
    TAILQ_INIT(&channels->all);
    TAILQ_INIT(&channels->dirty);
    return channels;
}

void channels_close(struct channels **channels)
{
    struct channels *c = *channels;

    if (c == NULL)
        return;
    buffer_wipe(&c->text);
    free(c);
    *channels = NULL;
}
