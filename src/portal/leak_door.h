/* portal/leak_door.h: what strangers bring: alerts of hosting services, and secrets to end (E1)
 *
 *     POST /leaks/alerts/{origin}        GET /leaks/alerts/{origin}/types        POST /revoke
 *
 * No session and no Origin: an alert proves itself (authority/alert.h), a secret too
 * (authority/leak_self.h).
 */
#ifndef PORTAL_LEAK_DOOR_H
#define PORTAL_LEAK_DOOR_H

#include "console/call.h"

must_use enum err leak_alert_post(struct call *c);
must_use enum err leak_alert_types_get(struct call *c);
must_use enum err revoke_post(struct call *c);

#endif
