#include "venue/call.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fixed.h"
#include "venue/outcome.h"
#include "venue/shape.h"

#define OPERATIONS_MOST 75
#define MS_PER_S        1000
#define MS_PER_DAY      UINT64_C(86400000)

static bool fail(struct failure *failure, int code, const char *text)
{
    failure->code = code;
    snprintf(failure->text, sizeof failure->text, "%s", text);
    return false;
}

static void failure_send(struct call *call, const struct failure *failure)
{
    if (failure->disk)
        call_fail_disk(call);
    else
        call_fail(call, failure->code, failure->text);
}

/* The engine's refusal with what the venue adds to it. */
static bool refusal_fail(const struct command *command, const struct event_refused *refused,
                         struct failure *failure)
{
    char amount[FIXED_TEXT_SIZE], limit[FIXED_TEXT_SIZE], price[FIXED_TEXT_SIZE];
    const char *pair =
        command->market < MARKET_COUNT ? market_facts((enum market)command->market)->pair : "";
    const char *text = refusal_text(refused->why);

    fixed_format(command->amount, amount);
    fixed_format(refused->limit, limit);
    fixed_format(refused->price, price);
    fail(failure, refused->why == REFUSAL_SYMBOL ? CALL_PARAMS : CALL_GENERIC, text);
    if (refused->why == REFUSAL_SIZE_LEAST || refused->why == REFUSAL_SIZE_GREATEST)
        snprintf(failure->text, sizeof failure->text, "%s for %s is %s", text, pair, limit);
    else if (refused->why == REFUSAL_BALANCE || refused->why == REFUSAL_TRADABLE)
        snprintf(failure->text, sizeof failure->text, "%s for %s %s at %s", text, amount, pair,
                 price);
    return false;
}

static bool carry_out(struct call *call, const struct command *command, struct venue_effect *effect,
                      struct failure *failure)
{
    switch (venue_apply(call->venue, *command, effect)) {
    case VENUE_DONE:
        return true;
    case VENUE_REFUSED:
        return refusal_fail(command, &effect->refused, failure);
    case VENUE_DISK:
        failure->disk = true;
        return fail(failure, CALL_GENERIC, "temporarily_unavailable");
    }
    return false;
}

/* "EXCHANGE LIMIT" as "exchange limit" */
static void words_lower(const char *words, char lower[32])
{
    size_t i = 0;

    for (; words[i] != '\0' && i < 31; i++)
        lower[i] = (char)(words[i] >= 'A' && words[i] <= 'Z' ? words[i] + 32 : words[i]);
    lower[i] = '\0';
}

/* ---- Submitting ---- */

/* Flags, and the legacy fields for two of them. */
static bool flags_read(struct ask ask, struct command *command, struct failure *failure)
{
    uint64_t hidden = 0, post_only = 0, protect = 0;
    struct ask meta = { .body = json_object_get(ask.body, "meta") };

    if (ask_number(ask, "flags", &command->flags) == ASK_BAD ||
        (command->flags & ~(uint64_t)ORDER_FLAGS_VENUE) != 0 ||
        ask_number(ask, "hidden", &hidden) == ASK_BAD ||
        ask_number(ask, "postonly", &post_only) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "flags: invalid");
    if (ask_number(meta, "protect_selfmatch", &protect) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "meta: invalid");
    command->flags |= (hidden != 0 ? ORDER_HIDDEN : 0u) | (post_only != 0 ? ORDER_POST_ONLY : 0u) |
                      (protect != 0 ? ORDER_PROTECT_SELFMATCH : 0u);
    return true;
}

static bool prices_read(struct ask ask, struct command *command, struct failure *failure)
{
    if (ask_fixed(ask, "price_trailing", &command->price_trailing) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "price_trailing: invalid");
    if (ask_fixed(ask, "price_aux_limit", &command->price_aux_limit) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "price_aux_limit: invalid");
    if (ask_fixed(ask, "price_oco_stop", &command->price_oco_stop) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "price_oco_stop: invalid");
    return true;
}

static enum ask_answer affiliate_read(struct ask meta, struct command *command)
{
    struct slice code = SLICE_EMPTY;
    enum ask_answer answer = ask_text(meta, "aff_code", &code);

