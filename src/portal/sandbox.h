/* portal/sandbox.h: the sandbox's market in the console: own orders, own wallets, the control panel
 *
 * The exchange is asked over its socket in the name of the account that is logged in, and only for
 * what is that account's: paths below /v2/auth/ and nothing of the operator's.  Each call that
 * changes something is in the change log before the exchange hears of it.  An account may make so
 * many calls a second and have so many under way; the gate, which judges keys, does not see these.
 * Market data does not come this way: pages read it from the public WebSocket.
 */
#ifndef PORTAL_SANDBOX_H
#define PORTAL_SANDBOX_H

#include "base/err.h"
#include "console/call.h"

struct sandbox;

/* `socket` is borrowed.  ERR_MEMORY. */
must_use enum err sandbox_open(const char *socket, struct sandbox **sandbox);

/* Accepts NULL in *sandbox and sets it. */
void sandbox_close(struct sandbox **sandbox);

must_use enum err sandbox_get(struct call *c);
must_use enum err sandbox_orders_get(struct call *c);
must_use enum err sandbox_wallets_get(struct call *c);
must_use enum err sandbox_orders_post(struct call *c);
must_use enum err sandbox_cancel_post(struct call *c);
must_use enum err sandbox_control_post(struct call *c);

#endif
