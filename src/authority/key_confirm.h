/* authority/key_confirm.h: withdrawals with a key, off until its owner followed a mailed link (C2)
 *
 * The link works once, for a day, for this key and this account; an older mail about the same key
 * opens nothing once a newer one was followed.
 */
#ifndef AUTHORITY_KEY_CONFIRM_H
#define AUTHORITY_KEY_CONFIRM_H

#include "authority/authority.h"
#include "authority/key_asker.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "keys/key_text.h"
#include "store/keys.h"

/* Mails a link for the scopes that wait, in the caller's transaction; none wait: nothing. */
must_use enum err key_confirm_ask(struct authority *a, struct store_tx *tx,
                                  const struct store_key *key, const char *address);

/* The same once more, for an owner whose mail is lost.  Refused: nothing waits. */
must_use enum err key_confirm_ask_again(struct authority *a, const struct key_asker *asker,
                                        const char *id, struct refusal *refusal);

/* Follows the link; `id` tells whose scopes are on now.  Refused: the link (authority/link.h), or
 * one that was mailed to another account, which stays unspent. */
must_use enum err key_confirm(struct authority *a, const struct key_asker *asker,
                              struct slice token, char id[KEY_RANDOM_SIZE],
                              struct refusal *refusal);

#endif
