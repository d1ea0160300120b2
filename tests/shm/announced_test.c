#include "shm/announced.h"

#include <pthread.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "shm/slots.h"
#include "temporary_segment.h"

#include "../test.h"

struct bench {
    struct segment *segment;
    struct slab *slab;
    struct audit_record *record; /* announced */
    size_t shown;
    uint64_t nonce; /* of the last record shown or drained */
    uint16_t status, verdict;
    uint8_t flags;
};

static void show(void *context, const struct audit_record *record, uint64_t *intent)
{
    struct bench *b = context;

    assert_int_equal(*intent, 0);
    b->nonce = record->nonce;
    *intent = 7;
}

static bool keep(void *context, const struct audit_record *record)
{
    (void)context;
    (void)record;
    return true;
}

static bool keep_not(void *context, const struct audit_record *record)
{
    (void)context;
    (void)record;
    return false;
}

static bool drain(void *context, const struct audit_record *record)
{
    struct bench *b = context;

    b->nonce = record->nonce;
    b->status = record->status;
    b->verdict = record->verdict;
    b->flags = record->flags;
    return true;
}

static struct bench announced(void)
{
    struct bench b = { .segment = temporary_segment() };

    assert_int_equal(slab_claim(b.segment, &b.slab), OK);
    b.record = slot_take(b.slab);
    b.record->nonce = 42;
    slot_announce(b.slab, b.record);
    assert_false(slot_is_kept(b.slab, b.record));
    return b;
}

static void cleared(struct bench *b)
{
    slab_close(&b->slab);
    temporary_segment_remove(&b->segment);
}

static const struct slot_end refused = { .latency_us = 5, .bytes_sent = 6, .status = 503,
                                         .verdict = 30 };

TEST(an_announced_record_is_kept_and_then_completed_by_its_worker)
{
    struct bench b = announced();

    assert_int_equal(slots_drain(b.segment, 64, drain, &b), 0);
    assert_int_equal(announced_show(b.segment, 64, show, &b), 1);
    assert_int_equal(b.nonce, 42);
    assert_int_equal(announced_show(b.segment, 64, show, &b), 0);
    assert_false(slot_is_kept(b.slab, b.record));
    announced_settle(b.segment, keep, &b);
    assert_true(slot_is_kept(b.slab, b.record));
    b.record->status = 200;
    slot_complete(b.slab, b.record);
    assert_int_equal(slots_drain(b.segment, 64, drain, &b), 1);
    assert_int_equal(b.status, 200);
    slots_release(b.segment);
    assert_int_equal(slots_count_get(b.segment).free, 8);
    cleared(&b);
}

TEST(what_cannot_be_kept_is_announced_again)
{
    struct bench b = announced();

    assert_int_equal(announced_show(b.segment, 64, show, &b), 1);
    announced_settle(b.segment, keep_not, &b);
    assert_false(slot_is_kept(b.slab, b.record));
    assert_int_equal(announced_show(b.segment, 64, show, &b), 1);
    announced_settle(b.segment, keep, &b);
    assert_true(slot_is_kept(b.slab, b.record));
    slot_complete(b.slab, b.record);
    cleared(&b);
}

TEST(what_a_dead_keeper_looked_at_is_announced_again)
{
    struct bench b = announced();

    assert_int_equal(announced_show(b.segment, 64, show, &b), 1);
    announced_begin(b.segment);
    assert_int_equal(announced_show(b.segment, 64, show, &b), 1);
    announced_settle(b.segment, keep, &b);
    assert_true(slot_is_kept(b.slab, b.record));
    slot_complete(b.slab, b.record);
    cleared(&b);
}

/* The request ends when its record is announced (0), shown (1), kept (2). */
static void leave_after(unsigned steps)
{
    struct bench b = announced();

    if (steps >= 1)
        assert_int_equal(announced_show(b.segment, 64, show, &b), 1);
    if (steps >= 2)
        announced_settle(b.segment, keep, &b);
    slot_leave(b.slab, b.record, &refused);
    if (steps < 2) {
        /* It stays the keeper's, who may still be reading it. */
        assert_int_equal(slots_drain(b.segment, 64, drain, &b), 0);
        announced_settle(b.segment, keep, &b);
        assert_int_equal(slots_drain(b.segment, 64, drain, &b), 0);
        assert_int_equal(announced_leave(b.segment), 1);
    }
    assert_int_equal(announced_leave(b.segment), 0);
    assert_int_equal(slots_drain(b.segment, 64, drain, &b), 1);
    assert_int_equal(b.nonce, 42);
    assert_int_equal(b.status, 503);
    assert_int_equal(b.verdict, 30);
    assert_int_equal(b.flags, 0);
    slots_release(b.segment);
    assert_int_equal(slots_count_get(b.segment).free, 8);
    cleared(&b);
}

