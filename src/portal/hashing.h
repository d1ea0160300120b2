/* portal/hashing.h: threads that hash passwords, apart from those that answer
 *
 * Argon2id takes a tenth of a second and 64 MiB on purpose.  A call that hashes is held and run
 * here, one at a time on each thread, so a crowd at the login slows nobody who is in already.  One
 * core stays free for the others; the queue has an end, and who comes behind it is told to come
 * back.
 */
#ifndef PORTAL_HASHING_H
#define PORTAL_HASHING_H

#include "base/err.h"

enum { HASHING_QUEUE_MOST = 256 };

struct hashing;

/* `run` is called for each job, on a thread of these. */
must_use enum err hashing_start(void (*run)(void *job), struct hashing **hashing);

/* ERR_FULL: the queue is at its end.  Takes nothing over then. */
must_use enum err hashing_take(struct hashing *hashing, void *job);

/* Runs what waits, ends the threads.  Accepts NULL in *hashing and sets it. */
void hashing_stop(struct hashing **hashing);

#endif
