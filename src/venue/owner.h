/* venue/owner.h: whose keys may control a sandbox's clock and market
 *
 * An account's number, or one of these.  The operator's command line always may; what concerns one
 * account only, that account may.
 */
#ifndef VENUE_OWNER_H
#define VENUE_OWNER_H

#include <stdint.h>

#define VENUE_OWNER_OPERATOR UINT64_C(0) /* no key may */
#define VENUE_OWNER_ANYBODY  UINT64_MAX  /* as on a machine that one person uses alone */

#endif
