#include "venue/venue.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/fixed.h"
#include "base/log.h"
#include "market/generator.h"
#include "venue/entry.h"
#include "venue/journal.h"
#include "venue/snapshot.h"

/* Memory is touched only as far as it is used. */
#define ORDERS_MOST   (UINT32_C(1) << 20)
#define ACCOUNTS_MOST (UINT32_C(1) << 16)

/* What is due and the journal did not take is tried again after so long. */
#define DISK_RETRY_MS 1000

/* Batches of the simulated past that go to disk together. */
#define PAST_BATCHES    256

#define RECORDINGS_MOST 16

static const struct engine_limits limits = { .orders = ORDERS_MOST, .accounts = ACCOUNTS_MOST };

/* All that follows from the journal and from nothing else; in the arena, with all that it points
 * at. */
struct fold {
    struct engine *engine;
    struct control control;
    struct history history;
    struct candles candles;
    struct cids cids;
    struct quotes quotes;
    struct sizes sizes;
    struct people people;
};

struct venue {
    struct venue_options options;
    struct arena *arena;
    struct fold *fold;
    struct journal *journal;
    struct snapshot snapshot;
    uint64_t snapshot_commands; /* in the latest one, or in one that was tried */
    bool is_ahead;
    bool disk_full; /* was said already */
    bool lost;      /* memory and disk disagree: nothing is acknowledged any more */
    uint64_t beginnings;
    struct generator generator;
    struct event_sink watcher;
    people_alert_fired *alert_fired; /* heard only while somebody watches */
    void *alert_context;
    struct venue_effect *effect; /* of the command that is being applied */
};

/* What a new account finds in its exchange wallet; nothing of what contracts are settled in. */
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
    return tempo_time_ms(venue->fold->control.tempo, wall_ms());
}

/* Other orders may be told, too: stops that the command has hit. */
static void effect_take(struct venue_effect *effect, const struct event_order *event,
                        const struct command *command)
{
    if (event->change == ORDER_NEW && effect->order.id != 0)
        effect->partner = *event->order;
    else if (event->change == ORDER_NEW ||
             (event->change == ORDER_UPDATED && effect->order.id == 0 &&
              event->order->id == command->order))
        effect->order = *event->order;
}

static void event_take(void *context, const struct event *event)
{
    struct venue *venue = context;

    quotes_take(&venue->fold->quotes, venue->fold->engine, event->time_ms);
    sizes_take(&venue->fold->sizes, venue->fold->engine, event->time_ms);
    history_take(&venue->fold->history, event);
    if (event->kind == EVENT_TRADE) {
        candles_take(&venue->fold->candles, event->trade);
        people_trade(&venue->fold->people, event->trade,
                     venue->watcher.take == NULL ? NULL : venue->alert_fired, venue->alert_context);
    }
    if (event->kind == EVENT_ORDER && event->order.change == ORDER_NEW)
        cids_take(&venue->fold->cids, event);
    if (venue->effect != NULL && event->kind == EVENT_ORDER)
        effect_take(venue->effect, &event->order, event->command);
    if (venue->effect != NULL && event->kind == EVENT_OFFER &&
        event->offer.offer->account == event->command->account &&
        (event->offer.change == FUNDING_NEW || event->command->kind == COMMAND_OFFER_CANCEL))
        venue->effect->offer = *event->offer.offer;
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

    if (control_is(command)) {
        /* The seed of a journal is known once its commands come. */
        if (venue->fold->control.changes == 0)
            mood_init(&venue->fold->control.mood, venue->options.seed);
        control_take(&venue->fold->control, command, engine_started_ms(venue->fold->engine));
        venue->generator.mood = venue->fold->control.mood;
        return;
    }
    if (!is_entry(command))
        engine_apply(venue->fold->engine, command, (struct event_sink){ event_take, venue });
    people_take(&venue->fold->people, command, words);
}

/* Whoever can no longer trade can still get out: what only takes from the book gets through while
 * the disk is full.  The simulated traders must not use up what is set aside for people. */
