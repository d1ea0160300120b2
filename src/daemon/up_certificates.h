/* daemon/up_certificates.h: a certificate authority of one's own, for a try-out
 *
 * FOLDER/ca.pem, ca.key, server.pem, server.key: EC P-256, keys of mode 0600.  The CA lives ten
 * years and signs nothing but this server, which is renewed when a month is left.
 */
#ifndef DAEMON_UP_CERTIFICATES_H
#define DAEMON_UP_CERTIFICATES_H

#include "base/err.h"

/* Makes what is missing, close to its end or not for `address` (localhost, 127.0.0.1 and ::1 are
 * always in).  ERR_IO, ERR_CRYPTO; the cause is in the journal. */
must_use enum err certificates_make(const char *folder, const char *address);

#endif
