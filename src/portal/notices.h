/* portal/notices.h: /notices */
#ifndef PORTAL_NOTICES_H
#define PORTAL_NOTICES_H

#include "console/call.h"

must_use enum err notices_get(struct call *c);       /* GET /notices */
must_use enum err notices_read_post(struct call *c); /* POST /notices/read */

#endif
