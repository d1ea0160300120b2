/* base/buffer.h: text that grows
 *
 * Appends never report an error one by one: the first failed allocation sets `failed`, later
 * appends do nothing, and the owner looks once at the end.
 */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/slice.h"

struct buffer {
    char *at; /* malloc'd; always zero-terminated once something was appended */
    size_t size;
    size_t capacity;
    bool failed;
    bool is_cleared; /* what it lets go is cleared first, also when it grows; stays when wiped */
};

void buffer_init(struct buffer *b);
void buffer_wipe(struct buffer *b); /* frees; the buffer may be used again */
void buffer_append(struct buffer *b, struct slice more);
void buffer_append_char(struct buffer *b, char c);
void buffer_printf(struct buffer *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static inline struct slice buffer_slice(const struct buffer *b)
{
    return (struct slice){ b->at, b->size };
}

#endif
