/* authority/visitor.h: where a call of a browser comes from */
#ifndef AUTHORITY_VISITOR_H
#define AUTHORITY_VISITOR_H

#include <stdint.h>

#include "authority/authority.h"
#include "authority/event.h"
#include "base/slice.h"
#include "store/sessions.h"

/* Borrowed. */
struct visitor {
    struct slice address; /* as text */
    struct slice agent;   /* what the browser calls itself */
    struct slice device;  /* the cookie of authority/device.h; empty: none */
    struct slice session; /* id of the session that it has; empty: none */
};

/* The address with a zero behind it; returns `text`. */
const char *visitor_address(const struct visitor *visitor, char text[SESSION_ADDRESS_SIZE]);

/* The owner hears what the visitor did, and sees address and browser in the account's history. */
must_use enum err visitor_event(struct authority *a, struct store_tx *tx, enum event_kind kind,
                                uint64_t account, const struct visitor *visitor);

#endif
