#include "trail/intents.h"

#include <signal.h>
#include <sys/resource.h>

#include "fixture.h"

static struct intents *opened(const char *folder)
{
    struct intents *in = NULL;

    assert_int_equal(intents_open(folder, INTENTS_FILE_BYTES_LEAST, &in), OK);
    return in;
}

static struct intents *begun(const char *folder)
{
    struct intents *in = opened(folder);

    assert_int_equal(intents_begin(in, NULL, 0, NULL), OK);
    return in;
}

static uint64_t add(struct intents *in, uint64_t n, uint64_t floor)
{
    struct audit_record record = fixture_record(n);
    uint8_t bytes[RECORD_FIXED_SIZE + RECORD_PATH_MOST];
    struct slice encoded = { (const char *)bytes, record_encode(&record, bytes) };

    return intents_add(in, &(struct intent){ encoded, floor });
}

static uint64_t number_of(const struct intent *intent)
{
    struct audit_record record;
    struct slice text;
    uint64_t n;

    assert_int_equal(record_decode(intent->record, &record, &text), OK);
    memcpy(&n, record.request_id, sizeof n);
    return n;
}

/* How often request n stands in the folder. */
static size_t found(const char *folder, uint64_t n, uint64_t floor)
{
    struct intents *in = opened(folder);
    const struct intent *intents;
    size_t count, times = 0;

    intents = intents_found(in, &count);
    for (size_t i = 0; i < count; i++)
        if (number_of(&intents[i]) == n) {
            assert_int_equal(intents[i].floor, floor);
            times++;
        }
    intents_close(&in);
    return times;
}

TEST(what_was_synced_is_found_again)
{
    const char *folder = fixture_folder();
    struct intents *in = begun(folder);

    assert_int_not_equal(add(in, 1, 10), 0);
    assert_int_not_equal(add(in, 2, 10), 0);
    assert_int_equal(intents_sync(in), OK);
    add(in, 3, 11);
    assert_int_equal(intents_sync(in), OK);
    add(in, 4, 11); /* never synced */
    intents_close(&in);
    for (uint64_t n = 1; n <= 3; n++)
        assert_int_equal(found(folder, n, n == 3 ? 11 : 10), 1);
    assert_int_equal(found(folder, 4, 11), 0);
    fixture_remove(folder);
}

TEST(a_torn_batch_costs_its_torn_frame_and_nothing_else)
{
    const char *folder = fixture_folder();
    struct intents *in = begun(folder);
    uint64_t torn;

    add(in, 1, 0);
    torn = add(in, 2, 0);
    add(in, 3, 0);
    assert_int_equal(intents_sync(in), OK);
    intents_close(&in);
    fixture_flip(folder, "1", (long)(torn & UINT32_MAX) + 30);
    assert_int_equal(found(folder, 1, 0), 1);
    assert_int_equal(found(folder, 2, 0), 0);
    assert_int_equal(found(folder, 3, 0), 1);
    fixture_remove(folder);
}

TEST(a_turn_moves_what_is_under_way_and_forgets_the_rest_with_the_next)
{
    const char *folder = fixture_folder();
    struct intents *in = begun(folder);
    uint64_t place[2], before;
    uint64_t n = 0;

    before = place[0] = add(in, n++, 5);
    place[1] = UINT64_C(77) << 32 | 64; /* of long ago */
    while (intents_room(in) >= FRAME_SIZE_MOST)
        add(in, n++, 5);
    assert_int_equal(intents_sync(in), OK);
    assert_int_equal(intents_turn(in, 40, place, 2), OK);
    assert_int_not_equal(place[0], before);
    assert_int_equal(place[1], UINT64_C(77) << 32 | 64);
    add(in, n, 41);
    assert_int_equal(intents_sync(in), OK);
    assert_int_equal(intents_turn(in, 50, place, 1), OK);
    assert_int_equal(intents_sync(in), OK);
    intents_close(&in);
    /* In the last generation and in the one before, and nowhere else. */
    in = opened(folder);
    {
        size_t count;
        const struct intent *intents = intents_found(in, &count);

        assert_int_equal(count, 3);
        for (size_t i = 0; i < count; i++)
            assert_true(number_of(&intents[i]) == 0 || number_of(&intents[i]) == n);
    }
    intents_close(&in);
    fixture_remove(folder);
}

