#include "gate/verdict.h"

static const struct {
    int status;
    const char *text, *words;
} rows[VERDICT_COUNT] = {
#define VERDICT(number, name, status, word, words) [number] = { status, word, words },
#include "gate/verdict.def"
#undef VERDICT
};

int verdict_status(unsigned verdict)
{
    return verdict < VERDICT_COUNT ? rows[verdict].status : 0;
}

const char *verdict_text(unsigned verdict)
{
    return verdict < VERDICT_COUNT ? rows[verdict].text : "unknown";
}

const char *verdict_words(unsigned verdict)
{
    return verdict < VERDICT_COUNT ? rows[verdict].words : "unknown";
}

bool verdict_find(struct slice text, enum verdict *verdict)
{
    for (unsigned i = 0; i < VERDICT_COUNT; i++) {
        if (slice_is(text, slice_of(rows[i].text))) {
            *verdict = (enum verdict)i;
            return true;
        }
    }
    return false;
}
