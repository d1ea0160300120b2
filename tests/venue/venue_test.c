#include "../test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/fixed.h"
#include "market/generator.h"
#include "venue/entry.h"
#include "venue/venue.h"

static char folder[40];

static struct venue *open_venue(bool market)
{
    struct venue_options options = { .folder = folder, .seed = 3, .market = market };
    struct venue *venue;

    if (folder[0] == '\0') {
        snprintf(folder, sizeof folder, "/tmp/latchkey-venue-XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
    assert_int_equal(venue_open(&options, &venue), OK);
    return venue;
}

static void journal_remove(void)
{
    static const char *const names[] = { "journal", "journal.before", "snapshot", "snapshot.a",
                                         "recordings/a" };
    char path[64];

    for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/recordings", folder);
    rmdir(path);
}

static struct command order(uint64_t account, int64_t amount, int64_t price)
{
    return (struct command){ .kind = COMMAND_SUBMIT,
                             .account = account,
                             .amount = amount,
                             .price = price * FIXED_ONE,
                             .type = ORDER_TYPE_EXCHANGE_LIMIT };
}

TEST(a_restart_finds_what_was_synced)
{
    struct venue *venue = open_venue(false);
    struct venue_effect effect;
    uint64_t hash;

    assert_non_null(venue_account(venue, 5));
    assert_int_equal(venue_apply(venue, order(5, FIXED_ONE, 100), &effect), VENUE_DONE);
    assert_int_not_equal(effect.order.id, 0);
    assert_true(venue_is_ahead(venue));
    assert_int_equal(venue_apply(venue, order(5, FIXED_ONE, 0), &effect), VENUE_REFUSED);
    assert_int_equal(effect.refused.why, REFUSAL_PRICE);
    assert_int_equal(venue_sync(venue), OK);
    assert_false(venue_is_ahead(venue));
    hash = engine_state_hash(venue_engine(venue));
    venue_close(&venue);
    venue = open_venue(false);
    assert_int_equal(engine_state_hash(venue_engine(venue)), hash);
    /* Of each currency that is not only another name for contracts. */
    assert_int_equal(history_find(venue_history(venue), 5)->rows.count, CURRENCY_COUNT - 2);
    /* Opened once for all. */
    assert_non_null(venue_account(venue, 5));
    assert_int_equal(history_find(venue_history(venue), 5)->rows.count, CURRENCY_COUNT - 2);
    venue_close(&venue);
    journal_remove();
}

TEST(simulated_traders_leave_a_past_that_a_restart_repeats)
{
    struct venue *venue = open_venue(true);
    uint64_t trade;
    size_t count = venue_history(venue)->tape[MARKET_BTCUSD].count;

    assert_true(count > 1000);
    assert_true(candles_last_price(venue_candles(venue), MARKET_ETHBTC) > 0);
    trade = ((struct tape_row *)ring_at(&venue_history(venue)->tape[MARKET_BTCUSD], 0))->id;
    assert_null(engine_check(venue_engine(venue)));
    venue_close(&venue);
    venue = open_venue(false);
    assert_int_equal(
        ((struct tape_row *)ring_at(&venue_history(venue)->tape[MARKET_BTCUSD], 0))->id, trade);
    venue_close(&venue);
    journal_remove();
}

static void count_events(void *context, const struct event *event)
{
    (void)event;
    ++*(unsigned *)context;
}

TEST(a_reset_leaves_nothing_and_the_journal_before_is_kept)
{
    struct venue *venue = open_venue(true);
    unsigned heard = 0;
    char path[64];

    assert_non_null(venue_account(venue, 5));
    venue_watch(venue, (struct event_sink){ count_events, &heard });
    assert_int_equal(venue_reset(venue, 0, 4, UINT64_C(1764000000000)), OK);
    /* Who watched sees another beginning instead of a day in an instant. */
    assert_int_equal(heard, 0);
    assert_int_equal(venue_beginnings(venue), 1);
    assert_null(engine_account_find(venue_engine(venue), 5));
    assert_null(history_find(venue_history(venue), 5));
    assert_int_equal(venue_now_ms(venue), UINT64_C(1764000000000));
    assert_null(engine_check(venue_engine(venue)));
    assert_non_null(venue_account(venue, 5));
    assert_true(heard > 0);
    snprintf(path, sizeof path, "%s/journal.before", folder);
    assert_int_equal(access(path, F_OK), 0);
    venue_close(&venue);
    venue = open_venue(true);
    assert_int_equal(venue_controls(venue)->mood.seed, 4);
    assert_int_equal(venue_controls(venue)->resets, 1);
    assert_int_equal(venue_now_ms(venue), UINT64_C(1764000000000));
    venue_close(&venue);
    journal_remove();
}

TEST(a_damaged_recording_takes_nobodys_place)
{
    struct venue *venue = open_venue(false);
    char path[64];
    uint64_t hash;
    int fd;

    for (uint64_t account = 5; account < 40; account++) {
        assert_non_null(venue_account(venue, account));
        assert_int_equal(venue_sync(venue), OK); /* a frame each */
    }
    assert_int_equal(venue_record(venue, "a"), OK);
    assert_non_null(venue_account(venue, 40));
    hash = engine_state_hash(venue_engine(venue));
    snprintf(path, sizeof path, "%s/recordings/a", folder);
    fd = open(path, O_RDWR);
    assert_int_equal(pwrite(fd, "bad!", 4, 120), 4);
    assert_int_equal(venue_play(venue, "a"), ERR_CORRUPT);
    assert_int_equal(venue_play(venue, "b"), ERR_MISSING);
    assert_int_equal(engine_state_hash(venue_engine(venue)), hash);
    assert_int_equal(venue_sync(venue), OK);
    close(fd);
    assert_int_equal(venue_record(venue, "a"), OK);
    assert_int_equal(venue_play(venue, "a"), OK);
    assert_int_equal(engine_state_hash(venue_engine(venue)), hash);
    venue_close(&venue);
    snprintf(path, sizeof path, "%s/journal.next", folder);
    unlink(path);
    journal_remove();
}

TEST(a_full_disk_refuses_orders_and_nothing_else)
{
    const struct command cancel_all = { .kind = COMMAND_CANCEL_ALL, .account = 5 };
    struct venue *venue = open_venue(false);
    struct venue_effect effect;
    struct rlimit usual, tight;
    enum venue_answer answer = VENUE_DONE;
    uint64_t hash;

    assert_non_null(venue_account(venue, 5));
    assert_int_equal(venue_apply(venue, order(5, FIXED_ONE, 90), NULL), VENUE_DONE);
    assert_int_equal(venue_apply(venue, order(5, FIXED_ONE, 91), &effect), VENUE_DONE);
    assert_int_equal(venue_sync(venue), OK);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &usual);
    tight = (struct rlimit){ .rlim_cur = 5 << 20, .rlim_max = usual.rlim_max };
    setrlimit(RLIMIT_FSIZE, &tight);
    /* Stands for a full disk.  The journal has some space in hand; then there is none. */
    for (unsigned i = 0; i < 200000 && answer == VENUE_DONE; i++) {
        answer = venue_apply(venue, order(5, FIXED_ONE / 1000, 100 + i % 100), NULL);
        if (answer == VENUE_DONE)
            answer = venue_apply(venue,
                                 (struct command){ .kind = COMMAND_CANCEL,
                                                   .account = 5,
                                                   .order = effect.order.id + 1 + i },
                                 NULL);
    }
    assert_int_equal(answer, VENUE_DISK);
    assert_null(venue_account(venue, 6));
    assert_null(engine_account_find(venue_engine(venue), 6));
    assert_non_null(venue_account(venue, 5));
    hash = engine_state_hash(venue_engine(venue));
    assert_int_equal(venue_apply(venue, order(5, FIXED_ONE, 100), NULL), VENUE_DISK);
    assert_int_equal(engine_state_hash(venue_engine(venue)), hash);
    /* Whoever wants to get out can. */
    assert_int_equal(
        venue_apply(
            venue,
            (struct command){ .kind = COMMAND_CANCEL, .account = 5, .order = effect.order.id },
            NULL),
        VENUE_DONE);
    assert_int_equal(venue_sync(venue), OK);
    assert_null(engine_order_find(venue_engine(venue), effect.order.id));
    assert_int_equal(venue_apply(venue, order(5, FIXED_ONE, 100), NULL), VENUE_DISK);
    assert_int_equal(venue_apply(venue, cancel_all, NULL), VENUE_DONE);
    assert_int_equal(engine_account_find(venue_engine(venue), 5)->order_count, 0);
    assert_int_equal(venue_sync(venue), OK);
    /* A simulated trader has to wait. */
    assert_int_equal(venue_apply(venue,
                                 (struct command){ .kind = COMMAND_CANCEL_ALL,
                                                   .account = GENERATOR_ACCOUNT_FIRST },
                                 NULL),
                     VENUE_DISK);
    setrlimit(RLIMIT_FSIZE, &usual);
    assert_int_equal(venue_apply(venue, order(5, FIXED_ONE, 100), NULL), VENUE_DONE);
    assert_non_null(venue_account(venue, 6));
    assert_int_equal(venue_sync(venue), OK);
    venue_close(&venue);
    journal_remove();
    rmdir(folder);
}

/* The exchange's clock, standing still. */
static void clock_set(struct venue *venue, uint64_t time_ms)
{
    struct command clock = { .kind = CONTROL_CLOCK, .cid = time_ms };
    const char *wrong;

    assert_int_equal(venue_control(venue, clock, &wrong), VENUE_DONE);
}

static void clock_run(struct venue *venue)
{
    struct command clock = {
        .kind = CONTROL_CLOCK, .order = 1, .cid = venue_now_ms(venue), .gid = TEMPO_RATE_REAL
    };
    const char *wrong;

    assert_int_equal(venue_control(venue, clock, &wrong), VENUE_DONE);
}

TEST(orders_end_by_time_also_after_a_restart)
{
    const uint64_t now_ms = UINT64_C(1900000000000);
    struct command timed = order(5, FIXED_ONE, 100);
    struct venue *venue = open_venue(false);
    struct venue_effect effect;

    clock_set(venue, now_ms);
    assert_non_null(venue_account(venue, 5));
    timed.tif_ms = now_ms;
    assert_int_equal(venue_apply(venue, timed, &effect), VENUE_REFUSED);
    assert_int_equal(effect.refused.why, REFUSAL_TIF);
    timed.tif_ms = now_ms + 1000;
    assert_int_equal(venue_apply(venue, timed, &effect), VENUE_DONE);
    timed.tif_ms = now_ms + 2000;
    assert_int_equal(venue_apply(venue, timed, &effect), VENUE_DONE);
    assert_true(venue_due_ms(venue) == UINT64_MAX); /* the clock stands */
    clock_run(venue);
    assert_true(venue_due_ms(venue) != UINT64_MAX);
    assert_int_equal(venue_sync(venue), OK);
    venue_close(&venue);

    venue = open_venue(false);
    assert_true(venue_due_ms(venue) != UINT64_MAX);
    clock_set(venue, now_ms + 1999);
    venue_trade(venue);
    assert_int_equal(engine_order_count(venue_engine(venue)), 1);
    assert_int_equal(
        ((const struct order *)ring_newest(&history_find(venue_history(venue), 5)->orders))
            ->updated_ms,
        now_ms + 1000);
    /* Without the timer: a command meets no order whose time is over. */
    clock_set(venue, now_ms + 2000);
    assert_int_equal(
        venue_apply(
            venue,
            (struct command){ .kind = COMMAND_CANCEL, .account = 5, .order = effect.order.id },
            NULL),
        VENUE_REFUSED);
    assert_int_equal(engine_order_count(venue_engine(venue)), 0);
    assert_int_equal(venue_sync(venue), OK);
    venue_close(&venue);
    journal_remove();
}

/* Keeps the state of now and moves the file away. */
static void snapshot_take(struct venue *venue, const char *name)
{
    char path[64], kept[64];

    /* The child is the venue's, and it is only looked at here.  One may have been there already. */
    do
        assert_int_equal(venue_sync(venue), OK);
    while (waitid(P_ALL, 0, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) == 0);
    snprintf(path, sizeof path, "%s/snapshot", folder);
    snprintf(kept, sizeof kept, "%s/%s", folder, name);
    assert_int_equal(rename(path, kept), 0);
}

static void people_work(struct venue *venue)
{
    const struct command transfer = { .kind = COMMAND_TRANSFER,
                                      .account = 5,
                                      .wallet_to = WALLET_FUNDING,
                                      .currency = CURRENCY_USD,
                                      .amount = 5000 * FIXED_ONE };
    const struct command offer = { .kind = COMMAND_OFFER_SUBMIT,
                                   .account = 5,
                                   .currency = CURRENCY_USD,
                                   .amount = 1000 * FIXED_ONE,
                                   .type = OFFER_LIMIT,
                                   .price = 10000,
                                   .period = 2 };
    const struct command setting = { .kind = ENTRY_SETTING_SET, .account = 5 };
    char key[16], words[SETTING_WORDS_MOST];

    assert_non_null(venue_account(venue, 5));
    assert_int_equal(venue_apply(venue, transfer, NULL), VENUE_DONE);
    assert_int_equal(venue_apply(venue, offer, NULL), VENUE_DONE);
    for (unsigned i = 0; i < 100; i++) {
        struct command submit = order(5, i % 2 ? FIXED_ONE / 100 : -FIXED_ONE / 100, 1 + i * 3000);
        size_t size;

        submit.cid = i + 1;
        assert_int_equal(venue_apply(venue, submit, NULL), VENUE_DONE);
        snprintf(key, sizeof key, "api:%u", i % 30);
        size = setting_words(slice_of(key), SLICE("[1,2,3]"), words);
        assert_int_equal(venue_apply_words(venue, setting, (struct slice){ words, size }, NULL),
                         VENUE_DONE);
    }
}

static bool files_are_equal(const char *first, const char *second)
{
    struct buffer a = { 0 }, b = { 0 };
    char path[64];
    bool equal;

    snprintf(path, sizeof path, "%s/%s", folder, first);
    assert_int_equal(file_read(path, 1 << 30, &a), OK);
    snprintf(path, sizeof path, "%s/%s", folder, second);
    assert_int_equal(file_read(path, 1 << 30, &b), OK);
    equal = a.size > 100000 && a.size == b.size && memcmp(a.at, b.at, a.size) == 0;
    buffer_wipe(&a);
    buffer_wipe(&b);
    return equal;
}

/* What was lived, what was replayed, and what came from a snapshot with the rest replayed. */
TEST(a_snapshot_saves_a_replay_and_changes_no_byte)
{
    struct venue_options options = { .folder = folder, .seed = 3, .market = true };
    struct venue *venue;

    assert_int_equal(venue_open(&options, &venue), OK);
    clock_set(venue, venue_now_ms(venue));
    people_work(venue);
    venue_close(&venue);

    options.snapshot_every = 1;
    assert_int_equal(venue_open(&options, &venue), OK);
    clock_set(venue, venue_now_ms(venue));
    people_work(venue);
    snapshot_take(venue, "snapshot");
    venue_close(&venue);

    assert_int_equal(venue_open(&options, &venue), OK);
    clock_set(venue, venue_now_ms(venue));
    people_work(venue);
    snapshot_take(venue, "snapshot.a");
    venue_close(&venue);

    options.market = false; /* it would go on */
    assert_int_equal(venue_open(&options, &venue), OK);
    snapshot_take(venue, "snapshot");
    venue_close(&venue);
    assert_true(files_are_equal("snapshot", "snapshot.a"));
    journal_remove();
}

/* A journal that was put back from a copy, and one that began anew. */
TEST(a_snapshot_of_another_journal_is_not_used)
{
    struct venue_options options = { .folder = folder, .seed = 3, .snapshot_every = 1 };
    struct venue *venue;
    uint64_t hash;

    assert_int_equal(venue_open(&options, &venue), OK);
    assert_non_null(venue_account(venue, 5));
    snapshot_take(venue, "snapshot");
    options.snapshot_every = 0;
    assert_int_equal(venue_reset(venue, 5, 4, 0), OK);
    for (uint64_t account = 8; account < 30; account++)
        assert_non_null(venue_account(venue, account));
    assert_int_equal(venue_sync(venue), OK);
    hash = engine_state_hash(venue_engine(venue));
    venue_close(&venue);
    assert_int_equal(venue_open(&options, &venue), OK);
    assert_int_equal(engine_state_hash(venue_engine(venue)), hash);
    assert_int_equal(venue_seed(venue), 4);
    assert_null(people_find(venue_people(venue), 5));
    venue_close(&venue);
    journal_remove();
}

TEST_MAIN