TEST(a_request_may_end_before_during_and_after_the_keepers_look)
{
    for (unsigned steps = 0; steps <= 2; steps++)
        leave_after(steps);
}

/* A worker that dies with requests announced, shown and kept. */
static void worker_die(void)
{
    struct segment *segment = NULL;
    struct slab *slab = NULL;

    if (segment_open(path_, &segment) != OK || slab_claim(segment, &slab) != OK)
        _exit(1);
    slot_announce(slab, slot_take(slab));
    announced_show(segment, 64, show, &(struct bench){ 0 });
    announced_settle(segment, keep, NULL);
    slot_announce(slab, slot_take(slab));
    announced_show(segment, 64, show, &(struct bench){ 0 });
    slot_announce(slab, slot_take(slab));
    _exit(0);
}

TEST(requests_of_a_dead_worker_end_with_unknown_outcome_in_each_state)
{
    struct bench b = { .segment = temporary_segment() };
    pid_t child = fork();
    int status;

    if (child == 0)
        worker_die();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(slots_recover(b.segment), 3);
    assert_int_equal(slots_drain(b.segment, 64, drain, &b), 1);
    assert_int_equal(b.flags, RECORD_OUTCOME_UNKNOWN);
    announced_settle(b.segment, keep, &b);
    assert_int_equal(announced_leave(b.segment), 2);
    b.flags = 0;
    assert_int_equal(slots_drain(b.segment, 64, drain, &b), 2);
    assert_int_equal(b.flags, RECORD_OUTCOME_UNKNOWN);
    slots_release(b.segment);
    cleared(&b);
}

TEST(a_slab_with_an_announced_request_is_not_given_up)
{
    struct bench b = announced();

    slab_close(&b.slab);
    assert_int_equal(slots_count_get(b.segment).slabs_claimed, 1);
    cleared(&b);
}

static void intent_move(void *context, const uint8_t *id, uint64_t *intent)
{
    unsigned *visits = context;

    (void)id;
    ++*visits;
    assert_int_equal(*intent, *visits == 1 ? 7 : 9);
    *intent = 9;
}

TEST(intents_are_found_and_moved_while_their_slots_are_taken)
{
    struct bench b = announced();
    unsigned visits = 0;

    announced_intents_each(b.segment, intent_move, &visits);
    assert_int_equal(visits, 0);
    assert_int_equal(announced_show(b.segment, 64, show, &b), 1);
    announced_intents_each(b.segment, intent_move, &visits);
    assert_int_equal(visits, 1);
    announced_settle(b.segment, keep, &b);
    announced_intents_each(b.segment, intent_move, &visits);
    assert_int_equal(visits, 2);
    slot_complete(b.slab, b.record);
    assert_int_equal(slots_drain(b.segment, 64, drain, &b), 1);
    slots_release(b.segment);
    announced_intents_each(b.segment, intent_move, &visits);
    assert_int_equal(visits, 2);
    /* The next request in the same slot starts without one. */
    slot_complete(b.slab, slot_take(b.slab));
    announced_intents_each(b.segment, intent_move, &visits);
    assert_int_equal(visits, 2);
    cleared(&b);
}

static void *announce_later(void *context)
{
    struct bench *b = context;
    struct audit_record *record = slot_take(b->slab);

    slot_announce(b->slab, record);
    return NULL;
}

TEST(an_announcement_wakes_the_keeper_and_so_does_the_bell)
{
    struct bench b = announced();
    _Atomic uint32_t bell = 0;
    uint32_t seen = announced_count(b.segment);
    uint64_t from_ns = clock_mono_ns();
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, announce_later, &b), 0);
    while (announced_count(b.segment) == seen)
        announced_wait(&b.segment, &seen, 1, &bell, 10000);
    assert_int_equal(pthread_join(thread, NULL), 0);
    announced_ring(&bell);
    seen = announced_count(b.segment);
    announced_wait(&b.segment, &seen, 1, &bell, 10000);
    assert_true(clock_mono_ns() - from_ns < 9000 * NS_PER_MS);
    cleared(&b);
}

TEST(workers_hear_that_nothing_can_be_kept)
{
    struct bench b = announced();

    assert_true(announced_may(b.segment));
    announced_stop(b.segment, true);
    assert_false(announced_may(b.segment));
    announced_stop(b.segment, false);
    assert_true(announced_may(b.segment));
    cleared(&b);
}

TEST_MAIN
