/* A segment that is cut, or whose bytes change, under those who have it mapped: nobody dies, nobody
 * reads or writes beside it, and nothing passes that should not. */
#include "shm/guard.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gate/refusal.h"
#include "shm/judge.h"
#include "shm/slots.h"
#include "temporary_segment.h"

#include "../test.h"

static enum verdict judge_nonce(struct segment *segment, struct signed_request *s, uint64_t nonce)
{
    struct gate_outcome outcome;

    request_sign(s, "/v2/auth/r/wallets", nonce);
    judge_request(segment, &s->request, &outcome);
    return outcome.verdict;
}

static void file_cut(off_t size)
{
    assert_int_equal(truncate(path_, size), 0);
}

TEST(a_file_that_is_cut_refuses_and_does_not_kill)
{
    const off_t sizes[] = { 0, 1, 4096, 8192, 200000 };

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct signed_request s;
        struct segment *segment = published(&s);

        assert_int_equal(judge_nonce(segment, &s, 2000), VERDICT_PASS);
        assert_true(segment_is_current(segment, path_));
        file_cut(sizes[i]);
        assert_false(segment_is_current(segment, path_));
        /* Whatever of it is left, nothing that was used passes again. */
        assert_int_not_equal(judge_nonce(segment, &s, 2000), VERDICT_PASS);
        if (sizes[i] < 8192) {
            assert_int_equal(judge_nonce(segment, &s, 2001), VERDICT_SEGMENT_MISSING);
            assert_true(segment_is_over(segment));
        }
        temporary_segment_remove(&segment);
    }
}

TEST(slots_of_a_cut_file_are_written_into_the_void)
{
    struct segment *segment = temporary_segment();
    struct slab *slab = NULL;
    struct audit_record *record;

    assert_int_equal(slab_claim(segment, &slab), OK);
    record = slot_take(slab);
    assert_non_null(record);
    file_cut(0);
    record->status = 200;
    slot_complete(slab, record);
    assert_true(segment_is_over(segment));
    (void)slot_take(slab);
    (void)slots_recover(segment);
    slab_close(&slab);
    temporary_segment_remove(&segment);
}

TEST(another_mapping_of_the_same_process_is_left_alone)
{
    struct signed_request s;
    struct segment *whole = published(&s), *cut = NULL;
    char whole_path[sizeof path_], whole_folder[sizeof folder_];

    memcpy(whole_path, path_, sizeof path_);
    memcpy(whole_folder, folder_, sizeof folder_);
    cut = temporary_segment();
    file_cut(0);
    assert_int_equal(judge_nonce(cut, &s, 2000), VERDICT_SEGMENT_MISSING);
    assert_int_equal(judge_nonce(whole, &s, 2000), VERDICT_PASS);
    temporary_segment_remove(&cut);
    memcpy(path_, whole_path, sizeof path_);
    memcpy(folder_, whole_folder, sizeof folder_);
    temporary_segment_remove(&whole);
}

TEST(a_bus_error_elsewhere_still_kills)
{
    struct segment *segment = temporary_segment(); /* the guard is there */
    int status;
    pid_t child = fork();

    if (child == 0) {
        char path[] = "/tmp/latchkey-bus-XXXXXX";
        int fd = mkstemp(path);
        volatile char *at;

        unlink(path);
        signal(SIGBUS, SIG_DFL); /* a sanitizer's own handler would write a report */
        guard_add(segment);
        if (ftruncate(fd, 4096) != 0)
            _exit(1);
        at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
        if (ftruncate(fd, 0) != 0)
            _exit(1);
        _exit(at[0]);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
    temporary_segment_remove(&segment);
}

TEST(a_nonce_of_a_retired_segment_is_seen_or_refused)
{
    struct signed_request s;
    struct segment *segment = published(&s);
    struct gate_live live;

    assert_int_equal(judge_nonce(segment, &s, 2000), VERDICT_PASS);
    segment_retire(segment);
    key_table_live_take(segment, 0, &live);
    assert_int_equal(live.nonce, 2000);
    assert_int_equal(judge_nonce(segment, &s, 2001), VERDICT_SEGMENT_MISSING);
    assert_false(segment_is_current(segment, path_));
    temporary_segment_remove(&segment);
}

/* ---- damage ---- */

static uint64_t random_state;

static uint32_t draw(uint32_t below)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(random_state >> 33) % below;
}

struct flip {
    uint8_t *at, was;
};

