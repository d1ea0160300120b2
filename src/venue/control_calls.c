#include "venue/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/fixed.h"
#include "venue/scenario.h"
#include "venue/shape.h"

#define PPM_OF_PERCENT 10000
#define MILLI          1000
#define STEP_MOST_MS   UINT64_C(2592000000)    /* 30 days */
#define TIME_MOST_MS   UINT64_C(4102444800000) /* the year 2100 */

/* The operator, and whom the exchange was started for. */
static bool owns(const struct call *call)
{
    uint64_t owner = venue_owner(call->venue);

    return call->account == 0 || owner == VENUE_OWNER_ANYBODY || owner == call->account;
}

/* ---- The state, which every answer shows ---- */

static void clock_write(struct call *call)
{
    struct tempo tempo = venue_controls(call->venue)->tempo;
    const char *mode = tempo.rate_milli == 0                 ? "frozen"
                       : tempo.rate_milli == TEMPO_RATE_REAL ? "real"
                                                             : "rate";

    json_put_key(&call->w, "clock");
    json_put_open(&call->w, '{');
    json_put_key(&call->w, "mode");
    json_put_text(&call->w, mode);
    json_put_key(&call->w, "rate");
    json_put_fixed(&call->w, (int64_t)tempo.rate_milli * (FIXED_ONE / MILLI));
    json_put_key(&call->w, "time_ms");
    json_put_uint(&call->w, venue_now_ms(call->venue));
    json_put_close(&call->w, '}');
}

static void value_write(struct json_writer *w, const struct injection *injection)
{
    switch (injection_value(injection->kind)) {
    case INJECTION_VALUE_NOTHING:
        break;
    case INJECTION_VALUE_MS:
        json_put_key(w, "ms");
        json_put_int(w, injection->value);
        break;
    case INJECTION_VALUE_STATUS:
        json_put_key(w, "status");
        json_put_int(w, injection->value);
        break;
    case INJECTION_VALUE_REASON:
        json_put_key(w, "reason");
        json_put_text(w, reject_text((enum reject_reason)injection->value));
        break;
    case INJECTION_VALUE_PERCENT:
        json_put_key(w, "percent");
        json_put_fixed(w, injection->value * (FIXED_ONE / PPM_OF_PERCENT));
        break;
    }
}

static void injection_write(struct json_writer *w, const struct injection *injection,
                            uint64_t now_ms)
{
    bool of_market = injection_about(injection->kind) == INJECTION_ABOUT_MARKET;

    json_put_open(w, '{');
    json_put_key(w, "id");
    json_put_uint(w, injection->id);
    json_put_key(w, "kind");
    json_put_text(w, injection_text(injection->kind));
    value_write(w, injection);
    json_put_key(w, "account");
    if (injection->account == 0 || of_market)
        json_put_nulls(w, 1);
    else
        json_put_uint(w, injection->account);
    if (of_market && injection->kind != INJECTION_MAINTENANCE && !injection->everywhere) {
        json_put_key(w, "symbol");
        shape_symbol(w, injection->market);
    }
    if (injection->cid != 0) {
        json_put_key(w, "cid");
        json_put_uint(w, injection->cid);
    }
    if (injection->label[0] != '\0') {
        json_put_key(w, "label");
        json_put_slice(w, (struct slice){ injection->label,
                                          strnlen(injection->label, INJECTION_LABEL_SIZE) });
    }
    json_put_key(w, "uses");
    if (injection->uses == 0)
        json_put_nulls(w, 1);
    else
        json_put_uint(w, injection->uses);
    json_put_key(w, "from_ms");
    json_put_uint(w, injection->from_ms);
    json_put_key(w, "until_ms");
    json_put_uint(w, injection->until_ms);
    json_put_key(w, "acts");
    json_put_bool(w, injection_acts(injection, now_ms));
    json_put_close(w, '}');
}

/* Others' faults are theirs to know. */
static bool shows(const struct call *call, const struct injection *injection)
{
    return call->account == 0 || injection->account == 0 || injection->account == call->account ||
           injection_about(injection->kind) == INJECTION_ABOUT_MARKET;
}

