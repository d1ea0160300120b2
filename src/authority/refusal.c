#include "authority/refusal.h"

#include <stdarg.h>
#include <stdio.h>

void refusal_init(struct refusal *r)
{
    r->kind = REFUSAL_NONE;
    r->count = 0;
    r->retry_s = 0;
}

static void reason_add(struct refusal *r, enum refusal_kind kind, const char *field,
                       const char *code, const char *format, va_list arguments)
{
    struct refusal_reason *reason = &r->reasons[r->count];

    if (r->kind == REFUSAL_NONE)
        r->kind = kind;
    if (r->count == REFUSAL_REASONS_MOST)
        return;
    r->count++;
    reason->code = code;
    snprintf(reason->field, sizeof reason->field, "%s", field);
    vsnprintf(reason->text, sizeof reason->text, format, arguments);
}

void refusal_add(struct refusal *r, enum refusal_kind kind, const char *code, const char *format,
                 ...)
{
    va_list arguments;

    va_start(arguments, format);
    reason_add(r, kind, "", code, format, arguments);
    va_end(arguments);
}

void refusal_add_at(struct refusal *r, enum refusal_kind kind, const char *field, const char *code,
                    const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    reason_add(r, kind, field, code, format, arguments);
    va_end(arguments);
}

bool refusal_is(const struct refusal *r)
{
    return r->kind != REFUSAL_NONE;
}