TEST(more_than_a_file_holds_moves_to_a_larger_one)
{
    const char *folder = fixture_folder();
    struct intents *in = begun(folder);
    uint64_t place[1000], n = 0;

    while (intents_room(in) >= FRAME_SIZE_MOST) {
        place[n] = add(in, n, 5);
        n++;
    }
    assert_int_equal(intents_sync(in), OK);
    assert_int_equal(intents_turn(in, 5, place, n), OK);
    assert_true(intents_room(in) > INTENTS_FILE_BYTES_LEAST / 2);
    intents_close(&in);
    for (uint64_t i = 0; i < n; i += 50)
        assert_int_equal(found(folder, i, 5), 2);
    fixture_remove(folder);
}

TEST(a_beginning_keeps_what_it_is_told_and_survives_the_next_start)
{
    const char *folder = fixture_folder();
    struct intents *in = begun(folder);
    const struct intent *intents;
    uint64_t place;
    size_t count;

    for (uint64_t n = 1; n <= 3; n++)
        add(in, n, n);
    assert_int_equal(intents_sync(in), OK);
    intents_close(&in);
    in = opened(folder);
    intents = intents_found(in, &count);
    assert_int_equal(count, 3);
    assert_int_equal(intents_begin(in, &intents[1], 1, &place), OK);
    assert_int_equal(intents_turn(in, 9, &place, 1), OK);
    intents_close(&in);
    assert_int_equal(found(folder, 1, 0), 0);
    in = opened(folder);
    intents = intents_found(in, &count);
    assert_int_equal(count, 2); /* of both generations */
    assert_int_equal(number_of(&intents[0]), 2);
    assert_int_equal(intents_discard(in), OK);
    intents_close(&in);
    in = opened(folder);
    (void)intents_found(in, &count);
    assert_int_equal(count, 0);
    intents_close(&in);
    fixture_remove(folder);
}

TEST(a_deleted_file_is_noticed_and_the_next_turn_makes_another)
{
    const char *folder = fixture_folder();
    struct intents *in = begun(folder);
    uint64_t place = add(in, 1, 0);

    assert_int_equal(intents_sync(in), OK);
    fixture_run("rm '%s'/1", folder, "");
    add(in, 2, 0);
    assert_int_equal(intents_sync(in), ERR_IO);
    assert_non_null(strstr(intents_problem(in), "deleted"));
    assert_int_equal(intents_turn(in, 0, &place, 1), OK);
    assert_string_equal(intents_problem(in), "");
    add(in, 2, 0);
    assert_int_equal(intents_sync(in), OK);
    intents_close(&in);
    assert_int_equal(found(folder, 1, 0), 1);
    assert_int_equal(found(folder, 2, 0), 1);
    fixture_remove(folder);
}

TEST(a_disk_without_room_is_said_and_the_start_can_be_tried_again)
{
    const struct rlimit small = { 20000, RLIM_INFINITY };
    const struct rlimit large = { RLIM_INFINITY, RLIM_INFINITY };
    const char *folder = fixture_folder();
    struct intents *in = opened(folder);

    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    assert_int_equal(intents_begin(in, NULL, 0, NULL), ERR_IO);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &large), 0);
    assert_string_not_equal(intents_problem(in), "");
    assert_int_equal(intents_begin(in, NULL, 0, NULL), OK);
    add(in, 1, 0);
    assert_int_equal(intents_sync(in), OK);
    intents_close(&in);
    assert_int_equal(found(folder, 1, 0), 1);
    fixture_remove(folder);
}

TEST(a_file_of_another_version_is_refused)
{
    const char *folder = fixture_folder();
    struct intents *in = begun(folder);

    intents_close(&in);
    fixture_flip(folder, "1", 8);
    assert_int_equal(intents_open(folder, 0, &in), ERR_VERSION);
    assert_null(in);
    fixture_remove(folder);
}

TEST_MAIN
