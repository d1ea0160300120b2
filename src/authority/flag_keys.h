/* authority/flag_keys.h: the keys of an account follow its flag (A3)
 *
 * An account may have a million keys (B7), and one transaction about all of them would keep
 * everybody else waiting for minutes.  So a flag says what becomes of the keys, and they follow in
 * slices: a transaction each, published before the next one begins.  The flag is there from the
 * first moment, so no new key appears behind; and each slice reads it again, so that whoever flags
 * anew or resolves it changes what the rest of the keys follows.  Nothing else is written down: how
 * far it has come is seen by the keys.  Half of it done by an authority that died is finished at
 * the next start.
 */
#ifndef AUTHORITY_FLAG_KEYS_H
#define AUTHORITY_FLAG_KEYS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "base/err.h"

/* After the commit that set the flag, or set it to FLAG_KEYS_LIFT, which is deleted at the end.
 * When it returns OK, all keys have followed and the gateways know; after an error some have, and
 * calling again goes on. Never ERR_CONFLICT. */
must_use enum err flag_keys_follow(struct authority *a, const char *who, uint64_t account);

/* The same for all flagged accounts, once after the start; returns early when *stopping. */
must_use enum err flag_keys_resume(struct authority *a, const atomic_bool *stopping);

#endif
