/* authority/steps.h: what an account shows before it may hold a key (A1, A4) */
#ifndef AUTHORITY_STEPS_H
#define AUTHORITY_STEPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"
#include "store/accounts.h"

enum step {
#define STEP(number, name, text, kinds, words) STEP_##name = number,
#include "authority/steps.def"
#undef STEP
};

enum { STEPS_SIZE = 5 }; /* one above the highest number: states are kept in an array by number */

/* The steps in the order of the table, `at` from 0; 0 behind the last. */
enum step step_at(unsigned at);
const char *step_text(enum step step);  /* "identity" */
const char *step_words(enum step step); /* "identity document" */
bool step_parse(struct slice text, enum step *step);

/* Whether accounts of the kind owe the step. */
bool step_is_owed(enum step step, enum account_kind kind);

#endif
