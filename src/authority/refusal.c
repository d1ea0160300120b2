#include "authority/refusal.h"

#include <stdarg.h>
#include <stdio.h>

void refusal_init(struct refusal *r)
{
    r->kind = REFUSAL_NONE;
    r->count = 0;
    r->retry_s = 0;
}

void refusal_add(struct refusal *r, enum refusal_kind kind, const char *code, const char *format,
                 ...)
{
    struct refusal_reason *reason = &r->reasons[r->count];
    va_list arguments;

    if (r->kind == REFUSAL_NONE)
        r->kind = kind;
    if (r->count == REFUSAL_REASONS_MOST)
        return;
    r->count++;
    reason->code = code;
    va_start(arguments, format);
    vsnprintf(reason->text, sizeof reason->text, format, arguments);
    va_end(arguments);
}

bool refusal_is(const struct refusal *r)
{
    return r->kind != REFUSAL_NONE;
}
