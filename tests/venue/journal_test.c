#include "../test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fixed.h"
#include "base/log.h"
#include "exchange/engine.h"
#include "venue/frame.h"
#include "venue/journal.h"

/* ---- A folder, a journal and the engine that folds it. ---- */

struct desk {
    char folder[64], path[96];
    struct journal *journal;
    struct engine *engine;
    uint64_t replayed;
    uint64_t seed;
};

static const struct engine_limits limits = { .orders = 4096, .accounts = 16 };

static void nobody(void *context __attribute__((unused)),
                   const struct event *event __attribute__((unused)))
{
}

static void desk_apply(void *context, const struct command *command, struct slice words)
{
    struct desk *desk = context;

    assert_int_equal(words.size, 0);
    desk->replayed++;
    engine_apply(desk->engine, command, (struct event_sink){ nobody, NULL });
}

static void desk_init(struct desk *desk)
{
    *desk = (struct desk){ .folder = "/tmp/journal-test-XXXXXX", .seed = 5 };
    log_level_set(LOG_ERROR);
    assert_non_null(mkdtemp(desk->folder));
    snprintf(desk->path, sizeof desk->path, "%s/journal", desk->folder);
}

static enum err desk_try_open(struct desk *desk)
{
    if (desk->engine != NULL)
        munmap(desk->engine, engine_size(limits));
    desk->engine =
        mmap(NULL, engine_size(limits), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(desk->engine, MAP_FAILED);
    desk->engine = engine_init(desk->engine, limits);
    desk->replayed = 0;
    return journal_open(desk->folder, ENVIRONMENT_SANDBOX, &desk->seed, NULL,
                        (struct journal_replay){ desk_apply, desk }, &desk->journal);
}

static void desk_open(struct desk *desk)
{
    assert_int_equal(desk_try_open(desk), OK);
}

static void desk_wipe(struct desk *desk)
{
    journal_close(&desk->journal);
    if (desk->engine != NULL)
        munmap(desk->engine, engine_size(limits));
    unlink(desk->path);
    rmdir(desk->folder);
}

/* The i-th command of a little market: one credit each, then orders that cross now and then. */
static struct command nth(uint64_t i)
{
    uint64_t spread = i * UINT64_C(0x9e3779b97f4a7c15) >> 40;
    struct command command = { .time_ms = 1000 + i, .account = 1 + i % 2 };

