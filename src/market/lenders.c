#include "market/lenders.h"

#include <assert.h>

#include "base/fixed.h"
#include "market/generator.h"
#include "market/worth.h"

#define PPM          1000000
#define MILLI        1000
#define BIDS_MOST    12
#define LOANS_MOST   300
#define PLACES_EMPTY 8 /* offers made in one turn while many are missing */

/* Behind all traders there may ever be. */
#define ACCOUNT_FIRST (GENERATOR_ACCOUNT_FIRST + 1000000)
#define STREAM_FIRST  UINT64_C(1000000)

/* What each has at first, and gets again when a sixteenth of it is left. */
#define STAKE_USD INT64_C(50000000)

static const int64_t rates[CURRENCY_COUNT] = {
#define FUNDING(name, frr) [CURRENCY_##name] = (frr),
#include "exchange/funding.def"
#undef FUNDING
};

/* Those with a longer period want more. */
static const struct {
    unsigned days;
    int64_t milli;
} periods[] = { { 2, 1000 }, { 2, 1000 }, { 7, 1040 }, { 30, 1120 }, { 60, 1250 }, { 120, 1400 } };

enum { PERIOD_COUNT = sizeof periods / sizeof *periods };

enum lender { LENDER_LENDS, LENDER_BORROWS, LENDER_COUNT };

struct counter {
    const struct lenders_turn *turn;
    const struct engine *engine;
    struct command *commands;
    size_t count;
    struct chance chance;
    int64_t rate;      /* what the money is worth a day */
    int64_t worth_usd; /* of one unit of it */
};

static uint64_t lender_account(enum currency currency, enum lender lender)
{
    return ACCOUNT_FIRST + (uint64_t)currency * LENDER_COUNT + lender;
}

static uint64_t elapsed_ms(const struct lenders_turn *turn)
{
    return turn->begun_ms != 0 && turn->begun_ms < turn->time_ms ? turn->time_ms - turn->begun_ms
                                                                 : 0;
}

int64_t lenders_rate(const struct lenders_turn *turn)
{
    int64_t noise = noise_busy_ppm(turn->mood->seed, STREAM_FIRST + turn->currency,
                                   elapsed_ms(turn) / 8);

    /* Twice as much at the most, half at the least. */
    noise = noise < -PPM ? -PPM : noise > PPM ? PPM : noise;
    return rates[turn->currency] * (noise < 0 ? 2 * PPM + noise : 2 * PPM + 2 * noise) /
           (2 * PPM);
}

static struct command *act(struct counter *counter, enum lender lender, enum command_kind kind)
{
    struct command *command = &counter->commands[counter->count++];

    assert(counter->count <= LENDERS_COMMANDS_MOST);
    *command = (struct command){ .kind = kind,
                                 .time_ms = counter->turn->time_ms,
                                 .account = lender_account(counter->turn->currency, lender) };
    return command;
}

/* In the currency, to a readable number of digits. */
static int64_t amount_of(const struct counter *counter, int64_t usd)
{
    int64_t amount =
        (int64_t)((__int128)usd * FIXED_ONE * FIXED_ONE / counter->worth_usd);

    return amount - amount % 10000;
}

static void refill(struct counter *counter, enum lender lender)
{
    enum wallet_kind kind = lender == LENDER_LENDS ? WALLET_FUNDING : WALLET_MARGIN;
    const struct account *account =
        engine_account_find(counter->engine, lender_account(counter->turn->currency, lender));
    int64_t stake = amount_of(counter, STAKE_USD);
    struct command *command;

    if (account != NULL) {
        const struct wallet *wallet = &account->wallets[kind][counter->turn->currency];

        if (wallet->balance - wallet->locked > stake / 16)
            return;
    }
    command = act(counter, lender, COMMAND_CREDIT);
    command->wallet = kind;
    command->currency = counter->turn->currency;
    command->amount = stake;
}

static struct command *offer(struct counter *counter, enum lender lender, int64_t amount,
                             int64_t rate, unsigned period)
{
    struct command *command = act(counter, lender, COMMAND_OFFER_SUBMIT);

    command->currency = counter->turn->currency;
    command->type = OFFER_LIMIT;
    command->amount = amount;
    command->price = rate;
    command->period = period;
    return command;
}

/* Few are large: each doubling is half as likely. */
static int64_t size_usd(struct chance *chance, int64_t least)
{
    uint64_t doublings = (uint64_t)__builtin_ctzll(chance_draw(chance) | 1 << 6);

    return (least + (int64_t)chance_below(chance, (uint64_t)least)) << doublings;
}

