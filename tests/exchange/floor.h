/* tests/exchange/floor.h: an engine whose events are written down
 *
 * After each command the invariants are checked, and a digest of all events grows.
 */
#ifndef FLOOR_H
#define FLOOR_H

#include "../test.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "base/fixed.h"
#include "exchange/engine.h"

#define UNIT FIXED_ONE

struct floor {
    struct engine *engine;
    size_t size;
    uint64_t time_ms;
    uint64_t events_hash;
    uint64_t event_count;
    bool unchecked;  /* skip engine_check */
    char text[8192]; /* what was told since floor_clear, a line an event */
    size_t text_size;
    bool writes;
    enum refusal why; /* of the latest refused command */
    uint64_t order;   /* id of the latest new order or offer */
    uint64_t loan;    /* id of the latest new loan */
    uint64_t position;
};

static inline void floor_hash(struct floor *floor, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;

    for (size_t i = 0; i < size; i++)
        floor->events_hash = (floor->events_hash ^ at[i]) * UINT64_C(1099511628211);
}

static inline void floor_hash_number(struct floor *floor, int64_t number)
{
    floor_hash(floor, &number, sizeof number);
}

static inline const char *number(int64_t value)
{
    static char texts[16][FIXED_TEXT_SIZE];
    static unsigned turn;
    char *text = texts[turn++ % 16];

    fixed_format(value, text);
    return text;
}

static inline void floor_say(struct floor *floor, const char *line)
{
    if (!floor->writes)
        return;
    floor->text_size += (size_t)snprintf(floor->text + floor->text_size,
                                         sizeof floor->text - floor->text_size, "%s\n", line);
    assert_true(floor->text_size < sizeof floor->text);
}

static inline void floor_take_order(struct floor *floor, const struct event_order *event)
{
    static const char *const changes[] = { [ORDER_NEW] = "new",
                                           [ORDER_UPDATED] = "updated",
                                           [ORDER_OPENED] = "opened",
                                           [ORDER_FILLED] = "filled",
                                           [ORDER_CLOSED] = "closed" };
    char status[ORDER_STATUS_SIZE], line[ORDER_STATUS_SIZE + 128];
    const struct order *o = event->order;

    if (event->change == ORDER_NEW)
        floor->order = o->id;
    floor_hash_number(floor, (int64_t)o->id);
    floor_hash_number(floor, o->amount);
    floor_hash_number(floor, o->price_avg);
    floor_hash_number(floor, o->locked);
    floor_hash_number(floor, event->change * 100 + o->state);
    if (event->change == ORDER_CLOSED)
        assert_null(engine_order_find(floor->engine, o->id));
    else
        assert_ptr_equal(engine_order_find(floor->engine, o->id), o);
    if (!floor->writes)
        return;
    order_status_format(o, status);
    snprintf(line, sizeof line, "%s %llu %s of %s: %s", changes[event->change],
             (unsigned long long)o->account, number(o->amount), number(o->amount_orig), status);
    floor_say(floor, line);
}

static inline void floor_take_offer(struct floor *floor, const struct event_offer *event)
{
    static const char *const changes[] = {
        [FUNDING_NEW] = "new", [FUNDING_CHANGED] = "matched", [FUNDING_CLOSED] = "closed"
    };
    char status[FUNDING_STATUS_SIZE], line[FUNDING_STATUS_SIZE + 128];
    const struct offer *o = event->offer;

    if (event->change == FUNDING_NEW)
        floor->order = o->id;
    floor_hash_number(floor, (int64_t)o->id);
    floor_hash_number(floor, o->amount);
    floor_hash_number(floor, o->rate_real);
    offer_status_format(o, status);
    snprintf(line, sizeof line, "%s offer %llu %s of %s: %s", changes[event->change],
             (unsigned long long)o->account, number(o->amount), number(o->amount_orig), status);
    floor_say(floor, line);
}