    if (i < 2) {
        command.kind = COMMAND_CREDIT;
        command.currency = i == 0 ? CURRENCY_USD : CURRENCY_BTC;
        command.amount = 50000000 * FIXED_ONE;
    } else {
        command.kind = COMMAND_SUBMIT;
        command.type = ORDER_TYPE_EXCHANGE_LIMIT;
        command.amount = (i % 2 == 0 ? 1 : -1) * (int64_t)(4000 + spread % 1000);
        command.price = (int64_t)(100 + spread % 50) * FIXED_ONE;
    }
    return command;
}

static void desk_append(struct desk *desk, uint64_t count, uint64_t a_batch)
{
    for (uint64_t i = 0; i < count; i++) {
        struct command command = nth(journal_command_count(desk->journal));

        assert_int_equal(journal_append(desk->journal, &command), OK);
        engine_apply(desk->engine, &command, (struct event_sink){ nobody, NULL });
        if ((i + 1) % a_batch == 0)
            assert_int_equal(journal_flush(desk->journal), OK);
    }
    assert_int_equal(journal_flush(desk->journal), OK);
}

static void bytes_write(const struct desk *desk, uint64_t offset, const void *bytes, size_t size)
{
    int fd = open(desk->path, O_WRONLY);

    assert_int_equal(pwrite(fd, bytes, size, (off_t)offset), size);
    close(fd);
}

static void byte_flip(const struct desk *desk, uint64_t offset)
{
    int fd = open(desk->path, O_RDWR);
    unsigned char byte;

    assert_int_equal(pread(fd, &byte, 1, (off_t)offset), 1);
    byte ^= 0x40;
    assert_int_equal(pwrite(fd, &byte, 1, (off_t)offset), 1);
    close(fd);
}

/* A number that changes when any byte of the file does. */
static uint64_t file_digest(const struct desk *desk)
{
    FILE *file = fopen(desk->path, "rb");
    uint64_t digest = 0;
    int c;

    assert_non_null(file);
    while ((c = getc(file)) != EOF)
        digest = (digest ^ (uint64_t)c) * UINT64_C(1099511628211) + 1;
    fclose(file);
    return digest;
}

/* ---- What must hold. ---- */

TEST(a_replay_gives_the_same_state)
{
    struct desk desk;
    uint64_t hash;

    desk_init(&desk);
    desk_open(&desk);
    desk_append(&desk, 3000, 7);
    hash = engine_state_hash(desk.engine);
    assert_true(engine_order_count(desk.engine) > 100);
    journal_close(&desk.journal);
    desk.seed = 0;
    desk_open(&desk);
    assert_int_equal(desk.replayed, 3000);
    assert_int_equal(desk.seed, 5);
    assert_true(engine_state_hash(desk.engine) == hash);
    assert_null(engine_check(desk.engine));
    desk_append(&desk, 10, 1);
    journal_close(&desk.journal);
    desk_open(&desk);
    assert_int_equal(desk.replayed, 3010);
    desk_wipe(&desk);
}

TEST(frames_longer_than_a_window_of_the_reader_come_back)
{
    struct desk desk;

    desk_init(&desk);
    desk_open(&desk);
    for (unsigned i = 0; i < 300000; i++) {
        struct command command = nth(i % 4000);

        command.gid = command.cid = command.tif_ms = UINT64_MAX;
        assert_int_equal(journal_append(desk.journal, &command), OK);
    }
    assert_int_equal(journal_flush(desk.journal), OK);
    assert_true(journal_bytes(desk.journal) > 12 * 1024 * 1024);
    journal_close(&desk.journal);
    desk_open(&desk);
    assert_int_equal(desk.replayed, 300000);
    desk_wipe(&desk);
}

TEST(what_was_not_flushed_was_never_there)
{
    struct command command = nth(2);
    struct desk desk;

    desk_init(&desk);
    desk_open(&desk);
    desk_append(&desk, 5, 1);
    assert_int_equal(journal_append(desk.journal, &command), OK);
    journal_close(&desk.journal);
    desk_open(&desk);
    assert_int_equal(desk.replayed, 5);
    desk_wipe(&desk);
}

TEST(a_torn_batch_is_cut_wherever_it_tears)
{
    struct desk desk;
    uint64_t before, after;

    desk_init(&desk);
    desk_open(&desk);
    desk_append(&desk, 20, 4);
    before = journal_bytes(desk.journal);
    journal_close(&desk.journal);
    for (unsigned kept = 1; kept < 60; kept += 7) {
        desk_open(&desk);
        assert_int_equal(desk.replayed, 20);
        desk_append(&desk, 3, 3);
        after = journal_bytes(desk.journal);
        journal_close(&desk.journal);
        assert_true(before + kept < after);
        {
            char zeros[4096] = { 0 };

            bytes_write(&desk, before + kept, zeros, after - before - kept);
        }
    }
    /* A page in its middle may be missing as well. */
    desk_open(&desk);
    desk_append(&desk, 100, 100);
    after = journal_bytes(desk.journal);
    journal_close(&desk.journal);
    byte_flip(&desk, (before + after) / 2);
    desk_open(&desk);
    assert_int_equal(desk.replayed, 20);
    assert_int_equal(journal_bytes(desk.journal), before);
    desk_append(&desk, 1, 1);
    journal_close(&desk.journal);
    desk_open(&desk);
    assert_int_equal(desk.replayed, 21);
    desk_wipe(&desk);
}

TEST(damage_in_the_middle_is_refused_and_nothing_is_touched)
{
    struct desk desk;
    uint64_t middle, digest;

    desk_init(&desk);
    desk_open(&desk);
    desk_append(&desk, 20, 4);
    middle = journal_bytes(desk.journal);
    desk_append(&desk, 20, 4);
    journal_close(&desk.journal);
    byte_flip(&desk, middle - 3);
    digest = file_digest(&desk);
    assert_int_equal(desk_try_open(&desk), ERR_CORRUPT);
    assert_null(desk.journal);
    assert_true(file_digest(&desk) == digest);
    byte_flip(&desk, middle - 3);
    desk_open(&desk);
    assert_int_equal(desk.replayed, 40);
    desk_wipe(&desk);
}

TEST(bytes_further_away_than_a_batch_are_damage)
{
    struct desk desk;

    desk_init(&desk);
    desk_open(&desk);
    desk_append(&desk, 4, 4);
    journal_close(&desk.journal);
    bytes_write(&desk, 3 * 1024 * 1024, "x", 1);
    assert_int_equal(desk_try_open(&desk), ERR_CORRUPT);
    desk_wipe(&desk);
}

TEST(a_second_exchange_on_the_folder_is_refused)
{
    struct desk desk, second;

    desk_init(&desk);
    desk_open(&desk);
    second = desk;
    second.engine = NULL;
    assert_int_equal(desk_try_open(&second), ERR_DENIED);
    munmap(second.engine, engine_size(limits));
    desk_append(&desk, 2, 1);
    desk_wipe(&desk);
}

TEST(another_version_and_another_environment_are_refused)
{
    struct journal_header header = { JOURNAL_VERSION + 1, ENVIRONMENT_SANDBOX, 5 };
    uint8_t bytes[JOURNAL_HEADER_SIZE];
    struct desk desk;

    desk_init(&desk);
    desk_open(&desk);
    journal_close(&desk.journal);
    journal_header_encode(&header, bytes);
    bytes_write(&desk, 0, bytes, sizeof bytes);
    assert_int_equal(desk_try_open(&desk), ERR_VERSION);
    header = (struct journal_header){ JOURNAL_VERSION, ENVIRONMENT_LIVE, 5 };
    journal_header_encode(&header, bytes);
    bytes_write(&desk, 0, bytes, sizeof bytes);
    assert_int_equal(desk_try_open(&desk), ERR_VERSION);
    bytes_write(&desk, 0, "another f", 9);
    assert_int_equal(desk_try_open(&desk), ERR_CORRUPT);
    desk_wipe(&desk);
}

TEST(a_full_disk_refuses_cleanly_and_works_again_when_there_is_space)
{
    struct rlimit free_limit, tight;
    struct command command = nth(2);
    struct desk desk;
    struct stat facts;
    uint64_t accepted = 0, reserved = 0;
    enum err e;

    desk_init(&desk);
    desk_open(&desk);
    /* A limit on the size of files stands for a full disk: both fail the write in its middle. */
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &free_limit);
    tight = free_limit;
    tight.rlim_cur = 5 * 1024 * 1024;
    setrlimit(RLIMIT_FSIZE, &tight);
    command.gid = command.cid = UINT64_MAX;
    while ((e = journal_append(desk.journal, &command)) == OK)
        accepted++;
    assert_int_equal(e, ERR_FULL);
    assert_int_equal(journal_append(desk.journal, &command), ERR_FULL);
    assert_int_equal(stat(desk.path, &facts), 0);
    assert_int_equal(facts.st_size, 4 * 1024 * 1024);
    /* What was accepted still reaches the disk. */
    assert_int_equal(journal_flush(desk.journal), OK);
    assert_int_equal(journal_append(desk.journal, &command), ERR_FULL);
    /* Something is set aside, and that ends, too. */
    while ((e = journal_append_reserved(desk.journal, &command)) == OK) {
        assert_int_equal(journal_append(desk.journal, &command), ERR_FULL);
        reserved++;
    }
    assert_int_equal(e, ERR_FULL);
    assert_in_range(reserved, 10000, 100000);
    accepted += reserved;
    assert_int_equal(stat(desk.path, &facts), 0);
    assert_int_equal(facts.st_size, 4 * 1024 * 1024);
    assert_int_equal(journal_flush(desk.journal), OK);
    setrlimit(RLIMIT_FSIZE, &free_limit);
    assert_int_equal(journal_append(desk.journal, &command), OK);
    assert_int_equal(journal_flush(desk.journal), OK);
    journal_close(&desk.journal);
    desk_open(&desk);
    assert_int_equal(desk.replayed, accepted + 1);
    desk_wipe(&desk);
}

