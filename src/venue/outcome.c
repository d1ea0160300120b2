#include "venue/outcome.h"

#include <stdio.h>

#include "base/fixed.h"
#include "market/generator.h"
#include "venue/call.h"

#define PPM 1000000

/* Trades when it is asked to; behind all accounts of simulated traders. */
#define FILLER_ACCOUNT (GENERATOR_ACCOUNT_FIRST + 1000000)

static struct injection_target target_of(enum injection_kind kind, const struct command *submit,
                                         struct slice label, const enum market *market)
{
    return (struct injection_target){ .kind = kind,
                                      .account = submit->account,
                                      .market = market,
                                      .cid = submit->cid,
                                      .label = label };
}

static int reject_write(enum reject_reason reason, const struct command *submit,
                        char text[OUTCOME_TEXT_SIZE])
{
    const struct market_facts *facts = market_facts((enum market)submit->market);
    char amount[FIXED_TEXT_SIZE], price[FIXED_TEXT_SIZE];

    switch (reason) {
    case REJECT_BALANCE:
        fixed_format(submit->amount, amount);
        fixed_format(submit->price, price);
        snprintf(text, OUTCOME_TEXT_SIZE,
                 "Invalid order: not enough exchange balance for %s %s at %s", amount, facts->pair,
                 price);
        return CALL_GENERIC;
    case REJECT_SIZE:
        fixed_format(facts->size_least, amount);
        snprintf(text, OUTCOME_TEXT_SIZE, "Invalid order: minimum size for %s is %s", facts->pair,
                 amount);
        return CALL_GENERIC;
    case REJECT_PRICE:
        snprintf(text, OUTCOME_TEXT_SIZE, "price: invalid");
        return CALL_GENERIC;
    case REJECT_RATE:
        snprintf(text, OUTCOME_TEXT_SIZE, "ratelimit: error");
        return CALL_RATE;
    case REJECT_READY:
    case REJECT_REASON_COUNT:
        break;
    }
    snprintf(text, OUTCOME_TEXT_SIZE, "ready: invalid");
    return CALL_NOT_READY;
}

bool outcome_refuses(struct venue *venue, const struct command *submit, struct slice label,
                     int *code, char text[OUTCOME_TEXT_SIZE])
{
    enum market market = (enum market)submit->market;
    struct injection_target halt = target_of(INJECTION_HALT, submit, label, &market);
    struct injection_target reject = target_of(INJECTION_REJECT, submit, label, &market);
    struct injection found;

    if (control_in_maintenance(venue_controls(venue), venue_now_ms(venue))) {
        snprintf(text, OUTCOME_TEXT_SIZE, "maintenance");
        *code = CALL_MAINTENANCE;
        return true;
    }
    if (control_find(venue_controls(venue), &halt, venue_now_ms(venue)) != NULL) {
        snprintf(text, OUTCOME_TEXT_SIZE, "Invalid order: trading of %s is halted",
                 market_facts(market)->pair);
        *code = CALL_GENERIC;
        return true;
    }
    if (!venue_injected(venue, &reject, &found))
        return false;
    *code = reject_write((enum reject_reason)found.value, submit, text);
    return true;
}

/* What stands in front of the order, visibly; false: an order of another person does. */
static bool front_measure(const struct engine *engine, const struct order *order, int64_t *amount)
{
    const struct order *at = NULL;

    *amount = 0;
    while ((at = engine_book_order_next(engine, order->market, order->amount > 0, at)) != NULL) {
        if (at->id == order->id)
            break;
        if (at->account != order->account && at->account < GENERATOR_ACCOUNT_FIRST)
            return false;
        *amount += at->amount > 0 ? at->amount : -at->amount;
    }
    return true;
}

void outcome_fills(struct venue *venue, const struct command *submit, struct slice label,
                   uint64_t order)
{
    enum market market = (enum market)submit->market;
    struct injection_target target = target_of(INJECTION_FILL, submit, label, &market);
    const struct market_facts *facts = market_facts(market);
    const struct order *resting = engine_order_find(venue_engine(venue), order);
    struct command money = { .kind = COMMAND_CREDIT, .account = FILLER_ACCOUNT };
    struct command take = { .kind = COMMAND_SUBMIT,
                            .account = FILLER_ACCOUNT,
                            .market = submit->market,
                            .type = ORDER_TYPE_EXCHANGE_IOC };
    struct injection found;
    int64_t front, rest;

    if (control_find(venue_controls(venue), &target, venue_now_ms(venue)) == NULL ||
        resting == NULL || order_type_waits(resting->type) ||
        !front_measure(venue_engine(venue), resting, &front) ||
        !venue_injected(venue, &target, &found))
        return;
    /* Applying a command may move the order. */
    rest = resting->amount > 0 ? resting->amount : -resting->amount;
    take.amount = front + (int64_t)((__int128)rest * found.value / PPM);
    take.price = resting->price;
    if (take.amount < facts->size_least)
        take.amount = facts->size_least;
    money.currency = resting->amount > 0 ? facts->base : facts->quote;
    money.amount = take.amount;
    /* He buys at most at the order's price; one unit more for what is rounded up. */
    if (resting->amount < 0 && !fixed_multiply(take.amount, take.price, true, &money.amount))
        return;
    if (resting->amount > 0)
        take.amount = -take.amount;
    money.amount++;
    if (venue_apply(venue, money, NULL) == VENUE_DONE)
        venue_apply(venue, take, NULL);
}
