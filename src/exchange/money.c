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

static enum currency currency_to(const struct command *c)
{
    return c->fields == 0 ? (enum currency)c->currency : (enum currency)(c->fields - 1);
}

/* What settles contracts lies in margin wallets, and what they are counted in nowhere. */
static bool may_lie(uint64_t wallet, enum currency currency)
{
    return !currency_is_contract(currency) ||
           (wallet == WALLET_MARGIN && currency_settles_contracts(currency));
}

/* Money changes its name only between what it is and what stands for it. */
static enum refusal transfer_judge(const struct engine *engine, const struct command *c,
                                   struct event_refused *refused)
{
    enum currency from = (enum currency)c->currency, to = currency_to(c);
    int64_t sum;

    if (c->fields > CURRENCY_COUNT || currency_underlying(from) != currency_underlying(to))
        return REFUSAL_CURRENCY;
    if (c->wallet_to >= WALLET_COUNT || (c->wallet_to == c->wallet && from == to) ||
        !may_lie(c->wallet_to, to))
        return REFUSAL_WALLET;
    if (__builtin_add_overflow(engine->credited[to], c->amount, &sum))
        return REFUSAL_AMOUNT;
    return available_judge(engine, c, c->amount, refused);
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
    if (!may_lie(c->wallet, (enum currency)c->currency) ||
        (c->kind == COMMAND_WITHDRAW && currency_is_contract((enum currency)c->currency)))
        return REFUSAL_WALLET;
    switch (c->kind) {
    case COMMAND_CREDIT:
        return c->fee != 0 ? REFUSAL_AMOUNT : arrival_judge(engine, c);
    case COMMAND_TRANSFER:
        if (c->fee != 0)
            return REFUSAL_AMOUNT;
        return transfer_judge(engine, c, refused);
    case COMMAND_WITHDRAW:
        return available_judge(engine, c, whole, refused);
    default:
        return return_judge(engine, c);
    }
}

static struct ledger_row row_make(struct engine *engine, const struct command *c, uint32_t place,
                                  uint64_t wallet, enum currency currency, enum ledger_kind kind,
                                  int64_t amount)
{
    struct wallet *changed = &engine->accounts[place].wallets[wallet][currency];

    changed->balance += amount;
    return (struct ledger_row){ .id = ++engine->row_id,
                                .account = c->account,
                                .time_ms = engine->time_ms,
                                .kind = kind,
                                .wallet = (enum wallet_kind)wallet,
                                .currency = currency,
                                .amount = amount,
                                .balance = changed->balance };
}

unsigned money_move(struct engine *engine, const struct command *c, uint32_t place,
                    struct ledger_row rows[MONEY_ROWS_MOST])
{
    bool leaves = c->kind == COMMAND_WITHDRAW;
    int64_t sign = leaves ? -1 : 1;
    enum currency from = (enum currency)c->currency;
    enum ledger_kind kind = c->kind == COMMAND_CREDIT ? LEDGER_DEPOSIT
                            : leaves                  ? LEDGER_WITHDRAWAL
                                                      : LEDGER_WITHDRAWAL_CANCELED;

    if (c->kind == COMMAND_TRANSFER) {
        enum currency to = currency_to(c);

        rows[0] = row_make(engine, c, place, c->wallet, from, LEDGER_TRANSFER, -c->amount);
        rows[1] = row_make(engine, c, place, c->wallet_to, to, LEDGER_TRANSFER, c->amount);
        engine->credited[from] -= c->amount;
        engine->credited[to] += c->amount;
        return 2;
    }
    rows[0] = row_make(engine, c, place, c->wallet, from, kind, sign * c->amount);
    engine->credited[c->currency] += sign * c->amount;
    if (c->fee == 0)
        return 1;
    rows[1] = row_make(engine, c, place, c->wallet, from, LEDGER_WITHDRAWAL_FEE, sign * c->fee);
    engine->accounts[FEE_PLACE].wallets[WALLET_EXCHANGE][c->currency].balance -= sign * c->fee;
    return 2;
}