    if (code.size > ORDER_AFFILIATE_SIZE)
        return ASK_BAD;
    if (answer == ASK_GOOD && code.size > 0)
        memcpy(command->affiliate, code.at, code.size);
    return answer;
}

static bool submit_read_rest(struct ask ask, struct command *command, struct failure *failure)
{
    struct ask meta = { .body = json_object_get(ask.body, "meta") };

    if (!prices_read(ask, command, failure))
        return false;
    if (ask_number(ask, "gid", &command->gid) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "gid: invalid");
    if (ask_number(ask, "cid", &command->cid) == ASK_BAD ||
        ask_number(ask, "cid_oco", &command->cid_oco) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "cid: invalid");
    if (ask_number(ask, "lev", &command->leverage) == ASK_BAD || command->leverage > 100)
        return fail(failure, CALL_GENERIC, "lev: invalid");
    if (ask_moment(ask, "tif", &command->tif_ms) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "tif: invalid");
    if (affiliate_read(meta, command) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "aff_code: invalid");
    return flags_read(ask, command, failure);
}

static bool submit_read(struct ask ask, struct command *command, struct failure *failure)
{
    struct slice symbol = SLICE_EMPTY, words = SLICE_EMPTY;
    enum ask_answer price;
    enum order_type type;
    enum market market;
    uint64_t flags = 0;
    bool has_none;

    ask_text(ask, "symbol", &symbol);
    if (!market_find(symbol, &market))
        return fail(failure, CALL_PARAMS, "symbol: invalid");
    ask_text(ask, "type", &words);
    if (!order_type_find(words, &type))
        return fail(failure, CALL_GENERIC, "type: invalid");
    command->market = market;
    command->type = type;
    if (ask_number(ask, "flags", &flags) != ASK_GOOD)
        flags = 0;
    /* What closes a position takes its amount from it. */
    if ((flags & ORDER_CLOSE) == 0 &&
        (ask_fixed(ask, "amount", &command->amount) != ASK_GOOD || command->amount == 0))
        return fail(failure, CALL_GENERIC, "amount: invalid");
    has_none = type == ORDER_TYPE_EXCHANGE_MARKET || type == ORDER_TYPE_MARKET ||
               type == ORDER_TYPE_EXCHANGE_TRAILING_STOP || type == ORDER_TYPE_TRAILING_STOP;
    price = ask_fixed(ask, "price", &command->price);
    if (!has_none && (price != ASK_GOOD || command->price <= 0))
        return fail(failure, CALL_GENERIC, "price: invalid");
    if (has_none)
        command->price = 0; /* clients send all sorts of things */
    return submit_read_rest(ask, command, failure);
}

/* Over a WebSocket one order is told, not a list, and in other words. */
static void submitted_tell(struct call *call, const struct order *order)
{
    char words[32], amount[FIXED_TEXT_SIZE], text[160];

    words_lower(order_type_text(order->type), words);
    amount_format(order->amount, amount);
    snprintf(text, sizeof text, "Submitting %s %s order for %s %s.", words,
             order_is_buy(order) ? "buy" : "sell", amount,
             currency_code(market_facts(order->market)->base));
    shape_notice_open(&call->w, venue_now_ms(call->venue), "on-req");
    shape_order(&call->w, order);
    shape_notice_close(&call->w, "SUCCESS", text);
}

/* What the owner of a sandbox may know the order by. */
static struct slice label_of(struct ask ask)
{
    const json_t *meta = json_object_get(ask.body, "meta");

    return slice_of(json_string_value(json_object_get(meta, "sandbox")));
}

static bool outcome_fails(struct call *call, struct ask ask, const struct command *command,
                          struct failure *failure)
{
    return outcome_refuses(call->venue, command, label_of(ask), &failure->code, failure->text);
}

/* A client id names one order a day, that of a pair's stop too. */
static bool cid_is_free(struct call *call, const struct command *command, struct failure *failure)
{
    const struct cids *cids = venue_cids(call->venue);
    uint64_t day = venue_now_ms(call->venue) / MS_PER_DAY;
    bool paired = (command->flags & ORDER_OCO) && command->cid_oco != 0;

    if (!cids_has(cids, call->account, command->cid, day) &&
        !(paired && (command->cid_oco == command->cid ||
                     cids_has(cids, call->account, command->cid_oco, day))))
        return true;
    return fail(failure, CALL_GENERIC, "cid: duplicate");
}

