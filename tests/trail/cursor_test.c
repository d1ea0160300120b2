#include "trail/cursor.h"

#include "fixture.h"

TEST(every_record_comes_in_order_over_many_files)
{
    const char *folder = fixture_folder();
    struct cursor cursor;
    struct frame frame;
    uint32_t count;

    fixture_log(folder, 3000);
    assert_int_equal(cursor_files_count(folder, 1, &count), OK);
    assert_true(count > 3);
    assert_int_equal(cursor_open(&cursor, folder, true), OK);
    assert_int_equal(cursor_enter(&cursor, 1), CURSOR_RECORD);
    for (uint64_t n = 0; n < 3000; n++) {
        struct audit_record record, expected = fixture_record(n);
        struct slice text;

        assert_int_equal(cursor_next(&cursor, UINT64_MAX, &frame), CURSOR_RECORD);
        assert_int_equal(frame.index, n);
        assert_int_equal(record_decode(frame.record, &record, &text), OK);
        assert_memory_equal(&record, &expected, sizeof record);
    }
    assert_int_equal(cursor_next(&cursor, UINT64_MAX, &frame), CURSOR_END);
    cursor_close(&cursor);
    fixture_remove(folder);
}

TEST(a_known_place_gives_its_record)
{
    const char *folder = fixture_folder();
    uint64_t position[500];
    struct cursor cursor;
    struct frame frame;

    fixture_log(folder, 500);
    assert_int_equal(cursor_open(&cursor, folder, false), OK);
    assert_int_equal(cursor_enter(&cursor, 1), CURSOR_RECORD);
    for (uint64_t n = 0; n < 500; n++) {
        assert_int_equal(cursor_next(&cursor, 500, &frame), CURSOR_RECORD);
        position[n] = CURSOR_POSITION(cursor.number, cursor.offset - frame.size);
    }
    assert_int_equal(cursor_next(&cursor, 500, &frame), CURSOR_END);
    for (uint64_t n = 500; n-- > 0;) {
        assert_int_equal(cursor_fetch(&cursor, position[n], n, &frame), CURSOR_RECORD);
        assert_int_equal(frame.index, n);
    }
    assert_int_equal(cursor_fetch(&cursor, position[3] + 8, 3, &frame), CURSOR_BAD);
    assert_int_equal(cursor_fetch(&cursor, position[3], 4, &frame), CURSOR_BAD);
    assert_int_equal(cursor_seek(&cursor, position[400], 400), CURSOR_RECORD);
    assert_int_equal(cursor_next(&cursor, 500, &frame), CURSOR_RECORD);
    assert_int_equal(frame.index, 400);
    cursor_close(&cursor);
    fixture_remove(folder);
}

TEST(a_bad_place_is_told_and_the_next_frame_found)
{
    const char *folder = fixture_folder();
    struct cursor cursor;
    struct frame frame;
    uint64_t bad;

    fixture_log(folder, 100);
    assert_int_equal(cursor_open(&cursor, folder, true), OK);
    assert_int_equal(cursor_enter(&cursor, 1), CURSOR_RECORD);
    for (int n = 0; n < 10; n++)
        assert_int_equal(cursor_next(&cursor, UINT64_MAX, &frame), CURSOR_RECORD);
    bad = cursor.offset;
    fixture_flip(folder, "log/000001.log", (off_t)bad + 30);
    cursor.window_size = 0;
    assert_int_equal(cursor_next(&cursor, UINT64_MAX, &frame), CURSOR_BAD);
    assert_non_null(strstr(cursor.problem, "not a whole record"));
    assert_int_equal(cursor.offset, bad);
    assert_int_equal(cursor_find_frame(&cursor, &frame), CURSOR_RECORD);
    assert_int_equal(frame.index, 11);
    cursor_close(&cursor);
    fixture_remove(folder);
}

TEST(a_gap_between_files_is_named)
{
    const char *folder = fixture_folder();
    uint32_t number;

    assert_int_equal(cursor_files_count(folder, 1, &number), OK);
    assert_int_equal(number, 0);
    fixture_log(folder, 3000);
    fixture_run("rm '%s'/log/000002.log", folder, "");
    assert_int_equal(cursor_files_count(folder, 1, &number), ERR_MISSING);
    assert_int_equal(number, 2);
    fixture_remove(folder);
}

TEST_MAIN
