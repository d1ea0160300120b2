/* daemon/up_demo.h: the demo accounts and keys of a try-out, on disk and on the screen
 *
 *     {"ca": path, "console": url, "account": {"email", "password", "totp_secret"},
 *      "operator": {the same, with the role of one},
 *      "sandbox": {"rest": url, "ws": url, "keys": [{"account", "key", "secret"}, ...]},
 *      "live": {...}, "tripwire": url}
 *
 * DATA/demo.json keeps it from one start to the next; RUN/demo.json is there only while everything
 * answers.  Both hold secrets: mode 0600.
 */
#ifndef DAEMON_UP_DEMO_H
#define DAEMON_UP_DEMO_H

#include <jansson.h>

#include "base/err.h"
#include "daemon/up.h"

/* Reads DATA/demo.json.  ERR_MISSING: first start.  ERR_CORRUPT: not what demo_save wrote. */
must_use enum err demo_load(const struct up *up, json_t **demo);

/* Writes DATA/demo.json with the addresses of this start. */
must_use enum err demo_save(const struct up *up, json_t *demo);

/* Puts RUN/demo.json there, or takes it away. */
must_use enum err demo_publish(const struct up *up, const json_t *demo);
void demo_withdraw(const struct up *up);

/* One screenful: addresses, account, one key of each environment, a request to paste. */
void demo_show(const struct up *up, const json_t *demo);

#endif
