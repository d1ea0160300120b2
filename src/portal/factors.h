/* portal/factors.h: /factors and /challenges, the second factors of whoever is logged in (A2, B5)
 */
#ifndef PORTAL_FACTORS_H
#define PORTAL_FACTORS_H

#include "console/call.h"

must_use enum err factors_get(struct call *c);                   /* GET /factors */
must_use enum err factors_totp_post(struct call *c);             /* POST /factors/totp */
must_use enum err factors_totp_confirm_post(struct call *c);     /* POST /factors/totp/confirm */
must_use enum err factors_totp_remove_post(struct call *c);      /* POST /factors/totp/remove */
must_use enum err factors_passkey_options_post(struct call *c); /* POST /factors/passkeys/options */
must_use enum err factors_passkeys_post(struct call *c);         /* POST /factors/passkeys */
must_use enum err factors_passkey_remove_post(struct call *c);   /* .../passkeys/{id}/remove */
must_use enum err factors_recovery_codes_post(struct call *c);   /* POST /factors/recovery-codes */
must_use enum err challenges_post(struct call *c);               /* POST /challenges */

#endif
