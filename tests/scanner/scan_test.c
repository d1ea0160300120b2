#include "test.h"

#include <sys/stat.h>

#include "desk.h"

TEST(files_are_found_in_folders_and_links_are_not_followed)
{
    struct desk *d = desk_open();
    struct scan_totals totals;
    char text[128];

    assert_int_equal(mkdir(desk_path(d, "a"), 0700), 0);
    assert_int_equal(mkdir(desk_path(d, "a/b"), 0700), 0);
    snprintf(text, sizeof text, "one\ntwo %s\n", d->secret);
    desk_write(d, "a/b/file", text, strlen(text));
    desk_write(d, "a/empty", "", 0);
    assert_int_equal(symlink("b/file", desk_path(d, "a/link")), 0);
    assert_int_equal(mkfifo(desk_path(d, "a/pipe"), 0600), 0);
    totals = desk_scan(d, "a", NULL);
    assert_int_equal(totals.file_count, 2);
    assert_int_equal(totals.bytes, strlen(text));
    assert_int_equal(d->found_count, 1);
    assert_int_equal(d->line, 2);
    assert_string_equal(d->place, desk_path(d, "a/b/file"));
    assert_int_equal(d->incomplete_count, 0);
    desk_scan(d, "a/link", NULL); /* what is named is meant */
    assert_int_equal(d->found_count, 1);
    desk_close(d);
}

TEST(a_name_is_looked_at_and_never_told_whole)
{
    struct desk *d = desk_open();

    desk_write(d, d->secret, "", 0);
    desk_scan(d, ".", NULL);
    assert_int_equal(d->found_count, 1);
    assert_int_equal(d->line, 0);
    assert_null(strstr(d->place, d->secret));
    assert_non_null(strstr(d->place, "lks_live_…"));
    desk_close(d);
}

TEST(what_is_not_there_is_said)
{
    struct desk *d = desk_open();

    desk_scan(d, "nothing", NULL);
    assert_int_equal(d->incomplete_count, 1);
    assert_string_equal(d->why, "cannot be opened: No such file or directory");
    desk_close(d);
}

TEST_MAIN
