/* daemon/up_authority.h: the authority's settings, filled in for a try-out */
#ifndef DAEMON_UP_AUTHORITY_H
#define DAEMON_UP_AUTHORITY_H

#include "base/err.h"
#include "daemon/up.h"

/* "https://localhost:8443": where browsers find the console.  Loopback is called localhost, because
 * passkeys belong to a name and never to an address. */
void up_console_url(const struct up *up, char url[UP_URL_SIZE]);

/* Writes RUN/authority.yaml: mails are files in RUN/mail, addresses without a country are no reason
 * to wait, webhooks may go to this machine.  ERR_IO. */
must_use enum err authority_configure(const struct up *up);

#endif
