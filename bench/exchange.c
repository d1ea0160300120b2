/* bench/exchange.c: how fast the engine is, and what durability costs
 *
 *   1. mixed commands a second in process, on one core, over small and over large books
 *   2. the same for trades while people hold positions on margin: each trade moves what backs them
 *   3. durable orders a second through journal and engine, 1, 32 and 1000 a batch, beside raw
 *      pwrite + fdatasync of the same bytes in the same folder in the same minute
 *   4. the time to open a journal with 1 000 000 live orders
 *
 * Usage: build/bench/exchange [FOLDER]: a folder on the disk to measure, by default the current
 * one.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fixed.h"
#include "exchange/engine.h"
#include "venue/journal.h"

#include "measure.h"

enum { ACCOUNTS = 1000, SMALL_BOOK = 10000, LARGE_BOOK = 1000000, ROOM = 1200000, ROUNDS = 5 };

/* ---- A crowd whose commands depend on nothing but a counter. ---- */

struct crowd {
    struct engine *engine;
    uint64_t seed;
    uint64_t events, trades, refused;
    uint64_t first_id, latest_id;
};

static uint64_t dice(struct crowd *crowd)
{
    uint64_t z = (crowd->seed += UINT64_C(0x9e3779b97f4a7c15));

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void crowd_take(void *context, const struct event *event)
{
    struct crowd *crowd = context;

    crowd->events++;
    crowd->trades += event->kind == EVENT_TRADE;
    crowd->refused += event->kind == EVENT_REFUSED;
    if (event->kind == EVENT_ORDER && event->order.change == ORDER_NEW) {
        crowd->latest_id = event->order.order->id;
        if (crowd->first_id == 0)
            crowd->first_id = crowd->latest_id;
    }
}

static void crowd_apply(struct crowd *crowd, const struct command *command)
{
    engine_apply(crowd->engine, command, (struct event_sink){ crowd_take, crowd });
}

/* An order `away` hundredths of a percent from the middle, on either side. */
static struct command order_of(struct crowd *crowd, uint64_t away)
{
    uint64_t chance = dice(crowd);
    bool buys = chance & 1;
    int64_t middle = 60000 * FIXED_ONE, off = middle / 10000 * (int64_t)away;

    return (struct command){ .kind = COMMAND_SUBMIT,
                             .time_ms = 1764000000000,
                             .account = 1 + (chance >> 8) % ACCOUNTS,
                             .market = MARKET_BTCUSD,
                             .type = ORDER_TYPE_EXCHANGE_LIMIT,
                             .amount = (buys ? 1 : -1) * (int64_t)(4000 + (chance >> 40) % 4000),
                             .price = buys ? middle - off : middle + off };
}

static struct command resting_order(struct crowd *crowd)
{
    return order_of(crowd, 1 + dice(crowd) % 500);
}

static void crowd_begin(struct crowd *crowd, struct engine *engine)
{
    *crowd = (struct crowd){ .engine = engine, .seed = 42 };
    for (uint64_t i = 0; i < 2 * ACCOUNTS; i++) {
        struct command credit = { .kind = COMMAND_CREDIT,
                                  .account = 1 + i / 2,
                                  .currency = i % 2 ? CURRENCY_USD : CURRENCY_BTC,
                                  .amount = (i % 2 ? 20000000 : 1000) * FIXED_ONE };

        crowd_apply(crowd, &credit);
    }
}

static struct engine *engine_make(void)
{
    struct engine_limits limits = { .orders = ROOM, .accounts = ACCOUNTS };
    void *block = mmap(NULL, engine_size(limits), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    must(block != MAP_FAILED, "no memory for the engine");
    return engine_init(block, limits);
}

static void engine_drop(struct engine *engine)
{
    munmap(engine, engine_size((struct engine_limits){ .orders = ROOM, .accounts = ACCOUNTS }));
}

/* ---- 1. In process. ---- */

/* 45 % rest, 10 % cross, 10 % move, 35 % are cancelled; cancels pick among as many of the latest
 * orders as shall live, so that the book stays as large as it is. */
static struct command mixed(struct crowd *crowd, uint64_t alive)
{
    uint64_t what = dice(crowd) % 100;
    struct command command = resting_order(crowd);
    const struct order *order;

    if (what < 45)
        return command;
    if (what < 55) {
        command.type = ORDER_TYPE_EXCHANGE_IOC;
        command.price = command.amount > 0 ? 61000 * FIXED_ONE : 59000 * FIXED_ONE;
        return command;
    }
    do
        order = engine_order_find(crowd->engine, crowd->latest_id - dice(crowd) % (2 * alive));
    while (order == NULL);
    command = (struct command){ .time_ms = command.time_ms,
                                .account = order->account,
                                .order = order->id,
                                .kind = COMMAND_CANCEL };
    if (what < 65) {
        command.kind = COMMAND_UPDATE;
        command.fields = UPDATE_PRICE;
        command.price = order->price + (order_is_buy(order) ? -1 : 1) * 10 * FIXED_ONE;
    }
    return command;
}

static void measure_engine(uint64_t alive, uint64_t count)
{
    struct engine *engine = engine_make();
    struct crowd crowd;
    uint64_t start_ns;
    double seconds;

    crowd_begin(&crowd, engine);
    while (engine_order_count(engine) < alive) {
        struct command command = resting_order(&crowd);

        crowd_apply(&crowd, &command);
    }
    crowd.events = crowd.trades = crowd.refused = 0;
    start_ns = clock_mono_ns();
    for (uint64_t i = 0; i < count; i++) {
        struct command command = mixed(&crowd, alive);

        crowd_apply(&crowd, &command);
    }
    seconds = seconds_since(start_ns);
    printf("in process, %8llu live orders: %9.0f commands/s (%.1f events each, %.0f trades/s, "
           "%llu refused, %u live at the end)\n",
           (unsigned long long)alive, (double)count / seconds, (double)crowd.events / (double)count,
           (double)crowd.trades / seconds, (unsigned long long)crowd.refused,
           engine_order_count(engine));
    must(engine_check(engine) == NULL, "an invariant does not hold");
    engine_drop(engine);
}

/* ---- 2. Durable. ---- */

static void nobody(void *context, const struct command *command, struct slice words)
{
    (void)words;
    crowd_apply(context, command);
}

static struct journal *journal_make(const char *folder, struct crowd *crowd)
{
    struct journal *journal;
    uint64_t seed = 1;

    must(journal_open(folder, ENVIRONMENT_SANDBOX, &seed, NULL,
                      (struct journal_replay){ nobody, crowd }, &journal) == OK,
         "cannot open the journal");
    return journal;
}

static void journal_remove(const char *folder)
{
    char path[4096];

    snprintf(path, sizeof path, "%s/journal", folder);
    unlink(path);
}

/* Orders a second, each acknowledged only once its batch is on disk. */
static double durable_orders(const char *folder, unsigned batch, double seconds, double *bytes)
{
    struct engine *engine = engine_make();
    struct journal *journal;
    struct crowd crowd;
    uint64_t start_ns, count = 0, before;

    crowd_begin(&crowd, engine);
    journal = journal_make(folder, &crowd);
    before = journal_bytes(journal);
    start_ns = clock_mono_ns();
    while (seconds_since(start_ns) < seconds && count < ROOM - batch) {
        for (unsigned i = 0; i < batch; i++) {
            struct command command = resting_order(&crowd);

            must(journal_append(journal, &command) == OK, "cannot append");
            crowd_apply(&crowd, &command);
        }
        must(journal_flush(journal) == OK, "cannot flush");
        count += batch;
    }
    seconds = seconds_since(start_ns);
    *bytes = (double)(journal_bytes(journal) - before) / (double)count;
    journal_close(&journal);
    journal_remove(folder);
    engine_drop(engine);
    return (double)count / seconds;
}

/* The same bytes with nothing around them: pwrite and fdatasync over zeros written before. */
static double raw_orders(const char *folder, unsigned batch, double seconds, double bytes)
{
    static char zeros[1024 * 1024], block[1024 * 1024];
    size_t size = (size_t)(bytes * batch);
    uint64_t start_ns, count = 0, offset = 0;
    const uint64_t room = 64 * sizeof zeros;
    char path[4096];
    int fd;

    memset(block, 'x', sizeof block);
    snprintf(path, sizeof path, "%s/raw", folder);
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(fd >= 0, "cannot create the raw file");
    for (uint64_t at = 0; at < room; at += sizeof zeros)
        must(pwrite(fd, zeros, sizeof zeros, (off_t)at) == (ssize_t)sizeof zeros, "cannot write");
    must(fsync(fd) == 0, "cannot sync");
    start_ns = clock_mono_ns();
    while (seconds_since(start_ns) < seconds) {
        must(pwrite(fd, block, size, (off_t)(offset % (room - size))) == (ssize_t)size,
             "cannot write");
        must(fdatasync(fd) == 0, "cannot sync");
        offset += size;
        count += batch;
    }
    seconds = seconds_since(start_ns);
    close(fd);
    unlink(path);
    return (double)count / seconds;
}

static void measure_durable(const char *folder, unsigned batch)
{
    double bytes, ours = 0, raw = 0;

    /* In short turns, so that a disk that tires or is shared does so for both. */
    for (unsigned i = 0; i < ROUNDS; i++) {
        ours += durable_orders(folder, batch, 0.7, &bytes) / ROUNDS;
        raw += raw_orders(folder, batch, 0.7, bytes) / ROUNDS;
    }
    printf("durable, %4u a batch: %8.0f orders/s, raw append+fdatasync of the same %.0f bytes "
           "each %8.0f/s: ratio %.2f\n",
           batch, ours, bytes, raw, ours / raw);
}

/* ---- 3. Opening again. ---- */

static void measure_restart(const char *folder)
{
    struct engine *engine = engine_make();
    struct journal *journal;
    struct crowd crowd;
    uint64_t start_ns, bytes, hash;

    crowd_begin(&crowd, engine);
    journal = journal_make(folder, &crowd);
    while (engine_order_count(engine) < LARGE_BOOK) {
        struct command command = resting_order(&crowd);

        must(journal_append(journal, &command) == OK, "cannot append");
        crowd_apply(&crowd, &command);
    }
    must(journal_flush(journal) == OK, "cannot flush");
    bytes = journal_bytes(journal);
    hash = engine_state_hash(engine);
    journal_close(&journal);
    engine_drop(engine);

    engine = engine_make();
    crowd_begin(&crowd, engine);
    start_ns = clock_mono_ns();
    journal = journal_make(folder, &crowd);
    printf("restart with %u live orders: %.2f s for %.0f MB\n", engine_order_count(engine),
           seconds_since(start_ns), (double)bytes / 1e6);
    must(engine_state_hash(engine) == hash, "the restarted engine is another one");
    journal_close(&journal);
    journal_remove(folder);
    engine_drop(engine);
}

/* ---- Positions. ---- */

static void apply(struct crowd *crowd, struct command command)
{
    command.time_ms = 1764000000000;
    crowd_apply(crowd, &command);
}

/* Account 1 lends and sells; the next ones buy a hundredth of a bitcoin on margin, each. */
static void positions_open(struct crowd *crowd, unsigned positions)
{
    int64_t price = 60000 * FIXED_ONE;

    apply(crowd, (struct command){ .kind = COMMAND_CREDIT,
                                   .account = 1,
                                   .wallet = WALLET_FUNDING,
                                   .currency = CURRENCY_USD,
                                   .amount = 100000000 * FIXED_ONE });
    apply(crowd, (struct command){ .kind = COMMAND_OFFER_SUBMIT,
                                   .account = 1,
                                   .currency = CURRENCY_USD,
                                   .type = OFFER_LIMIT,
                                   .amount = 100000000 * FIXED_ONE,
                                   .price = 30000,
                                   .period = 30 });
    for (uint64_t i = 0; i <= positions; i++) {
        uint64_t buyer = 2 + i % (ACCOUNTS - 1);

        apply(crowd, (struct command){ .kind = COMMAND_CREDIT,
                                       .account = buyer,
                                       .wallet = WALLET_MARGIN,
                                       .currency = CURRENCY_USD,
                                       .amount = 1000 * FIXED_ONE });
        apply(crowd, (struct command){ .kind = COMMAND_SUBMIT,
                                       .account = 1,
                                       .market = MARKET_BTCUSD,
                                       .type = ORDER_TYPE_EXCHANGE_LIMIT,
                                       .amount = -FIXED_ONE / 100,
                                       .price = price });
        apply(crowd, (struct command){ .kind = COMMAND_SUBMIT,
                                       .account = buyer,
                                       .market = MARKET_BTCUSD,
                                       .type =
                                           i == 0 ? ORDER_TYPE_EXCHANGE_LIMIT : ORDER_TYPE_LIMIT,
                                       .amount = FIXED_ONE / 100,
                                       .price = price });
    }
}

static void measure_positions(unsigned positions, unsigned trades)
{
    struct engine *engine = engine_make();
    struct crowd crowd;
    uint64_t begun, held = 0;

    crowd_begin(&crowd, engine);
    positions_open(&crowd, positions);
    for (const struct position *p = position_next(engine, NULL); p != NULL;
         p = position_next(engine, p))
        held++;
    must(held == positions, "not everybody holds a position");
    begun = clock_mono_ns();
    for (unsigned i = 0; i < 2 * trades; i++)
        apply(&crowd, (struct command){ .kind = COMMAND_SUBMIT,
                                        .account = 1 + i % 2,
                                        .market = MARKET_BTCUSD,
                                        .type = ORDER_TYPE_EXCHANGE_LIMIT,
                                        .amount = (i % 2 ? 1 : -1) * FIXED_ONE / 1000,
                                        .price = (60000 + i / 2 % 7) * FIXED_ONE });
    printf("in process, %8u positions on margin: %7.0f trades/s\n", positions,
           trades / ((double)(clock_mono_ns() - begun) / 1e9));
    fflush(stdout);
    engine_drop(engine);
}

int main(int argc, char **argv)
{
    char folder[4096];

    snprintf(folder, sizeof folder, "%s/bench-exchange-XXXXXX", argc > 1 ? argv[1] : ".");
    must(mkdtemp(folder) != NULL, "cannot make a folder");
    measure_engine(SMALL_BOOK, 3000000);
    measure_engine(LARGE_BOOK, 3000000);
    measure_positions(0, 1000000);
    measure_positions(100, 20000);
    measure_positions(990, 2000);
    measure_durable(folder, 1);
    measure_durable(folder, 32);
    measure_durable(folder, 1000);
    measure_restart(folder);
    rmdir(folder);
    return 0;
}
