/* authority/link.h: what the holder of a mailed link may do
 *
 * A link carries a token of 256 random bits, works once, until it expires, for one purpose, one
 * account and, where it is about one, one key.  The store knows only the token's SHA-256, so that
 * who reads the database can follow no link.  When one is used, all others of the same purpose,
 * account, key and subject are used with it: an older mail in the box opens nothing any more.
 *
 * The token stands behind the "#" of the address, which no browser sends to a server: it is in no
 * log and no Referer.
 */
#ifndef AUTHORITY_LINK_H
#define AUTHORITY_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "keys/key_text.h"
#include "store/store.h"

enum {
    LINK_TOKEN_SIZE = 44, /* 43 characters of base64url and the zero */
    LINK_URL_SIZE = 512,
};

/* In the store: numbers are never reused. */
enum link_purpose {
    LINK_EMAIL = 1,      /* "email": the mailbox is the account's */
    LINK_PASSWORD = 2,   /* "password": a forgotten one is replaced */
    LINK_WITHDRAWAL = 3, /* "withdrawal": a key may withdraw (C2) */
    LINK_APPROVAL = 4,   /* "approval": a signatory approves a key (A4) */
};

struct link {
    enum link_purpose purpose;
    uint64_t account;
    char key[KEY_RANDOM_SIZE]; /* zeros: about no key */
    uint64_t subject;          /* 0: the account's owner */
    uint64_t expires_at_ns;
};

/* In the caller's transaction; the token goes into a mail and nowhere else.  `key`: KEY_RANDOM_SIZE
 * characters, or NULL. */
must_use enum err link_make(struct authority *a, struct store_tx *tx, enum link_purpose purpose,
                            uint64_t account, const char *key, uint64_t subject, uint64_t lives_ns,
                            char token[LINK_TOKEN_SIZE]);

/* In the caller's transaction, whose commit spends the link.  Refusals, all REFUSAL_RULE:
 * link-unknown (also: of another purpose), link-used, link-expired. */
must_use enum err link_spend(struct authority *a, struct store_tx *tx, enum link_purpose purpose,
                             struct slice token, struct link *link, struct refusal *refusal);

/* The same without spending it: what the page behind the link shows. */
must_use enum err link_view(struct authority *a, struct store_tx *tx, enum link_purpose purpose,
                            struct slice token, struct link *link, struct refusal *refusal);

/* For links that only their own account may follow: refuses (link-foreign) any other one, which
 * rolls back and leaves the link unspent. */
void link_owner_check(const struct link *link, uint64_t account, struct refusal *refusal);

/* "https://keys.venue.example/console/#/link/email/TOKEN" */
void link_url_format(const struct authority *a, enum link_purpose purpose, const char *token,
                     char url[LINK_URL_SIZE]);

#endif
