#include "shm/legacy.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <zlib.h>

#include "shm/layout.h"
#include "shm/slots.h"
#include "temporary_segment.h"

#include "../test.h"

/* A file of layout 1 as release 0.1 drew it, made from the drawing and not from any struct: 3 keys,
 * 4 addresses, 2 slabs of 4 slots. */
enum {
    CAPACITY = 3, INDEX = 8, SLABS = 2, SLOTS = 4,
    INDEX_AT = 4096, KEYS_AT = 8192, OVERFLOW_AT = 12288, ADDRESSES_AT = 16384,
    SLABS_AT = 20480, STATES_AT = 24576, AUDIT_AT = 28672, FILE_SIZE = 32768,
};

static uint8_t file_[FILE_SIZE];

static void put(size_t at, uint64_t value, size_t size)
{
    memcpy(file_ + at, &value, size);
}

static void header_put(void)
{
    static const uint64_t regions[] = { INDEX_AT, KEYS_AT, OVERFLOW_AT, ADDRESSES_AT, SLABS_AT,
                                        STATES_AT, AUDIT_AT };
    static const uint32_t sizes[] = { 4096, 384, 832, 32, 512 };

    memset(file_, 0, sizeof file_);
    memcpy(file_, "LKSEG\0\0\1", 8);
    put(8, 1, 4);
    put(12, ENVIRONMENT_SANDBOX, 4);
    for (size_t i = 0; i < 5; i++)
        put(16 + 4 * i, sizes[i], 4);
    put(36, 1, 4);
    put(40, FILE_SIZE, 8);
    put(48, 0x1122334455667788, 8);
    for (size_t i = 0; i < 7; i++)
        put(64 + 8 * i, regions[i], 8);
    put(120, CAPACITY, 4);
    put(124, INDEX, 4);
    put(128, SLABS, 4);
    put(132, SLOTS, 4);
    put(136, crc32(0, file_, 136), 4);
    for (size_t i = 0; i < 4; i++)
        put(256 + 8 * i, 1000 + i, 8);
}

static void key_put(unsigned number, const char *random, uint64_t sequence)
{
    size_t at = KEYS_AT + 384 * number;

    put(192, number + 1, 4);
    put(at, sequence, 8);
    memcpy(file_ + at + 16, random, 16);
    put(at + 160, 1001 + number, 8); /* account */
    put(at + 200, 7, 4);             /* scopes */
    put(at + 208, 15, 4);
    put(at + 212, 5, 4);
    put(at + 216, KEY_ACTIVE, 1);
    put(at + 219, 5, 1); /* rules */
    for (size_t i = 0; i < 4; i++)
        put(at + 248 + 18 * i + 16, 10 + i, 1);
    put(OVERFLOW_AT + 832 * number + 16, 14, 1);
}

static void live_put(unsigned number, uint64_t nonce, uint64_t used, uint64_t tripped,
                     uint64_t expired, uint64_t wallets)
{
    const uint64_t words[] = { nonce, 999, 999, used, tripped, expired, wallets };

    memcpy(file_ + KEYS_AT + 384 * number + 320, words, sizeof words);
}

static void record_put(unsigned slab, unsigned slot, uint32_t state, uint64_t nonce)
{
    size_t number = slab * SLOTS + slot, at = AUDIT_AT + 512 * number;

    put(STATES_AT + 4 * number, state, 4);
    put(at, 1795392000000000, 8);
    put(at + 16, nonce, 8);
    put(at + 32, 0xa0 + number, 1); /* request id */
    put(at + 80, 200, 2);           /* status */
    put(at + 86, 9, 2);
    put(at + 88, RECORD_REQUEST, 1);
    put(at + 92, RECORD_AUTHENTIC, 1);
    memcpy(file_ + at + 96, "/v2/hello and more", 18);
}

static void file_put(void)
{
    int fd;

    folder_make();
    fd = open(path_, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, file_, sizeof file_), FILE_SIZE);
    close(fd);
}

static enum err take_over(struct segment **segment)
{
    const struct segment_shape shape = { 0 };
    enum err e = legacy_take_over(path_, 0600, ENVIRONMENT_SANDBOX, 0);

    *segment = NULL;
    return e != OK ? e : segment_create(path_, 0600, ENVIRONMENT_SANDBOX, &shape, segment);
}

struct seen {
    size_t count;
    struct audit_record records[8];
};