static bool submit(struct call *call, struct ask ask, struct failure *failure)
{
    struct command command = { .kind = COMMAND_SUBMIT, .account = call->account };
    struct venue_effect effect;

    if (!submit_read(ask, &command, failure) || !cid_is_free(call, &command, failure) ||
        outcome_fails(call, ask, &command, failure) || !carry_out(call, &command, &effect, failure))
        return false;
    outcome_fills(call->venue, &command, label_of(ask), effect.order.id);
    if (call->on_stream) {
        submitted_tell(call, &effect.order);
        return true;
    }
    shape_notice_open(&call->w, venue_now_ms(call->venue) / MS_PER_S, "on-req");
    json_put_open(&call->w, '[');
    shape_order(&call->w, &effect.order);
    if (effect.partner.id != 0)
        shape_order(&call->w, &effect.partner);
    json_put_close(&call->w, ']');
    shape_notice_close(&call->w, "SUCCESS",
                       effect.partner.id != 0 ? "Submitting 2 orders." : "Submitting 1 orders.");
    return true;
}

/* ---- Naming an order of one's own ---- */

static const struct order *own_order(struct call *call, uint64_t id)
{
    const struct order *order = engine_order_find(venue_engine(call->venue), id);

    return order != NULL && order->account == call->account ? order : NULL;
}

/* By `id`, or by `cid` and `cid_date`. */
static const struct order *named_order(struct call *call, struct ask ask, struct failure *failure)
{
    const struct order *order = NULL;
    uint64_t id = 0, cid = 0, day = 0;
    enum ask_answer by_id = ask_number(ask, "id", &id);

    if (by_id == ASK_BAD) {
        fail(failure, CALL_GENERIC, "id: invalid");
        return NULL;
    }
    if (by_id == ASK_GOOD && id != 0) {
        order = own_order(call, id);
    } else {
        if (ask_number(ask, "cid", &cid) != ASK_GOOD) {
            fail(failure, CALL_GENERIC, "id: invalid");
            return NULL;
        }
        if (ask_day(ask, "cid_date", &day) != ASK_GOOD) {
            fail(failure, CALL_GENERIC, "cid_date: invalid");
            return NULL;
        }
        order = engine_order_by_cid(venue_engine(call->venue), call->account, cid, day);
    }
    if (order == NULL)
        fail(failure, CALL_GENERIC, refusal_text(REFUSAL_ORDER));
    return order;
}

/* ---- Updating ---- */

/* Is it said, and more than the 0 of a client that always sends it? */
static bool is_named(struct ask ask, const char *name)
{
    uint64_t number = 0;

    return ask_number(ask, name, &number) == ASK_BAD || number != 0;
}

/* As named_order(), or by `gid` alone, if one active order has it: of several the venue's reference
 * does not say which is meant. */
static const struct order *order_to_update(struct call *call, struct ask ask,
                                           struct failure *failure)
{
    const struct engine *engine = venue_engine(call->venue);
    const struct order *order = NULL, *found = NULL;
    uint64_t gid = 0;

    if (is_named(ask, "id") || is_named(ask, "cid") || ask_number(ask, "gid", &gid) != ASK_GOOD ||
        gid == 0)
        return named_order(call, ask, failure);
    while ((order = engine_account_order_next(engine, call->account, order)) != NULL) {
        if (order->gid != gid)
            continue;
        if (found != NULL) {
            fail(failure, CALL_GENERIC, "gid: invalid");
            return NULL;
        }
        found = order;
    }
    if (found == NULL)
        fail(failure, CALL_GENERIC, refusal_text(REFUSAL_ORDER));
    return found;
}

static bool field_read(enum ask_answer answer, enum update_field field, const char *wrong,
                       struct command *command, struct failure *failure)
{
    if (answer == ASK_BAD)
        return fail(failure, CALL_GENERIC, wrong);
    if (answer == ASK_GOOD)
        command->fields |= field;
    return true;
}

/* A client that always sends these numbers means "none given" by 0. */
static enum ask_answer fixed_not_0(struct ask ask, const char *name, int64_t *value)
{
    enum ask_answer answer = ask_fixed(ask, name, value);