static bool is_way_out(const struct command *command)
{
    switch (command->kind) {
    case COMMAND_CANCEL:
    case COMMAND_CANCEL_GROUP:
    case COMMAND_CANCEL_ALL:
    case COMMAND_OFFER_CANCEL:
    case COMMAND_OFFER_CANCEL_ALL:
    case COMMAND_TIMER:
        return command->account < GENERATOR_ACCOUNT_FIRST;
    default:
        return false;
    }
}

static bool journal_takes(struct venue *venue, const struct command *command, struct slice words)
{
    enum err e = journal_append_words(venue->journal, command, words);

    if (e == ERR_FULL && is_way_out(command) &&
        journal_append_reserved(venue->journal, command) == OK)
        return true;
    if (e != OK && !venue->disk_full)
        log_error("venue",
                  "orders are refused and cancels accepted until the journal can be written: %s",
                  err_text(e));
    else if (e == OK && venue->disk_full)
        log_info("venue", "the journal can be written again, orders are accepted");
    venue->disk_full = e != OK;
    if (e == ERR_IO) /* final: the sync that follows says so too, and the process ends */
        venue->is_ahead = true;
    return e == OK;
}

/* Ends the orders whose time is over by `now_ms`, each at its own moment; false: the journal takes
 * nothing now. */
static bool orders_expire(struct venue *venue, uint64_t now_ms)
{
    struct command timer = { .kind = COMMAND_TIMER };

    while ((timer.time_ms = engine_due_ms(venue->fold->engine)) <= now_ms) {
        if (!journal_takes(venue, &timer, SLICE_EMPTY))
            return false;
        venue->is_ahead = true;
        replay_take(venue, &timer, SLICE_EMPTY);
    }
    return true;
}

static enum venue_answer command_apply(struct venue *venue, const struct command *command,
                                       struct slice words, struct venue_effect *effect)
{
    /* Before the judge is asked: a command meets no order whose time is over. */
    if (!orders_expire(venue, command->time_ms))
        return VENUE_DISK;
    if (!is_entry(command) &&
        engine_judge(venue->fold->engine, command, &effect->refused) != REFUSAL_NONE)
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
           people_due(&venue->fold->people, now_ms, answer == VENUE_REFUSED, &command))
        answer = venue_apply(venue, command, NULL);
}

/* One batch; false when nothing is due. */
static bool batch_trade(struct venue *venue, uint64_t now_ms)
{
    struct command commands[GENERATOR_BATCH];
    size_t count = generator_next(&venue->generator, venue->fold->engine, now_ms, commands);
    struct venue_effect effect;

    for (size_t i = 0; i < count; i++)
        if (command_apply(venue, &commands[i], SLICE_EMPTY, &effect) == VENUE_DISK)
            break;
    return count > 0;
}

void venue_trade(struct venue *venue)
{
    uint64_t now_ms = venue_now_ms(venue);

    orders_expire(venue, now_ms);
    movements_settle(venue);
    if (!venue->options.market)
        return;
    /* Users wait meanwhile: what is long overdue is made up for in several turns. */
    for (unsigned i = 0; i < MARKET_COUNT && batch_trade(venue, now_ms); i++)
        continue;
}

uint64_t venue_due_ms(const struct venue *venue)
{
    uint64_t due_ms = people_due_ms(&venue->fold->people),
             end_ms = engine_due_ms(venue->fold->engine);

    if (end_ms < due_ms)
        due_ms = end_ms;
    if (due_ms != UINT64_MAX && venue->disk_full)
        due_ms = (venue_now_ms(venue) / DISK_RETRY_MS + 1) * DISK_RETRY_MS;
    if (venue->options.market && venue->generator.due_ms < due_ms)
        due_ms = venue->generator.due_ms;
    return tempo_wall_ms(venue->fold->control.tempo, due_ms);
}

/* Everything that is due, in one go. */
static enum err catch_up(struct venue *venue)
{
    uint64_t now_ms = venue_now_ms(venue);
    enum err e = OK;

