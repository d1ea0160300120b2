/* base/slice.h: borrowed bytes
 *
 * A slice points into somebody else's memory and is valid until the call returns; whoever keeps
 * the bytes copies them.  Not zero-terminated.
 */
#ifndef BASE_SLICE_H
#define BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
    const char *at; /* may be NULL when size is 0 */
    size_t size;    /* bytes */
};

#define SLICE(literal) ((struct slice){ "" literal, sizeof(literal) - 1 })
#define SLICE_EMPTY ((struct slice){ NULL, 0 })

static inline struct slice slice_of(const char *text)
{
    return (struct slice){ text, text == NULL ? 0 : strlen(text) };
}

/* Not constant time: never for secrets (keys/secret.h has that). */
static inline bool slice_is(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0);
}

static inline bool slice_starts(struct slice whole, struct slice start)
{
    return whole.size >= start.size && memcmp(whole.at, start.at, start.size) == 0;
}

static inline struct slice slice_from(struct slice whole, size_t offset)
{
    return (struct slice){ whole.at + offset, whole.size - offset };
}

#endif
