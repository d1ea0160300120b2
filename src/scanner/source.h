/* scanner/source.h: one source that the service watches, with its checkpoint
 *
 * A source is given turns.  In a turn it asks what is new, has it looked at (scanner/worker.h),
 * tells the authority, and only when that has answered it notes in its checkpoint that this has
 * been looked at: whatever ends the service, what was not noted is looked at again.
 *
 * The checkpoint is one JSON file, written beside, synced and renamed.
 */
#ifndef SCANNER_SOURCE_H
#define SCANNER_SOURCE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "scanner/finding_batch.h"
#include "scanner/manners.h"
#include "scanner/service_settings.h"
#include "scanner/worker.h"

enum { SOURCE_ERROR_SIZE = 512, SOURCE_ATTEMPTS_MOST = 5 /* for one thing, then it is missed */ };

/* How findings get to the authority.  OK: it has answered, and has the objects that it wanted. */
struct source_teller {
    enum err (*tell)(void *context, const struct finding_batch *batch);
    void *context;
};

struct source {
    const struct source_settings *settings;
    const char *state; /* folder of the checkpoints */
    const struct source_teller *teller;
    struct manners manners;
    struct buffer authorization; /* header of the manners, with the source's token */
    json_t *checkpoint; /* an object */
    json_t *overwritten; /* of git, for one turn: ids that no ref may have any more; NULL: none */
    uint64_t due_ns;    /* monotonic: when its next turn is */
    unsigned failures;  /* in a row */
    /* What people hear. */
    uint64_t turn_at_ns, caught_up_at_ns; /* wall; 0: not yet */
    uint64_t looked_count, found_count, missed_count;
    char error[SOURCE_ERROR_SIZE]; /* of the last turn; "": it was good */
};

/* Reads the checkpoint; there is none at first.  ERR_CORRUPT: it is none; ERR_IO, ERR_MEMORY. */
must_use enum err source_open(struct source *source, const struct source_settings *settings,
                              const struct service_settings *service,
                              const struct source_teller *teller, int stop);
void source_close(struct source *source);

/* Has the things looked at and tells what was found; `place`, borrowed, has members that each place
 * gets besides.  What ends the scan of it is counted as missed, and goes on.  ERR_IO: the authority
 * has not taken it.  ERR_CONFLICT: stopped.  ERR_MEMORY. */
must_use enum err source_look(struct source *source, const struct work *work, size_t count,
                              const json_t *place);

/* Something was to be looked at and cannot be, now or later. */
void source_miss(struct source *source, const char *place, const char *why);

/* Writes the checkpoint as it is now.  ERR_IO, ERR_FULL, ERR_DENIED, ERR_MEMORY. */
must_use enum err source_keep(struct source *source);

/* What an object of the checkpoint has under the name, made when it is not there; NULL: out of
 * memory. */
json_t *source_member(json_t *object, const char *name);

/* A file's state (scanner/manners.h) as an object of the checkpoint has it; "" when it has none. */
void source_tag_read(const json_t *noted, struct manners_tag *tag);
void source_tag_note(json_t *noted, const struct manners_tag *tag);

/* Why the turn ends with an error, for people. */
void source_error(struct source *source, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
