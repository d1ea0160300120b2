#include "trail/search.h"

#include "fixture.h"

static bool take_three(void *context, const struct trail_row *row)
{
    uint64_t *numbers = context;

    numbers[++numbers[0]] = row->index;
    return numbers[0] < 3;
}

TEST(a_reader_that_stops_early_goes_on_where_it_stopped)
{
    const char *folder = fixture_folder();
    struct trail_query query = { .limit = 100,
                                 .by_key = true,
                                 .key = "key000000000000"
                                        "2" };
    uint64_t numbers[5], next, expected = 997;
    struct trail *trail;
    bool more = true;

    fixture_log(folder, 1000);
    trail = fixture_open(folder);
    while (more) {
        numbers[0] = 0;
        assert_int_equal(trail_find(trail, &query, take_three, numbers, &next, &more), OK);
        for (uint64_t i = 1; i <= numbers[0]; i++, expected -= 5)
            assert_int_equal(numbers[i], expected);
        assert_int_equal(next, numbers[numbers[0]]);
        query.before = next;
    }
    assert_int_equal(numbers[numbers[0]], 2);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST(limits_out_of_range_are_refused)
{
    const char *folder = fixture_folder();
    struct trail *trail = fixture_open(folder);
    struct trail_query query = { .limit = 0 };
    uint64_t numbers[5] = { 0 }, next;
    bool more;

    assert_int_equal(trail_find(trail, &query, take_three, numbers, &next, &more), ERR_RANGE);
    query.limit = TRAIL_FIND_MOST + 1;
    assert_int_equal(trail_find(trail, &query, take_three, numbers, &next, &more), ERR_RANGE);
    query.limit = TRAIL_FIND_MOST;
    assert_int_equal(trail_find(trail, &query, take_three, numbers, &next, &more), OK);
    assert_false(more);
    assert_false(trail_wait(trail, 0, 1));
    assert_int_equal(fixture_append(trail, 0, 1), OK);
    assert_true(trail_wait(trail, 0, 1000));
    trail_close(&trail);
    fixture_remove(folder);
}

static bool json_check(void *context, const struct trail_row *row)
{
    assert_int_equal(row->record.kind, RECORD_CHANGE);
    assert_true(slice_is(row->text, SLICE("{\"what\":\"x\"}")));
    ++*(uint64_t *)context;
    return true;
}

TEST(a_change_comes_with_its_json)
{
    const char *folder = fixture_folder();
    struct trail *trail = fixture_open(folder);
    struct audit_record header = { .received_at_us = 7, .account = 9 };
    static uint8_t bytes[RECORD_ENCODED_MOST];
    struct trail_query query = { .limit = 5, .by_account = true, .account = 9 };
    struct slice record = { (char *)bytes, 0 };
    uint64_t count = 0, next, first;
    bool more;

    assert_int_equal(record_encode_change(&header, SLICE("{\"what\":\"x\"}"), bytes, &record.size),
                     OK);
    assert_int_equal(trail_append(trail, &record, 1, &first), OK);
    assert_int_equal(trail_find(trail, &query, json_check, &count, &next, &more), OK);
    assert_int_equal(count, 1);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST_MAIN
