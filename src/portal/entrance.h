/* portal/entrance.h: signing up, logging in, passwords */
#ifndef PORTAL_ENTRANCE_H
#define PORTAL_ENTRANCE_H

#include "console/call.h"

must_use enum err signup_post(struct call *c);          /* POST /signup */
must_use enum err link_email_post(struct call *c);      /* POST /links/email */
must_use enum err login_post(struct call *c);           /* POST /login */
must_use enum err login_factor_post(struct call *c);    /* POST /login/factor */
must_use enum err password_forgot_post(struct call *c); /* POST /password/forgot */
must_use enum err link_password_post(struct call *c);   /* POST /links/password */
must_use enum err password_post(struct call *c);        /* POST /password */

#endif
