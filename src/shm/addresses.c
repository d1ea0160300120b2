#include "shm/addresses.h"

#include <string.h>

#include "shm/layout.h"

/* Of an IPv6 address the first half is counted. */
static void address_counted(const uint8_t address[IP_ADDRESS_SIZE],
                            uint8_t counted[IP_ADDRESS_SIZE])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

    memset(counted, 0, IP_ADDRESS_SIZE);
    memcpy(counted, address, memcmp(address, mapped, sizeof mapped) == 0 ? IP_ADDRESS_SIZE : 8);
}

bool addresses_are_one(const uint8_t a[IP_ADDRESS_SIZE], const uint8_t b[IP_ADDRESS_SIZE])
{
    uint8_t left[IP_ADDRESS_SIZE], right[IP_ADDRESS_SIZE];

    address_counted(a, left);
    address_counted(b, right);
    return memcmp(left, right, sizeof left) == 0;
}

static uint64_t address_hash(const struct segment *segment, const uint8_t address[IP_ADDRESS_SIZE])
{
    uint8_t counted[IP_ADDRESS_SIZE];
    uint64_t hash;

    address_counted(address, counted);
    hash = hash_16(counted, segment->header->seed);
    return hash == 0 ? 1 : hash; /* 0 is an empty entry */
}

/* All accesses are relaxed: an entry guards nothing but its own numbers, and a race between two
 * newcomers at worst lends one of them the other's meter for a moment. */
struct address_entry *addresses_get(struct segment *segment,
                                    const uint8_t address[IP_ADDRESS_SIZE], uint64_t mono_ns)
{
    uint64_t hash = address_hash(segment, address);
    struct address_entry *set =
        &segment->addresses[(hash >> 32) % segment->header->address_sets * ADDRESS_WAYS];
    struct address_entry *oldest = set;
    uint64_t oldest_at_ns = UINT64_MAX, was;

    for (size_t i = 0; i < ADDRESS_WAYS; i++) {
        uint64_t seen_at_ns = atomic_load_explicit(&set[i].seen_at_ns, memory_order_relaxed);

        if (atomic_load_explicit(&set[i].hash, memory_order_relaxed) == hash) {
            atomic_store_explicit(&set[i].seen_at_ns, mono_ns, memory_order_relaxed);
            return &set[i];
        }
        if (seen_at_ns < oldest_at_ns) {
            oldest = &set[i];
            oldest_at_ns = seen_at_ns;
        }
    }
    was = atomic_load_explicit(&oldest->hash, memory_order_relaxed);
    /* Lost: somebody else has just moved in.  Sharing the entry once meters both, which is safe. */
    if (atomic_compare_exchange_strong_explicit(&oldest->hash, &was, hash, memory_order_relaxed,
                                                memory_order_relaxed)) {
        atomic_store_explicit(&oldest->requests_full_at_ns, 0, memory_order_relaxed);
        atomic_store_explicit(&oldest->failures_full_at_ns, 0, memory_order_relaxed);
        atomic_store_explicit(&oldest->seen_at_ns, mono_ns, memory_order_relaxed);
    }
    return oldest;
}

void address_read(const struct address_entry *entry, struct gate_address *meters)
{
    meters->requests_full_at_ns =
        atomic_load_explicit(&entry->requests_full_at_ns, memory_order_relaxed);
    meters->failures_full_at_ns =
        atomic_load_explicit(&entry->failures_full_at_ns, memory_order_relaxed);
}

bool address_requests_store(struct address_entry *entry, uint64_t from_ns, uint64_t to_ns)
{
    return atomic_compare_exchange_strong_explicit(&entry->requests_full_at_ns, &from_ns, to_ns,
                                                   memory_order_relaxed, memory_order_relaxed);
}

bool address_failures_store(struct address_entry *entry, uint64_t from_ns, uint64_t to_ns)
{
    return atomic_compare_exchange_strong_explicit(&entry->failures_full_at_ns, &from_ns, to_ns,
                                                   memory_order_relaxed, memory_order_relaxed);
}
