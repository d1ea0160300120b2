/* portal/webhooks.h: /webhooks and what was delivered to them */
#ifndef PORTAL_WEBHOOKS_H
#define PORTAL_WEBHOOKS_H

#include "console/call.h"

must_use enum err webhooks_get(struct call *c);             /* GET /webhooks */
must_use enum err webhooks_post(struct call *c);            /* POST /webhooks */
must_use enum err webhook_remove_post(struct call *c);      /* POST /webhooks/{id}/remove */
must_use enum err webhook_test_post(struct call *c);        /* POST /webhooks/{id}/test */
must_use enum err webhook_deliveries_get(struct call *c);   /* GET /webhooks/{id}/deliveries */
must_use enum err webhook_resend_post(struct call *c); /* POST .../deliveries/{delivery}/resend */

#endif
