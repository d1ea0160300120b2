#include "market/traders.h"

#include <assert.h>

#include "base/fixed.h"
#include "market/generator.h"
#include "market/worth.h"

#define PPM                 1000000
#define MILLI               1000
#define SLOTS               (2 * TRADER_LEVELS)
#define PATIENT_ORDERS_MOST 12

/* What a maker does in one turn: live, and while the past is made up or much is out of place. */
enum { MOVES = 1, MOVES_HURRIED = 5, PLACES_EMPTY = 20 };

/* More than anything that only stands away from its place. */
#define STALE_WHOLLY    INT32_MAX
#define STALE_TOLERATED 100

static_assert(2 * TRADER_COUNT + 2 * (PLACES_EMPTY + MOVES_HURRIED) + 3 <= TRADERS_COMMANDS_MOST,
              "the busiest turn fits: credits, two makers, three others");

/* Each trader starts with this much USD worth of either currency, and gets it again when a
 * sixteenth is left, so that a market never dies because somebody lost. */
#define STAKE_USD 50000000

#define CONTRACT_TRADER_LEVERAGE 2

struct desk {
    const struct traders_turn *turn;
    const struct engine *engine;
    struct command *commands;
    size_t count;
    uint64_t seed, elapsed_ms; /* what chance depends on */
    struct mood_trading trading;
    int64_t fair;               /* price the pair is worth */
    int64_t base_usd;           /* worth of one base unit */
    int64_t best_bid, best_ask; /* 0: none */
};

static uint64_t stream_of(enum market market, enum trader trader)
{
    return (uint64_t)market * TRADER_COUNT + trader;
}

uint64_t trader_account(enum market market, enum trader trader)
{
    return GENERATOR_ACCOUNT_FIRST + stream_of(market, trader);
}

static struct command *desk_add(struct desk *desk, enum trader trader, enum command_kind kind)
{
    struct command *command = &desk->commands[desk->count++];

    assert(desk->count <= TRADERS_COMMANDS_MOST);
    *command = (struct command){ .kind = kind,
                                 .time_ms = desk->turn->time_ms,
                                 .account = trader_account(desk->turn->market, trader),
                                 .market = desk->turn->market };
    return command;
}

/* Contracts know no exchange wallet; whoever makes their market does so with little leverage, so
 * that no ordinary day ends him. */
static void order_set(const struct desk *desk, struct command *command, enum order_type type)
{
    bool is_contract = market_facts(desk->turn->market)->is_contract;

    command->type = is_contract ? type - 1 : type;
    command->leverage = is_contract ? CONTRACT_TRADER_LEVERAGE : 0;
}

static int64_t part_ppm(int64_t whole, int64_t ppm)
{
    return (int64_t)((__int128)whole * ppm / PPM);
}

/* How much of the base this many US dollars buy, to a readable number of digits. */
static int64_t amount_of(const struct desk *desk, int64_t usd)
{
    int64_t amount = (int64_t)((__int128)usd * FIXED_ONE * FIXED_ONE / desk->base_usd);
    int64_t least = market_facts(desk->turn->market)->size_least;

    amount -= amount % 1000;
    return amount < least ? least : amount;
}

/* What backs contracts is there and yet of no use for new ones. */
static int64_t stake_left(const struct desk *desk, const struct account *account,
                          enum wallet_kind wallet, enum currency currency)
{
    return wallet == WALLET_MARGIN ? wallet_free(desk->engine, account->id, wallet, currency)
                                   : account->wallets[wallet][currency].balance;
}

