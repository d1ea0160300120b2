/* Prints every event of a seeded run, a line each, and at its end the state's hash: the same from
 * any compiler (tests/exchange/same).
 *
 * Usage: digest SEED EVENTS
 */
#include "borrowers.h"
#include "dealers.h"

#include <inttypes.h>

struct printer {
    uint64_t event_count;
    struct floor floor;
};

static void order_print(const struct event_order *event)
{
    const struct order *o = event->order;
    char status[ORDER_STATUS_SIZE];

    order_status_format(o, status);
    printf("order %d %" PRIu64 " %" PRIu64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64
           " %u %u %u %" PRIu64 " %" PRId64 " %" PRIu64 " %s\n",
           event->change, o->id, o->account, o->amount, o->amount_orig, o->price, o->locked,
           o->flags, o->type, o->type_previous, o->placed_by, o->price_avg, o->updated_ms, status);
}

static void side_print(const struct trade_side *side)
{
    printf(" %" PRIu64 " %" PRIu64 " %d %" PRId64 " %" PRId64, side->order, side->account,
           (int)side->fee_currency, side->fee, side->amount);
}

static void event_print(void *context, const struct event *event)
{
    struct printer *printer = context;

    printer->event_count++;
    printf("%" PRIu64 " ", event->time_ms);
    switch (event->kind) {
    case EVENT_REFUSED:
        printf("refused %s %" PRId64 "\n", refusal_text(event->refused.why), event->refused.limit);
        break;
    case EVENT_ORDER:
        if (event->order.change == ORDER_NEW)
            printer->floor.order = event->order.order->id;
        order_print(&event->order);
        break;
    case EVENT_TRADE:
        printf("trade %" PRIu64 " %" PRId64 " %" PRId64, event->trade->id, event->trade->price,
               event->trade->value);
        side_print(&event->trade->maker);
        side_print(&event->trade->taker);
        printf("\n");
        break;
    case EVENT_LEDGER:
        printf("row %" PRIu64 " %" PRIu64 " %d %" PRId64 " %" PRId64 "\n", event->row->id,
               event->row->account, (int)event->row->kind, event->row->amount, event->row->balance);
        break;
    case EVENT_WALLET:
        printf("wallet %" PRIu64 " %d %" PRId64 " %" PRId64 "\n", event->wallet.account,
               (int)event->wallet.currency, event->wallet.balance, event->wallet.locked);
        break;
    case EVENT_LEVEL:
        printf("level %d %" PRId64 " %" PRId64 " %u\n", event->level.bid, event->level.price,
               event->level.amount, event->level.count);
        break;
    case EVENT_POSITION:
        printf("position %d %d %" PRIu64 " %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n",
               event->position.change, event->position.cause, event->position.position->id,
               event->position.position->amount, event->position.position->quote,
               event->position.position->base_price, event->position.position->collateral);
        break;
    case EVENT_CONTRACT:
        printf("contract %d %" PRId64 " %" PRId64 " %" PRId64 "\n", event->contract.is_funding,
               event->contract.status->mark, event->contract.status->rate,
               event->contract.status->open_interest);
        break;
    case EVENT_LOAN:
        printf("loan %d %" PRIu64 " %" PRId64 " %" PRIu64 "\n", event->loan.change,
               event->loan.loan->id, event->loan.loan->amount, event->loan.loan->position);
        break;
    default:
        printf("event %d\n", (int)event->kind);
        break;
    }
}

static void apply(struct printer *printer, struct command command)
{
    command.time_ms = printer->floor.time_ms;
    engine_apply(printer->floor.engine, &command, (struct event_sink){ event_print, printer });
}

int main(int argc, char **argv)
{
    static struct printer printer;
    uint64_t seed, events;

    if (argc != 3)
        return 2;
    seed = strtoull(argv[1], NULL, 10);
    events = strtoull(argv[2], NULL, 10);
    floor_open(&printer.floor, CROWD_ROOM);
    for (uint64_t i = 0; i < 3 * CROWD_ACCOUNTS; i++)
        apply(&printer, crowd_credit(i));
    for (unsigned i = 0; printer.event_count < events; i++) {
        bool deals = printer.event_count > events / 4 * 3;
        bool borrows = printer.event_count > events / 2 && !deals;

        printer.floor.time_ms += i % 5;
        if (engine_due_ms(printer.floor.engine) <= printer.floor.time_ms)
            apply(&printer, (struct command){ .kind = COMMAND_TIMER });
        for (uint64_t c = 0; borrows && i % 500 == 0 && c < BORROWERS_CREDITS; c++)
            apply(&printer, borrowers_credit(c));
        for (uint64_t c = 0; deals && i % 500 == 0 && c < DEALERS_CREDITS; c++)
            apply(&printer, dealers_credit(c));
        apply(&printer, deals     ? dealers_command(&seed, &printer.floor)
                        : borrows ? borrowers_command(&seed, &printer.floor)
                                  : crowd_command(&seed, &printer.floor));
    }
    printf("state %016" PRIx64 "\n", engine_state_hash(printer.floor.engine));
    floor_close(&printer.floor);
    return 0;
}
