/* store/signups.h: accounts that were asked for and wait for the mailed link */
#ifndef STORE_SIGNUPS_H
#define STORE_SIGNUPS_H

#include <stdint.h>

#include "base/slice.h"
#include "store/accounts.h"
#include "store/sessions.h"
#include "store/store.h"

struct store_signup {
    uint64_t id; /* random, so that none is given twice: a mailed link names it */
    enum account_kind kind;
    uint64_t made_at_ns;
    char email[ACCOUNT_EMAIL_SIZE];
    char jurisdiction[3];
    char name[ACCOUNT_NAME_SIZE];
    char password[ACCOUNT_PASSWORD_SIZE];
    char address[SESSION_ADDRESS_SIZE];
};

must_use enum err store_signup_insert(struct store_tx *tx, const struct store_signup *signup);

/* ERR_MISSING: it was forgotten. */
must_use enum err store_signup_get(struct store_tx *tx, uint64_t id, struct store_signup *signup);

/* All of the address. */
must_use enum err store_signups_delete(struct store_tx *tx, struct slice email);

/* Those from before. */
must_use enum err store_signups_expire(struct store_tx *tx, uint64_t before_ns);

#endif
