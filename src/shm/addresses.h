/* shm/addresses.h: meters of addresses that show no valid key
 *
 * A fixed number of entries in sets of four; where a set is full, the one unused for longest gives
 * way, so memory stays bounded whoever calls.  An IPv6 client owns a /64 and is metered as one.
 * The table is keyed by a hash with a secret seed: nobody can aim at another's entry.
 */
#ifndef SHM_ADDRESSES_H
#define SHM_ADDRESSES_H

#include "shm/segment.h"

struct address_entry; /* in shared memory */

/* Entry of the address, taken over if it has none.  Cannot fail. */
struct address_entry *addresses_get(struct segment *segment,
                                    const uint8_t address[IP_ADDRESS_SIZE], uint64_t mono_ns);

/* Two addresses are metered as one. */
bool addresses_are_one(const uint8_t a[IP_ADDRESS_SIZE], const uint8_t b[IP_ADDRESS_SIZE]);

void address_read(const struct address_entry *entry, struct gate_address *meters);

/* Compare-and-swap of one meter; false: somebody else was faster, read and decide again. */
bool address_requests_store(struct address_entry *entry, uint64_t from_ns, uint64_t to_ns);
bool address_failures_store(struct address_entry *entry, uint64_t from_ns, uint64_t to_ns);

#endif
