#include "trail/index.h"

#include "fixture.h"

#define KEY_TEXT "latchkey.test/audit+00000000+AA=="

static void fill(struct index *index, uint64_t from, uint64_t count)
{
    struct index_place place = { .count = from + count, .position = (from + count) * 8 };

    assert_int_equal(index_begin(index), OK);
    for (uint64_t n = from; n < from + count; n++) {
        struct audit_record record = fixture_record(n);

        assert_int_equal(index_add(index, n, n * 8, &record), OK);
    }
    assert_int_equal(index_commit(index, &place), OK);
}

static bool count_rows(void *context, uint64_t number, uint64_t position)
{
    assert_int_equal(position, number * 8);
    ++*(uint64_t *)context;
    return true;
}

static uint64_t rows_of(struct index *index)
{
    struct trail_query query = { .limit = 1 };
    struct index_place place;
    uint64_t count = 0;

    assert_int_equal(index_find(index, &query, 0, count_rows, &count, &place), OK);
    assert_int_equal(place.count, count);
    return count;
}

TEST(rows_are_there_after_reopening_and_not_after_a_rollback)
{
    const char *folder = fixture_folder();
    char problem[TRAIL_PROBLEM_SIZE];
    struct audit_record record = fixture_record(100);
    struct index_place place;
    struct index *index;
    uint64_t position;

    assert_int_equal(index_open(folder, KEY_TEXT, &index, problem), OK);
    fill(index, 0, 100);
    assert_int_equal(index_begin(index), OK);
    assert_int_equal(index_add(index, 100, 800, &record), OK);
    index_rollback(index);
    index_close(&index);
    assert_int_equal(index_open(folder, KEY_TEXT, &index, problem), OK);
    index_place_get(index, &place);
    assert_int_equal(place.count, 100);
    assert_int_equal(place.position, 800);
    assert_int_equal(rows_of(index), 100);
    assert_int_equal(index_position(index, 99, &position), OK);
    assert_int_equal(position, 99 * 8);
    assert_int_equal(index_position(index, 100, &position), ERR_MISSING);
    index_close(&index);
    fixture_remove(folder);
}

TEST(an_index_that_is_damaged_or_of_another_log_begins_again)
{
    const char *folder = fixture_folder();
    char problem[TRAIL_PROBLEM_SIZE], path[256];
    struct index *index;

    assert_int_equal(index_open(folder, KEY_TEXT, &index, problem), OK);
    fill(index, 0, 100);
    index_close(&index);
    assert_int_equal(index_open(folder, "other+00000000+AA==", &index, problem), OK);
    assert_int_equal(rows_of(index), 0);
    fill(index, 0, 50);
    index_close(&index);
    snprintf(path, sizeof path, "%s/index.sqlite", folder);
    assert_int_equal(file_write_atomic(path, 0600, SLICE("this is not a database, by any means")),
                     OK);
    assert_int_equal(index_open(folder, "other+00000000+AA==", &index, problem), OK);
    assert_int_equal(rows_of(index), 0);
    index_close(&index);
    fixture_remove(folder);
}

static void nonce_check(void *context, const struct trail_key_summary *summary)
{
    *(uint64_t *)context = summary->nonce;
}

