#include "venue/control.h"

#include <string.h>

void control_init(struct control *control, uint64_t seed)
{
    *control = (struct control){ .tempo = tempo_real() };
    mood_init(&control->mood, seed);
}

static const struct injection *injection_find(const struct control *control, uint64_t id)
{
    for (unsigned i = 0; i < control->injection_count; i++)
        if (control->injections[i].id == id)
            return &control->injections[i];
    return NULL;
}

static unsigned lasting_count(const struct control *control, uint64_t now_ms)
{
    unsigned count = 0;

    for (unsigned i = 0; i < control->injection_count; i++)
        count += now_ms < control->injections[i].until_ms;
    return count;
}

static const char *inject_judge(const struct control *control, const struct command *command)
{
    struct injection injection;

    if (!injection_decode(command, &injection) || injection.id <= control->injection_id)
        return "injection: invalid";
    if (lasting_count(control, command->time_ms) == CONTROL_INJECTIONS_MOST)
        return "injections: there are as many as can be, clear some";
    return NULL;
}

const char *control_judge(const struct control *control, const struct command *command)
{
    switch ((enum control_kind)command->kind) {
    case CONTROL_RESET:
    case CONTROL_SEED:
        return NULL;
    case CONTROL_CLOCK:
        return command->gid <= TEMPO_RATE_MOST ? NULL : "rate: at most 1000 times";
    case CONTROL_PRESET:
        return command->type < PRESET_COUNT ? NULL : "preset: invalid";
    case CONTROL_INJECT:
        return inject_judge(control, command);
    case CONTROL_SPEND:
        return injection_find(control, command->order) != NULL ? NULL : "id: invalid";
    case CONTROL_CLEAR:
        return command->order == 0 || injection_find(control, command->order) != NULL
                   ? NULL
                   : "id: invalid";
    case CONTROL_LAST:
        break;
    }
    return "command: invalid";
}

/* What traders must know stands in the mood, too. */
static void mood_follow(struct control *control)
{
    static const enum mood_event_kind kinds[INJECTION_END] = {
        [INJECTION_SHOCK] = MOOD_SHOCK,
        [INJECTION_THIN] = MOOD_THIN,
        [INJECTION_HALT] = MOOD_HALT,
        [INJECTION_MAINTENANCE] = MOOD_HALT,
    };

    control->mood.event_count = 0;
    for (unsigned i = 0; i < control->injection_count; i++) {
        const struct injection *injection = &control->injections[i];

        if (injection_about(injection->kind) != INJECTION_ABOUT_MARKET ||
            control->mood.event_count == MOOD_EVENTS_MOST)
            continue;
        control->mood.events[control->mood.event_count++] = (struct mood_event){
            .kind = kinds[injection->kind],
            .everywhere = injection->everywhere || injection->kind == INJECTION_MAINTENANCE,
            .market = injection->market,
            .ppm = injection->value,
            .from_ms = injection->from_ms,
            .until_ms = injection->until_ms,
        };
    }
}

static void injections_keep(struct control *control,
                            bool (*keeps)(const struct injection *, const struct command *),
                            const struct command *command)
{
    unsigned kept = 0;

    for (unsigned i = 0; i < control->injection_count; i++)
        if (keeps(&control->injections[i], command))
            control->injections[kept++] = control->injections[i];
    control->injection_count = kept;
}

static bool still_lasts(const struct injection *injection, const struct command *command)
{
    return command->time_ms < injection->until_ms;
}

static bool is_not_cleared(const struct injection *injection, const struct command *command)
{
    if (command->order != 0)
        return injection->id != command->order;
    return command->account != 0 && injection->account != command->account;
}

static bool is_not_spent(const struct injection *injection, const struct command *command)
{
    return injection->id != command->order || injection->uses != 1;
}

static void inject(struct control *control, const struct command *command)
{
    struct injection *injection;

    injections_keep(control, still_lasts, command);
    injection = &control->injections[control->injection_count++];
    injection_decode(command, injection);
    control->injection_id = injection->id;
}

static void spend(struct control *control, const struct command *command)
{
    injections_keep(control, is_not_spent, command);
    for (unsigned i = 0; i < control->injection_count; i++)
        if (control->injections[i].id == command->order && control->injections[i].uses > 1)
            control->injections[i].uses--;
}

void control_take(struct control *control, const struct command *command, uint64_t begun_ms)
{
    if (control_judge(control, command) != NULL)
        return;
    control->changes++;
    switch ((enum control_kind)command->kind) {
    case CONTROL_RESET:
        control->resets = command->order;
        break;
    case CONTROL_SEED:
        mood_turn(&control->mood, command->order, control->mood.preset, begun_ms,
                  command->time_ms);
        break;
    case CONTROL_CLOCK:
        control->tempo = (struct tempo){ command->order, command->cid, command->gid };
        break;
    case CONTROL_PRESET:
        mood_turn(&control->mood, control->mood.seed, (enum preset)command->type, begun_ms,
                  command->time_ms);
        break;
    case CONTROL_INJECT:
        inject(control, command);
        break;
    case CONTROL_SPEND:
        spend(control, command);
        break;
    case CONTROL_CLEAR:
        injections_keep(control, is_not_cleared, command);
        break;
    case CONTROL_LAST:
        break;
    }
    mood_follow(control);
}

static bool label_fits(const struct injection *injection, struct slice label)
{
    char padded[INJECTION_LABEL_SIZE] = { 0 };

    if (injection->label[0] == '\0')
        return true;
    if (label.size > sizeof padded)
        return false;
    memcpy(padded, label.at == NULL ? "" : label.at, label.size);
    return memcmp(padded, injection->label, sizeof padded) == 0;
}

const struct injection *control_find(const struct control *control,
                                     const struct injection_target *target, uint64_t now_ms)
{
    for (unsigned i = 0; i < control->injection_count; i++) {
        const struct injection *injection = &control->injections[i];
        bool mine = injection->account == 0 || injection->account == target->account ||
                    injection_about(injection->kind) == INJECTION_ABOUT_MARKET;
        bool here = injection->everywhere || target->market == NULL ||
                    injection->market == *target->market ||
                    injection_about(injection->kind) != INJECTION_ABOUT_MARKET;

        if (injection->kind == target->kind && mine && here && injection_acts(injection, now_ms) &&
            (injection->cid == 0 || injection->cid == target->cid) &&
            label_fits(injection, target->label))
            return injection;
    }
    return NULL;
}

bool control_in_maintenance(const struct control *control, uint64_t now_ms)
{
    const struct injection_target target = { .kind = INJECTION_MAINTENANCE };

    return control_find(control, &target, now_ms) != NULL;
}
