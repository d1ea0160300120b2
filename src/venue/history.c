#include "venue/history.h"

#include <assert.h>
#include <string.h>

static_assert(CURRENCY_COUNT <= 32, "account_history.deposited has a bit for each currency");

void history_init(struct history *history, struct arena *arena, uint64_t account_end)
{
    *history = (struct history){ .arena = arena, .account_end = account_end };
    for (unsigned i = 0; i < MARKET_COUNT; i++) {
        ring_init(&history->tape[i], arena, sizeof(struct tape_row), HISTORY_TAPE_KEPT);
        ring_init(&history->contracts[i], arena, sizeof(struct contract_row),
                  HISTORY_CONTRACT_KEPT);
    }
    ring_init(&history->liquidations, arena, sizeof(struct liquidation_row),
              HISTORY_LIQUIDATIONS_KEPT);
    for (unsigned i = 0; i < CURRENCY_COUNT; i++) {
        ring_init(&history->lent[i], arena, sizeof(struct lent_row), HISTORY_TAPE_KEPT);
        ring_init(&history->frr[i], arena, sizeof(struct frr_row), HISTORY_FRR_KEPT);
    }
}

/* Index of the first account that is not below the wanted one. */
static size_t account_index(const struct history *history, uint64_t account)
{
    size_t low = 0, high = history->account_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (history->accounts[middle]->account < account)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct account_history *history_find(const struct history *history, uint64_t account)
{
    size_t i = account_index(history, account);

    return i < history->account_count && history->accounts[i]->account == account
               ? history->accounts[i]
               : NULL;
}

static struct account_history *account_insert(struct history *history, size_t at, uint64_t account)
{
    struct account_history *entry = arena_take(history->arena, sizeof *entry);

    if (history->account_count == history->account_capacity) {
        size_t capacity = history->account_capacity == 0 ? 16 : history->account_capacity * 2;

        history->accounts = arena_resize(history->arena, history->accounts,
                                         history->account_capacity * sizeof *history->accounts,
                                         capacity * sizeof *history->accounts);
        history->account_capacity = capacity;
    }
    entry->account = account;
    ring_init(&entry->orders, history->arena, sizeof(struct order), HISTORY_ORDERS_KEPT);
    ring_init(&entry->trades, history->arena, sizeof(struct own_trade), HISTORY_TRADES_KEPT);
    ring_init(&entry->rows, history->arena, sizeof(struct ledger_line), HISTORY_ROWS_KEPT);
    ring_init(&entry->offers, history->arena, sizeof(struct offer), HISTORY_ORDERS_KEPT);
    ring_init(&entry->loans, history->arena, sizeof(struct loan), HISTORY_ORDERS_KEPT);
    ring_init(&entry->lendings, history->arena, sizeof(struct own_lending), HISTORY_TRADES_KEPT);
    ring_init(&entry->positions, history->arena, sizeof(struct position_row), HISTORY_ORDERS_KEPT);
    memmove(&history->accounts[at + 1], &history->accounts[at],
            (history->account_count - at) * sizeof *history->accounts);
    history->accounts[at] = entry;
    history->account_count++;
    return entry;
}

/* NULL: nothing is kept of this account. */
static struct account_history *account_get(struct history *history, uint64_t account)
{
    size_t i;

    if (account == ENGINE_FEE_ACCOUNT || account >= history->account_end)
        return NULL;
    i = account_index(history, account);
    if (i < history->account_count && history->accounts[i]->account == account)
        return history->accounts[i];
    return account_insert(history, i, account);
}

static void side_take(struct history *history, const struct trade *trade,
                      const struct trade_side *side)
{
    struct account_history *account = account_get(history, side->account);

    if (account != NULL)
        *(struct own_trade *)ring_push(&account->trades) =
            (struct own_trade){ .id = trade->id,
                                .time_ms = trade->time_ms,
                                .market = trade->market,
                                .side = *side,
                                .is_maker = side == &trade->maker,
                                .price = trade->price };
}

static void trade_take(struct history *history, const struct trade *trade)
{
    *(struct tape_row *)ring_push(&history->tape[trade->market]) =
        (struct tape_row){ trade->id, trade->time_ms, trade->amount, trade->price };
    side_take(history, trade, &trade->maker);
    side_take(history, trade, &trade->taker);
}

/* From the other side of it. */
static void transfer_note(struct ledger_line *line, const struct command *command)
{
    bool leaves = line->amount < 0;
    uint64_t becomes = command->fields == 0 ? command->currency : command->fields - 1;

    line->wallet_other = (enum wallet_kind)(leaves ? command->wallet_to : command->wallet);
    line->currency_other = (enum currency)(leaves ? becomes : command->currency);
}

static void row_take(struct history *history, const struct ledger_row *row,
                     const struct command *command)
{
    struct account_history *account = account_get(history, row->account);
    struct ledger_line line = { .id = row->id,
                                .time_ms = row->time_ms,
                                .kind = row->kind,
                                .wallet = row->wallet,
                                .currency = row->currency,
                                .amount = row->amount,
                                .balance = row->balance,
                                .fee_ppm = row->fee_ppm };

    if (account == NULL)
        return;
    if (row->trade != NULL) {
        line.market = row->trade->market;
        line.trade_price = row->trade->price;
        line.trade_amount = row->own->amount;
        line.order = row->own->order;
        line.order_other = row->other->order;
        line.cid = row->own->cid;
        line.gid = row->own->gid;
    }
    if (row->kind == LEDGER_TRANSFER)
        transfer_note(&line, command);
    else if (row->kind == LEDGER_DEPOSIT || row->kind == LEDGER_WITHDRAWAL ||
             row->kind == LEDGER_WITHDRAWAL_CANCELED || row->kind == LEDGER_WITHDRAWAL_FEE)
        line.movement = command->order;
    if (row->kind == LEDGER_DEPOSIT && line.movement == 0)
        account->deposited |= UINT32_C(1) << row->currency;
    if (account->opened_ms == 0)
        account->opened_ms = row->time_ms;
    *(struct ledger_line *)ring_push(&account->rows) = line;
    account->last_change[row->wallet][row->currency] = line;
}

struct own_lending history_lending(const struct funding_trade *trade, bool lends)
{
    return (struct own_lending){ .id = trade->id,
                                 .time_ms = trade->time_ms,
                                 .offer = lends ? trade->lend_offer : trade->borrow_offer,
                                 .currency = trade->currency,
                                 .amount =
                                     (trade->amount > 0) == lends ? trade->amount : -trade->amount,
                                 .rate = trade->rate,
                                 .period = trade->period,
                                 .is_maker = lends == trade->lender_is_maker };
}

static void funding_take(struct history *history, const struct funding_trade *trade)
{
    struct account_history *lender = account_get(history, trade->lender);
    struct account_history *borrower = account_get(history, trade->borrower);

    *(struct lent_row *)ring_push(&history->lent[trade->currency]) =
        (struct lent_row){ trade->id, trade->time_ms, trade->amount, trade->rate, trade->period };
    if (lender != NULL)
        *(struct own_lending *)ring_push(&lender->lendings) = history_lending(trade, true);
    if (borrower != NULL)
        *(struct own_lending *)ring_push(&borrower->lendings) = history_lending(trade, false);
}

static void loan_take(struct history *history, const struct loan *loan)
{
    struct account_history *lender = account_get(history, loan->lender);
    struct account_history *borrower = account_get(history, loan->borrower);

    if (lender != NULL)
        *(struct loan *)ring_push(&lender->loans) = *loan;
    if (borrower != NULL)
        *(struct loan *)ring_push(&borrower->loans) = *loan;
}

static void position_take(struct history *history, const struct event *event)
{
    struct account_history *account = account_get(history, event->position.position->account);

    if (account != NULL)
        *(struct position_row *)ring_push(&account->positions) =
            (struct position_row){ .time_ms = event->time_ms,
                                   .change = event->position.change,
                                   .cause = event->position.cause,
                                   .position = *event->position.position };
}

struct liquidation_row history_liquidation(const struct event *event)
{
    const struct position *position = event->liquidation.position;

    return (struct liquidation_row){ .time_ms = event->time_ms,
                                     .position = position->id,
                                     .market = (enum market)position->market,
                                     .is_sold = event->liquidation.is_sold,
                                     .amount = event->liquidation.amount,
                                     .base_price = position->base_price,
                                     .price = event->liquidation.price };
}

void history_take(struct history *history, const struct event *event)
{
    struct account_history *account;

    switch (event->kind) {
    case EVENT_TRADE:
        trade_take(history, event->trade);
        break;
    case EVENT_LEDGER:
        row_take(history, event->row, event->command);
        break;
    case EVENT_ORDER:
        if (event->order.change != ORDER_CLOSED)
            break;
        account = account_get(history, event->order.order->account);
        if (account != NULL)
            *(struct order *)ring_push(&account->orders) = *event->order.order;
        break;
    case EVENT_OFFER:
        if (event->offer.change != FUNDING_CLOSED)
            break;
        account = account_get(history, event->offer.offer->account);
        if (account != NULL)
            *(struct offer *)ring_push(&account->offers) = *event->offer.offer;
        break;
    case EVENT_LOAN:
        if (event->loan.change == FUNDING_CLOSED)
            loan_take(history, event->loan.loan);
        break;
    case EVENT_FUNDING_TRADE:
        funding_take(history, event->funding_trade);
        break;
    case EVENT_FRR:
        *(struct frr_row *)ring_push(&history->frr[event->frr.currency]) =
            (struct frr_row){ event->time_ms, event->frr.rate, event->frr.lent, event->frr.used,
                              event->frr.period_avg };
        break;
    case EVENT_CONTRACT:
        *(struct contract_row *)ring_push(&history->contracts[event->contract.market]) =
            (struct contract_row){ event->time_ms, *event->contract.status };
        break;
    case EVENT_POSITION:
        position_take(history, event);
        break;
    case EVENT_LIQUIDATION:
        *(struct liquidation_row *)ring_push(&history->liquidations) = history_liquidation(event);
        break;
    default:
        break;
    }
}