/* Regions in turn, so that small ones are met as often as large ones. */
static void flip_one(struct segment *s, struct flip *flip)
{
    const struct segment_layout *l = s->header;
    const struct {
        uint64_t at, size;
    } regions[] = {
        { 0, sizeof(struct segment_header) },
        { l->index_at, (uint64_t)l->index_count * sizeof(uint64_t) },
        { l->keys_at, 2 * sizeof(struct key_slot) },
        { l->overflow_at, sizeof(struct key_overflow) },
        { l->addresses_at,
          (uint64_t)l->address_sets * ADDRESS_WAYS * sizeof(struct address_entry) },
        { l->slabs_at, (uint64_t)l->slab_count * sizeof(struct slab_header) },
        { l->states_at, (uint64_t)l->slab_count * l->slab_slots * sizeof(uint32_t) },
        { l->audit_at, (uint64_t)l->slab_slots * sizeof(struct audit_slot) },
        { l->windows_at, sizeof(struct window) },
        { l->tokens_at, (uint64_t)l->token_sets * TOKEN_WAYS * sizeof(struct token_entry) },
    };
    size_t r = draw(sizeof regions / sizeof *regions);

    flip->at = (uint8_t *)s->shared + regions[r].at + draw((uint32_t)regions[r].size);
    flip->was = *flip->at;
    *flip->at = (uint8_t)draw(256);
}

static bool record_look(void *context, const struct audit_record *record)
{
    uint8_t encoded[RECORD_ENCODED_MOST];
    struct audit_record copy = *record, decoded;
    struct slice text;
    size_t size;

    (void)context;
    copy.kind = RECORD_REQUEST;
    size = record_encode(&copy, encoded);
    assert_int_equal(record_decode((struct slice){ (const char *)encoded, size }, &decoded, &text),
                     OK);
    return true;
}

/* All that gateway and authority do with a segment. */
static void everybody_works(struct segment *segment, struct signed_request *s, struct slab *slab)
{
    static uint64_t nonce = 10000;
    struct gate_outcome outcome;
    struct refusal refusal;
    struct audit_record *record = slot_take(slab);
    char random[KEY_RANDOM_SIZE];
    struct gate_key key;

    request_sign(s, "/v2/auth/r/wallets", ++nonce);
    s->request.encrypted = draw(8) != 0;
    if (draw(4) == 0)
        s->signature_text[draw(96)] ^= 1;
    judge_request(segment, &s->request, &outcome);
    if (outcome.verdict != VERDICT_PASS)
        refusal_format(&s->request, &outcome, SLICE("0123456789abcdef0123456789abcdef"), &refusal);
    if (record != NULL)
        slot_complete(slab, record);
    (void)slots_drain(segment, 64, record_look, NULL);
    draw(2) == 0 ? slots_release(segment) : slots_return(segment);
    (void)slots_recover(segment);
    (void)slots_count_get(segment);
    for (uint32_t i = 0, count = key_table_count(segment); i < count && i < 3; i++)
        (void)!key_table_get(segment, i, random, &key);
}

TEST(bytes_changed_anywhere_neither_crash_nor_hang_anybody)
{
    const char *given = getenv("LATCHKEY_SEED");
    struct signed_request s;
    struct segment *segment = published(&s);
    struct slab *slab = NULL;
    struct flip flips[8];

    random_state = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)getpid() * 2654435761U;
    print_message("# seed %llu (LATCHKEY_SEED repeats it)\n", (unsigned long long)random_state);
    assert_int_equal(slab_claim(segment, &slab), OK);
    for (unsigned turn = 0; turn < 3000; turn++) {
        size_t count = 1 + draw(8);

        for (size_t i = 0; i < count; i++)
            flip_one(segment, &flips[i]);
        everybody_works(segment, &s, slab);
        for (size_t i = count; i-- > 0;)
            *flips[i].at = flips[i].was;
        /* What the damage led to is undone where it would end the test: a key once revoked. */
        segment->keys[0].tripped_at_ns = segment->keys[0].expired_at_ns = 0;
        segment->keys[0].nonce = 0;
        segment->keys[0].private_full_at_ns = segment->keys[0].public_full_at_ns = 0;
        segment->shared->retired = 0;
    }
    s.request.encrypted = true;
    assert_int_equal(judge_nonce(segment, &s, 5000000), VERDICT_PASS);
    slab_close(&slab);
    temporary_segment_remove(&segment);
}

TEST_MAIN
