#include "authority/visitor.h"

#include <stdio.h>

const char *visitor_address(const struct visitor *visitor, char text[SESSION_ADDRESS_SIZE])
{
    snprintf(text, SESSION_ADDRESS_SIZE, "%.*s", (int)visitor->address.size,
             visitor->address.size == 0 ? "" : visitor->address.at);
    return text;
}

enum err visitor_event(struct authority *a, struct store_tx *tx, enum event_kind kind,
                       uint64_t account, const struct visitor *visitor)
{
    char address[SESSION_ADDRESS_SIZE];
    const struct event event = {
        .kind = kind,
        .account = account,
        .address = visitor_address(visitor, address),
        .data = json_pack("{s:s%}", "agent", visitor->agent.at == NULL ? "" : visitor->agent.at,
                          visitor->agent.size),
    };

    return event_write(a, tx, &event);
}