static void refill(struct desk *desk, enum trader trader)
{
    const struct market_facts *facts = market_facts(desk->turn->market);
    const enum currency currencies[] = { facts->base, facts->quote };
    enum wallet_kind wallet = facts->is_contract ? WALLET_MARGIN : WALLET_EXCHANGE;
    const struct account *account =
        engine_account_find(desk->engine, trader_account(desk->turn->market, trader));

    /* Contracts are settled in their quote, both sides of them. */
    for (unsigned i = facts->is_contract; i < 2; i++) {
        int64_t worth = mood_worth(desk->turn->mood, currencies[i], desk->turn->begun_ms,
                                   desk->turn->time_ms);
        int64_t stake = (int64_t)((__int128)STAKE_USD * FIXED_ONE * FIXED_ONE / worth);
        struct command *command;

        if (account != NULL && stake_left(desk, account, wallet, currencies[i]) > stake / 16)
            continue;
        command = desk_add(desk, trader, COMMAND_CREDIT);
        command->market = 0;
        command->wallet = wallet;
        command->currency = currencies[i];
        command->amount = stake - stake % FIXED_ONE;
    }
}

/* ---- Makers. ---- */

static int64_t offset_ppm(const struct desk *desk, enum trader maker, int64_t level)
{
    int64_t offset = (60 + 40 * level + 6 * level * level) * desk->trading.spread_milli / MILLI;

    return maker == TRADER_MAKER_FAR ? offset * 3 / 2 : offset;
}

/* What a maker rests there, more or less half of it. */
static int64_t level_usd(const struct desk *desk, int64_t level)
{
    return (2000 + 400 * level) * desk->trading.depth_milli / MILLI;
}

struct quote {
    int64_t price;
    int64_t amount; /* signed */
};

/* Where a slot of a maker's ladder belongs now: the first half bids, the second asks. */
static struct quote quote_of(const struct desk *desk, enum trader maker, unsigned slot,
                             struct chance *chance)
{
    int64_t level = slot % TRADER_LEVELS, offset = offset_ppm(desk, maker, level);
    int64_t usd = level_usd(desk, level) * (int64_t)(500 + chance_below(chance, 1000)) / 1000;
    struct quote quote = { .amount = amount_of(desk, usd) };

    if (slot < TRADER_LEVELS) {
        quote.price = price_cut(desk->fair - part_ppm(desk->fair, offset));
    } else {
        quote.price = price_cut(desk->fair + part_ppm(desk->fair, offset));
        quote.amount = -quote.amount;
    }
    return quote;
}

/* A maker only makes: a quote that would take waits until the other side has moved. */
static bool quote_would_take(const struct desk *desk, struct quote quote)
{
    if (quote.amount > 0)
        return desk->best_ask != 0 && quote.price >= desk->best_ask;
    return desk->best_bid != 0 && quote.price <= desk->best_bid;
}

static void slots_read(const struct desk *desk, enum trader maker, const struct order *slots[SLOTS])
{
    uint64_t account = trader_account(desk->turn->market, maker);
    const struct order *order = NULL;

    for (unsigned i = 0; i < SLOTS; i++)
        slots[i] = NULL;
    while ((order = engine_account_order_next(desk->engine, account, order)) != NULL) {
        if (order->cid >= 1 && order->cid <= SLOTS)
            slots[order->cid - 1] = order;
    }
}

/* How far an order stands from where it belongs, in hundredths of what its maker tolerates. */
static int64_t staleness(const struct desk *desk, enum trader maker, unsigned slot,
                         const struct order *order)
{
    int64_t offset = offset_ppm(desk, maker, slot % TRADER_LEVELS);
    int64_t wanted = desk->fair + part_ppm(desk->fair, slot < TRADER_LEVELS ? -offset : offset);
    int64_t away = order->price > wanted ? order->price - wanted : wanted - order->price;
    int64_t rests = order->amount > 0 ? order->amount : -order->amount;

    /* Far more than belongs here, or an eighth of the least: the mood has changed, or takers have
     * been there. */
    if (rests > 2 * amount_of(desk, level_usd(desk, slot % TRADER_LEVELS)) ||
        rests < amount_of(desk, level_usd(desk, slot % TRADER_LEVELS) / 16))
        return STALE_WHOLLY;
    return (int64_t)((__int128)away * PPM * 100 / desk->fair / (30 + offset / 3));
}