static bool see(void *context, const struct audit_record *record)
{
    struct seen *seen = context;

    seen->records[seen->count++] = *record;
    return true;
}

TEST(keys_move_with_what_only_the_segment_knew)
{
    struct segment *segment;
    struct gate_live live;
    struct gate_key key;
    uint32_t slot;
    char random[KEY_RANDOM_SIZE];

    header_put();
    key_put(0, "aaaaaaaaaaaaaaaa", 2);
    live_put(0, 41, 42, 43, 44, 1);
    key_put(1, "bbbbbbbbbbbbbbbb", 6);
    live_put(1, 51, 52, 0, 0, 0);
    file_put();
    assert_int_equal(segment_age_find(path_), SEGMENT_EARLIER);
    assert_int_equal(take_over(&segment), OK);
    assert_int_equal(segment_age_find(path_), SEGMENT_PRESENT);
    assert_int_equal(key_table_count(segment), 2);
    slot = key_table_find(segment, "aaaaaaaaaaaaaaaa");
    assert_int_not_equal(slot, KEY_TABLE_NONE);
    key_table_live_get(segment, slot, &live);
    assert_int_equal(live.nonce, 41);
    assert_int_equal(live.last_use_ns, 42);
    assert_int_equal(live.tripped_at_ns, 43);
    assert_int_equal(live.expired_at_ns, 44);
    assert_true(live.wallets_called);
    assert_int_equal(live.private_full_at_ns, 0);
    assert_int_equal(key_table_get(segment, slot, random, &key), OK);
    assert_int_equal(key.account, 1001);
    assert_int_equal(key.scopes, 7);
    assert_int_equal(key.state, KEY_ACTIVE);
    assert_int_equal(key.ip_rule_count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(key.ip_rules[i].prefix, 10 + i);
    key_table_live_get(segment, key_table_find(segment, "bbbbbbbbbbbbbbbb"), &live);
    assert_int_equal(live.nonce, 51);
    assert_false(live.wallets_called);
    assert_int_equal(segment_settings_get(segment).failures.burst_ns, 1003);
    temporary_segment_remove(&segment);
}

TEST(a_key_whose_publication_was_cut_short_keeps_its_nonce_and_is_nobodys)
{
    struct segment *segment;
    struct gate_live live;
    struct gate_key key;
    char random[KEY_RANDOM_SIZE];
    uint32_t slot;

    header_put();
    key_put(0, "aaaaaaaaaaaaaaaa", 3);
    live_put(0, 41, 0, 0, 0, 0);
    key_put(1, "bbbbbbbbbbbbbbbb", 0); /* never in the index */
    file_put();
    assert_int_equal(take_over(&segment), OK);
    assert_int_equal(key_table_count(segment), 1);
    slot = key_table_find(segment, "aaaaaaaaaaaaaaaa");
    key_table_live_get(segment, slot, &live);
    assert_int_equal(live.nonce, 41);
    assert_int_equal(key_table_get(segment, slot, random, &key), OK);
    assert_int_equal(key.state, KEY_SUSPENDED);
    assert_int_equal(key.ip_rule_count, 0);
    temporary_segment_remove(&segment);
}

TEST(records_that_were_not_collected_come_to_the_next_collector)
{
    struct seen seen = { .count = 0 };
    struct segment *segment;

    header_put();
    record_put(0, 0, 2, 1); /* completed */
    record_put(0, 2, 3, 2); /* read by a collector that did not come to release it */
    record_put(1, 3, 1, 3); /* open, its worker dead */
    file_put();
    assert_int_equal(take_over(&segment), OK);
    slots_collect_begin(segment);
    assert_int_equal(slots_drain(segment, 8, see, &seen), 3);
    for (size_t i = 0; i < 3; i++) {
        const struct audit_record *record = &seen.records[i];

        assert_int_equal(record->nonce, i + 1);
        assert_int_equal(record->status, i < 2 ? 200 : 0);
        assert_int_equal(record->flags,
                         RECORD_AUTHENTIC | (i < 2 ? 0 : RECORD_OUTCOME_UNKNOWN));
        assert_int_equal(record->path_size, 9);
        assert_memory_equal(record->path, "/v2/hello", 9);
    }
    assert_int_equal(seen.records[0].request_id[0], 0xa0);
    assert_int_equal(seen.records[2].request_id[0], 0xa7);
    temporary_segment_remove(&segment);
}

/* A gateway of the release before, in the middle of a request that takes 300 ms. */
static pid_t gateway_start(int told)
{
    pid_t pid = fork();

    if (pid == 0) {
        int fd = open(path_, O_RDWR);
        uint8_t *at = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        _Atomic uint64_t *owner = (void *)(at + SLABS_AT);
        _Atomic uint32_t *environment = (void *)(at + 12), *state = (void *)(at + STATES_AT);

        atomic_store(owner, (uint64_t)getpid() << 32);
        if (write(told, "", 1) != 1)
            _exit(2);
        while (atomic_load(environment) == ENVIRONMENT_SANDBOX)
            usleep(1000);
        usleep(300000);
        atomic_store(state, 2);
        pause();
    }
    return pid;
}

TEST(a_running_gateway_is_shut_first_and_its_request_is_waited_for)
{
    struct seen seen = { .count = 0 };
    struct segment *segment;
    int told[2], status;
    char byte;
    pid_t gateway;

    header_put();
    record_put(0, 0, 1, 1);
    file_put();
    assert_int_equal(pipe(told), 0);
    gateway = gateway_start(told[1]);
    assert_int_equal(read(told[0], &byte, 1), 1);
    assert_int_equal(take_over(&segment), OK);
    assert_int_equal(slots_drain(segment, 8, see, &seen), 1);
    assert_int_equal(seen.records[0].status, 200);
    assert_int_equal(seen.records[0].flags, RECORD_AUTHENTIC);
    kill(gateway, SIGKILL);
    waitpid(gateway, &status, 0);
    close(told[0]);
    close(told[1]);
    temporary_segment_remove(&segment);
}

TEST(a_take_over_that_was_cut_short_is_done_again)
{
    struct segment *segment;
    struct gate_live live;
    char next[sizeof path_ + 8];
    int fd;

    header_put();
    key_put(0, "aaaaaaaaaaaaaaaa", 2);
    live_put(0, 41, 42, 0, 0, 0);
    put(12, 0xffff, 4); /* shut already */
    file_put();
    snprintf(next, sizeof next, "%s.next", path_);
    fd = open(next, O_WRONLY | O_CREAT, 0600); /* and begun */
    assert_int_equal(write(fd, file_, 100), 100);
    close(fd);
    assert_int_equal(take_over(&segment), OK);
    key_table_live_get(segment, key_table_find(segment, "aaaaaaaaaaaaaaaa"), &live);
    assert_int_equal(live.nonce, 41);
    assert_int_equal(access(next, F_OK), -1);
    temporary_segment_remove(&segment);
}

TEST(damage_and_other_environments_are_refused_and_the_file_stays)
{
    static const size_t harmed[] = { 8 + 16, 40, 64, 120, 124, 128, 132, 136 };
    struct segment *segment;

    for (size_t i = 0; i < sizeof harmed / sizeof *harmed; i++) {
        header_put();
        file_[harmed[i]] ^= 4;
        file_put();
        assert_int_equal(take_over(&segment), ERR_CORRUPT);
        assert_int_equal(segment_age_find(path_), SEGMENT_EARLIER);
        temporary_segment_remove(&segment);
    }
    header_put();
    file_put();
    assert_int_equal(legacy_take_over(path_, 0600, ENVIRONMENT_LIVE, 0), ERR_CORRUPT);
    assert_int_equal(truncate(path_, FILE_SIZE - 4096), 0);
    assert_int_equal(take_over(&segment), ERR_CORRUPT);
    temporary_segment_remove(&segment);
}

TEST(what_is_no_earlier_segment_is_left_alone)
{
    struct segment *segment;

    folder_make();
    assert_int_equal(legacy_take_over(path_, 0600, ENVIRONMENT_SANDBOX, 0), OK);
    assert_int_equal(access(path_, F_OK), -1);
    rmdir(folder_);
    header_put();
    put(8, 99, 4);
    file_put();
    assert_int_equal(segment_age_find(path_), SEGMENT_LATER);
    assert_int_equal(take_over(&segment), ERR_VERSION);
    temporary_segment_remove(&segment);
    segment = temporary_segment();
    assert_int_equal(legacy_take_over(path_, 0600, ENVIRONMENT_SANDBOX, 0), OK);
    assert_true(segment_is_current(segment, path_));
    temporary_segment_remove(&segment);
}

TEST_MAIN