/* Replaces the journal's descriptor by one that cannot be written. */
static void disk_break(const struct desk *desk)
{
    int broken = open(desk->path, O_RDONLY);
    bool found = false;

    for (int fd = 3; fd < 64; fd++) {
        char link[64], target[128];
        ssize_t size;

        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        size = readlink(link, target, sizeof target - 1);
        if (fd == broken || size < 0)
            continue;
        target[size] = '\0';
        if (strcmp(target, desk->path) != 0)
            continue;
        assert_int_equal(dup2(broken, fd), fd);
        found = true;
    }
    close(broken);
    assert_true(found);
}

TEST(a_failing_disk_is_final)
{
    struct command command = nth(2);
    struct desk desk;

    desk_init(&desk);
    desk_open(&desk);
    desk_append(&desk, 5, 1);
    assert_int_equal(journal_append(desk.journal, &command), OK);
    disk_break(&desk);
    assert_int_equal(journal_flush(desk.journal), ERR_IO);
    assert_int_equal(journal_flush(desk.journal), ERR_IO);
    assert_int_equal(journal_append(desk.journal, &command), ERR_IO);
    journal_close(&desk.journal);
    desk_open(&desk);
    assert_int_equal(desk.replayed, 5);
    desk_wipe(&desk);
}

/* Appends batches of 1 to 16 for ever, and tells the pipe how many commands were acknowledged. */
static void child_run(struct desk *desk, int pipe_end)
{
    desk_open(desk);
    for (uint64_t batch = 1;; batch = batch % 16 + 1) {
        uint64_t acknowledged;

        desk_append(desk, batch, batch);
        acknowledged = journal_command_count(desk->journal);
        if (write(pipe_end, &acknowledged, sizeof acknowledged) != sizeof acknowledged)
            _exit(1);
    }
}