    return answer == ASK_GOOD && *value == 0 ? ASK_ABSENT : answer;
}

/* What an order waits for. */
static bool update_read_waiting(struct ask ask, struct command *command, struct failure *failure)
{
    return field_read(ask_moment(ask, "tif", &command->tif_ms), UPDATE_TIF, "tif: invalid", command,
                      failure) &&
           field_read(fixed_not_0(ask, "price_aux_limit", &command->price_aux_limit),
                      UPDATE_PRICE_AUX_LIMIT, "price_aux_limit: invalid", command, failure) &&
           field_read(fixed_not_0(ask, "price_trailing", &command->price_trailing),
                      UPDATE_PRICE_TRAILING, "price_trailing: invalid", command, failure);
}

/* Flags, and the one that stands in `meta`, which they leave as it is. */
static enum ask_answer update_read_flags(struct ask ask, const struct order *order,
                                         struct command *command)
{
    struct ask meta = { .body = json_object_get(ask.body, "meta") };
    enum ask_answer flags = ask_number(ask, "flags", &command->flags), protects;
    uint64_t protect = (order->flags & ORDER_PROTECT_SELFMATCH) != 0;

    if (flags == ASK_GOOD && (command->flags & ~(uint64_t)ORDER_FLAGS_VENUE) != 0)
        return ASK_BAD;
    protects = ask_number(meta, "protect_selfmatch", &protect);
    if (flags == ASK_BAD || protects == ASK_BAD)
        return ASK_BAD;
    if (flags != ASK_GOOD)
        command->flags = order->flags & ORDER_FLAGS_VENUE;
    command->flags |= protect != 0 ? ORDER_PROTECT_SELFMATCH : 0u;
    return flags == ASK_GOOD || protects == ASK_GOOD ? ASK_GOOD : ASK_ABSENT;
}

static bool update_read(struct ask ask, const struct order *order, struct command *command,
                        struct failure *failure)
{
    struct ask meta = { .body = json_object_get(ask.body, "meta") };
    enum ask_answer gid, leverage;

    if (!update_read_waiting(ask, command, failure))
        return false;
    if (!field_read(ask_fixed(ask, "amount", &command->amount), UPDATE_AMOUNT, "amount: invalid",
                    command, failure) ||
        !field_read(ask_fixed(ask, "delta", &command->amount), UPDATE_DELTA, "delta: invalid",
                    command, failure) ||
        !field_read(ask_fixed(ask, "price", &command->price), UPDATE_PRICE, "price: invalid",
                    command, failure))
        return false;
    gid = ask_number(ask, "gid", &command->gid);
    if (gid == ASK_GOOD && command->gid == 0)
        gid = ASK_ABSENT; /* a client that always sends it means "none given" */
    leverage = ask_number(ask, "lev", &command->leverage);
    if (leverage == ASK_GOOD && order->leverage == 0)
        leverage = ASK_ABSENT; /* of contracts only; clients send it with any order */
    return field_read(gid, UPDATE_GID, "gid: invalid", command, failure) &&
           field_read(leverage, UPDATE_LEVERAGE, "lev: invalid", command, failure) &&
           field_read(affiliate_read(meta, command), UPDATE_AFFILIATE, "aff_code: invalid", command,
                      failure) &&
           field_read(update_read_flags(ask, order, command), UPDATE_FLAGS, "flags: invalid",
                      command, failure);
}

static bool update(struct call *call, struct ask ask, struct failure *failure)
{
    struct command command = { .kind = COMMAND_UPDATE, .account = call->account };
    const struct order *order = order_to_update(call, ask, failure);
    char words[32], amount[FIXED_TEXT_SIZE], text[160];
    struct venue_effect effect;

    if (order == NULL || !update_read(ask, order, &command, failure))
        return false;
    command.order = order->id;
    command.market = order->market; /* for the words of a refusal */
    if (!carry_out(call, &command, &effect, failure))
        return false;
    order = &effect.order;
    words_lower(order_type_text(order->type), words);
    fixed_format(order->amount < 0 ? -order->amount : order->amount, amount);
    snprintf(text, sizeof text, "Submitting update to %s %s order for %s %s.", words,
             order_is_buy(order) ? "buy" : "sell", amount,
             currency_code(market_facts(order->market)->base));
    shape_notice_open(&call->w, venue_now_ms(call->venue), "ou-req");
    shape_order(&call->w, order);
    shape_notice_close(&call->w, "SUCCESS", text);
    return true;
}

