#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleared.h"

void buffer_init(struct buffer *b)
{
    *b = (struct buffer){ 0 };
}

void buffer_wipe(struct buffer *b)
{
    if (b->is_cleared)
        cleared_free(b->at);
    else
        free(b->at);
    *b = (struct buffer){ .is_cleared = b->is_cleared };
}

/* realloc would leave the old block as it is. */
static char *moved(const struct buffer *b, size_t capacity)
{
    char *at = malloc(capacity);

    if (at == NULL)
        return NULL;
    if (b->size > 0)
        memcpy(at, b->at, b->size + 1);
    cleared_free(b->at);
    return at;
}

static bool reserve(struct buffer *b, size_t more)
{
    size_t wanted = b->size + more + 1;
    size_t capacity = b->capacity == 0 ? 256 : b->capacity;
    char *at;

    if (b->failed)
        return false;
    if (wanted <= b->capacity)
        return true;
    while (capacity < wanted)
        capacity *= 2;
    at = b->is_cleared ? moved(b, capacity) : realloc(b->at, capacity);
    if (at == NULL) {
        b->failed = true;
        return false;
    }
    b->at = at;
    b->capacity = capacity;
    return true;
}

void buffer_append(struct buffer *b, struct slice more)
{
    if (!reserve(b, more.size))
        return;
    if (more.size > 0)
        memcpy(b->at + b->size, more.at, more.size);
    b->size += more.size;
    b->at[b->size] = '\0';
}

void buffer_append_char(struct buffer *b, char c)
{
    buffer_append(b, (struct slice){ &c, 1 });
}

void buffer_printf(struct buffer *b, const char *format, ...)
{
    va_list arguments, again;
    int size;

    va_start(arguments, format);
    va_copy(again, arguments);
    size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size >= 0 && reserve(b, (size_t)size)) {
        vsnprintf(b->at + b->size, (size_t)size + 1, format, again);
        b->size += (size_t)size;
    }
    va_end(again);
}
