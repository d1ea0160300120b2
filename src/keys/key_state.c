#include "keys/key_state.h"

static const char *const state_texts[] = {
    [KEY_ACTIVE] = "active",
    [KEY_SUSPENDED] = "suspended",
    [KEY_REVOKED] = "revoked",
    [KEY_EXPIRED] = "expired",
};

static const struct {
    const char *word, *words;
} reasons[KEY_REASON_COUNT] = {
#define KEY_REASON(number, name, word, words) [number] = { word, words },
#include "keys/reason.def"
#undef KEY_REASON
};

const char *key_state_text(enum key_state state)
{
    return state_texts[state];
}

bool key_state_parse(struct slice text, enum key_state *state)
{
    for (unsigned i = KEY_ACTIVE; i <= KEY_EXPIRED; i++) {
        if (slice_is(text, slice_of(state_texts[i]))) {
            *state = (enum key_state)i;
            return true;
        }
    }
    return false;
}

const char *key_reason_text(enum key_reason reason)
{
    return reason < KEY_REASON_COUNT ? reasons[reason].word : reasons[KEY_REASON_NONE].word;
}

const char *key_reason_words(enum key_reason reason)
{
    return reason < KEY_REASON_COUNT ? reasons[reason].words : reasons[KEY_REASON_NONE].words;
}

bool key_reason_parse(struct slice text, enum key_reason *reason)
{
    for (unsigned i = 0; i < KEY_REASON_COUNT; i++) {
        if (slice_is(text, slice_of(reasons[i].word))) {
            *reason = (enum key_reason)i;
            return true;
        }
    }
    return false;
}
