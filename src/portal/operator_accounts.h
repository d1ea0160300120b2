/* portal/operator_accounts.h: /operator/accounts, found, shown, flagged (A3), freed of lost
 * factors (A2) */
#ifndef PORTAL_OPERATOR_ACCOUNTS_H
#define PORTAL_OPERATOR_ACCOUNTS_H

#include "console/call.h"

must_use enum err operator_accounts_get(struct call *c); /* GET /operator/accounts?search=&after= */
must_use enum err operator_account_get(struct call *c);  /* GET /operator/accounts/{id} */
must_use enum err operator_flag_post(struct call *c);    /* POST /operator/accounts/{id}/flag */
must_use enum err operator_unflag_post(struct call *c);  /* POST /operator/accounts/{id}/unflag */
/* POST /operator/accounts/{id}/factors/{factor}/remove */
must_use enum err operator_factor_remove_post(struct call *c);

#endif
