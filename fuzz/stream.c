/* fuzz/stream.c: whatever a client sends, frames or events, the exchange goes on
 *
 * The first byte chooses: 0 sends the rest as bytes of the connection, else each line of it is a
 * text message. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "venue/stream_own.h"
#include "venue/streams.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct streams *streams;

/* One exchange for all inputs: what a client says without an account changes nothing. */
static void exchange_open(void)
{
    char folder[] = "/tmp/latchkey-fuzz-XXXXXX";
    struct venue_options options = { .environment = ENVIRONMENT_SANDBOX, .seed = 1 };
    struct streams_options opening = { .heartbeat_ms = 1 };
    struct venue *venue;

    if (mkdtemp(folder) == NULL)
        abort();
    options.folder = folder;
    if (venue_open(&options, &venue) != OK || streams_open(venue, &opening, &streams) != OK)
        abort();
}

static void text_take(void *context, struct slice text)
{
    stream_event(context, text);
}

static void messages_take(struct stream *stream, struct slice rest)
{
    while (rest.size > 0) {
        const char *end = memchr(rest.at, '\n', rest.size);
        size_t size = end == NULL ? rest.size : (size_t)(end - rest.at);

        stream_event(stream, (struct slice){ rest.at, size });
        rest = slice_from(rest, end == NULL ? size : size + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct stream stream = { 0 };
    struct websocket_options options = { .message_most = 4096,
                                         .queue_most = 1 << 20,
                                         .take = text_take,
                                         .context = &stream };
    int ends[2];

    if (streams == NULL)
        exchange_open();
    if (size < 1 || size > 8192 || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return 0;
    stream.streams = streams;
    TAILQ_INIT(&stream.subscriptions);
    stream.session = sessions_admit(streams->sessions, &stream);
    if (stream.session == NULL ||
        websocket_open(ends[0], SLICE_EMPTY, &options, &stream.websocket) != OK)
        abort();
    if (data[0] == 0) {
        if (send(ends[1], data + 1, size - 1, MSG_NOSIGNAL) == (ssize_t)size - 1)
            stream.ended = !websocket_read(stream.websocket);
    } else {
        messages_take(&stream, (struct slice){ (const char *)data + 1, size - 1 });
    }
    channels_settle(streams->channels);
    websocket_flush(stream.websocket);
    session_close(&stream.session);
    channel_leave_all(&stream);
    stream_account_close(&stream);
    if (stream.speaks)
        TAILQ_REMOVE(&streams->speakers, &stream, of_speakers);
    websocket_close(&stream.websocket);
    close(ends[1]);
    return 0;
}
