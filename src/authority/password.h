/* authority/password.h: what a person types to log in, kept as Argon2id (RFC 9106) by libsodium */
#ifndef AUTHORITY_PASSWORD_H
#define AUTHORITY_PASSWORD_H

#include <stdbool.h>

#include "authority/refusal.h"
#include "base/slice.h"
#include "store/accounts.h"

enum {
    /* NIST SP 800-63B: at least 8 beside a second factor; longer is asked because it is free. */
    PASSWORD_LEAST = 10,
    PASSWORD_MOST = 256,
};

/* Refuses what is too short or too long; else writes the hash.  Takes about a tenth of a second and
 * 64 MiB, on purpose: never inside a transaction. */
must_use enum err password_hash(struct slice password, char hash[ACCOUNT_PASSWORD_SIZE],
                                struct refusal *refusal);

/* The hash of a password that nobody has: who logs in to no account waits as long as everybody. */
extern const char password_nobody[];

/* Whether it is the password of the hash; takes as long. */
bool password_is(const char *hash, struct slice password);

#endif
