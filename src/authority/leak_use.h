/* authority/leak_use.h: what was done with a key since it could be read in public (E1) */
#ifndef AUTHORITY_LEAK_USE_H
#define AUTHORITY_LEAK_USE_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/record.h"
#include "base/buffer.h"
#include "gate/ip_rule.h"
#include "trail/trail.h"

enum { LEAK_ADDRESSES_MOST = 8, LEAK_RECORDS_MOST = TRAIL_FIND_MOST };

struct leak_use {
    uint64_t since_ns;
    uint64_t passed, refused; /* of correctly signed requests */
    bool more;                /* there were more than the newest LEAK_RECORDS_MOST */
    uint64_t last_at_ns;      /* 0: none */
    uint8_t addresses[LEAK_ADDRESSES_MOST][IP_ADDRESS_SIZE]; /* the latest first */
    size_t address_count;
    bool more_addresses;
};

/* `trail` may be NULL, and what it cannot tell is not there: a leak waits for no log. */
void leak_use_read(struct trail *trail, const char *key, uint64_t since_ns, struct leak_use *use);

/* "14 requests passed, 2 were refused, from 192.0.2.7 and 203.0.113.9" */
void leak_use_words(const struct leak_use *use, struct buffer *into);

#endif
