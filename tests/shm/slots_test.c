#include "shm/slots.h"

#include <sys/wait.h>

#include "temporary_segment.h"

#include "../test.h"

struct collected {
    size_t count, most;
    struct audit_record records[64];
};

static bool collect(void *context, const struct audit_record *record)
{
    struct collected *collected = context;

    if (collected->count == collected->most)
        return false;
    collected->records[collected->count++] = *record;
    return true;
}

TEST(a_record_goes_from_worker_to_collector_and_its_slot_comes_back)
{
    struct segment *segment = temporary_segment();
    struct collected c = { .most = 64 };
    struct slab *slab = NULL;
    struct audit_record *record;

    assert_int_equal(slab_claim(segment, &slab), OK);
    record = slot_take(slab);
    assert_non_null(record);
    assert_int_equal(record->kind, RECORD_REQUEST);
    record->nonce = 42;
    assert_int_equal(slots_drain(segment, 64, collect, &c), 0);
    slot_complete(slab, record);
    assert_int_equal(slots_count_get(segment).free, 7);
    assert_int_equal(slots_drain(segment, 64, collect, &c), 1);
    assert_int_equal(c.records[0].nonce, 42);
    assert_int_equal(slots_drain(segment, 64, collect, &c), 0);
    assert_int_equal(slots_count_get(segment).free, 7);
    slots_release(segment);
    assert_int_equal(slots_count_get(segment).free, 8);
    slab_close(&slab);
    temporary_segment_remove(&segment);
}

TEST(a_full_slab_gives_nothing_until_records_are_durable)
{
    struct segment *segment = temporary_segment();
    struct collected c = { .most = 64 };
    struct slab *slab = NULL;

    assert_int_equal(slab_claim(segment, &slab), OK);
    for (int i = 0; i < 8; i++) {
        struct audit_record *record = slot_take(slab);

        assert_non_null(record);
        slot_complete(slab, record);
    }
    assert_null(slot_take(slab));
    assert_int_equal(slots_drain(segment, 5, collect, &c), 5);
    assert_null(slot_take(slab));
    slots_release(segment);
    assert_non_null(slot_take(slab));
    slab_close(&slab);
    temporary_segment_remove(&segment);
}

TEST(request_ids_are_never_drawn_twice)
{
    struct segment *segment = temporary_segment();
    struct collected c = { .most = 64 };
    uint8_t ids[40][RECORD_REQUEST_ID_SIZE];

    for (int i = 0; i < 40; i++) {
        struct slab *slab = NULL;

        assert_int_equal(slab_claim(segment, &slab), OK);
        if (i % 2 == 0) {
            slab_request_id(slab, ids[i]);
        } else {
            struct audit_record *record = slot_take(slab);

            memcpy(ids[i], record->request_id, sizeof ids[i]);
            slot_complete(slab, record);
            assert_int_equal(slots_drain(segment, 64, collect, &c), 1);
            slots_release(segment);
        }
        for (int j = 0; j < i; j++)
            assert_memory_not_equal(ids[i], ids[j], RECORD_REQUEST_ID_SIZE);
        slab_close(&slab);
    }
    temporary_segment_remove(&segment);
}

TEST(records_that_a_dead_collector_read_come_again)
{
    struct segment *segment = temporary_segment();
    struct collected first = { .most = 64 }, second = { .most = 64 };
    struct slab *slab = NULL;

    assert_int_equal(slab_claim(segment, &slab), OK);
    slot_complete(slab, slot_take(slab));
    assert_int_equal(slots_drain(segment, 64, collect, &first), 1);
    slots_collect_begin(segment);
    assert_int_equal(slots_drain(segment, 64, collect, &second), 1);
    assert_memory_equal(first.records[0].request_id, second.records[0].request_id,
                        RECORD_REQUEST_ID_SIZE);
    slots_return(segment);
    assert_int_equal(slots_drain(segment, 64, collect, &second), 1);
    slab_close(&slab);
    temporary_segment_remove(&segment);
}

TEST(a_visitor_that_stops_sees_the_record_again)
{
    struct segment *segment = temporary_segment();
    struct collected c = { .most = 1 };
    struct slab *slab = NULL;

    assert_int_equal(slab_claim(segment, &slab), OK);
    slot_complete(slab, slot_take(slab));
    slot_complete(slab, slot_take(slab));
    assert_int_equal(slots_drain(segment, 64, collect, &c), 1);
    c.most = 2;
    assert_int_equal(slots_drain(segment, 64, collect, &c), 1);
    assert_memory_not_equal(c.records[0].request_id, c.records[1].request_id,
                            RECORD_REQUEST_ID_SIZE);
    slab_close(&slab);
    temporary_segment_remove(&segment);
}

/* A worker that dies with one request open and one done. */
static void worker_die(void)
{
    struct segment *segment = NULL;
    struct slab *slab = NULL;
    struct audit_record *open;

    if (segment_open(path_, &segment) != OK || slab_claim(segment, &slab) != OK)
        _exit(1);
    open = slot_take(slab);
    open->nonce = 1;
    open->status = 200;
    slot_complete(slab, slot_take(slab));
    _exit(0);
}

TEST(open_slots_of_a_dead_worker_become_records_of_unknown_outcome)
{
    struct segment *segment = temporary_segment();
    struct collected c = { .most = 64 };
    struct slab *slabs[3] = { NULL };
    int status;
    pid_t child = fork();

    if (child == 0)
        worker_die();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    /* Its slab is not up for claiming before it is recovered. */
    assert_int_equal(slab_claim(segment, &slabs[0]), OK);
    assert_int_equal(slab_claim(segment, &slabs[1]), OK);
    assert_int_equal(slab_claim(segment, &slabs[2]), ERR_FULL);
    assert_int_equal(slots_recover(segment), 1);
    assert_int_equal(slots_recover(segment), 0);
    assert_int_equal(slots_drain(segment, 64, collect, &c), 2);
    assert_int_equal(c.records[0].flags, RECORD_OUTCOME_UNKNOWN);
    assert_int_equal(c.records[0].nonce, 1);
    assert_int_equal(c.records[0].status, 0);
    assert_int_equal(c.records[1].flags, 0);
    assert_int_equal(slab_claim(segment, &slabs[2]), OK);
    for (int i = 0; i < 3; i++)
        slab_close(&slabs[i]);
    temporary_segment_remove(&segment);
}

TEST(no_slot_is_given_while_the_log_cannot_be_written)
{
    struct segment *segment = temporary_segment();
    struct audit_record *record;
    struct slab *slab = NULL;

    assert_int_equal(slab_claim(segment, &slab), OK);
    record = slot_take(slab);
    slots_stop(segment, true);
    assert_null(slot_take(slab));
    slot_complete(slab, record); /* what is under way ends as usual */
    slots_stop(segment, false);
    assert_non_null(slot_take(slab));
    slab_close(&slab);
    temporary_segment_remove(&segment);
}

TEST_MAIN
