/* store/sessions.h: who is logged in, and from which devices they have been before
 *
 * What a browser holds is kept as its SHA-256 only, so that who reads the database can be nobody.
 */
#ifndef STORE_SESSIONS_H
#define STORE_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/accounts.h"
#include "store/keys.h"
#include "store/store.h"

enum {
    SESSION_ID_SIZE = 23, /* 16 random bytes as base64url, and the zero */
    SESSION_ADDRESS_SIZE = 46,
    SESSION_AGENT_SIZE = 161,
};

enum session_level {
    SESSION_PASSWORD = 1, /* the password was right */
    SESSION_FULL = 2,     /* and a second factor was given (B1) */
};

struct store_session {
    char id[SESSION_ID_SIZE];
    uint8_t token_sha256[STORE_SHA256_SIZE];
    uint64_t account;
    enum session_level level;
    uint64_t made_at_ns, used_at_ns;
    char address[SESSION_ADDRESS_SIZE];
    char country[3]; /* "": not known */
    char agent[SESSION_AGENT_SIZE];
};

must_use enum err store_session_insert(struct store_tx *tx, const struct store_session *session);

/* ERR_MISSING: nobody holds such a token. */
must_use enum err store_session_get(struct store_tx *tx,
                                    const uint8_t token_sha256[STORE_SHA256_SIZE],
                                    struct store_session *session);

/* The newest first, those begun after `since_ns`, until `each` returns false. */
must_use enum err store_sessions_each(struct store_tx *tx, uint64_t account, uint64_t since_ns,
                                      bool (*each)(void *context,
                                                   const struct store_session *session),
                                      void *context);

must_use enum err store_session_use(struct store_tx *tx, const char *id, uint64_t at_ns);

/* Another token and level for the same session.  ERR_MISSING: it has ended. */
must_use enum err store_session_renew(struct store_tx *tx, const char *id,
                                      const uint8_t token_sha256[STORE_SHA256_SIZE],
                                      enum session_level level);

/* Ends one session of the account.  *changed: false when there was none. */
must_use enum err store_session_delete(struct store_tx *tx, uint64_t account, const char *id,
                                       bool *changed);

/* Ends all sessions of the account but `except` (NULL: none is spared).  *count: how many. */
must_use enum err store_sessions_delete(struct store_tx *tx, uint64_t account, const char *except,
                                        uint64_t *count);

/* Forgets sessions that began before `before_ns`. */
must_use enum err store_sessions_expire(struct store_tx *tx, uint64_t before_ns);

/* Whether the account was logged in to with this device. */
must_use enum err store_device_find(struct store_tx *tx, uint64_t account,
                                    const uint8_t token_sha256[STORE_SHA256_SIZE], bool *known);

/* Whether any device is known for it. */
must_use enum err store_devices_find(struct store_tx *tx, uint64_t account, bool *any);

/* The device is known for the account from now on. */
must_use enum err store_device_insert(struct store_tx *tx, uint64_t account,
                                      const uint8_t token_sha256[STORE_SHA256_SIZE],
                                      uint64_t at_ns);

/* What the device was known for goes over to its new token. */
must_use enum err store_device_renew(struct store_tx *tx,
                                     const uint8_t before[STORE_SHA256_SIZE],
                                     const uint8_t after[STORE_SHA256_SIZE]);

/* No device is known for the account any more. */
must_use enum err store_devices_delete(struct store_tx *tx, uint64_t account);

#endif
