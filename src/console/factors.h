/* console/factors.h: /accounts/{a}/factors, what an account confirms with, and taking one away
 * (A2) */
#ifndef CONSOLE_FACTORS_H
#define CONSOLE_FACTORS_H

#include "console/call.h"

must_use enum err account_factors_get(struct call *c); /* GET /accounts/{a}/factors */
must_use enum err account_factor_remove_post(struct call *c); /* .../factors/{factor}/remove */

struct store_passkey;
json_t *passkey_json(const struct store_passkey *passkey);

/* FACTORS: {"totp", "passkeys", "recovery_codes"}, in *json for the caller to release. */
must_use enum err factors_json(struct authority *a, uint64_t account, json_t **json);

#endif
