/* store/links.h: what the links in mails may do; the token is known by its hash only */
#ifndef STORE_LINKS_H
#define STORE_LINKS_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/record.h"
#include "store/keys.h"
#include "store/store.h"

struct store_link {
    uint8_t token_sha256[STORE_SHA256_SIZE];
    uint32_t purpose;          /* enum link_purpose */
    uint64_t account;
    char key[RECORD_KEY_SIZE]; /* zeros: about no key */
    uint64_t subject;          /* 0: the account's owner */
    uint64_t made_at_ns;
    uint64_t expires_at_ns;
    uint64_t used_at_ns;       /* 0: not yet */
};

must_use enum err store_link_insert(struct store_tx *tx, const struct store_link *link);

/* By link->token_sha256, into the rest of it. */
must_use enum err store_link_find(struct store_tx *tx, struct store_link *link, bool *present);

/* Marks the link, and all others of the same purpose, account, key and subject. */
must_use enum err store_link_use(struct store_tx *tx, const struct store_link *link,
                                 uint64_t at_ns);

/* Forgets up to `most` links that expired before the moment. */
must_use enum err store_links_forget(struct store_tx *tx, uint64_t before_ns, uint64_t most);

#endif