    movements_settle(venue);
    if (venue->options.market && venue->generator.due_ms + GENERATOR_HISTORY_STEP_MS < now_ms)
        log_info("venue", "the simulated traders make up for %llu minutes",
                 (unsigned long long)((now_ms - venue->generator.due_ms) / 60000));
    for (unsigned batches = 1; venue->options.market && batch_trade(venue, now_ms); batches++) {
        if (venue->disk_full)
            break; /* reads can be served; the traders make up for it later */
        if (batches % PAST_BATCHES == 0)
            TRY(venue_sync(venue));
    }
    orders_expire(venue, now_ms);
    TRY(venue_sync(venue));
out:
    return e;
}

static void traders_begin(struct venue *venue)
{
    generator_init(&venue->generator, venue->fold->control.mood.seed, venue->fold->engine,
                   venue_now_ms(venue));
    venue->generator.mood = venue->fold->control.mood;
}

static void state_begin(struct venue *venue, uint64_t seed)
{
    struct arena *arena = venue->arena;
    struct fold *fold = arena_take(arena, sizeof *fold);

    fold->engine = engine_init(arena_take(arena, engine_size(limits)), limits);
    history_init(&fold->history, arena, GENERATOR_ACCOUNT_FIRST);
    candles_init(&fold->candles, arena);
    cids_init(&fold->cids, arena);
    quotes_init(&fold->quotes, arena);
    sizes_init(&fold->sizes, arena);
    people_init(&fold->people, arena);
    control_init(&fold->control, seed);
    venue->fold = fold;
}

static enum err journal_follow(struct venue *venue, const struct journal_mark *from)
{
    return journal_open(venue->options.folder, venue->options.environment, &venue->options.seed,
                        from, (struct journal_replay){ replay_take, venue }, &venue->journal);
}

/* From the snapshot, if there is one that can be used, and what the journal has behind it. */
static enum err state_open(struct venue *venue)
{
    struct journal_mark mark;
    enum err e;

    if (snapshot_load(&venue->snapshot, venue->arena, &mark)) {
        venue->fold = arena_first(venue->arena);
        venue->snapshot_commands = mark.command_count;
        e = journal_follow(venue, &mark);
        if (e != ERR_MISSING)
            return e;
        log_info("venue", "the snapshot is of another journal: the whole journal is replayed");
        venue->snapshot_commands = 0;
        arena_clear(venue->arena);
    }
    state_begin(venue, venue->options.seed);
    return journal_follow(venue, NULL);
}

/* From now on: an older journal goes on by today's rules, and what it has told stays as it was.  A
 * full disk leaves it to the next start. */
static void rules_bring(struct venue *venue)
{
    const struct command rules = { .kind = COMMAND_RULES,
                                   .fields = RULES_KNOWN,
                                   .time_ms = venue_now_ms(venue) };

    if (engine_rules(venue->fold->engine) == RULES_KNOWN ||
        !journal_takes(venue, &rules, SLICE_EMPTY))
        return;
    venue->is_ahead = true;
    replay_take(venue, &rules, SLICE_EMPTY);
}

enum err venue_open(const struct venue_options *options, struct venue **venue)
{
    struct venue *v = calloc(1, sizeof *v);
    enum err e;

    *venue = NULL;
    if (v == NULL)
        return ERR_MEMORY;
    v->options = *options;
    v->snapshot.folder = options->folder;
    TRY(arena_open(&v->arena));
    TRY(state_open(v));
    /* A new journal's seed is that of the options, an old one's its own. */
    if (v->fold->control.changes == 0)
        mood_init(&v->fold->control.mood, v->options.seed);
    traders_begin(v);
    if (options->market)
        TRY(catch_up(v));
    rules_bring(v);
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
    snapshot_stop(&v->snapshot);
    journal_close(&v->journal);
    arena_close(&v->arena);
    free(v);
    *venue = NULL;
}

void venue_watch(struct venue *venue, struct event_sink watcher)
{
    venue->watcher = watcher;
}

void venue_watch_alerts(struct venue *venue, people_alert_fired *fired, void *context)
{
    venue->alert_fired = fired;
    venue->alert_context = context;
}