static void state_write(struct call *call, bool with_hash)
{
    const struct control *control = venue_controls(call->venue);
    uint64_t now_ms = venue_now_ms(call->venue);
    struct json_writer *w = &call->w;

    json_put_open(w, '{');
    json_put_key(w, "environment");
    json_put_text(w, environment_text(venue_environment(call->venue)));
    clock_write(call);
    json_put_key(w, "seed");
    json_put_uint(w, control->mood.seed);
    json_put_key(w, "preset");
    json_put_text(w, preset_text(control->mood.preset));
    json_put_key(w, "resets");
    json_put_uint(w, control->resets);
    json_put_key(w, "owner");
    json_put_bool(w, owns(call));
    if (with_hash) {
        char hash[17];

        snprintf(hash, sizeof hash, "%016llx",
                 (unsigned long long)engine_state_hash(venue_engine(call->venue)));
        json_put_key(w, "commands");
        json_put_uint(w, engine_command_count(venue_engine(call->venue)));
        json_put_key(w, "state_hash");
        json_put_text(w, hash);
    }
    json_put_key(w, "injections");
    json_put_open(w, '[');
    for (unsigned i = 0; i < control->injection_count; i++)
        if (shows(call, &control->injections[i]) && now_ms < control->injections[i].until_ms)
            injection_write(w, &control->injections[i], now_ms);
    json_put_close(w, ']');
    json_put_close(w, '}');
}

/* ---- What is done ---- */

static bool wrong(struct call *call, const char *text)
{
    call_fail(call, CALL_PARAMS, text);
    return false;
}

/* False after failing. */
static bool control(struct call *call, struct command command)
{
    const char *why = NULL;

    command.account = command.kind == CONTROL_INJECT ? command.account : call->account;
    switch (venue_control(call->venue, command, &why)) {
    case VENUE_DONE:
        return true;
    case VENUE_REFUSED:
        return wrong(call, why);
    case VENUE_DISK:
        call_fail_disk(call);
        return false;
    }
    return false;
}

static bool broken(struct call *call, enum err e)
{
    if (e == OK)
        return true;
    if (e == ERR_MISSING)
        return wrong(call, "name: there is no such recording");
    if (e == ERR_CORRUPT || e == ERR_VERSION)
        return wrong(call, "name: the recording is damaged, or of another version");
    call_fail_disk(call);
    return false;
}

static bool status(struct call *call)
{
    uint64_t hash = 0;

    if (ask_number(call->ask, "hash", &hash) == ASK_BAD)
        return wrong(call, "hash: invalid");
    state_write(call, hash != 0);
    return false; /* the answer is there already */
}

static bool reset(struct call *call)
{
    uint64_t seed = venue_controls(call->venue)->mood.seed, time_ms = 0;

    if (ask_number(call->ask, "seed", &seed) == ASK_BAD)
        return wrong(call, "seed: invalid");
    if (ask_number(call->ask, "time_ms", &time_ms) == ASK_BAD || time_ms > TIME_MOST_MS)
        return wrong(call, "time_ms: invalid");
    return broken(call, venue_reset(call->venue, call->account, seed, time_ms));
}

static bool seed(struct call *call)
{
    struct command command = { .kind = CONTROL_SEED };

    if (ask_number(call->ask, "seed", &command.order) != ASK_GOOD)
        return wrong(call, "seed: invalid");
    return control(call, command);
}

/* "mode", or "step_ms" alone: the clock goes on as it did, from later on. */
static bool clock_set(struct call *call)
{
    struct tempo tempo = venue_controls(call->venue)->tempo;
    uint64_t wall_ms = clock_wall_ns() / NS_PER_MS, step_ms = 0;
    struct command command = { .kind = CONTROL_CLOCK,
                               .order = wall_ms,
                               .cid = tempo_time_ms(tempo, wall_ms),
                               .gid = tempo.rate_milli };
    struct slice mode = SLICE_EMPTY;
    int64_t rate = 0;

    if (ask_text(call->ask, "mode", &mode) == ASK_BAD ||
        ask_number(call->ask, "step_ms", &step_ms) == ASK_BAD || step_ms > STEP_MOST_MS)
        return wrong(call, "step_ms: at most 30 days");
    if (slice_is(mode, SLICE("real"))) {
        command.gid = TEMPO_RATE_REAL;
        command.cid = command.cid > wall_ms ? command.cid : wall_ms;
    } else if (slice_is(mode, SLICE("freeze"))) {
        command.gid = 0;
    } else if (slice_is(mode, SLICE("rate"))) {
        if (ask_fixed(call->ask, "rate", &rate) != ASK_GOOD || rate < FIXED_ONE / MILLI)
            return wrong(call, "rate: 0.001 to 1000");
        command.gid = (uint64_t)(rate / (FIXED_ONE / MILLI));
    } else if (mode.size != 0 || step_ms == 0) {
        return wrong(call, "mode: real, freeze, rate, or step_ms");
    }
    command.cid += step_ms;
    return control(call, command) && broken(call, venue_catch_up(call->venue));
}

