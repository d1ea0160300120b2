#include "authority/steps.h"

#include <assert.h>
#include <stddef.h>

static const struct step_row {
    enum step number;
    unsigned kinds;
    const char *text, *words;
} rows[] = {
#define STEP(number, name, text, kinds, words) { number, kinds, text, words },
#include "authority/steps.def"
#undef STEP
};

enum { ROW_COUNT = sizeof rows / sizeof *rows };

#define STEP(number, name, text, kinds, words) \
    static_assert(number < STEPS_SIZE, "states are kept by number");
#include "authority/steps.def"
#undef STEP

static const struct step_row *row_get(enum step step)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].number == step)
            return &rows[i];
    assert(!"a step of the table");
    return NULL;
}

enum step step_at(unsigned at)
{
    return at < ROW_COUNT ? rows[at].number : 0;
}

const char *step_text(enum step step)
{
    return row_get(step)->text;
}

const char *step_words(enum step step)
{
    return row_get(step)->words;
}

bool step_parse(struct slice text, enum step *step)
{
    for (size_t i = 0; i < ROW_COUNT; i++) {
        if (!slice_is(text, slice_of(rows[i].text)))
            continue;
        *step = rows[i].number;
        return true;
    }
    return false;
}

bool step_is_owed(enum step step, enum account_kind kind)
{
    return (row_get(step)->kinds & kind) != 0;
}