TEST(the_highest_nonce_is_of_those_the_gate_kept)
{
    static const struct {
        uint64_t nonce;
        uint16_t verdict;
        uint8_t flags;
        uint64_t highest;
    } rows[] = {
        { 5, 0, RECORD_AUTHENTIC, 5 },  /* passed */
        { 9, 18, RECORD_AUTHENTIC, 5 }, /* nonce-small: refused at the nonce */
        { 9, 17, RECORD_AUTHENTIC, 5 }, /* address-refused: before the nonce */
        { 9, 11, RECORD_KEY_NAMED, 5 }, /* forged */
        { 7, 19, RECORD_AUTHENTIC, 7 }, /* over the rate: behind the nonce */
        { 9, 29, RECORD_AUTHENTIC, 7 }, /* over the rate, but refused before the nonce */
        { 6, 0, RECORD_AUTHENTIC, 7 },  /* completed later than a greater one */
        { UINT64_MAX, 27, RECORD_AUTHENTIC, UINT64_MAX },
        { 8, 0, RECORD_AUTHENTIC, UINT64_MAX },
    };
    const char *folder = fixture_folder();
    char problem[TRAIL_PROBLEM_SIZE];
    struct index *index;

    assert_int_equal(index_open(folder, KEY_TEXT, &index, problem), OK);
    for (uint64_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct audit_record record = fixture_record(0);
        struct index_place place = { .count = i + 1 };
        uint64_t highest = 0;

        record.nonce = rows[i].nonce;
        record.verdict = rows[i].verdict;
        record.flags = rows[i].flags;
        assert_int_equal(index_begin(index), OK);
        assert_int_equal(index_add(index, i, i, &record), OK);
        assert_int_equal(index_commit(index, &place), OK);
        assert_int_equal(index_summary_each(index, nonce_check, NULL, &highest), OK);
        assert_int_equal(highest, rows[i].highest);
    }
    index_close(&index);
    fixture_remove(folder);
}

struct numbers {
    uint64_t at[4];
    unsigned count;
};

static bool number_take(void *context, uint64_t number, uint64_t position)
{
    struct numbers *numbers = context;

    (void)position;
    numbers->at[numbers->count++] = number;
    return numbers->count < 4;
}

TEST(a_path_or_its_start_is_found_in_the_epochs_that_have_it)
{
    static const uint64_t epoch = UINT64_C(1) << INDEX_EPOCH_SHIFT;
    static const struct {
        struct trail_query query;
        unsigned count;
        uint64_t found[4]; /* newest first */
    } rows[] = {
        { { .path = SLICE("/rare") }, 1, { 2 } },
        { { .path = SLICE("/r"), .path_is_prefix = true }, 3, { 3 * epoch, epoch + 1, 2 } },
        { { .path = SLICE("/r") }, 0, { 0 } },
        { { .path = SLICE("/s"), .path_is_prefix = true }, 0, { 0 } },
        { { .path = SLICE("/"), .path_is_prefix = true, .before = epoch }, 1, { 2 } },
        { { .path = SLICE("\xff\xff"), .path_is_prefix = true }, 1, { 3 * epoch + 1 } },
        { { .path = SLICE("/rest"), .forward = true }, 1, { epoch + 1 } },
    };
    const struct {
        uint64_t number;
        const char *path;
    } put[] = { { 2, "/rare" }, { epoch + 1, "/rest" }, { 3 * epoch, "/rarer" },
                { 3 * epoch + 1, "\xff\xff\xff" } };
    const struct index_place place = { .count = 4 * epoch };
    const char *folder = fixture_folder();
    char problem[TRAIL_PROBLEM_SIZE];
    struct index_place seen;
    struct index *index;

    assert_int_equal(index_open(folder, KEY_TEXT, &index, problem), OK);
    assert_int_equal(index_begin(index), OK);
    for (size_t i = 0; i < sizeof put / sizeof *put; i++) {
        struct audit_record record = fixture_record(0);

        record.path_size = (uint16_t)strlen(put[i].path);
        memcpy(record.path, put[i].path, record.path_size);
        assert_int_equal(index_add(index, put[i].number, i, &record), OK);
    }
    assert_int_equal(index_commit(index, &place), OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct numbers numbers = { .count = 0 };

        assert_int_equal(index_find(index, &rows[i].query, 0, number_take, &numbers, &seen), OK);
        assert_int_equal(numbers.count, rows[i].count);
        assert_memory_equal(numbers.at, rows[i].found, numbers.count * sizeof numbers.at[0]);
    }
    index_close(&index);
    fixture_remove(folder);
}

TEST_MAIN