static void requote(struct desk *desk, enum trader maker, unsigned slot, const struct order *order,
                    struct chance *chance)
{
    struct quote quote = quote_of(desk, maker, slot, chance);
    struct command *command;

    if (quote_would_take(desk, quote))
        return;
    command = desk_add(desk, maker, order == NULL ? COMMAND_SUBMIT : COMMAND_UPDATE);
    command->amount = quote.amount;
    command->price = quote.price;
    if (order == NULL) {
        order_set(desk, command, ORDER_TYPE_EXCHANGE_LIMIT);
        command->flags = ORDER_POST_ONLY;
        command->cid = slot + 1;
    } else {
        command->market = 0;
        command->order = order->id;
        command->fields = UPDATE_AMOUNT | UPDATE_PRICE;
    }
}

/* Places what is missing and moves what has gone most stale, a few each turn. */
static void make(struct desk *desk, enum trader maker)
{
    struct chance chance =
        chance_init(desk->seed, stream_of(desk->turn->market, maker), desk->elapsed_ms);
    unsigned missing = 0, stale_count = 0, moves, places;
    const struct order *slots[SLOTS];

    slots_read(desk, maker, slots);
    for (unsigned i = 0; i < SLOTS; i++) {
        missing += slots[i] == NULL;
        stale_count += slots[i] != NULL && staleness(desk, maker, i, slots[i]) > STALE_TOLERATED;
    }
    moves = desk->turn->pace_ms >= GENERATOR_HISTORY_STEP_MS || stale_count > SLOTS / 4
                ? MOVES_HURRIED
                : MOVES;
    /* An empty ladder is built at once, but within the room that the call has for two of them. */
    places = missing > SLOTS / 4 ? PLACES_EMPTY : moves;
    for (unsigned i = 0; i < SLOTS && places > 0; i++) {
        /* From the touch outwards, both sides in turn. */
        unsigned slot = i / 2 + i % 2 * TRADER_LEVELS;

        if (slots[slot] == NULL) {
            requote(desk, maker, slot, NULL, &chance);
            places--;
        }
    }
    for (; moves > 0; moves--) {
        int64_t most = STALE_TOLERATED;
        unsigned stale = SLOTS;

        for (unsigned i = 0; i < SLOTS; i++) {
            int64_t now = slots[i] == NULL ? 0 : staleness(desk, maker, i, slots[i]);

            if (now > most) {
                most = now;
                stale = i;
            }
        }
        if (stale == SLOTS)
            return;
        requote(desk, maker, stale, slots[stale], &chance);
        slots[stale] = NULL;
    }
}

/* ---- Takers. ---- */

/* Once in so many turns, given how often it shall happen in a minute. */
static bool happens(const struct desk *desk, struct chance *chance, int64_t times_a_minute_ppm)
{
    int64_t ppm = times_a_minute_ppm * (int64_t)desk->turn->pace_ms / 60000;

    return (int64_t)chance_below(chance, PPM) < ppm;
}

/* Few are large: each doubling is half as likely. */
static int64_t size_usd(struct chance *chance)
{
    uint64_t doublings = (uint64_t)__builtin_ctzll(chance_draw(chance) | 1 << 8);

    return (int64_t)((60 + chance_below(chance, 60)) << doublings);
}

static void take_what_is_wrong(struct desk *desk)
{
    struct chance chance = chance_init(
        desk->seed, stream_of(desk->turn->market, TRADER_INFORMED), desk->elapsed_ms);
    bool buys = desk->best_ask != 0 && desk->best_ask < desk->fair;
    bool sells = desk->best_bid != 0 && desk->best_bid > desk->fair;
    struct command *command;
    int64_t amount;

    if (!buys && !sells)
        return;
    amount = amount_of(desk, 4000 + (int64_t)chance_below(&chance, 8000));
    command = desk_add(desk, TRADER_INFORMED, COMMAND_SUBMIT);
    order_set(desk, command, ORDER_TYPE_EXCHANGE_IOC);
    command->amount = buys ? amount : -amount;
    command->price = desk->fair;
}

