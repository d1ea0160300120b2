#include "venue/venue.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/fixed.h"
#include "base/log.h"
#include "market/generator.h"
#include "venue/entry.h"
#include "venue/journal.h"
#include "venue/tempo.h"

/* Memory is touched only as far as it is used. */
#define ORDERS_MOST   (UINT32_C(1) << 20)
#define ACCOUNTS_MOST (UINT32_C(1) << 16)

/* A movement that the journal did not take is tried again after so long. */
#define DISK_RETRY_MS 1000

/* Batches of the simulated past that go to disk together. */
#define PAST_BATCHES 256

struct venue {
    struct venue_options options;
    struct engine *engine;
    size_t engine_bytes;
    struct journal *journal;
    bool is_ahead;
    bool disk_full; /* was said already */
    struct tempo tempo;
    struct generator generator;
    struct history history;
    struct candles candles;
    struct quotes quotes;
    struct people people;
    struct event_sink watcher;
    struct venue_effect *effect; /* of the command that is being applied */
};

/* What a new account finds in its exchange wallet. */
static const int64_t balances_first[CURRENCY_COUNT] = {
    [CURRENCY_BTC] = 10 * FIXED_ONE,      [CURRENCY_ETH] = 100 * FIXED_ONE,
    [CURRENCY_LTC] = 1000 * FIXED_ONE,    [CURRENCY_USD] = 1000000 * FIXED_ONE,
    [CURRENCY_UST] = 1000000 * FIXED_ONE,
};

static uint64_t wall_ms(void)
{
    return clock_wall_ns() / NS_PER_MS;
}

uint64_t venue_now_ms(const struct venue *venue)
{
    return tempo_time_ms(venue->tempo, wall_ms());
}

static void event_take(void *context, const struct event *event)
{
    struct venue *venue = context;

    quotes_take(&venue->quotes, venue->engine, event->time_ms);
    history_take(&venue->history, event);
    if (event->kind == EVENT_TRADE) {
        candles_take(&venue->candles, event->trade);
        people_trade(&venue->people, event->trade);
    }
    if (venue->effect != NULL && event->kind == EVENT_ORDER &&
        (event->order.change == ORDER_NEW || event->order.change == ORDER_UPDATED))
        venue->effect->order = *event->order.order;
    if (venue->watcher.take != NULL)
        venue->watcher.take(venue->watcher.context, event);
}

static bool is_entry(const struct command *command)
{
    return command->kind >= ENTRY_FIRST && command->kind <= ENTRY_LAST;
}

static void replay_take(void *context, const struct command *command, struct slice words)
{
    struct venue *venue = context;

    if (!is_entry(command))
        engine_apply(venue->engine, command, (struct event_sink){ event_take, venue });
    people_take(&venue->people, command, words);
}

static bool journal_takes(struct venue *venue, const struct command *command, struct slice words)
{
    enum err e = journal_append_words(venue->journal, command, words);

    if (e != OK && !venue->disk_full)
        log_error("venue", "orders are refused until the journal can be written: %s", err_text(e));
    else if (e == OK && venue->disk_full)
        log_info("venue", "the journal can be written again, orders are accepted");
    venue->disk_full = e != OK;
    if (e == ERR_IO) /* final: the sync that follows says so too, and the process ends */
        venue->is_ahead = true;
    return e == OK;
}

static enum venue_answer command_apply(struct venue *venue, const struct command *command,
                                       struct slice words, struct venue_effect *effect)
{
    if (!is_entry(command) &&
        engine_judge(venue->engine, command, &effect->refused) != REFUSAL_NONE)
        return VENUE_REFUSED;
    if (!journal_takes(venue, command, words))
        return VENUE_DISK;
    venue->is_ahead = true;
    venue->effect = effect;
    replay_take(venue, command, words);
    venue->effect = NULL;
    return VENUE_DONE;
}

enum venue_answer venue_apply_words(struct venue *venue, struct command command, struct slice words,
                                    struct venue_effect *effect)
{
    struct venue_effect unwanted;

    if (effect == NULL)
        effect = &unwanted;
    *effect = (struct venue_effect){ 0 };
    command.time_ms = venue_now_ms(venue);
    return command_apply(venue, &command, words, effect);
}

enum venue_answer venue_apply(struct venue *venue, struct command command,
                              struct venue_effect *effect)
{
    return venue_apply_words(venue, command, SLICE_EMPTY, effect);
}

/* Completes the movements that have their confirmations. */
static void movements_settle(struct venue *venue)
{
    uint64_t now_ms = venue_now_ms(venue);
    enum venue_answer answer = VENUE_DONE;
    struct command command;

    while (answer != VENUE_DISK &&
           people_due(&venue->people, now_ms, answer == VENUE_REFUSED, &command))
        answer = venue_apply(venue, command, NULL);
}

/* One batch; false when nothing is due. */
static bool batch_trade(struct venue *venue, uint64_t now_ms)
{
    struct command commands[GENERATOR_BATCH];
    size_t count = generator_next(&venue->generator, venue->engine, now_ms, commands);
    struct venue_effect effect;

    for (size_t i = 0; i < count; i++)
        if (command_apply(venue, &commands[i], SLICE_EMPTY, &effect) == VENUE_DISK)
            break;
    return count > 0;
}

