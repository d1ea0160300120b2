/* portal/crew.h: threads for calls that take long, apart from those that answer
 *
 * A call that hashes a password (Argon2id takes a tenth of a second and 64 MiB on purpose), or that
 * waits for another process, is held and run here, one at a time on each thread, so a crowd at the
 * login slows nobody who is in already.  The queue has an end, and who comes behind it is told to
 * come back.
 */
#ifndef PORTAL_CREW_H
#define PORTAL_CREW_H

#include <stddef.h>

#include "base/err.h"

enum {
    CREW_QUEUE_MOST = 256,
    CREW_OF_CORES = 0, /* threads: as many as keep one core free for the others */
};

struct crew;

/* `run` is called for each job, on one of `threads`, at most 8. */
must_use enum err crew_start(size_t threads, void (*run)(void *job), struct crew **crew);

/* ERR_FULL: the queue is at its end.  Takes nothing over then. */
must_use enum err crew_take(struct crew *crew, void *job);

/* Runs what waits, ends the threads.  Accepts NULL in *crew and sets it. */
void crew_stop(struct crew **crew);

#endif
