/* portal/approval.h: what a signatory sees and decides behind a mailed link (A4) */
#ifndef PORTAL_APPROVAL_H
#define PORTAL_APPROVAL_H

#include "console/call.h"

must_use enum err link_approval_view_post(struct call *c); /* POST /links/approval/view */
must_use enum err link_approval_post(struct call *c);      /* POST /links/approval */

#endif
