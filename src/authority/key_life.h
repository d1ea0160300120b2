/* authority/key_life.h: how a key stops, pauses and goes on (A3, C4, C5, E4)
 *
 *     active <---> suspended          active, suspended ---> revoked or expired, for ever
 *
 * What suspends a key and restores it are its holds (authority/hold.h).
 *
 * Each move is one row of the change log in the same transaction; the gate segment follows after
 * the commit and before the caller hears of it.
 */
#ifndef AUTHORITY_KEY_LIFE_H
#define AUTHORITY_KEY_LIFE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/key_asker.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "keys/key_state.h"
#include "keys/key_text.h"
#include "store/keys.h"

/* Keys that moved in a transaction and that the segments must follow. */
struct key_list {
    char (*ids)[KEY_RANDOM_SIZE];
    size_t count, capacity;
};
/* False: out of memory. */
bool key_list_add(struct key_list *list, const char *id);
void key_list_wipe(struct key_list *list);
must_use enum err key_list_publish(struct authority *a, const struct key_list *list);

/* Moves a key in the caller's transaction, with its line in the change log; a key that has ended
 * keeps no hold, and what is open about it is withdrawn. */
must_use enum err key_move(struct authority *a, struct store_tx *tx, const char *who,
                           const struct store_key *key, enum key_state to, enum key_reason reason,
                           struct slice words);

bool key_is_usable(const struct store_key *key);

/* Revokes or expires for ever; a key that has ended stays as it is, with its first reason.  When it
 * returns OK, no gateway passes the key.  `id`: KEY_RANDOM_SIZE characters.  ERR_MISSING: no such
 * key. */
must_use enum err key_end(struct authority *a, const char *who, const char *id, enum key_state to,
                          enum key_reason reason, struct slice words);

/* Ends `count` keys in one transaction and publishes them.  Those that are not there, or have
 * ended, are passed over. */
struct key_ending {
    char id[KEY_RANDOM_SIZE];
    enum key_state to;
    enum key_reason reason;
};
must_use enum err keys_end(struct authority *a, const struct key_ending *endings, size_t count);

/* The same as key_end for a person: `words` are needed, and a word of keys/reason.def is
 * understood. */
must_use enum err key_revoke(struct authority *a, const char *who, const char *id,
                             struct slice words, struct refusal *refusal);

/* The owner's: of a key in reach of the asker, at once, with or without words.  ERR_MISSING: no
 * such key in reach.  */
must_use enum err key_revoke_own(struct authority *a, const struct key_asker *asker,
                                 const char *id, struct slice words, struct refusal *refusal);

#endif
