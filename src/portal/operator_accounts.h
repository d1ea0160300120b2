/* portal/operator_accounts.h: /operator/accounts, found, shown and flagged (A3) */
#ifndef PORTAL_OPERATOR_ACCOUNTS_H
#define PORTAL_OPERATOR_ACCOUNTS_H

#include "console/call.h"

must_use enum err operator_accounts_get(struct call *c); /* GET /operator/accounts?search=&after= */
must_use enum err operator_account_get(struct call *c);  /* GET /operator/accounts/{id} */
must_use enum err operator_flag_post(struct call *c);    /* POST /operator/accounts/{id}/flag */
must_use enum err operator_unflag_post(struct call *c);  /* POST /operator/accounts/{id}/unflag */

#endif
