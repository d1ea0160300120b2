#include "venue/serve.h"

#include "base/log.h"
#include "venue/door.h"
#include "venue/streams.h"

enum err exchange_serve(const struct serve_options *options, int stop_descriptor)
{
    struct venue_options opening = { .folder = options->folder,
                                     .environment = options->environment,
                                     .seed = options->seed,
                                     .market = options->market,
                                     .owner = options->owner,
                                     .snapshot_every = options->snapshot_every };
    struct door_options door_opening = {
        .socket_path = options->socket,
        .gateway = options->gateway,
        /* Nobody trades on a live exchange by a console. */
        .console = options->environment == ENVIRONMENT_SANDBOX ? options->console : 0,
        .streams = { .heartbeat_ms =
                         options->heartbeat_ms != 0 ? options->heartbeat_ms : STREAMS_HEARTBEAT_MS,
                     .segment_path = options->segment },
    };
    struct venue *venue = NULL;
    struct door *door = NULL;
    enum err e;

    TRY(venue_open(&opening, &venue));
    TRY(door_open(venue, &door_opening, &door));
    log_info("venue", "%s: ready, %u active orders", environment_text(options->environment),
             engine_order_count(venue_engine(venue)));
    TRY(door_serve(door, stop_descriptor));
    log_info("venue", "%s: stopped", environment_text(options->environment));
out:
    door_close(&door);
    venue_close(&venue);
    return e;
}
