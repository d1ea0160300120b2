/* daemon/up_nginx.h: the gateway's configuration and the page it serves, filled in for a try-out */
#ifndef DAEMON_UP_NGINX_H
#define DAEMON_UP_NGINX_H

#include "base/err.h"
#include "daemon/up.h"

/* Writes RUN/nginx.conf and RUN/console/.  ERR_MISSING: the template wants what is not known here;
 * ERR_IO.  The cause is in the journal. */
must_use enum err nginx_configure(const struct up *up);

#endif