static bool preset(struct call *call)
{
    struct command command = { .kind = CONTROL_PRESET };
    struct slice name = SLICE_EMPTY;
    enum preset found;

    if (ask_text(call->ask, "preset", &name) != ASK_GOOD || !preset_find(name, &found))
        return wrong(call, "preset: one of balanced, quiet, trend, volatile, thin, flash-crash, "
                           "frozen");
    command.type = found;
    return control(call, command);
}

/* Who is concerned: the caller; an operator may name an account, and concerns all without. */
static bool account_read(struct call *call, uint64_t *account)
{
    *account = call->account;
    if (call->account == 0 && ask_number(call->ask, "account", account) == ASK_BAD)
        return wrong(call, "account: invalid");
    return true;
}

static bool balance(struct call *call)
{
    struct command command = { .kind = COMMAND_CREDIT, .wallet = WALLET_EXCHANGE };
    struct slice code = SLICE_EMPTY;
    struct venue_effect effect;
    enum currency currency;

    if (!account_read(call, &command.account))
        return false;
    if (ask_text(call->ask, "currency", &code) != ASK_GOOD || !currency_find(code, &currency))
        return wrong(call, "currency: invalid");
    if (ask_fixed(call->ask, "amount", &command.amount) != ASK_GOOD || command.amount == 0)
        return wrong(call, "amount: invalid");
    if (command.account == 0)
        return wrong(call, "account: invalid");
    if (venue_account(call->venue, command.account) == NULL) {
        call_fail_disk(call);
        return false;
    }
    command.currency = currency;
    if (command.amount < 0) {
        command.kind = COMMAND_WITHDRAW;
        command.amount = -command.amount;
    }
    switch (venue_apply(call->venue, command, &effect)) {
    case VENUE_DONE:
        return true;
    case VENUE_REFUSED:
        return wrong(call, refusal_text(effect.refused.why));
    case VENUE_DISK:
        call_fail_disk(call);
        return false;
    }
    return false;
}

/* The text of the parameter in the request's body, NULL when it is not there or no text. */
static const char *text_of(const struct call *call, const char *name)
{
    return json_string_value(json_object_get(call->ask.body, name));
}

static bool injection_place(struct call *call, const struct injection_ask *ask, uint64_t account)
{
    struct command command = { .kind = CONTROL_INJECT };
    struct injection injection;
    const char *why = injection_make(ask, venue_now_ms(call->venue), &injection);

    if (why != NULL)
        return wrong(call, why);
    if (injection_about(injection.kind) == INJECTION_ABOUT_MARKET) {
        if (!owns(call))
            return wrong(call, "kind: it concerns the market, which is not yours");
        account = call->account;
    }
    injection.account = account;
    injection.id = venue_controls(call->venue)->injection_id + 1;
    injection_encode(&injection, &command);
    return control(call, command);
}

