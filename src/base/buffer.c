#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buffer_init(struct buffer *b)
{
    *b = (struct buffer){ 0 };
}

void buffer_wipe(struct buffer *b)
{
    free(b->at);
    buffer_init(b);
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
    at = realloc(b->at, capacity);
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
