/* keys/scope.h: what a key may do
 *
 * A set of scopes is a 32-bit word, one bit a row of scope.def.  People choose groups and confirm
 * each (B3); elevated scopes stand in no group, they are granted one by one (D5).
 */
#ifndef KEYS_SCOPE_H
#define KEYS_SCOPE_H

#include <stdint.h>

#include "base/slice.h"

enum scope {
#define SCOPE(bit, name, text, group, flags) SCOPE_##name = (bit),
#include "keys/scope.def"
#undef SCOPE
    SCOPE_COUNT = 15,
    SCOPE_NONE = 0xff, /* no scope is needed */
};

enum scope_group {
    SCOPE_GROUP_READ,
    SCOPE_GROUP_TRADE,
    SCOPE_GROUP_WALLET,
    SCOPE_GROUP_LENDING,
    SCOPE_GROUP_ELEVATED, /* nobody can choose it */
    SCOPE_GROUP_COUNT
};

enum scope_flag {
    SCOPE_IS_ELEVATED = 1, /* asked for apart, granted by an operator (D5) */
    SCOPE_NEEDS_MAIL = 2,  /* off until the owner follows a mailed link (C2) */
};

struct scope_row {
    const char *text; /* "orders:write" */
    enum scope_group group;
    uint8_t flags; /* enum scope_flag, or-ed */
};

#define SCOPE_BIT(scope) (UINT32_C(1) << (scope))

const struct scope_row *scope_get(enum scope scope); /* scope < SCOPE_COUNT; static */
bool scope_find(struct slice text, enum scope *scope);

/* "read", "trade", "wallet", "lending", "elevated"; static. */
const char *scope_group_text(enum scope_group group);
bool scope_group_find(struct slice text, enum scope_group *group);

uint32_t scopes_of_group(enum scope_group group);
uint32_t scopes_with(enum scope_flag flag);

enum { SCOPES_TEXT_SIZE = 256 };

/* Texts separated by one space, in the order of the bits; returns the size. */
size_t scopes_format(uint32_t scopes, char text[SCOPES_TEXT_SIZE]);

#endif
