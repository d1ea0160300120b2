/* venue/serve.h: one exchange from its start to its end, for main() */
#ifndef VENUE_SERVE_H
#define VENUE_SERVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "keys/environment.h"

struct serve_options {
    enum environment environment;
    const char *folder;  /* of its journal */
    const char *socket;  /* path */
    uint64_t seed;       /* of a new exchange */
    bool market;         /* simulated traders */
    uint64_t owner;      /* of a sandbox: venue/owner.h */
    uid_t gateway;       /* who is answered beside the user that runs this and root; 0: nobody */
    uid_t console;       /* the same of the authority, whose console shows a sandbox */
    const char *segment; /* path of the environment's gate segment; NULL: none, nobody logs in */
    uint64_t snapshot_every; /* venue/venue.h */
    uint64_t heartbeat_ms;   /* of silent WebSocket channels; 0: as the venue does it */
};

/* Returns OK after `stop_descriptor` became readable; everything acknowledged is on disk at any
 * time.  Errors as venue_open, http_server_open and journal_flush; they are logged. */
must_use enum err exchange_serve(const struct serve_options *options, int stop_descriptor);

#endif
