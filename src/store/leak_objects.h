/* store/leak_objects.h: the objects in which keys were found, as long as they are kept (E1)
 *
 * A row comes with its leak and says which bytes are meant; they follow, and with the row's time
 * both go.  The bytes are opaque here: they hold secrets and lie encrypted
 * (authority/leak_object.h).
 */
#ifndef STORE_LEAK_OBJECTS_H
#define STORE_LEAK_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "store/keys.h"
#include "store/store.h"

enum { LEAK_OBJECT_KEY_SEALED_MOST = 128 };

struct store_leak_object {
    uint64_t leak;
    uint8_t sha256[STORE_SHA256_SIZE];
    uint64_t size;
    uint64_t stored_at_ns; /* 0: not come yet */
    uint64_t expires_at_ns;
    uint8_t key_sealed[LEAK_OBJECT_KEY_SEALED_MOST];
    size_t key_sealed_size;
};

/* Without its bytes.  ERR_EXISTS: the leak has one. */
must_use enum err store_leak_object_insert(struct store_tx *tx,
                                           const struct store_leak_object *object);

must_use enum err store_leak_object_find(struct store_tx *tx, uint64_t leak,
                                         struct store_leak_object *object, bool *present);

/* Its encrypted bytes, appended to an initialised buffer.  ERR_MISSING: no such row. */
must_use enum err store_leak_object_body(struct store_tx *tx, uint64_t leak, struct buffer *body);

/* They have come: stored_at_ns, sealed key and bytes.  ERR_MISSING: no such row. */
must_use enum err store_leak_object_set(struct store_tx *tx, const struct store_leak_object *object,
                                        struct slice body);

/* Removes rows whose time is over at the moment. */
must_use enum err store_leak_objects_erase(struct store_tx *tx, uint64_t now_ns, bool *any);

#endif
