#include "venue/stream.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/log.h"
#include "http/json_write.h"
#include "venue/stream_own.h"

const struct stream_peer *stream_peer(const struct stream *stream)
{
    return &stream->peer;
}

void stream_speaks(struct stream *stream)
{
    if (stream->speaks)
        return;
    stream->speaks = true;
    TAILQ_INSERT_TAIL(&stream->streams->speakers, stream, of_speakers);
}

void stream_send(struct stream *stream, struct slice json)
{
    stream_speaks(stream);
    if (stream->ended || websocket_send(stream->websocket, json))
        return;
    log_info("venue", "a connection is cut off that does not read what it asked for (%s)",
             stream->peer.request_id);
    stream->ended = true;
}

void stream_send_error(struct stream *stream, int code, const char *text)
{
    struct buffer *out = &stream->streams->text;
    struct json_writer w = json_writer_of(out);

    out->size = 0;
    json_put_open(&w, '{');
    json_put_key(&w, "event");
    json_put_text(&w, "error");
    json_put_key(&w, "msg");
    json_put_text(&w, text);
    json_put_key(&w, "code");
    json_put_int(&w, code);
    json_put_close(&w, '}');
    stream_send(stream, buffer_slice(out));
}

/* What the client's flags want behind the data, and the end of the array. */
static void array_send(struct stream *stream, struct slice open, uint64_t account_sequence)
{
    struct buffer *out = &stream->streams->text;

    out->size = 0;
    buffer_append(out, open);
    if (stream->flags & STREAM_SEQ_ALL) {
        buffer_printf(out, ",%" PRIu64, ++stream->sequence);
        if (account_sequence != STREAM_NO_SEQUENCE)
            buffer_printf(out, ",%" PRIu64, account_sequence);
    }
    if (stream->flags & STREAM_TIMESTAMP)
        buffer_printf(out, ",%" PRIu64, venue_now_ms(stream->streams->venue));
    buffer_append_char(out, ']');
    if (out->failed) { /* without this message the client would believe something wrong */
        buffer_wipe(out);
        stream->ended = true;
    }
    stream_send(stream, buffer_slice(out));
}

void stream_send_array(struct stream *stream, struct slice open)
{
    array_send(stream, open, STREAM_NO_SEQUENCE);
}

void stream_send_account(struct stream *stream, struct slice inner, uint64_t account_sequence)
{
    struct buffer open = { 0 };

    buffer_append(&open, SLICE("[0,"));
    buffer_append(&open, inner);
    array_send(stream, buffer_slice(&open), account_sequence);
    buffer_wipe(&open);
    if (!stream->has_account)
        return;
    stream->account_spoke_ms = clock_mono_ns() / NS_PER_MS;
    TAILQ_REMOVE(&stream->streams->accounts, stream, of_accounts);
    TAILQ_INSERT_TAIL(&stream->streams->accounts, stream, of_accounts);
}

void stream_account_open(struct stream *stream)
{
    if (stream->has_account)
        return;
    stream->has_account = true;
    stream->account_spoke_ms = clock_mono_ns() / NS_PER_MS;
    TAILQ_INSERT_TAIL(&stream->streams->accounts, stream, of_accounts);
}

void stream_account_close(struct stream *stream)
{
    if (!stream->has_account)
        return;
    stream->has_account = false;
    TAILQ_REMOVE(&stream->streams->accounts, stream, of_accounts);
}

void stream_close(struct stream *stream, uint16_t code)
{
    stream_speaks(stream);
    websocket_end(stream->websocket, code);
}
