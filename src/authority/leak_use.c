#include "authority/leak_use.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "gate/verdict.h"

static void address_add(struct leak_use *use, const uint8_t *address)
{
    for (size_t i = 0; i < use->address_count; i++)
        if (memcmp(use->addresses[i], address, IP_ADDRESS_SIZE) == 0)
            return;
    if (use->address_count == LEAK_ADDRESSES_MOST)
        use->more_addresses = true;
    else
        memcpy(use->addresses[use->address_count++], address, IP_ADDRESS_SIZE);
}

static bool record_add(void *context, const struct trail_row *row)
{
    struct leak_use *use = context;

    if (row->record.kind != RECORD_REQUEST || (row->record.flags & RECORD_AUTHENTIC) == 0)
        return true;
    if (use->last_at_ns == 0)
        use->last_at_ns = row->record.received_at_us * NS_PER_US;
    if (row->record.verdict == VERDICT_PASS)
        use->passed++;
    else
        use->refused++;
    address_add(use, row->record.address);
    return true;
}

void leak_use_read(struct trail *trail, const char *key, uint64_t since_ns, struct leak_use *use)
{
    struct trail_query query = { .by_key = true,
                                 .since_us = since_ns / NS_PER_US,
                                 .limit = LEAK_RECORDS_MOST };
    uint64_t next;

    *use = (struct leak_use){ .since_ns = since_ns };
    memcpy(query.key, key, sizeof query.key);
    if (trail == NULL || trail_find(trail, &query, record_add, use, &next, &use->more) != OK)
        use->more = false;
}

void leak_use_words(const struct leak_use *use, struct buffer *into)
{
    if (use->passed + use->refused == 0) {
        buffer_append(into, SLICE("no request"));
        return;
    }
    buffer_printf(into, "%s%" PRIu64 " requests passed, %" PRIu64 " were refused, from ",
                  use->more ? "of the newest ones " : "", use->passed, use->refused);
    for (size_t i = 0; i < use->address_count; i++) {
        char text[IP_ADDRESS_TEXT_SIZE];

        ip_address_format(use->addresses[i], text);
        buffer_printf(into, "%s%s", i == 0 ? "" : ", ", text);
    }
    if (use->more_addresses)
        buffer_append(into, SLICE(" and others"));
}