bool venue_is_ahead(const struct venue *venue)
{
    return venue->is_ahead || venue->lost;
}

/* Memory and disk agree here. */
static void snapshot_if_due(struct venue *venue)
{
    const struct journal_mark mark = journal_mark(venue->journal);
    uint64_t every = venue->options.snapshot_every;

    if (!snapshot_is_written(&venue->snapshot) || every == 0 ||
        mark.command_count - venue->snapshot_commands < every)
        return;
    snapshot_begin(&venue->snapshot, venue->arena, &mark);
    venue->snapshot_commands = mark.command_count;
}

enum err venue_sync(struct venue *venue)
{
    enum err e = venue->lost ? ERR_IO : journal_flush(venue->journal);

    if (e == OK) {
        venue->is_ahead = false;
        snapshot_if_due(venue);
    }
    return e;
}

const struct account *venue_account(struct venue *venue, uint64_t account)
{
    const struct account_history *history = history_find(&venue->fold->history, account);
    uint32_t deposited = history == NULL ? 0 : history->deposited;

    /* One command a currency: an opening that a full disk or a crash cut short is completed. */
    for (unsigned i = 0; i < CURRENCY_COUNT; i++) {
        struct command credit = { .kind = COMMAND_CREDIT,
                                  .account = account,
                                  .wallet = WALLET_EXCHANGE,
                                  .currency = i,
                                  .amount = balances_first[i] };

        if (credit.amount > 0 && (deposited & UINT32_C(1) << i) == 0 &&
            venue_apply(venue, credit, NULL) != VENUE_DONE)
            return NULL;
    }
    return engine_account_find(venue->fold->engine, account);
}

const struct engine *venue_engine(const struct venue *venue)
{
    return venue->fold->engine;
}

const struct history *venue_history(const struct venue *venue)
{
    return &venue->fold->history;
}

const struct candles *venue_candles(const struct venue *venue)
{
    return &venue->fold->candles;
}

enum environment venue_environment(const struct venue *venue)
{
    return venue->options.environment;
}

const struct cids *venue_cids(const struct venue *venue)
{
    return &venue->fold->cids;
}

const struct sizes *venue_sizes(const struct venue *venue)
{
    return &venue->fold->sizes;
}

const struct quotes *venue_quotes(const struct venue *venue)
{
    return &venue->fold->quotes;
}

const struct people *venue_people(const struct venue *venue)
{
    return &venue->fold->people;
}

uint64_t venue_seed(const struct venue *venue)
{
    return venue->options.seed;
}

/* ---- What the owner of a sandbox does ---- */

enum venue_answer venue_control(struct venue *venue, struct command command, const char **wrong)
{
    command.time_ms = venue_now_ms(venue);
    *wrong = control_judge(&venue->fold->control, &command);
    if (*wrong != NULL)
        return VENUE_REFUSED;
    if (!journal_takes(venue, &command, SLICE_EMPTY))
        return VENUE_DISK;
    venue->is_ahead = true;
    replay_take(venue, &command, SLICE_EMPTY);
    return VENUE_DONE;
}

bool venue_injected(struct venue *venue, const struct injection_target *target,
                    struct injection *found)
{
    const struct injection *injection =
        control_find(&venue->fold->control, target, venue_now_ms(venue));
    struct command command = { .kind = CONTROL_SPEND, .cid = target->cid };
    const char *wrong;

    if (injection == NULL)
        return false;
    *found = *injection;
    command.account = target->account;
    command.order = found->id;
    return found->uses == 0 || venue_control(venue, command, &wrong) == VENUE_DONE;
}

enum err venue_catch_up(struct venue *venue)
{
    return catch_up(venue);
}

/* `next` takes the journal's place and memory follows it.  Who watches is not told what happened on
 * the way: he sees another beginning. */
static enum err begin_anew(struct venue *venue, struct journal **next, uint64_t seed)
{
    struct event_sink watcher = venue->watcher;
    enum err e;

