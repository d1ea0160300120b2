/* portal/account.h: what the account knows of itself, and what happened to it */
#ifndef PORTAL_ACCOUNT_H
#define PORTAL_ACCOUNT_H

#include "console/call.h"

must_use enum err own_account_get(struct call *c); /* GET /account */
must_use enum err history_get(struct call *c);     /* GET /history?before= */

#endif
