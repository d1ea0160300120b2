#include "venue/serve.h"

#include "base/log.h"
#include "venue/door.h"

enum err exchange_serve(const struct serve_options *options, int stop_descriptor)
{
    struct venue_options opening = { .folder = options->folder,
                                     .environment = options->environment,
                                     .seed = options->seed,
                                     .market = options->market,
                                     .owner = options->owner };
    struct venue *venue = NULL;
    struct door *door = NULL;
    enum err e;

    TRY(venue_open(&opening, &venue));
    TRY(door_open(venue, options->socket, options->gateway, &door));
    log_info("venue", "%s: ready, %u active orders", environment_text(options->environment),
             engine_order_count(venue_engine(venue)));
    TRY(door_serve(door, stop_descriptor));
    log_info("venue", "%s: stopped", environment_text(options->environment));
out:
    door_close(&door);
    venue_close(&venue);
    return e;
}
