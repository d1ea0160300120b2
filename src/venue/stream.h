/* venue/stream.h: one connection of the venue's WebSocket API, version 2
 *
 * Text frames that hold one JSON value each: objects are events, arrays are what channels say.
 * What is sent here is queued; it leaves at the end of the turn, after the journal is on disk
 * (venue/door.h).  The queue is bounded: who reads too slowly is cut off, and nobody else notices.
 *
 * What a client says about its account goes on to its session (venue/session.h), all the rest is
 * answered here and by the public channels (venue/channel.h).
 *
 * Source: reference of the venue's WebSocket API, 1 to 8.
 */
#ifndef VENUE_STREAM_H
#define VENUE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

struct session;
struct stream;

/* What a client asks for by "conf". */
enum stream_flag {
    STREAM_TIMESTAMP = 32768,
    STREAM_SEQ_ALL = 65536,
    STREAM_OB_CHECKSUM = 131072,
    STREAM_BULK_UPDATES = 536870912
};

/* Codes of error events. */
enum stream_code {
    STREAM_UNKNOWN = 10000,
    STREAM_PARAMS = 10020,
    STREAM_CONF_FAIL = 10050,
    STREAM_AUTH_FAIL = 10100,
    STREAM_SUB_FAIL = 10300,
    STREAM_SUB_MULTI = 10301,
    STREAM_SUB_UNKNOWN = 10302,
    STREAM_SUB_LIMIT = 10305,
    STREAM_UNSUB_FAIL = 10400
};

/* Who connected, as the gateway says it. */
struct stream_peer {
    char address[48];    /* of the client, behind trusted proxies; empty: not told */
    char request_id[40]; /* hexadecimal, of the audit record of the upgrade; empty: not told */
    bool encrypted;      /* TLS between the client and the gateway */
};

const struct stream_peer *stream_peer(const struct stream *stream);

/* One event: a JSON object. */
void stream_send(struct stream *stream, struct slice json);

/* {"event":"error","msg":text,"code":code} */
void stream_send_error(struct stream *stream, int code, const char *text);

/* An array message of the account: `inner` is what stands behind the channel's number, as in
 * "os",[] or "hb".  Sequence numbers and the time follow as the client's flags say.
 *
 *   account_sequence  AUTHSEQ; STREAM_NO_SEQUENCE: this kind of message has none (hb, replies)
 */
#define STREAM_NO_SEQUENCE UINT64_MAX
void stream_send_account(struct stream *stream, struct slice inner, uint64_t account_sequence);

/* From now on channel 0 gets heartbeats when it is silent, or no longer. */
void stream_account_open(struct stream *stream);
void stream_account_close(struct stream *stream);

/* Says goodbye with a code of RFC 6455, 7.4, once everything queued has left.  The session is
 * closed later, never inside of this. */
void stream_close(struct stream *stream, uint16_t code);

#endif
