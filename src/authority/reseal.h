/* authority/reseal.h: everything that is sealed comes under a new master key
 *
 * A thread goes through all that the old key has sealed (secrets of API keys and webhooks, seeds of
 * authenticators, waiting mails, documents, keys of alerts and of objects with leaked keys) and
 * seals it anew, some rows in each transaction,
 * resting as long as it worked: half of the store's time stays with everybody else.  Where it
 * stands is written nowhere: what carries the new key's number is passed over, so after a crash it
 * begins again and has soon caught up.  Only when it went through everything does the new key take
 * the old one's file (authority/vault.h).
 *
 * What opens with neither key keeps the rotation from ending, for the old key would be the last
 * thing that could tell why.
 */
#ifndef AUTHORITY_RESEAL_H
#define AUTHORITY_RESEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "authority/vault.h"
#include "base/err.h"

enum { RESEAL_PROBLEM_SIZE = 300 };

struct reseal;

/* Goes on at once with a rotation that was interrupted. */
must_use enum err reseal_open(struct authority *a, struct reseal **reseal);

/* Accepts NULL in *reseal and sets it. */
void reseal_close(struct reseal **reseal);

/* From now on a new master key seals; returns before everything is sealed anew.  Refused: one is
 * under way. */
must_use enum err reseal_begin(struct authority *a, const char *who, struct refusal *refusal);

struct reseal_state {
    bool rotating;
    char seals[VAULT_NUMBER_SIZE], replaced[VAULT_NUMBER_SIZE]; /* authority/vault.h */
    uint64_t done, total;              /* rows and files of this passage; it may begin again */
    char problem[RESEAL_PROBLEM_SIZE]; /* "": none */
};

/* Any thread; `reseal` may be NULL. */
void reseal_state_get(const struct authority *a, struct reseal *reseal, struct reseal_state *state);

#endif
