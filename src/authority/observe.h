/* authority/observe.h: what the traffic teaches the authority
 *
 * The gateways act by themselves at once; here what they did becomes durable and, where one key's
 * deed counts for another key, known to all: the first accepted sandbox order of an account makes
 * its live keys ready (D2), the wallets call stays with the key (D1), plaintext use (C5) and 90
 * idle days (C4) end it in the store too.
 */
#ifndef AUTHORITY_OBSERVE_H
#define AUTHORITY_OBSERVE_H

#include "audit/record.h"
#include "authority/authority.h"

/* Whether there may be something to learn: asks the segment only, for each record of the
 * traffic. */
bool observe_wants(struct authority *a, const struct audit_record *record);

/* Learns it; a transaction and a publication. */
must_use enum err observe_learn(struct authority *a, const struct audit_record *record);

/* Looks through the published keys for ended ones that the store takes for usable: at the start,
 * and now and then. */
void observe_sweep(struct authority *a);

#endif
