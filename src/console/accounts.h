/* console/accounts.h: /accounts, and what is shown, decided and held against one */
#ifndef CONSOLE_ACCOUNTS_H
#define CONSOLE_ACCOUNTS_H

#include "console/call.h"
#include "store/reviews.h"

must_use enum err accounts_post(struct call *c);       /* POST /accounts */
must_use enum err accounts_get(struct call *c);        /* GET /accounts?after= */
must_use enum err account_get(struct call *c);         /* GET /accounts/{a} */
must_use enum err account_verify_post(struct call *c); /* POST /accounts/{a}/verify */
must_use enum err account_flag_post(struct call *c);   /* POST /accounts/{a}/flag */
must_use enum err account_unflag_post(struct call *c); /* POST /accounts/{a}/unflag */

/* ACCOUNT. */
struct account_view;
json_t *account_json(const struct account_view *view);

/* Leaves ACCOUNT (docs/architecture.md) as the reply. */
must_use enum err account_reply(struct call *c, uint64_t account);

/* Adds "waiting" to that reply: the number of the review that waits for a second operator's word,
 * or null. */
must_use enum err proposal_reply(struct call *c, enum review_kind kind, uint64_t account);

#endif
