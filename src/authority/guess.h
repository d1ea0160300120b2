/* authority/guess.h: how often somebody may guess an account's codes
 *
 * Three codes of a million are right at any time.  Five wrong ones in a row block the account's
 * codes for a minute, each further one for twice as long, up to an hour: some 30 guesses a day.
 * One count stands for the authenticator's codes and the recovery codes together, so that guessing
 * both gains nothing.  Signatures of a passkey cannot be guessed; they are neither counted nor
 * blocked, so whoever has one gets in while somebody else guesses.
 *
 * A stranger cannot block anybody: only a session that began with the right password gets here.
 */
#ifndef AUTHORITY_GUESS_H
#define AUTHORITY_GUESS_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "store/store.h"

/* Whether a code of the account may be looked at now; if not, the refusal says when. */
must_use enum err guess_allow(struct authority *a, struct store_tx *tx, uint64_t account,
                              bool *allowed, struct refusal *refusal);

/* Counts a wrong code. */
must_use enum err guess_wrong(struct authority *a, struct store_tx *tx, uint64_t account);

/* A right one forgets the wrong ones before it. */
must_use enum err guess_right(struct store_tx *tx, uint64_t account);

#endif
