/* keys/secret.h: bytes that nobody else may see
 *
 * A secret is compared in constant time and wiped by whoever held it.  It is never logged and never
 * passed by value.
 */
#ifndef KEYS_SECRET_H
#define KEYS_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SECRET_MOST = 64 };

struct secret {
    uint8_t bytes[SECRET_MOST];
    size_t size;
};

/* Overwrites in a way the compiler may not leave out. */
void secret_wipe(struct secret *secret);
void secret_wipe_bytes(void *bytes, size_t size);

/* Constant time for one size; false at once when the sizes differ, which nobody hides. */
bool secret_equal(const struct secret *a, const struct secret *b);
bool secret_equal_bytes(const void *a, const void *b, size_t size);

#endif