/* Once in so many turns, given how often it shall happen in an hour. */
static bool happens(struct counter *counter, int64_t times_an_hour)
{
    int64_t ppm = times_an_hour * PPM / 3600 * (int64_t)counter->turn->pace_ms / MILLI;

    return (int64_t)chance_below(&counter->chance, PPM) < ppm;
}

/* How many of one side are the account's, and the last of them in the book. */
static unsigned own_offers(const struct counter *counter, enum lender lender,
                           const struct offer **worst)
{
    uint64_t account = lender_account(counter->turn->currency, lender);
    const struct offer *o = NULL;
    unsigned count = 0;

    *worst = NULL;
    while ((o = funding_offer_next(counter->engine, counter->turn->currency,
                                   lender == LENDER_LENDS, o)) != NULL) {
        if (o->account != account)
            continue;
        *worst = o;
        count++;
    }
    return count;
}

static void lend(struct counter *counter)
{
    const struct offer *worst;
    unsigned count = own_offers(counter, LENDER_LENDS, &worst);
    unsigned places = count < LENDER_OFFERS / 2 ? PLACES_EMPTY
                      : count < LENDER_OFFERS   ? 1
                                                : 0;

    for (; places > 0; places--) {
        unsigned period = (unsigned)chance_below(&counter->chance, PERIOD_COUNT);
        int64_t spread = 1000 + (int64_t)chance_below(&counter->chance, 400);
        int64_t amount = amount_of(counter, size_usd(&counter->chance, 1500));
        int64_t rate = counter->rate * periods[period].milli / MILLI * spread / MILLI;
        bool at_frr = chance_below(&counter->chance, 8) == 0;

        offer(counter, LENDER_LENDS, amount, at_frr ? 0 : rate, periods[period].days);
    }
    if (worst != NULL && count >= LENDER_OFFERS && happens(counter, 60))
        act(counter, LENDER_LENDS, COMMAND_OFFER_CANCEL)->order = worst->id;
}

/* Gives back what it has longest. */
static void repay(struct counter *counter)
{
    uint64_t account = lender_account(counter->turn->currency, LENDER_BORROWS);
    const struct loan *oldest = NULL, *l = NULL;
    unsigned count = 0;

    while ((l = funding_loan_next(counter->engine, counter->turn->currency, l)) != NULL) {
        if (l->borrower != account)
            continue;
        if (oldest == NULL)
            oldest = l;
        count++;
    }
    if (count > chance_below(&counter->chance, LOANS_MOST))
        act(counter, LENDER_BORROWS, COMMAND_LOAN_CLOSE)->order = oldest->id;
}

static void borrow(struct counter *counter)
{
    const struct offer *worst;
    unsigned count = own_offers(counter, LENDER_BORROWS, &worst);
    int64_t amount = -amount_of(counter, size_usd(&counter->chance, 400));

    if (count < BIDS_MOST) {
        int64_t spread = 998 - (int64_t)chance_below(&counter->chance, 250);

        offer(counter, LENDER_BORROWS, amount, counter->rate * spread / MILLI, 2);
    } else if (happens(counter, 60)) {
        act(counter, LENDER_BORROWS, COMMAND_OFFER_CANCEL)->order = worst->id;
    }
    if (happens(counter, 90)) {
        const struct offer *best =
            funding_offer_next(counter->engine, counter->turn->currency, true, NULL);

        if (best != NULL)
            offer(counter, LENDER_BORROWS, amount, best->rate_real, best->period);
    }
    if (happens(counter, 60))
        repay(counter);
}

size_t lenders_act(const struct lenders_turn *turn, const struct engine *engine,
                   struct command commands[LENDERS_COMMANDS_MOST])
{
    struct counter counter = { .turn = turn, .engine = engine, .commands = commands };

    if (!funding_is_lent(turn->currency) ||
        !mood_trading(turn->mood, MARKET_BTCUSD, turn->time_ms).is_on)
        return 0;
    counter.chance =
        chance_init(turn->mood->seed, STREAM_FIRST + turn->currency, elapsed_ms(turn));
    counter.rate = lenders_rate(turn);
    counter.worth_usd = mood_worth(turn->mood, turn->currency, turn->begun_ms, turn->time_ms);
    for (unsigned i = 0; i < LENDER_COUNT; i++)
        refill(&counter, (enum lender)i);
    lend(&counter);
    borrow(&counter);
    return counter.count;
}
