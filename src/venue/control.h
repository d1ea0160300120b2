/* venue/control.h: what a sandbox's owner has changed about it
 *
 * Clock, mood of the market, and what is injected: a fold of commands that stand in the journal
 * beside the engine's, so a restart and a replay find the same.  Fields they use beside time_ms and
 * account (0: the operator):
 *
 *   RESET    order: how often there was one; the first command of a journal that begins anew
 *   SEED     order: of the simulated traders, from now on
 *   CLOCK    order, cid, gid: wall_ms, time_ms, rate_milli of venue/tempo.h
 *   PRESET   type (enum preset)
 *   INJECT   as venue/injection.h encodes it
 *   SPEND    order: the injection that has been used once; cid: the order it was used on
 *   CLEAR    order: the injection that ends; 0: all that concern `account`, of account 0 all
 *
 * An exchange that is live takes none of them: venue/door.h does not serve the path.
 *
 * Pure; who may do what is venue/control_calls.c.
 */
#ifndef VENUE_CONTROL_H
#define VENUE_CONTROL_H

#include "exchange/command.h"
#include "market/mood.h"
#include "venue/injection.h"
#include "venue/tempo.h"

/* Written to the journal: never reused. */
enum control_kind {
    CONTROL_RESET = 20,
    CONTROL_SEED = 21,
    CONTROL_CLOCK = 22,
    CONTROL_PRESET = 23,
    CONTROL_INJECT = 24,
    CONTROL_SPEND = 25,
    CONTROL_CLEAR = 26,
    CONTROL_FIRST = CONTROL_RESET,
    CONTROL_LAST = 29
};

#define CONTROL_INJECTIONS_MOST 64

struct control {
    struct tempo tempo;
    struct mood mood;
    struct injection injections[CONTROL_INJECTIONS_MOST]; /* in the order in which they came */
    unsigned injection_count;
    uint64_t injection_id; /* the latest given */
    uint64_t resets;
    uint64_t changes; /* grows with every command: who saw the same number missed nothing */
};

void control_init(struct control *control, uint64_t seed);

static inline bool control_is(const struct command *command)
{
    return command->kind >= CONTROL_FIRST && command->kind <= CONTROL_LAST;
}

/* NULL: control_take() will carry it out; or what is wrong with it; static. */
const char *control_judge(const struct control *control, const struct command *command);

/* Folds a command that control_judge() lets pass; any other changes nothing.  `begun_ms`: when the
 * exchange began, 0: it has not yet. */
void control_take(struct control *control, const struct command *command, uint64_t begun_ms);

/* ---- Reading. ---- */

/* The oldest one of this kind that acts now on this account, and on this market and this order as
 * far as it names them; NULL: none.  `label` is SLICE_EMPTY for what is no order. */
struct injection_target {
    enum injection_kind kind;
    uint64_t account;
    const enum market *market; /* NULL: none */
    uint64_t cid;
    struct slice label;
};
const struct injection *control_find(const struct control *control,
                                     const struct injection_target *target, uint64_t now_ms);

bool control_in_maintenance(const struct control *control, uint64_t now_ms);

#endif