void venue_trade(struct venue *venue)
{
    uint64_t now_ms = venue_now_ms(venue);

    movements_settle(venue);
    if (!venue->options.market)
        return;
    /* Users wait meanwhile: what is long overdue is made up for in several turns. */
    for (unsigned i = 0; i < MARKET_COUNT && batch_trade(venue, now_ms); i++)
        continue;
}

uint64_t venue_due_ms(const struct venue *venue)
{
    uint64_t due_ms = people_due_ms(&venue->people);

    if (due_ms != UINT64_MAX && venue->disk_full)
        due_ms = (venue_now_ms(venue) / DISK_RETRY_MS + 1) * DISK_RETRY_MS;
    if (venue->options.market && venue->generator.due_ms < due_ms)
        due_ms = venue->generator.due_ms;
    return tempo_wall_ms(venue->tempo, due_ms);
}

static enum err past_make(struct venue *venue)
{
    uint64_t now_ms = venue_now_ms(venue);
    enum err e = OK;

    generator_init(&venue->generator, venue->options.seed, venue->engine, now_ms);
    if (venue->generator.due_ms + GENERATOR_HISTORY_STEP_MS < now_ms)
        log_info("venue", "the simulated traders make up for %llu minutes",
                 (unsigned long long)((now_ms - venue->generator.due_ms) / 60000));
    for (unsigned batches = 1; batch_trade(venue, now_ms); batches++) {
        if (venue->disk_full)
            break; /* reads can be served; the traders make up for it later */
        if (batches % PAST_BATCHES == 0)
            TRY(venue_sync(venue));
    }
    TRY(venue_sync(venue));
out:
    return e;
}

enum err venue_open(const struct venue_options *options, struct venue **venue)
{
    const struct engine_limits limits = { .orders = ORDERS_MOST, .accounts = ACCOUNTS_MOST };
    struct venue *v = calloc(1, sizeof *v);
    void *block = MAP_FAILED;
    enum err e;

    *venue = NULL;
    if (v == NULL)
        return ERR_MEMORY;
    v->options = *options;
    v->tempo = tempo_real();
    v->engine_bytes = engine_size(limits);
    block = mmap(NULL, v->engine_bytes, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (block == MAP_FAILED) {
        log_error("venue", "no address space for an engine of %zu bytes", v->engine_bytes);
        free(v);
        return ERR_MEMORY;
    }
    v->engine = engine_init(block, limits);
    history_init(&v->history, GENERATOR_ACCOUNT_FIRST);
    candles_init(&v->candles);
    quotes_init(&v->quotes);
    people_init(&v->people);
    TRY(journal_open(options->folder, options->environment, &v->options.seed,
                     (struct journal_replay){ replay_take, v }, &v->journal));
    if (options->market)
        TRY(past_make(v));
    *venue = v;
    v = NULL;
out:
    venue_close(&v);
    return e;
}

void venue_close(struct venue **venue)
{
    struct venue *v = *venue;

    if (v == NULL)
        return;
    journal_close(&v->journal);
    history_wipe(&v->history);
    candles_wipe(&v->candles);
    quotes_wipe(&v->quotes);
    people_wipe(&v->people);
    munmap(v->engine, v->engine_bytes);
    free(v);
    *venue = NULL;
}

void venue_watch(struct venue *venue, struct event_sink watcher)
{
    venue->watcher = watcher;
}

bool venue_is_ahead(const struct venue *venue)
{
    return venue->is_ahead;
}

enum err venue_sync(struct venue *venue)
{
    enum err e = journal_flush(venue->journal);

    if (e == OK)
        venue->is_ahead = false;
    return e;
}

const struct account *venue_account(struct venue *venue, uint64_t account)
{
    const struct account_history *history = history_find(&venue->history, account);
    uint32_t deposited = history == NULL ? 0 : history->deposited;

    /* One command a currency: an opening that a full disk or a crash cut short is completed. */
    for (unsigned i = 0; i < CURRENCY_COUNT; i++) {
        struct command credit = { .kind = COMMAND_CREDIT,
                                  .account = account,
                                  .wallet = WALLET_EXCHANGE,
                                  .currency = i,
                                  .amount = balances_first[i] };

        if ((deposited & UINT32_C(1) << i) == 0 && venue_apply(venue, credit, NULL) != VENUE_DONE)
            return NULL;
    }
    return engine_account_find(venue->engine, account);
}

const struct engine *venue_engine(const struct venue *venue)
{
    return venue->engine;
}

const struct history *venue_history(const struct venue *venue)
{
    return &venue->history;
}

const struct candles *venue_candles(const struct venue *venue)
{
    return &venue->candles;
}

enum environment venue_environment(const struct venue *venue)
{
    return venue->options.environment;
}

const struct quotes *venue_quotes(const struct venue *venue)
{
    return &venue->quotes;
}

const struct people *venue_people(const struct venue *venue)
{
    return &venue->people;
}

uint64_t venue_seed(const struct venue *venue)
{
    return venue->options.seed;
}
