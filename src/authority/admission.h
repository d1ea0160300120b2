/* authority/admission.h: what a key waits for although its owner has done everything
 *
 * A key that was asked for from another country waits for an operator (A5), and a corporation's key
 * that can trade or withdraw waits for its signatories (A4).  It exists, so that its secret is told
 * once (B6), but it is suspended until the last hold is lifted; a rejection revokes it.
 */
#ifndef AUTHORITY_ADMISSION_H
#define AUTHORITY_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "authority/authority.h"
#include "base/slice.h"
#include "store/keys.h"
#include "store/store.h"

struct applicant {
    struct slice address; /* empty: an operator at the command line */
    struct slice agent;   /* what the browser calls itself; may be empty */
};

/* In the transaction that inserted the key or gave it `added` scopes (those that wait for a mail
 * included), for its row as it stands in the store: adds the holds, opens the reviews, writes to
 * the signatories.  The caller publishes the key after its commit.  *waits: whether it has to wait
 * for anybody. */
must_use enum err admission_judge(struct authority *a, struct store_tx *tx, const char *who,
                                  const struct store_key *key, uint32_t added,
                                  const struct applicant *from, bool *waits);

#endif
