/* authority/email.h: one spelling for each mailbox */
#ifndef AUTHORITY_EMAIL_H
#define AUTHORITY_EMAIL_H

#include <stdbool.h>

#include "base/slice.h"
#include "store/accounts.h"

/* Trims, lowers the letters and checks that mail could be sent to it: ASCII, one "@", a local part
 * of 1 to 64 characters, a domain with a dot (RFC 5321; quoted local parts are not accepted).  The
 * local part is lowered too: no provider in use tells "Ada" from "ada", and two accounts must not
 * look like one.  False: malformed, `email` undefined. */
bool email_parse(struct slice text, char email[ACCOUNT_EMAIL_SIZE]);

#endif