static void take_at_random(struct desk *desk)
{
    uint64_t stream = stream_of(desk->turn->market, TRADER_NOISY);
    struct chance chance = chance_init(desk->seed, stream, desk->elapsed_ms);
    int64_t busy =
        8 * PPM + 7 * noise_busy_ppm(desk->seed, stream, desk->elapsed_ms);
    struct command *command;
    int64_t amount;

    busy = (busy < PPM ? PPM : busy) * desk->trading.busy_milli / MILLI;
    if (!happens(desk, &chance, busy))
        return;
    amount = amount_of(desk, size_usd(&chance));
    command = desk_add(desk, TRADER_NOISY, COMMAND_SUBMIT);
    order_set(desk, command, ORDER_TYPE_EXCHANGE_MARKET);
    command->amount = chance_draw(&chance) & 1 ? amount : -amount;
}

static void rest_and_repent(struct desk *desk)
{
    uint64_t stream = stream_of(desk->turn->market, TRADER_PATIENT);
    uint64_t account = trader_account(desk->turn->market, TRADER_PATIENT);
    struct chance chance = chance_init(desk->seed, stream, desk->elapsed_ms);
    const struct order *oldest = engine_account_order_next(desk->engine, account, NULL);
    const struct account *own = engine_account_find(desk->engine, account);
    struct command *command;
    int64_t offset, amount;

    if (!happens(desk, &chance, 10 * PPM * desk->trading.busy_milli / MILLI))
        return;
    if (oldest != NULL && own->order_count >= chance_below(&chance, PATIENT_ORDERS_MOST) + 1) {
        command = desk_add(desk, TRADER_PATIENT, COMMAND_CANCEL);
        command->market = 0;
        command->order = oldest->id;
        return;
    }
    offset = (int64_t)chance_below(&chance, 3000);
    amount = amount_of(desk, size_usd(&chance));
    command = desk_add(desk, TRADER_PATIENT, COMMAND_SUBMIT);
    order_set(desk, command, ORDER_TYPE_EXCHANGE_LIMIT);
    command->amount = chance_draw(&chance) & 1 ? amount : -amount;
    command->price = desk->fair + part_ppm(desk->fair, command->amount > 0 ? -offset : offset);
}

static int64_t best_price(const struct engine *engine, enum market market, bool bid)
{
    struct book_level level = { .market = market, .bid = bid };

    return engine_level_next(engine, &level) ? level.price : 0;
}

size_t traders_act(const struct traders_turn *turn, const struct engine *engine,
                   struct command commands[TRADERS_COMMANDS_MOST])
{
    struct desk desk = { .turn = turn, .engine = engine, .commands = commands };

    desk.trading = mood_trading(turn->mood, turn->market, turn->time_ms);
    if (!desk.trading.is_on)
        return 0;
    desk.seed = turn->mood->seed;
    if (turn->begun_ms != 0 && turn->begun_ms < turn->time_ms)
        desk.elapsed_ms = turn->time_ms - turn->begun_ms;
    desk.fair = mood_worth_of_pair(turn->mood, turn->market, turn->begun_ms, turn->time_ms);
    desk.base_usd =
        mood_worth(turn->mood, market_facts(turn->market)->base, turn->begun_ms, turn->time_ms);
    desk.best_bid = best_price(engine, turn->market, true);
    desk.best_ask = best_price(engine, turn->market, false);
    for (unsigned i = 0; i < TRADER_COUNT; i++)
        refill(&desk, (enum trader)i);
    take_what_is_wrong(&desk);
    make(&desk, TRADER_MAKER_NEAR);
    make(&desk, TRADER_MAKER_FAR);
    take_at_random(&desk);
    rest_and_repent(&desk);
    return desk.count;
}
