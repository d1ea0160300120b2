/* venue/venue.h: an exchange, and what is on disk of it
 *
 * Engine, journal, simulated traders and all that is folded from events, behind one function that
 * changes something: venue_apply() judges a command, writes it to the journal's batch and only then
 * lets the engine carry it out.  Nothing that a reader can see may leave the process before
 * venue_sync(): venue/door.h holds every reply until then.
 *
 * One thread.
 */
#ifndef VENUE_VENUE_H
#define VENUE_VENUE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "exchange/engine.h"
#include "keys/environment.h"
#include "venue/candles.h"
#include "venue/cids.h"
#include "venue/control.h"
#include "venue/history.h"
#include "venue/owner.h"
#include "venue/people.h"
#include "venue/quotes.h"
#include "venue/sizes.h"

struct venue;

struct venue_options {
    const char *folder; /* of the journal; outlives the venue */
    enum environment environment;
    uint64_t seed;           /* of a new exchange; an old one keeps its own */
    bool market;             /* simulated traders */
    uint64_t owner;          /* venue/owner.h */
    uint64_t snapshot_every; /* so many commands (venue/snapshot.h); 0: never */
};

/* Replays the journal, from a snapshot on if there is one; a new exchange with simulated traders
 * gets a past.  Errors as journal_open, which has logged them. */
must_use enum err venue_open(const struct venue_options *options, struct venue **venue);
void venue_close(struct venue **venue); /* flushes nothing */

enum venue_answer {
    VENUE_DONE,
    VENUE_REFUSED, /* `refused` says why; nothing changed */
    VENUE_DISK     /* the journal takes nothing now; nothing changed */
};

struct venue_effect {
    struct event_refused refused;
    struct order order;   /* SUBMIT and UPDATE: as it was before it matched anything; id 0: none */
    struct order partner; /* SUBMIT of a pair: the stop likewise */
    struct offer offer;   /* OFFER_SUBMIT likewise, and OFFER_CANCEL as it ended */
};

/* Stamps the command with the time.  `effect` may be NULL. */
enum venue_answer venue_apply(struct venue *venue, struct command command,
                              struct venue_effect *effect);

/* The same for a command that brings words along, at most FRAME_WORDS_MOST bytes, or that is one of
 * venue/entry.h: those the caller has judged. */
enum venue_answer venue_apply_words(struct venue *venue, struct command command, struct slice words,
                                    struct venue_effect *effect);

/* What is due now: orders whose time is over, movements, the simulated traders. */
void venue_trade(struct venue *venue);
/* Wall clock; UINT64_MAX: never. */
uint64_t venue_due_ms(const struct venue *venue);

/* Who hears of each event beside those that fold it, from now on; `take` NULL: nobody. */
void venue_watch(struct venue *venue, struct event_sink watcher);

/* Who hears of alerts that go off while events are watched; `fired` NULL: nobody. */
void venue_watch_alerts(struct venue *venue, people_alert_fired *fired, void *context);

/* Has something happened since the latest venue_sync()? */
bool venue_is_ahead(const struct venue *venue);

/* Returns when everything is on disk.  ERR_IO is final. */
must_use enum err venue_sync(struct venue *venue);

/* The account, opened with its starting balances if it was never seen; NULL: the journal takes
 * nothing now, or there are as many accounts as can be. */
const struct account *venue_account(struct venue *venue, uint64_t account);

/* The exchange's time, which its owner may have moved (venue/control.h): of everything that is
 * stamped. */
uint64_t venue_now_ms(const struct venue *venue);
const struct engine *venue_engine(const struct venue *venue);
const struct history *venue_history(const struct venue *venue);
const struct candles *venue_candles(const struct venue *venue);
const struct sizes *venue_sizes(const struct venue *venue);
const struct quotes *venue_quotes(const struct venue *venue);
const struct people *venue_people(const struct venue *venue);
const struct cids *venue_cids(const struct venue *venue);
uint64_t venue_seed(const struct venue *venue);
enum environment venue_environment(const struct venue *venue);

/* ---- What the owner of a sandbox does: venue/control.h.  Who may, the caller has asked. ---- */

/* Stamps, judges, journals and folds a command of venue/control.h.  VENUE_REFUSED: `*wrong` says
 * why; static. */
enum venue_answer venue_control(struct venue *venue, struct command command, const char **wrong);

/* Does this suffer from what was injected, now?  Then it is told what, and what acts only so many
 * times has been used once. */
bool venue_injected(struct venue *venue, const struct injection_target *target,
                    struct injection *found);

/* Does all that is due in one go, however long ago, as after a step of the clock. */
must_use enum err venue_catch_up(struct venue *venue);

/* Another beginning: no accounts, orders or histories, nothing injected, the market by `seed`.
 * With a `time_ms` the clock stands still there, which makes it repeatable; 0: the wall clock's.
 * The journal before is kept beside the new one.  ERR_FULL, ERR_IO, ERR_MEMORY: nothing has
 * changed, or venue_sync() will fail. */
must_use enum err venue_reset(struct venue *venue, uint64_t account, uint64_t seed,
                              uint64_t time_ms);

/* Keeps all commands since the beginning under a name, which is a file's. ERR_EXISTS: there are as
 * many recordings as can be. */
#define VENUE_NAME_SIZE 33
must_use enum err venue_record(struct venue *venue, const char *name);

/* Begins anew with the commands of a recording, to the same state; there the clock stands still.
 * ERR_MISSING; ERR_CORRUPT, ERR_VERSION: nothing has changed; else as venue_reset. */
must_use enum err venue_play(struct venue *venue, const char *name);

const struct control *venue_controls(const struct venue *venue);

/* Grows with every reset and replay: who saw another number has seen another exchange. */
uint64_t venue_beginnings(const struct venue *venue);
uint64_t venue_owner(const struct venue *venue);

#endif
