/* authority/device.h: browsers that an account was logged in to from
 *
 * A cookie that outlives sessions says so.  It opens nothing: who shows it is merely not slowed
 * down by others (authority/throttle.h) and is no new place to warn of.
 */
#ifndef AUTHORITY_DEVICE_H
#define AUTHORITY_DEVICE_H

#include <stdbool.h>

#include "authority/authority.h"
#include "authority/session.h"
#include "base/slice.h"
#include "store/store.h"

/* Whether the account knows the cookie; `account` 0: it does not. */
must_use enum err device_is_known(struct store_tx *tx, uint64_t account, struct slice cookie,
                                  bool *known);

/* After a login, in its transaction.  `token` is the cookie to set, "" when it stays; with a new
 * one, what the old one was known for goes over to it, so that a cookie somebody planted is worth
 * nothing.  *strange: the account knows other devices, but not this one. */
must_use enum err device_note(struct authority *a, struct store_tx *tx, uint64_t account,
                              struct slice cookie, char token[SESSION_TOKEN_SIZE], bool *strange);

#endif
