/* authority/key_rotate.h: a new secret for a key, while the old one goes on for up to a week
 *
 * The successor has label, scopes, IP rules, rates, cooling and readiness of the key it replaces,
 * and grants of elevated scopes until they end.  Withdrawals alone are confirmed by mail again: the
 * mailed link is bound to one key (C2).  The old key is announced to end, like any other.
 */
#ifndef AUTHORITY_KEY_ROTATE_H
#define AUTHORITY_KEY_ROTATE_H

#include <stdint.h>

#include "authority/key_asker.h"
#include "authority/key_make.h"

enum { KEY_ROTATE_DAYS_MOST = 7 };

/* Takes asker->proof.  `old_days`: 0 to KEY_ROTATE_DAYS_MOST; 0 revokes the old key at once.
 * Refused: what stands against a new key of the account, a key that is suspended or was rotated.
 * On OK without a refusal the successor in `grant` is usable on every gateway.  ERR_MISSING: no
 * such key in reach. */
must_use enum err key_rotate(struct authority *a, const struct key_asker *asker, const char *id,
                             uint64_t old_days, struct key_grant *grant, struct refusal *refusal);

#endif
