/* console/totp.h: /accounts/{a}/totp, the second factor */
#ifndef CONSOLE_TOTP_H
#define CONSOLE_TOTP_H

#include "console/call.h"

must_use enum err totp_post(struct call *c);         /* POST /accounts/{a}/totp */
must_use enum err totp_confirm_post(struct call *c); /* POST /accounts/{a}/totp/confirm */

#endif
