/* authority/refusal.h: an answer that says no, and all of why
 *
 * A refusal is an answer, not an error.  It collects every reason that stands in the way, so that
 * nobody has to try again once per reason.
 */
#ifndef AUTHORITY_REFUSAL_H
#define AUTHORITY_REFUSAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum {
    REFUSAL_REASONS_MOST = 64,
    REFUSAL_TEXT_SIZE = 320,
    REFUSAL_FIELD_SIZE = 32,
};

enum refusal_kind {
    REFUSAL_NONE,
    REFUSAL_INVALID,  /* what was asked makes no sense: 400 */
    REFUSAL_RULE,     /* a rule stands against it: 403 */
    REFUSAL_CLASH,    /* it collides with what there is: 409 */
    REFUSAL_MISSING,  /* what it is about does not exist: 404 */
    REFUSAL_THROTTLED /* too many attempts: 429 */
};

struct refusal {
    enum refusal_kind kind; /* of the first reason */
    size_t count;
    unsigned retry_s; /* with REFUSAL_THROTTLED */
    struct refusal_reason {
        const char *code; /* "step-missing": for programs; static */
        char field[REFUSAL_FIELD_SIZE]; /* what of the form it is about: "ip_rules.2"; "": all */
        char text[REFUSAL_TEXT_SIZE];
    } reasons[REFUSAL_REASONS_MOST]; /* reasons beyond are counted out, the first ones stay */
};

void refusal_init(struct refusal *r);

void refusal_add(struct refusal *r, enum refusal_kind kind, const char *code, const char *format,
                 ...) __attribute__((format(printf, 4, 5)));

/* The same about one field of what was asked. */
void refusal_add_at(struct refusal *r, enum refusal_kind kind, const char *field, const char *code,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

bool refusal_is(const struct refusal *r);

#endif