TEST(everything_acknowledged_survives_kill_9)
{
    uint64_t acknowledged = 0, heard;
    struct desk desk;

    desk_init(&desk);
    for (int round = 0; round < 8; round++) {
        uint64_t until = acknowledged + 50 + 37 * (uint64_t)round;
        int ends[2];
        pid_t child;

        assert_int_equal(pipe(ends), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(ends[0]);
            child_run(&desk, ends[1]);
        }
        close(ends[1]);
        while (acknowledged < until && read(ends[0], &heard, sizeof heard) == sizeof heard)
            acknowledged = heard;
        assert_true(acknowledged >= until);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        while (read(ends[0], &heard, sizeof heard) == sizeof heard)
            acknowledged = heard;
        close(ends[0]);

        desk_open(&desk);
        assert_true(desk.replayed >= acknowledged);
        assert_null(engine_check(desk.engine));
        acknowledged = desk.replayed;
        journal_close(&desk.journal);
    }
    /* And it is what was sent: the same commands, applied here, give the same state. */
    {
        uint64_t hash = engine_state_hash(desk.engine), count = desk.replayed;

        unlink(desk.path);
        desk_open(&desk);
        desk_append(&desk, count, 1000);
        assert_true(engine_state_hash(desk.engine) == hash);
    }
    desk_wipe(&desk);
}

TEST_MAIN