static inline void floor_take_loan(struct floor *floor, const struct event_loan *event)
{
    static const char *const changes[] = { [FUNDING_NEW] = "new",
                                           [FUNDING_CHANGED] = "changed",
                                           [FUNDING_CLOSED] = "closed",
                                           [FUNDING_USED] = "used",
                                           [FUNDING_UNUSED] = "unused" };
    const struct loan *l = event->loan;
    char line[256];

    if (event->change == FUNDING_NEW)
        floor->loan = l->id;
    floor_hash_number(floor, (int64_t)l->id);
    floor_hash_number(floor, l->rate_real);
    floor_hash_number(floor, (int64_t)l->paid_ms);
    snprintf(line, sizeof line, "%s loan %llu to %llu %s at %s for %u: %s", changes[event->change],
             (unsigned long long)l->lender, (unsigned long long)l->borrower, number(l->amount),
             number(l->rate_real), l->period, loan_status_text(l));
    floor_say(floor, line);
}

static inline void floor_take_position(struct floor *floor, const struct event_position *event)
{
    static const char *const changes[] = {
        [POSITION_NEW] = "new", [POSITION_CHANGED] = "changed", [POSITION_CLOSED] = "closed"
    };
    const struct position *p = event->position;
    char line[256];

    if (event->change == POSITION_NEW)
        floor->position = p->id;
    floor_hash_number(floor, (int64_t)p->id);
    floor_hash_number(floor, p->amount);
    floor_hash_number(floor, p->quote);
    snprintf(line, sizeof line, "%s position %llu %s %s at %s", changes[event->change],
             (unsigned long long)p->account, market_facts(p->market)->pair, number(p->amount),
             number(p->base_price));
    floor_say(floor, line);
}

static inline void floor_take_liquidation(struct floor *floor,
                                          const struct event_liquidation *event)
{
    char line[256];

    floor_hash_number(floor, event->amount);
    snprintf(line, sizeof line, "liquidation %llu %s %s at %s",
             (unsigned long long)event->position->account, event->is_sold ? "sold" : "seen",
             number(event->amount), number(event->price));
    floor_say(floor, line);
}

static inline void floor_take_contract(struct floor *floor, const struct event_contract *event)
{
    const struct contract_status *status = event->status;
    char line[256];

    floor_hash_number(floor, status->mark);
    floor_hash_number(floor, status->rate);
    floor_hash_number(floor, status->accrued);
    snprintf(line, sizeof line, "%s %s mark %s rate %s", event->is_funding ? "funding" : "status",
             market_facts(event->market)->pair, number(status->mark),
             number(event->is_funding ? status->rate : status->accrued));
    floor_say(floor, line);
}

static inline void floor_take_trade(struct floor *floor, const struct trade *trade)
{
    char line[256];

    floor_hash_number(floor, (int64_t)trade->id);
    floor_hash_number(floor, trade->price);
    floor_hash_number(floor, trade->amount);
    snprintf(line, sizeof line, "trade %s @ %s: %llu %s, fees %s %s", number(trade->amount),
             number(trade->price), (unsigned long long)trade->maker.account,
             trade->amount > 0 ? "sells" : "buys", number(trade->maker.fee),
             number(trade->taker.fee));
    floor_say(floor, line);
}

