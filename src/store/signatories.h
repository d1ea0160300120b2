/* store/signatories.h: who may act for a corporate account (A4) */
#ifndef STORE_SIGNATORIES_H
#define STORE_SIGNATORIES_H

#include <stddef.h>
#include <stdint.h>

#include "store/accounts.h"
#include "store/store.h"

enum {
    SIGNATORIES_MOST = 20,
    SIGNATORY_NAME_SIZE = 129, /* 128 bytes of UTF-8 and the zero */
};

struct store_signatory {
    uint64_t id; /* never given twice, also not after removal */
    char name[SIGNATORY_NAME_SIZE];
    char email[ACCOUNT_EMAIL_SIZE];
};

/* Takes the list's place; gives ids to the new ones. */
must_use enum err store_signatories_set(struct store_tx *tx, uint64_t account,
                                        struct store_signatory *signatories, size_t count,
                                        uint64_t at_ns);

/* Those that are listed now. */
must_use enum err store_signatories_get(struct store_tx *tx, uint64_t account,
                                        struct store_signatory signatories[SIGNATORIES_MOST],
                                        size_t *count);

#endif