/* ---- Cancelling ---- */

static bool cancel(struct call *call, struct ask ask, struct failure *failure)
{
    const struct order *found = named_order(call, ask, failure);
    struct command command = { .kind = COMMAND_CANCEL, .account = call->account };
    struct venue_effect effect;
    struct order before;
    char text[96];

    if (found == NULL)
        return false;
    before = *found; /* what clients are shown: the order as it was */
    command.order = before.id;
    if (!carry_out(call, &command, &effect, failure))
        return false;
    snprintf(text, sizeof text, "Submitted for cancellation; waiting for confirmation (ID: %llu).",
             (unsigned long long)before.id);
    shape_notice_open(&call->w, venue_now_ms(call->venue), "oc-req");
    shape_order(&call->w, &before);
    shape_notice_close(&call->w, "SUCCESS", text);
    return true;
}

/* [[cid, "2026-11-23"], ...] */
static enum ask_answer cids_list(const json_t *pairs, const struct order *order)
{
    bool listed = false;

    if (pairs == NULL || json_is_null(pairs))
        return ASK_ABSENT;
    if (!json_is_array(pairs))
        return ASK_BAD;
    for (size_t i = 0; i < json_array_size(pairs); i++) {
        const json_t *pair = json_array_get(pairs, i);
        const char *date = json_string_value(json_array_get(pair, 1));
        uint64_t cid, day;

        if (!ask_json_number(json_array_get(pair, 0), &cid) || date == NULL ||
            !ask_day_parse(date, &day))
            return ASK_BAD;
        listed |= order->cid == cid && order->created_ms / MS_PER_DAY == day;
    }
    return listed ? ASK_GOOD : ASK_ABSENT;
}

/* Does the request name this order, in one of its lists or by "all"? */
static enum ask_answer multi_names(struct ask ask, const struct order *order)
{
    uint64_t all = 0;
    enum ask_answer answers[] = {
        ask_number(ask, "all", &all),
        ask_has(ask, "id") ? ask_lists(ask, "id", order->id) : ASK_ABSENT,
        ask_has(ask, "gid") ? ask_lists(ask, "gid", order->gid) : ASK_ABSENT,
        cids_list(json_object_get(ask.body, "cid"), order),
    };

    if (answers[0] == ASK_GOOD && all == 0)
        answers[0] = ASK_ABSENT;
    for (unsigned i = 0; i < 4; i++)
        if (answers[i] == ASK_BAD)
            return ASK_BAD;
    for (unsigned i = 0; i < 4; i++)
        if (answers[i] == ASK_GOOD)
            return ASK_GOOD;
    return ASK_ABSENT;
}

/* The ids of all active orders: cancelling one may end others, too.  NULL: no memory. */
static uint64_t *own_orders(const struct call *call, size_t *count)
{
    const struct engine *engine = venue_engine(call->venue);
    const struct account *account = engine_account_find(engine, call->account);
    size_t room = account == NULL ? 0 : account->order_count;
    uint64_t *ids = calloc(room + 1, sizeof *ids);
    const struct order *order = NULL;

    *count = 0;
    while (ids != NULL && (order = engine_account_order_next(engine, call->account, order)) != NULL)
        ids[(*count)++] = order->id;
    return ids;
}

/* Returns how many were cancelled; on a failure that is not the first, what is told is done. */
static unsigned cancel_listed(struct call *call, struct ask ask, const uint64_t *ids, size_t count,
                              struct failure *failure)
{
    unsigned canceled = 0;

    for (size_t i = 0; i < count; i++) {
        const struct order *order = engine_order_find(venue_engine(call->venue), ids[i]);
        struct command command = { .kind = COMMAND_CANCEL, .account = call->account };
        struct venue_effect effect;
        struct order before;

        if (order == NULL || multi_names(ask, order) != ASK_GOOD)
            continue;
        before = *order;
        command.order = before.id;
        if (!carry_out(call, &command, &effect, failure))
            break;
        shape_order(&call->w, &before);
        canceled++;
    }
    return canceled;
}

