#include "exchange/money.h"

#include "exchange/position.h"

/* Money that arrives.  All that was ever credited fits one number, so no balance can overflow. */
static enum refusal arrival_judge(const struct engine *engine, const struct command *c)
{
    int64_t sum;

    if (__builtin_add_overflow(engine->credited[c->currency], c->amount, &sum))
        return REFUSAL_AMOUNT;
    if (account_place(engine, c->account) == 0 && engine->account_count == engine->limits.accounts)
        return REFUSAL_ACCOUNTS_FULL;
    return REFUSAL_NONE;
}

static enum refusal available_judge(const struct engine *engine, const struct command *c,
                                    int64_t wanted, struct event_refused *refused)
{
    refused->limit =
        wallet_free(engine, c->account, (enum wallet_kind)c->wallet, (enum currency)c->currency);
    return account_place(engine, c->account) == 0 || wanted > refused->limit ? REFUSAL_AVAILABLE
                                                                             : REFUSAL_NONE;
}

/* The fees that come back were paid: the fee account has them. */
static enum refusal return_judge(const struct engine *engine, const struct command *c)
{
    const struct wallet *fees = &engine->accounts[FEE_PLACE].wallets[WALLET_EXCHANGE][c->currency];

    if (account_place(engine, c->account) == 0 || c->fee > fees->balance)
        return REFUSAL_AMOUNT;
    return arrival_judge(engine, c);
}

enum refusal money_judge(const struct engine *engine, const struct command *c,
                         struct event_refused *refused)
{
    int64_t whole;

    if (c->wallet >= WALLET_COUNT)
        return REFUSAL_WALLET;
    if (c->currency >= CURRENCY_COUNT)
        return REFUSAL_CURRENCY;
    if (c->amount <= 0 || c->fee < 0 || __builtin_add_overflow(c->amount, c->fee, &whole))
        return REFUSAL_AMOUNT;
    switch (c->kind) {
    case COMMAND_CREDIT:
        return c->fee != 0 ? REFUSAL_AMOUNT : arrival_judge(engine, c);
    case COMMAND_TRANSFER:
        if (c->fee != 0)
            return REFUSAL_AMOUNT;
        if (c->wallet_to >= WALLET_COUNT || c->wallet_to == c->wallet)
            return REFUSAL_WALLET;
        return available_judge(engine, c, c->amount, refused);
    case COMMAND_WITHDRAW:
        return available_judge(engine, c, whole, refused);
    default:
        return return_judge(engine, c);
    }
}

static struct ledger_row row_make(struct engine *engine, const struct command *c, uint32_t place,
                                  uint64_t wallet, enum ledger_kind kind, int64_t amount)
{
    struct wallet *changed = &engine->accounts[place].wallets[wallet][c->currency];

    changed->balance += amount;
    return (struct ledger_row){ .id = ++engine->row_id,
                                .account = c->account,
                                .time_ms = engine->time_ms,
                                .kind = kind,
                                .wallet = (enum wallet_kind)wallet,
                                .currency = (enum currency)c->currency,
                                .amount = amount,
                                .balance = changed->balance };
}

unsigned money_move(struct engine *engine, const struct command *c, uint32_t place,
                    struct ledger_row rows[MONEY_ROWS_MOST])
{
    bool leaves = c->kind == COMMAND_WITHDRAW;
    int64_t sign = leaves ? -1 : 1;
    enum ledger_kind kind = c->kind == COMMAND_CREDIT ? LEDGER_DEPOSIT
                            : leaves                  ? LEDGER_WITHDRAWAL
                                                      : LEDGER_WITHDRAWAL_CANCELED;

    if (c->kind == COMMAND_TRANSFER) {
        rows[0] = row_make(engine, c, place, c->wallet, LEDGER_TRANSFER, -c->amount);
        rows[1] = row_make(engine, c, place, c->wallet_to, LEDGER_TRANSFER, c->amount);
        return 2;
    }
    rows[0] = row_make(engine, c, place, c->wallet, kind, sign * c->amount);
    engine->credited[c->currency] += sign * c->amount;
    if (c->fee == 0)
        return 1;
    rows[1] = row_make(engine, c, place, c->wallet, LEDGER_WITHDRAWAL_FEE, sign * c->fee);
    engine->accounts[FEE_PLACE].wallets[WALLET_EXCHANGE][c->currency].balance -= sign * c->fee;
    return 2;
}
