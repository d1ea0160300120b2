/* venue/channel.h: what everybody may hear
 *
 * A channel is one topic: all who subscribe to it hear the same under the same number, so a message
 * is put into words once, however many there are.  It exists as long as somebody listens.
 *
 * Trades are told as they happen.  Everything else is told when a turn settles: channels_settle()
 * compares what is with what was told last.  A book's window, its tops and its checksum therefore
 * always belong to one state, that between two turns.
 *
 * Source: reference of the venue's WebSocket API, 5 to 7.
 */
#ifndef VENUE_CHANNEL_H
#define VENUE_CHANNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "exchange/event.h"
#include "venue/candles.h"
#include "venue/depth.h"
#include "venue/stream.h"
#include "venue/venue.h"

#define CHANNELS_OF_STREAM_MOST 25

enum channel_kind {
    CHANNEL_TICKER,
    CHANNEL_TRADES,
    CHANNEL_BOOK,
    CHANNEL_CANDLES,
    CHANNEL_LIQUIDATIONS,
    CHANNEL_CONTRACT /* status of one of them */
};

/* What a kind does not use is 0. */
struct channel_topic {
    enum channel_kind kind;
    bool is_lent; /* of funding: `currency` counts, else `market` */
    enum market market;
    enum currency currency;
    enum depth_precision precision;
    bool slow;       /* F1: at most every two seconds */
    unsigned length; /* rows of a side: 1 to DEPTH_LENGTH_MOST */
    enum timeframe timeframe;
    unsigned period_least, period_most; /* candles of funding, days */
};

struct channels;
struct subscription;

/* `heartbeat_ms`: how long a channel may be silent.  NULL: there is no memory. */
struct channels *channels_open(struct venue *venue, uint64_t heartbeat_ms);
void channels_close(struct channels **channels); /* nobody listens any more */

/* What the engine tells; called inside of engine_apply(). */
void channels_take(struct channels *channels, const struct event *event);

/* Tells what has changed, as far as it is due, and lets the silent give a sign of life. */
void channels_settle(struct channels *channels);

/* When channels_settle() has something to do without an event; monotonic, UINT64_MAX: never. */
uint64_t channels_due_ms(const struct channels *channels);

/* ---- Listening ---- */

/* The same topic for the same stream once only: NULL tells that there is no memory.  Nothing is
 * told before channel_begin(). */
struct subscription *channel_join(struct channels *channels, struct stream *stream,
                                  const struct channel_topic *topic);
uint64_t channel_number(const struct subscription *subscription); /* on the wire; never 0 */
bool channel_is_book(const struct subscription *subscription);

/* Tells the state of things; changes follow. */
void channel_begin(struct subscription *subscription);
void channel_leave(struct subscription *subscription);

struct subscription *channel_of_topic(struct stream *stream, const struct channel_topic *topic);
struct subscription *channel_of_number(struct stream *stream, uint64_t number);
void channel_leave_all(struct stream *stream);

#endif
