/* portal/keys.h: /keys, an owner's own keys in the browser (B2-B7, C2, C4, D6, E4) */
#ifndef PORTAL_KEYS_H
#define PORTAL_KEYS_H

#include "console/call.h"

must_use enum err own_keys_get(struct call *c);             /* GET /keys?search=&state=&… */
must_use enum err own_keys_options_get(struct call *c);     /* GET /keys/options */
must_use enum err own_keys_check_post(struct call *c);      /* POST /keys/check */
must_use enum err own_keys_post(struct call *c);            /* POST /keys */
must_use enum err own_key_get(struct call *c);              /* GET /keys/{id} */
must_use enum err own_key_rename_post(struct call *c);      /* POST /keys/{id}/rename */
must_use enum err own_key_check_post(struct call *c);       /* POST /keys/{id}/check */
must_use enum err own_key_tighten_post(struct call *c);     /* POST /keys/{id}/tighten */
must_use enum err own_key_loosen_post(struct call *c);      /* POST /keys/{id}/loosen */
must_use enum err own_key_rotate_post(struct call *c);      /* POST /keys/{id}/rotate */
must_use enum err own_key_revoke_post(struct call *c);      /* POST /keys/{id}/revoke */
must_use enum err own_key_lift_post(struct call *c);        /* POST /keys/{id}/lift */
must_use enum err own_key_mail_post(struct call *c);        /* POST /keys/{id}/withdrawal-mail */
must_use enum err link_withdrawal_post(struct call *c);     /* POST /links/withdrawal */

#endif
