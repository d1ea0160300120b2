#include "venue/feed.h"

#include <stdlib.h>

#include "base/log.h"

void feed_init(struct feed *feed)
{
    *feed = (struct feed){ 0 };
}

void feed_wipe(struct feed *feed)
{
    free(feed->entries);
    feed_init(feed);
}

static struct feed_entry *entry_push(struct feed *feed, enum feed_kind kind, uint64_t account,
                                     uint64_t command)
{
    struct feed_entry *entry;

    if (feed->count == feed->capacity) {
        size_t capacity = feed->capacity == 0 ? 64 : feed->capacity * 2;
        struct feed_entry *more = realloc(feed->entries, capacity * sizeof *more);

        if (more == NULL) {
            log_error("venue", "no memory for what accounts are told");
            abort();
        }
        feed->entries = more;
        feed->capacity = capacity;
    }
    entry = &feed->entries[feed->count++];
    *entry = (struct feed_entry){ .kind = kind, .account = account, .command = command };
    return entry;
}

/* One command, one message an order: the latest state takes the place of an earlier one. */
static struct feed_entry *order_entry(struct feed *feed, const struct order *order,
                                      uint64_t command)
{
    for (size_t i = feed->count; i > 0 && feed->entries[i - 1].command == command; i--) {
        struct feed_entry *entry = &feed->entries[i - 1];

        if (entry->kind == FEED_ORDER && entry->order.id == order->id)
            return entry;
    }
    return entry_push(feed, FEED_ORDER, order->account, command);
}

static void order_take(struct feed *feed, const struct event *event, uint64_t command)
{
    const struct order *order = event->order.order;
    /* What many are canceled by tells each once: nothing to look for among the many. */
    bool is_only = order->state == ORDER_STATE_CANCELED && order->type_previous == 0 &&
                   order->price_trailing == 0 &&
                   (event->command->kind == COMMAND_CANCEL_ALL ||
                    event->command->kind == COMMAND_CANCEL_GROUP);
    struct feed_entry *entry = is_only ? entry_push(feed, FEED_ORDER, order->account, command)
                                       : order_entry(feed, order, command);

    entry->order = *order;
    entry->is_new |= event->order.change == ORDER_NEW;
}

static void side_take(struct feed *feed, const struct trade *trade, const struct trade_side *side,
                      uint64_t command)
{
    entry_push(feed, FEED_TRADE, side->account, command)->trade =
        (struct own_trade){ .id = trade->id,
                            .time_ms = trade->time_ms,
                            .market = trade->market,
                            .side = *side,
                            .is_maker = side == &trade->maker,
                            .price = trade->price };
}

/* A loan that a position begins to use is no loan any more but a credit, and the other way round.
 */
static void loan_take(struct feed *feed, const struct event *event, uint64_t command,
                      uint64_t account)
{
    const struct loan *loan = event->loan.loan;
    enum funding_change change = event->loan.change;
    bool turns = change == FUNDING_USED || change == FUNDING_UNUSED;
    struct feed_entry *entry;

    if (turns) {
        entry = entry_push(feed, FEED_LOAN, account, command);
        entry->loan = *loan;
        entry->loan.position = change == FUNDING_UNUSED ? 1 : 0; /* as it was */
        entry->change_of = FUNDING_CLOSED;
    }
    entry = entry_push(feed, FEED_LOAN, account, command);
    entry->loan = *loan;
    entry->change_of = turns ? FUNDING_NEW : change;
}

void feed_take(struct feed *feed, const struct event *event, uint64_t command,
               const struct history *history, uint64_t account)
{
    const struct account_history *own;
    struct feed_entry *entry;

    switch (event->kind) {
    case EVENT_ORDER:
        order_take(feed, event, command);
        break;
    case EVENT_TRADE:
        if (event->trade->maker.account == account)
            side_take(feed, event->trade, &event->trade->maker, command);
        if (event->trade->taker.account == account)
            side_take(feed, event->trade, &event->trade->taker, command);
        break;
    case EVENT_LEDGER:
        own = history_find(history, account);
        if (own != NULL)
            entry_push(feed, FEED_CHANGE, account, command)->change =
                *(const struct ledger_line *)ring_newest(&own->rows);
        break;
    case EVENT_OFFER:
        entry = entry_push(feed, FEED_OFFER, account, command);
        entry->offer = *event->offer.offer;
        entry->change_of = event->offer.change;
        break;
    case EVENT_LOAN:
        loan_take(feed, event, command, account);
        break;
    case EVENT_POSITION:
        entry = entry_push(feed, FEED_POSITION, account, command);
        entry->position = *event->position.position;
        entry->position_change = event->position.change;
        break;
    case EVENT_FUNDING_TRADE:
        entry_push(feed, FEED_LENDING, account, command)->lending =
            history_lending(event->funding_trade, event->funding_trade->lender == account);
        break;
    default:
        break;
    }
}

void feed_empty(struct feed *feed, feed_visit *visit, void *context)
{
    size_t next;

    for (size_t first = 0; first < feed->count; first = next) {
        next = first;
        while (next < feed->count && feed->entries[next].command == feed->entries[first].command)
            next++;
        for (size_t i = first; i < next; i++)
            if (feed->entries[i].kind == FEED_ORDER)
                visit(context, &feed->entries[i]);
        for (size_t i = first; i < next; i++)
            if (feed->entries[i].kind != FEED_ORDER)
                visit(context, &feed->entries[i]);
    }
    feed->count = 0;
}

const char *feed_word(const struct feed_entry *entry)
{
    static const char *const offers[] = {
        [FUNDING_NEW] = "fon", [FUNDING_CHANGED] = "fou", [FUNDING_CLOSED] = "foc"
    };
    static const char *const loans[] = {
        [FUNDING_NEW] = "fln", [FUNDING_CHANGED] = "flu", [FUNDING_CLOSED] = "flc"
    };
    static const char *const credits[] = {
        [FUNDING_NEW] = "fcn", [FUNDING_CHANGED] = "fcu", [FUNDING_CLOSED] = "fcc"
    };
    static const char *const positions[] = {
        [POSITION_NEW] = "pn", [POSITION_CHANGED] = "pu", [POSITION_CLOSED] = "pc"
    };

    if (entry->kind == FEED_OFFER)
        return offers[entry->change_of];
    if (entry->kind == FEED_LOAN)
        return (entry->loan.position != 0 ? credits : loans)[entry->change_of];
    if (entry->kind == FEED_POSITION)
        return positions[entry->position_change];
    if (entry->order.state != ORDER_STATE_ACTIVE)
        return "oc";
    return entry->is_new ? "on" : "ou";
}