static inline void floor_take(void *context, const struct event *event)
{
    struct floor *floor = context;
    char line[256] = "";

    floor->event_count++;
    floor_hash_number(floor, event->kind);
    floor_hash_number(floor, (int64_t)event->time_ms);
    switch (event->kind) {
    case EVENT_CONTRACT:
        floor_take_contract(floor, &event->contract);
        return;
    case EVENT_REFUSED:
        floor->why = event->refused.why;
        floor_hash_number(floor, event->refused.why);
        floor_hash_number(floor, event->refused.limit);
        snprintf(line, sizeof line, "refused: %s", refusal_text(event->refused.why));
        break;
    case EVENT_ORDER:
        floor_take_order(floor, &event->order);
        return;
    case EVENT_TRADE:
        floor_take_trade(floor, event->trade);
        return;
    case EVENT_LEDGER:
        floor_hash_number(floor, (int64_t)event->row->id);
        floor_hash_number(floor, event->row->amount);
        floor_hash_number(floor, event->row->balance);
        snprintf(line, sizeof line, "row %llu %s %s = %s", (unsigned long long)event->row->account,
                 currency_code(event->row->currency), number(event->row->amount),
                 number(event->row->balance));
        break;
    case EVENT_WALLET:
        floor_hash_number(floor, event->wallet.balance);
        floor_hash_number(floor, event->wallet.locked);
        return; /* too many for a text that people compare */
    case EVENT_LEVEL:
        floor_hash_number(floor, event->level.price);
        floor_hash_number(floor, event->level.amount);
        snprintf(line, sizeof line, "%s %s x %s by %u", event->level.bid ? "bid" : "ask",
                 number(event->level.price), number(event->level.amount), event->level.count);
        break;
    case EVENT_OFFER:
        floor_take_offer(floor, &event->offer);
        return;
    case EVENT_LOAN:
        floor_take_loan(floor, &event->loan);
        return;
    case EVENT_FUNDING_TRADE:
        floor_hash_number(floor, (int64_t)event->funding_trade->id);
        snprintf(line, sizeof line, "lent %s at %s for %u", number(event->funding_trade->amount),
                 number(event->funding_trade->rate), event->funding_trade->period);
        break;
    case EVENT_POSITION:
        floor_take_position(floor, &event->position);
        return;
    case EVENT_LIQUIDATION:
        floor_take_liquidation(floor, &event->liquidation);
        return;
    case EVENT_FRR:
        floor_hash_number(floor, event->frr.rate);
        return; /* each hour, asked or not */
    case EVENT_DONE:
        snprintf(line, sizeof line, "done");
        break;
    }
    floor_say(floor, line);
}

static inline void floor_open(struct floor *floor, struct engine_limits limits)
{
    void *block;

    *floor = (struct floor){ .size = engine_size(limits), .time_ms = 1000, .writes = true };
    block = mmap(NULL, floor->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(block, MAP_FAILED);
    floor->engine = engine_init(block, limits);
}

static inline void floor_close(struct floor *floor)
{
    munmap(floor->engine, floor->size);
    floor->engine = NULL;
}

static inline void floor_clear(struct floor *floor)
{
    floor->text_size = 0;
    floor->text[0] = '\0';
}

/* Applies at the floor's time and checks that engine_judge foretold the outcome. */
static inline void floor_apply(struct floor *floor, struct command command)
{
    struct event_sink sink = { floor_take, floor };
    enum refusal foretold;

    if (command.time_ms == 0)
        command.time_ms = floor->time_ms;
    foretold = engine_judge(floor->engine, &command, NULL);
    floor->why = REFUSAL_NONE;
    engine_apply(floor->engine, &command, sink);
    assert_int_equal(floor->why, foretold);
    if (!floor->unchecked) {
        const char *wrong = engine_check(floor->engine);

        if (wrong != NULL)
            fail_msg("%s", wrong);
    }
}

static inline void floor_credit(struct floor *floor, uint64_t account, enum currency currency,
                                int64_t amount)
{
    floor_apply(floor, (struct command){ .kind = COMMAND_CREDIT,
                                         .account = account,
                                         .currency = currency,
                                         .amount = amount });
}

/* A command that submits; returns the id the order got. */
static inline uint64_t floor_submit(struct floor *floor, struct command command)
{
    command.kind = COMMAND_SUBMIT;
    floor->order = 0;
    floor_apply(floor, command);
    return floor->order;
}

static inline uint64_t floor_limit(struct floor *floor, uint64_t account, int64_t amount,
                                   int64_t price)
{
    return floor_submit(floor, (struct command){ .account = account,
                                                 .amount = amount,
                                                 .price = price,
                                                 .type = ORDER_TYPE_EXCHANGE_LIMIT });
}

/* A small generator for tests: splitmix64. */
static inline uint64_t dice(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline uint64_t dice_below(uint64_t *state, uint64_t end)
{
    return dice(state) % end;
}

#endif