static bool cancel_multi(struct call *call, struct ask ask, struct failure *failure)
{
    const struct order probe = { .account = call->account };
    uint64_t *ids;
    size_t count;
    unsigned canceled;
    char text[64];

    if (multi_names(ask, &probe) == ASK_BAD)
        return fail(failure, CALL_GENERIC, "id: invalid");
    ids = own_orders(call, &count);
    if (ids == NULL)
        return fail(failure, CALL_GENERIC, "temporarily_unavailable");
    shape_notice_open(&call->w, venue_now_ms(call->venue), "oc_multi-req");
    json_put_open(&call->w, '[');
    canceled = cancel_listed(call, ask, ids, count, failure);
    free(ids);
    if (canceled == 0 && failure->code != 0)
        return false;
    json_put_close(&call->w, ']');
    snprintf(text, sizeof text, "Submitting %u order cancellations.", canceled);
    shape_notice_close(&call->w, "SUCCESS", text);
    return true;
}

/* ---- Calls ---- */

static void operate(struct call *call,
                    bool (*operation)(struct call *call, struct ask ask, struct failure *failure))
{
    struct failure failure = { 0 };

    if (!operation(call, call->ask, &failure))
        failure_send(call, &failure);
}

CALL(call_order_submit)
{
    CALL_BEGIN;
    operate(call, submit);
}

CALL(call_order_update)
{
    CALL_BEGIN;
    operate(call, update);
}

CALL(call_order_cancel)
{
    CALL_BEGIN;
    operate(call, cancel);
}

CALL(call_order_cancel_multi)
{
    CALL_BEGIN;
    operate(call, cancel_multi);
}

static const struct {
    const char *word, *notice;
    bool (*run)(struct call *call, struct ask ask, struct failure *failure);
} operations[] = {
    { "on", "on-req", submit },
    { "ou", "ou-req", update },
    { "oc", "oc-req", cancel },
    { "oc_multi", "oc_multi-req", cancel_multi },
};
#define OPERATION_COUNT (sizeof operations / sizeof *operations)

/* OPERATION_COUNT: there is none of that word. */
static size_t operation_find(const char *word)
{
    size_t i = 0;

    while (i < OPERATION_COUNT && (word == NULL || strcmp(word, operations[i].word) != 0))
        i++;
    return i;
}

bool call_operate(struct call *call, const char *word, const json_t *payload,
                  struct failure *failure)
{
    struct json_writer before = call->w;
    size_t size = call->w.out->size, i = operation_find(word);

    *failure = (struct failure){ 0 };
    if (i == OPERATION_COUNT || !json_is_object(payload))
        return fail(failure, CALL_GENERIC, "ops: invalid");
    if (operations[i].run(call, (struct ask){ .body = payload }, failure))
        return true;
    call->w = before; /* a failed operation may have begun to write */
    call->w.out->size = size;
    return false;
}

/* [word, payload]: writes the notification of the one operation, an ERROR one if it failed. */
static void operation_run(struct call *call, const json_t *pair)
{
    const char *word = json_string_value(json_array_get(pair, 0));
    size_t i = operation_find(word);
    struct failure failure;

    if (call_operate(call, word, json_array_get(pair, 1), &failure))
        return;
    shape_notice_open(&call->w, venue_now_ms(call->venue),
                      i == OPERATION_COUNT ? "on-req" : operations[i].notice);
    json_put_nulls(&call->w, 1);
    shape_notice_close(&call->w, "ERROR", failure.text);
}

CALL(call_order_multi)
{
    const json_t *pairs;
    char text[64];
    CALL_BEGIN;

    pairs = json_object_get(call->ask.body, "ops");
    if (!json_is_array(pairs) || json_array_size(pairs) == 0 ||
        json_array_size(pairs) > OPERATIONS_MOST) {
        call_fail(call, CALL_PARAMS, "ops: invalid");
        return;
    }
    shape_notice_open(&call->w, venue_now_ms(call->venue), "ox_multi-req");
    json_put_open(&call->w, '[');
    for (size_t i = 0; i < json_array_size(pairs); i++)
        operation_run(call, json_array_get(pairs, i));
    json_put_close(&call->w, ']');
    snprintf(text, sizeof text, "Submitting %zu order operations.", json_array_size(pairs));
    shape_notice_close(&call->w, "SUCCESS", text);
}