    TRY(journal_install(&venue->journal, next));
    venue->watcher = (struct event_sink){ 0 };
    venue->beginnings++;
    venue->options.seed = seed;
    snapshot_stop(&venue->snapshot);
    venue->snapshot_commands = 0;
    arena_clear(venue->arena);
    state_begin(venue, seed);
    e = journal_replay_all(venue->journal, (struct journal_replay){ replay_take, venue });
    traders_begin(venue);
    venue->watcher = watcher;
out:
    venue->lost |= e != OK && *next == NULL;
    return e;
}

enum err venue_reset(struct venue *venue, uint64_t account, uint64_t seed, uint64_t time_ms)
{
    struct command reset = { .kind = CONTROL_RESET,
                             .time_ms = time_ms == 0 ? wall_ms() : time_ms,
                             .account = account,
                             .order = venue->fold->control.resets + 1 };
    struct command clock = { .kind = CONTROL_CLOCK,
                             .time_ms = time_ms,
                             .account = account,
                             .order = wall_ms(),
                             .cid = time_ms };
    struct event_sink watcher = venue->watcher;
    struct journal *next = NULL;
    enum err e;

    /* What this turn has done so far is told as done: in the journal before. */
    TRY(venue_sync(venue));
    TRY(journal_next_open(venue->options.folder, venue->options.environment, &seed, NULL, &next));
    TRY(journal_append(next, &reset));
    if (time_ms != 0)
        TRY(journal_append(next, &clock));
    TRY(journal_flush(next));
    TRY(begin_anew(venue, &next, seed));
    venue->watcher = (struct event_sink){ 0 };
    e = catch_up(venue);
    rules_bring(venue);
    venue->watcher = watcher;
out:
    journal_close(&next);
    return e;
}

static enum err recording_path(const struct venue *venue, const char *name,
                               char path[FILE_PATH_SIZE])
{
    int size = snprintf(path, FILE_PATH_SIZE, "%s/recordings%s%s", venue->options.folder,
                        *name == '\0' ? "" : "/", name);

    return size < FILE_PATH_SIZE ? OK : ERR_RANGE;
}

static unsigned recordings_count(const char *folder)
{
    DIR *list = opendir(folder);
    const struct dirent *entry;
    unsigned count = 0;

    while (list != NULL && (entry = readdir(list)) != NULL)
        count += entry->d_name[0] != '.';
    if (list != NULL)
        closedir(list);
    return count;
}

enum err venue_record(struct venue *venue, const char *name)
{
    char folder[FILE_PATH_SIZE], path[FILE_PATH_SIZE];
    enum err e;

    TRY(recording_path(venue, "", folder));
    TRY(recording_path(venue, name, path));
    TRY(venue_sync(venue));
    TRY(file_folder_make(folder, 0700));
    if (access(path, F_OK) != 0 && recordings_count(folder) >= RECORDINGS_MOST)
        e = ERR_EXISTS;
    else
        e = journal_copy(venue->journal, path);
out:
    return e;
}

enum err venue_play(struct venue *venue, const char *name)
{
    struct command clock = { .kind = CONTROL_CLOCK, .order = wall_ms() };
    uint64_t seed = venue->options.seed;
    struct journal *next = NULL;
    char path[FILE_PATH_SIZE];
    const char *wrong;
    enum err e;

    TRY(recording_path(venue, name, path));
    TRY(venue_sync(venue));
    TRY(journal_next_open(venue->options.folder, venue->options.environment, &seed, path, &next));
    TRY(begin_anew(venue, &next, seed));
    /* What was recorded stands, and nothing happens to it until somebody lets the clock go on. */
    clock.cid = engine_time_ms(venue->fold->engine);
    if (venue_control(venue, clock, &wrong) == VENUE_DISK)
        venue->lost = true;
    TRY(venue_sync(venue));
out:
    journal_close(&next);
    return e;
}

const struct control *venue_controls(const struct venue *venue)
{
    return &venue->fold->control;
}

uint64_t venue_beginnings(const struct venue *venue)
{
    return venue->beginnings;
}

uint64_t venue_owner(const struct venue *venue)
{
    return venue->options.owner;
}
