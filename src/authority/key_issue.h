/* authority/key_issue.h: who asks for keys, what stands in the way, and the keys
 *
 * An application is for one to sixteen keys of one account, confirmed with one proof (B5); they are
 * made all or none.  A refusal names everything that is missing, from the account (A1-A4) and from
 * each key (B3, B4, B7), and only when nothing else is missing is the proof looked at, so that no
 * code is spent on an application that cannot succeed.
 */
#ifndef AUTHORITY_KEY_ISSUE_H
#define AUTHORITY_KEY_ISSUE_H

#include <stddef.h>
#include <stdint.h>

#include "authority/authority.h"
#include "authority/key_draft.h"
#include "authority/key_make.h"
#include "authority/proof.h"
#include "authority/refusal.h"
#include "base/slice.h"
#include "keys/key_text.h"

enum {
    KEY_BATCH_MOST = 16,
    KEY_PUBLIC_PER_S = 15, /* C1 */
    KEY_PRIVATE_PER_S = 5,
};

/* C3 and C4. */
#define KEY_COOLING_NS (UINT64_C(72) * 3600 * NS_PER_S)
#define KEY_IDLE_NS (90 * DAY_NS)

struct key_batch {
    uint64_t account;
    const char *session; /* NULL: asked for by an operator, so only a code can confirm */
    uint8_t operation[OPERATION_SIZE]; /* authority/proof.h; of no use without a session */
    struct proof proof;
    const char *address; /* of the request; NULL: of none */
    struct slice agent;  /* what the browser calls itself; may be empty */
    size_t count; /* 1 to KEY_BATCH_MOST */
    struct key_application keys[KEY_BATCH_MOST];
};

/* On OK without a refusal, grants[0 .. count) are known to every gateway; those that have to wait
 * (authority/admission.h) are suspended. */
must_use enum err key_issue(struct authority *a, const char *who, const struct key_batch *batch,
                            struct key_grant grants[KEY_BATCH_MOST], struct refusal *refusal);

#endif
