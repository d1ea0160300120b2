#include "authority/warning.h"

#include <stdlib.h>
#include <string.h>

#include "authority/courier.h"
#include "authority/event.h"
#include "authority/postbox.h"

enum {
    ROUND_EACH_S = 3600,
    KEYS_MOST = 500,   /* of one turn: warnings that are written in one transaction */
    SLOTS_MOST = 8192, /* of one turn: looked at while nobody can publish */
    WARN_DAYS_MOST = 14,
};
/* Last uses come back from the audit log in microseconds: the same end may differ a little. */
#define SAME_END_NS (3600 * NS_PER_S)

uint32_t warning_days(uint64_t left_ns)
{
    static const uint32_t days[] = { 1, 3, 7, WARN_DAYS_MOST };

    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        if (left_ns <= days[i] * DAY_NS)
            return days[i];
    return 0;
}

static const char *advice(enum key_reason reason)
{
    switch (reason) {
    case KEY_REASON_UNUSED:
        return "if you still need the key, use it: one request keeps it alive. If not, you need "
               "not do anything.";
    case KEY_REASON_ROTATED:
        return "give the programs that still use the old secret the new one.";
    default:
        return "make a new key, and give it to the programs that use this one.";
    }
}

static bool is_same_end(uint64_t a_ns, uint64_t b_ns)
{
    return (a_ns > b_ns ? a_ns - b_ns : b_ns - a_ns) < SAME_END_NS;
}

static enum err warn(struct authority *a, struct store_tx *tx, struct store_ending *ending,
                     uint32_t days)
{
    uint64_t left_ns = ending->ends_at_ns - a->now_ns();
    char at[CLOCK_TEXT_SIZE], words[MOMENT_TEXT_SIZE], day[11];
    struct event event = { .kind = EVENT_KEY_EXPIRING, .account = ending->account,
                           .key = ending->key };
    enum err e;

    clock_format(ending->ends_at_ns, at);
    moment_words(ending->ends_at_ns, words);
    memcpy(day, at, sizeof day - 1);
    day[sizeof day - 1] = '\0';
    event.data = json_pack("{s:s, s:s, s:s, s:I, s:s, s:s, s:s}", "ends_at", at, "ends_at_words",
                           words, "ends_on", day, "days",
                           (json_int_t)((left_ns + DAY_NS - 1) / DAY_NS), "reason",
                           key_reason_words(ending->reason), "reason_code",
                           key_reason_text(ending->reason), "advice", advice(ending->reason));
    TRY(event_write(a, tx, &event));
    ending->warned_ends_at_ns = ending->ends_at_ns;
    ending->warned_days = days;
    e = store_warning_set(tx, ending);
out:
    return e;
}

/* Gives the warning that is due and was not given. */
static enum err ending_judge(struct authority *a, struct store_tx *tx, struct store_ending *ending)
{
    uint64_t now_ns = a->now_ns();
    uint32_t days;

    if (ending->ends_at_ns <= now_ns)
        return OK; /* it has ended, which is told elsewhere */
    days = warning_days(ending->ends_at_ns - now_ns);
    if (days == 0 || (is_same_end(ending->warned_ends_at_ns, ending->ends_at_ns) &&
                      ending->warned_days <= days))
        return OK;
    return warn(a, tx, ending, days);
}

struct endings {
    struct store_ending *list;
    size_t count;
};

static bool ending_keep(void *context, const struct store_ending *ending)
{
    struct endings *endings = context;

    endings->list[endings->count++] = *ending;
    return true;
}

/* Whether lack of use ends the key earlier than what was announced. */
static bool ends_unused_first(struct authority *a, const struct store_ending *ending)
{
    uint64_t ends_at_ns = 0;

    for (enum environment v = 0; v < ENVIRONMENT_COUNT && ends_at_ns == 0; v++)
        ends_at_ns = unused_end_get(a, v, ending->key);
    return ends_at_ns != 0 && ends_at_ns < ending->ends_at_ns;
}

static enum err announced_turn(struct authority *a, struct warning_round *round,
                               struct endings *endings)
{
    uint64_t until_ns = a->now_ns() + WARN_DAYS_MOST * DAY_NS;
    struct store_tx *tx = NULL;
    enum err e;

    TRY(store_begin(a->store, &tx));
    TRY(store_endings_each(tx, &round->last, until_ns, KEYS_MOST, ending_keep, endings));
    for (size_t i = 0; i < endings->count; i++)
        if (!ends_unused_first(a, &endings->list[i]))
            TRY(ending_judge(a, tx, &endings->list[i]));
    TRY(store_commit(&tx));
    if (endings->count > 0)
        round->last = endings->list[endings->count - 1];
    if (endings->count < KEYS_MOST)
        round->stage = ROUND_UNUSED;
out:
    store_rollback(&tx);
    return e;
}

static void unused_keep(void *context, const char *id, uint64_t account, uint64_t ends_at_ns)
{
    struct endings *endings = context;
    struct store_ending *ending = &endings->list[endings->count++];

    *ending = (struct store_ending){ .account = account, .ends_at_ns = ends_at_ns,
                                     .reason = KEY_REASON_UNUSED };
    memcpy(ending->key, id, sizeof ending->key);
}

static enum err unused_turn(struct authority *a, struct warning_round *round,
                            struct endings *endings)
{
    const uint64_t until_ns = a->now_ns() + WARN_DAYS_MOST * DAY_NS;
    struct unused_place place = round->place;
    struct store_tx *tx = NULL;
    bool more = unused_each(a, &place, SLOTS_MOST, until_ns, KEYS_MOST, unused_keep, endings);
    enum err e = OK;

    if (endings->count > 0) {
        TRY(store_begin(a->store, &tx));
        for (size_t i = 0; i < endings->count; i++) {
            TRY(store_warning_get(tx, &endings->list[i]));
            TRY(ending_judge(a, tx, &endings->list[i]));
        }
        TRY(store_commit(&tx));
    }
    round->place = place;
    if (!more)
        round->stage = ROUND_RESTS;
out:
    store_rollback(&tx);
    return e;
}

enum err warning_turn(struct authority *a, struct warning_round *round, bool *more)
{
    uint64_t now_ns = a->now_ns();
    struct endings endings = { .count = 0 };
    enum err e = ERR_MEMORY;

    *more = false;
    if (round->stage == ROUND_RESTS) {
        if (now_ns >= round->began_at_ns &&
            now_ns - round->began_at_ns < ROUND_EACH_S * NS_PER_S)
            return OK;
        *round = (struct warning_round){ .began_at_ns = now_ns, .stage = ROUND_ANNOUNCED };
    }
    endings.list = calloc(KEYS_MOST, sizeof *endings.list);
    if (endings.list == NULL)
        goto out;
    if (round->stage == ROUND_ANNOUNCED)
        e = announced_turn(a, round, &endings);
    else
        e = unused_turn(a, round, &endings);
    *more = round->stage != ROUND_RESTS;
out:
    free(endings.list);
    return e;
}
