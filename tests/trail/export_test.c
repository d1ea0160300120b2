#include "trail/export.h"

#include "fixture.h"

/* Everything an export gives, and how many steps it took. */
static enum err read_all(struct export *export, struct buffer *text, unsigned *steps)
{
    bool more = true;
    enum err e = OK;

    buffer_init(text);
    for (*steps = 0; e == OK && more; ++*steps)
        e = export_next(export, text, &more);
    return e;
}

static size_t lines_of(const struct buffer *text)
{
    size_t count = 0;

    for (size_t i = 0; i < text->size; i++)
        count += text->at[i] == '\n';
    return count;
}

/* Lines of a living log and of its folder, which must be the same text. */
static size_t export_both(const char *folder, const struct trail_query *query)
{
    struct trail *trail = fixture_open(folder);
    struct buffer living, copied;
    struct export *export;
    unsigned steps;
    size_t lines;

    assert_int_equal(export_open(trail, query, LINE_JSON, &export), OK);
    assert_int_equal(read_all(export, &living, &steps), OK);
    export_close(&export);
    trail_close(&trail);
    assert_int_equal(export_folder_open(folder, query, LINE_JSON, &export), OK);
    assert_int_equal(read_all(export, &copied, &steps), OK);
    export_close(&export);
    assert_true(slice_is(buffer_slice(&living), buffer_slice(&copied)));
    lines = lines_of(&living);
    buffer_wipe(&living);
    buffer_wipe(&copied);
    return lines;
}

TEST(every_record_is_exported_once_and_a_filter_lets_through_its_own)
{
    const char *folder = fixture_folder();

    fixture_log(folder, 5000);
    assert_int_equal(export_both(folder, &(struct trail_query){ 0 }), 5000);
    assert_int_equal(
        export_both(folder, &(struct trail_query){ .by_status = true, .status = 500 }), 500);
    assert_int_equal(export_both(folder, &(struct trail_query){ .path = SLICE("/v2/auth/"),
                                                                .path_is_prefix = true }),
                     3750);
    assert_int_equal(
        export_both(folder, &(struct trail_query){ .by_status = true, .status = 418 }), 0);
    fixture_remove(folder);
}

TEST(a_step_is_bounded)
{
    const char *folder = fixture_folder();
    struct trail *trail;
    struct buffer text;
    struct export *export;
    unsigned steps;

    fixture_log(folder, 5000);
    trail = fixture_open(folder);
    assert_int_equal(export_open(trail, &(struct trail_query){ 0 }, LINE_CSV, &export), OK);
    assert_int_equal(read_all(export, &text, &steps), OK);
    assert_true(steps >= 5000 / 256);
    assert_int_equal(lines_of(&text), 5001);
    export_close(&export);
    buffer_wipe(&text);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST(what_comes_after_the_beginning_is_not_in_it)
{
    const char *folder = fixture_folder();
    struct trail *trail;
    struct buffer text;
    struct export *export;
    unsigned steps;

    fixture_log(folder, 300);
    trail = fixture_open(folder);
    assert_int_equal(export_open(trail, &(struct trail_query){ 0 }, LINE_JSON, &export), OK);
    assert_int_equal(fixture_append(trail, 300, 100), OK);
    assert_int_equal(read_all(export, &text, &steps), OK);
    assert_int_equal(lines_of(&text), 300);
    export_close(&export);
    buffer_wipe(&text);
    trail_close(&trail);
    fixture_remove(folder);
}

TEST(a_damaged_folder_is_not_exported_as_if_it_were_whole)
{
    const char *folder = fixture_folder();
    struct buffer text;
    struct export *export;
    unsigned steps;

    fixture_log(folder, 1000);
    fixture_flip(folder, "log/000001.log", 50000);
    assert_int_equal(export_folder_open(folder, &(struct trail_query){ 0 }, LINE_JSON, &export),
                     OK);
    assert_int_equal(read_all(export, &text, &steps), ERR_CORRUPT);
    assert_non_null(strstr(export_problem(export), "log/000001.log"));
    export_close(&export);
    buffer_wipe(&text);
    fixture_remove(folder);
    assert_int_equal(
        export_folder_open("/nonexistent", &(struct trail_query){ 0 }, LINE_JSON, &export),
        ERR_MISSING);
    assert_null(export);
}

TEST_MAIN
