/* base/err.h: what can break, and how a function leaves when it does
 *
 * A function returns the weakest thing that suffices: nothing, bool, an enum of answers, enum err.
 * The cause is logged once, where it is known; the status travels up unchanged.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

enum err {
#define ERR(name, words) name,
#include "base/err.def"
#undef ERR
};

#define must_use __attribute__((warn_unused_result))

/* Words for a person, never NULL; static. */
const char *err_text(enum err e);

/* Sets the local `e` and goes to the local label `out` unless the call is OK. */
#define TRY(call)          \
    do {                   \
        e = (call);        \
        if (e != OK)       \
            goto out;      \
    } while (0)

#endif
