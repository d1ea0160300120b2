#include "venue/injection.h"

#include <assert.h>
#include <string.h>

#include "base/fixed.h"

#define PPM_OF_PERCENT 10000

/* How long it lasts when nobody says, and how often. */
#define SPAN_USUAL_MS UINT64_C(3600000)

enum { FLAG_MARKET = 1 };

static const struct {
    const char *text;
    enum injection_about about;
    enum injection_value value;
} kinds[INJECTION_END] = {
#define INJECTION(number, name, text, about, value) \
    [number] = { text, INJECTION_ABOUT_##about, INJECTION_VALUE_##value },
#include "venue/injection.def"
#undef INJECTION
};

static const char *const reasons[REJECT_REASON_COUNT] = {
    [REJECT_BALANCE] = "balance", [REJECT_SIZE] = "size",   [REJECT_PRICE] = "price",
    [REJECT_RATE] = "rate",       [REJECT_READY] = "ready",
};

const char *injection_text(enum injection_kind kind)
{
    assert(kind > 0 && kind < INJECTION_END);
    return kinds[kind].text;
}

enum injection_about injection_about(enum injection_kind kind)
{
    assert(kind > 0 && kind < INJECTION_END);
    return kinds[kind].about;
}

enum injection_value injection_value(enum injection_kind kind)
{
    assert(kind > 0 && kind < INJECTION_END);
    return kinds[kind].value;
}

const char *reject_text(enum reject_reason reason)
{
    assert(reason < REJECT_REASON_COUNT);
    return reasons[reason];
}

static bool kind_find(const char *text, enum injection_kind *kind)
{
    for (unsigned i = 1; i < INJECTION_END; i++) {
        if (text == NULL || strcmp(kinds[i].text, text) != 0)
            continue;
        *kind = (enum injection_kind)i;
        return true;
    }
    return false;
}

/* The bounds of a value, whoever wrote it. */
static bool value_fits(enum injection_kind kind, int64_t value)
{
    switch (kinds[kind].value) {
    case INJECTION_VALUE_NOTHING:
        return value == 0;
    case INJECTION_VALUE_MS:
        return value > 0 && value <= INJECTION_LATENCY_MOST_MS;
    case INJECTION_VALUE_STATUS:
        return value >= 500 && value <= 599;
    case INJECTION_VALUE_REASON:
        return value >= 0 && value < REJECT_REASON_COUNT;
    case INJECTION_VALUE_PERCENT:
        if (kind == INJECTION_SHOCK)
            return value >= -90 * PPM_OF_PERCENT && value <= 300 * PPM_OF_PERCENT && value != 0;
        return value > 0 && value <= 100 * PPM_OF_PERCENT;
    }
    return false;
}

static const char *reason_read(const char *text, int64_t *value)
{
    for (int i = 0; i < REJECT_REASON_COUNT; i++) {
        if (text == NULL || strcmp(reasons[i], text) == 0) {
            *value = i;
            return NULL;
        }
    }
    return "reason: one of balance, size, price, rate, ready";
}

static const char *value_read(const struct injection_ask *ask, struct injection *injection)
{
    switch (kinds[injection->kind].value) {
    case INJECTION_VALUE_NOTHING:
        return NULL;
    case INJECTION_VALUE_MS:
        injection->value = ask->ms <= INJECTION_LATENCY_MOST_MS ? (int64_t)ask->ms : 0;
        return value_fits(injection->kind, injection->value) ? NULL : "ms: 1 to 60000";
    case INJECTION_VALUE_STATUS:
        injection->value = ask->status == 0 ? 500 : (int64_t)(ask->status % 1000);
        return ask->status < 1000 && value_fits(injection->kind, injection->value)
                   ? NULL
                   : "status: 500 to 599";
    case INJECTION_VALUE_REASON:
        return reason_read(ask->reason, &injection->value);
    case INJECTION_VALUE_PERCENT:
        if (ask->has_percent)
            injection->value = ask->percent / (FIXED_ONE / PPM_OF_PERCENT);
        if (value_fits(injection->kind, injection->value))
            return NULL;
        return injection->kind == INJECTION_SHOCK ? "percent: -90 to 300, and not 0"
                                                  : "percent: more than 0, at most 100";
    }
    return "kind: invalid";
}

/* What is about one market, or all of them. */
static const char *place_read(const struct injection_ask *ask, struct injection *injection)
{
    if (kinds[injection->kind].about != INJECTION_ABOUT_MARKET ||
        injection->kind == INJECTION_MAINTENANCE)
        return ask->symbol == NULL ? NULL : "symbol: only for halt, thin and shock";
    injection->everywhere = ask->symbol == NULL;
    if (injection->everywhere)
        return injection->kind == INJECTION_SHOCK ? "symbol: a shock needs one" : NULL;
    return market_find(slice_of(ask->symbol), &injection->market) ? NULL : "symbol: invalid";
}

static const char *key_read(const struct injection_ask *ask, struct injection *injection)
{
    size_t size = ask->label == NULL ? 0 : strlen(ask->label);

    if (kinds[injection->kind].about != INJECTION_ABOUT_ORDERS)
        return ask->cid == 0 && size == 0 ? NULL : "cid, label: only for reject and fill";
    if (ask->cid != 0 && size != 0)
        return "cid, label: one of them";
    if (ask->cid >= COMMAND_CLIENT_ID_END)
        return "cid: invalid";
    if (size > INJECTION_LABEL_SIZE)
        return "label: at most 16 bytes";
    injection->cid = ask->cid;
    memcpy(injection->label, ask->label == NULL ? "" : ask->label, size);
    return NULL;
}

const char *injection_make(const struct injection_ask *ask, uint64_t now_ms,
                           struct injection *injection)
{
    const char *wrong;
    bool once;

    *injection = (struct injection){ 0 };
    if (!kind_find(ask->kind, &injection->kind))
        return "kind: one of latency, error, reject, fill, disconnect, checksum, maintenance, "
               "halt, thin, shock";
    if ((wrong = value_read(ask, injection)) != NULL ||
        (wrong = place_read(ask, injection)) != NULL || (wrong = key_read(ask, injection)) != NULL)
        return wrong;
    if (ask->after_ms > INJECTION_SPAN_MOST_MS || ask->for_ms > INJECTION_SPAN_MOST_MS)
        return "after, for: at most 30 days";
    if (ask->uses > 0 && kinds[injection->kind].about == INJECTION_ABOUT_MARKET)
        return "uses: not for what concerns the market";
    once = kinds[injection->kind].about == INJECTION_ABOUT_ORDERS ||
           kinds[injection->kind].about == INJECTION_ABOUT_STREAMS;
    injection->uses = ask->uses == 0 && once && ask->for_ms == 0 ? 1 : ask->uses;
    injection->from_ms = now_ms + ask->after_ms;
    injection->until_ms = injection->from_ms + (ask->for_ms == 0 ? SPAN_USUAL_MS : ask->for_ms);
    return NULL;
}

bool injection_acts(const struct injection *injection, uint64_t now_ms)
{
    return injection->from_ms <= now_ms && now_ms < injection->until_ms;
}

void injection_encode(const struct injection *injection, struct command *command)
{
    command->account = injection->account;
    command->order = injection->id;
    command->type = injection->kind;
    command->flags = injection->everywhere ? 0 : FLAG_MARKET;
    command->market = injection->everywhere ? 0 : injection->market;
    command->amount = injection->value;
    command->fields = injection->uses;
    command->gid = injection->from_ms;
    command->tif_ms = injection->until_ms;
    command->cid = injection->cid;
    memcpy(command->affiliate, injection->label, sizeof command->affiliate);
}

bool injection_decode(const struct command *command, struct injection *injection)
{
    *injection = (struct injection){ .id = command->order,
                                     .account = command->account,
                                     .everywhere = (command->flags & FLAG_MARKET) == 0,
                                     .value = command->amount,
                                     .uses = command->fields,
                                     .from_ms = command->gid,
                                     .until_ms = command->tif_ms,
                                     .cid = command->cid };
    if (command->type == 0 || command->type >= INJECTION_END || command->market >= MARKET_COUNT ||
        command->tif_ms <= command->gid)
        return false;
    injection->kind = (enum injection_kind)command->type;
    injection->market = (enum market)command->market;
    memcpy(injection->label, command->affiliate, sizeof injection->label);
    return value_fits(injection->kind, injection->value);
}
