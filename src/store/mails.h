/* store/mails.h: the queue of mails, and what became of them
 *
 * A mail is claimed before it is sent: the claim counts the attempt and moves the next one into the
 * future, so that a crash in between means one more attempt and never an endless fast loop.  What
 * it says is erased the moment it needs no sending any more.
 */
#ifndef STORE_MAILS_H
#define STORE_MAILS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/accounts.h"
#include "store/store.h"

enum {
    MAIL_SEALED_MOST = 16384,
    DELIVERY_PROBLEM_SIZE = 256,
};

/* Of mails and of deliveries to webhooks. */
enum delivery_state {
    DELIVERY_WAITING = 1,
    DELIVERY_UNDER_WAY = 2, /* after a crash it waits again */
    DELIVERY_DONE = 3,
    DELIVERY_GIVEN_UP = 4,
};

struct store_mail {
    uint64_t id;
    uint64_t account; /* 0: nobody's */
    char recipient[ACCOUNT_EMAIL_SIZE];
    uint32_t template; /* enum mail_template */
    enum delivery_state state;
    uint32_t attempt_count;
    uint64_t made_at_ns;
    uint64_t due_at_ns;
    uint64_t done_at_ns;
    char problem[DELIVERY_PROBLEM_SIZE]; /* of the last attempt */
    uint8_t sealed[MAIL_SEALED_MOST];
    size_t sealed_size; /* 0: erased */
};

/* The id of the next mail of this transaction; its sealing needs it. */
must_use enum err store_mail_id_next(struct store_tx *tx, uint64_t *id);
must_use enum err store_mail_insert(struct store_tx *tx, const struct store_mail *mail);

/* The waiting mail that is due first, if that is not after `now_ns`. */
must_use enum err store_mail_due_find(struct store_tx *tx, uint64_t now_ns, struct store_mail *mail,
                                      bool *present);

/* When the next attempt is due; 0: no mail waits. */
must_use enum err store_mails_due_get(struct store_tx *tx, uint64_t *due_at_ns);

/* Stores state, attempts, next attempt, end and problem; erases what it says unless it waits. */
must_use enum err store_mail_set(struct store_tx *tx, const struct store_mail *mail);

/* At the start, when nothing is under way: what was then waits for its next attempt. */
must_use enum err store_mails_recover(struct store_tx *tx);

struct store_mails_state {
    uint64_t waiting_count; /* and under way */
    uint64_t oldest_made_at_ns; /* of those; 0: none */
    uint64_t given_up_count;    /* since `since_ns` */
};
must_use enum err store_mails_state_get(struct store_tx *tx, uint64_t since_ns,
                                        struct store_mails_state *state);

/* Forgets up to `most` mails that were done before the moment. */
must_use enum err store_mails_forget(struct store_tx *tx, uint64_t before_ns, uint64_t most);

#endif