static bool inject(struct call *call)
{
    struct injection_ask ask = { .kind = text_of(call, "kind"),
                                 .symbol = text_of(call, "symbol"),
                                 .reason = text_of(call, "reason"),
                                 .label = text_of(call, "label") };
    static const char *const names[] = { "ms", "status", "uses", "cid", "after_ms", "for_ms" };
    uint64_t *const values[] = { &ask.ms,  &ask.status,   &ask.uses,
                                 &ask.cid, &ask.after_ms, &ask.for_ms };
    uint64_t account;

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (ask_number(call->ask, names[i], values[i]) == ASK_BAD)
            return wrong(call, "ms, status, uses, cid, after_ms, for_ms: whole numbers");
    switch (ask_fixed(call->ask, "percent", &ask.percent)) {
    case ASK_BAD:
        return wrong(call, "percent: invalid");
    case ASK_GOOD:
        ask.has_percent = true;
        break;
    case ASK_ABSENT:
        break;
    }
    return account_read(call, &account) && injection_place(call, &ask, account);
}

static bool scenario(struct call *call)
{
    const char *text = text_of(call, "yaml");
    char why[SCENARIO_WRONG_SIZE];
    struct scenario *parsed;
    uint64_t account;
    bool done = true;

    if (text == NULL)
        return wrong(call, "yaml: the text of a scenario file");
    if (!account_read(call, &account))
        return false;
    if (!scenario_parse(slice_of(text), &parsed, why))
        return wrong(call, why);
    if (venue_controls(call->venue)->injection_count + parsed->steps_count >
        CONTROL_INJECTIONS_MOST)
        done = wrong(call, "steps: more than there is room for, clear some");
    for (unsigned i = 0; done && i < parsed->steps_count; i++) {
        struct injection_ask ask = scenario_ask(&parsed->steps[i]);

        done = injection_place(call, &ask, account);
    }
    scenario_free(&parsed);
    return done;
}

static bool clear(struct call *call)
{
    const struct control *controls = venue_controls(call->venue);
    struct command command = { .kind = CONTROL_CLEAR };

    if (ask_number(call->ask, "id", &command.order) == ASK_BAD)
        return wrong(call, "id: invalid");
    for (unsigned i = 0; command.order != 0 && i < controls->injection_count; i++) {
        const struct injection *injection = &controls->injections[i];

        if (injection->id == command.order && injection->account != call->account && !owns(call))
            return wrong(call, "id: invalid");
    }
    return control(call, command);
}

/* Also a file's name. */
static bool name_read(struct call *call, char name[VENUE_NAME_SIZE])
{
    const char *text = text_of(call, "name");

    if (text == NULL || *text == '\0' || strlen(text) >= VENUE_NAME_SIZE ||
        strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(text))
        return wrong(call, "name: 1 to 32 of a-z, 0-9 and -");
    memcpy(name, text, strlen(text) + 1);
    return true;
}

static bool record(struct call *call)
{
    char name[VENUE_NAME_SIZE];
    enum err e;

    if (!name_read(call, name))
        return false;
    e = venue_record(call->venue, name);
    if (e == ERR_EXISTS)
        return wrong(call, "name: there are as many recordings as can be; use one of their names");
    if (!broken(call, e))
        return false;
    state_write(call, true);
    return false;
}

static bool replay(struct call *call)
{
    char name[VENUE_NAME_SIZE];

    if (!name_read(call, name) || !broken(call, venue_play(call->venue, name)))
        return false;
    state_write(call, true);
    return false;
}

/* True: done, and the state is to be shown; else the answer is there already. */
static const struct action {
    const char *name;
    bool owner_only;
    bool (*run)(struct call *call);
} actions[] = {
    { "status", false, status },    { "reset", true, reset },      { "seed", true, seed },
    { "clock", true, clock_set },   { "preset", true, preset },    { "balance", false, balance },
    { "inject", false, inject },    { "scenario", false, scenario }, { "clear", false, clear },
    { "record", true, record },     { "replay", true, replay },
};

static void act(struct call *call, struct slice name)
{
    for (unsigned i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (!slice_is(name, slice_of(actions[i].name)))
            continue;
        if (actions[i].owner_only && !owns(call))
            call_fail(call, CALL_GENERIC, "sandbox: only its owner may do this");
        else if (actions[i].run(call))
            state_write(call, false);
        return;
    }
    call_fail(call, CALL_PARAMS, "sandbox: there is no such command");
}

CALL(call_sandbox)
{
    CALL_BEGIN;
    act(call, values->at[0]);
}

CALL(call_sandbox_status)
{
    CALL_BEGIN;
    act(call, SLICE("status"));
}
