#include "test.h"

#include <archive.h>
#include <archive_entry.h>

#include "desk.h"

/* A tar of members with the same content, compressed by `filter`. */
static void tar_write(struct desk *d, const char *name, int filter, int members,
                      const void *bytes, size_t size)
{
    struct archive *a = archive_write_new();

    assert_int_equal(archive_write_add_filter(a, filter), ARCHIVE_OK);
    assert_int_equal(archive_write_set_format_ustar(a), ARCHIVE_OK);
    assert_int_equal(archive_write_open_filename(a, desk_path(d, name)), ARCHIVE_OK);
    for (int i = 0; i < members; i++) {
        struct archive_entry *entry = archive_entry_new();
        char label[32];

        snprintf(label, sizeof label, "member-%d", i);
        archive_entry_set_pathname(entry, label);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_size(entry, (la_int64_t)size);
        assert_int_equal(archive_write_header(a, entry), ARCHIVE_OK);
        assert_int_equal(archive_write_data(a, bytes, size), size);
        archive_entry_free(entry);
    }
    assert_int_equal(archive_write_close(a), ARCHIVE_OK);
    archive_write_free(a);
}

TEST(members_are_looked_at_and_told_once)
{
    static const int filters[] = { ARCHIVE_FILTER_NONE, ARCHIVE_FILTER_GZIP, ARCHIVE_FILTER_XZ,
                                   ARCHIVE_FILTER_BZIP2, ARCHIVE_FILTER_ZSTD };
    struct desk *d = desk_open();

    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        tar_write(d, "a.tar", filters[i], 1, d->secret, SECRET_TEXT_SIZE);
        assert_int_equal(desk_scan(d, "a.tar", NULL).object_count, 1);
        assert_int_equal(d->found_count, 1);
        assert_int_equal(d->incomplete_count, 0);
        assert_non_null(strstr(d->place, "a.tar!member-0"));
    }
    desk_close(d);
}

TEST(each_limit_is_said_when_it_is_met)
{
    static char zeros[4 << 20];
    struct desk *d = desk_open();
    struct scan_limits limits = scan_limits_default;

    tar_write(d, "many.tgz", ARCHIVE_FILTER_GZIP, 12, "x", 1);
    limits.member_count = 10;
    desk_scan(d, "many.tgz", &limits);
    assert_string_equal(d->why, "has more than 10 members");
    tar_write(d, "large.tgz", ARCHIVE_FILTER_GZIP, 1, zeros, sizeof zeros);
    assert_int_equal(desk_scan(d, "large.tgz", NULL).incomplete_count, 0);
    limits = scan_limits_default;
    limits.ratio_from = 1 << 20;
    desk_scan(d, "large.tgz", &limits);
    assert_string_equal(d->why, "unpacks to more than 200 times its size");
    limits = scan_limits_default;
    limits.bytes = 1 << 20;
    desk_scan(d, "large.tgz", &limits);
    assert_string_equal(d->why, "unpacks to more than 1048576 bytes");
    limits = scan_limits_default;
    limits.nesting = 0;
    desk_scan(d, "large.tgz", &limits);
    assert_string_equal(d->why, "more than 0 archives in one another");
    limits = scan_limits_default;
    limits.time_ns = 0;
    desk_scan(d, "many.tgz", &limits);
    assert_string_equal(d->why, "takes more than 0 s to unpack");
    assert_int_equal(d->incomplete_count, 1);
    desk_close(d);
}

TEST(what_only_begins_like_an_archive_is_looked_at_as_it_is)
{
    struct desk *d = desk_open();
    char text[128];

    snprintf(text, sizeof text, "BZh, and then: %s", d->secret);
    desk_write(d, "odd", text, strlen(text));
    desk_scan(d, "odd", NULL);
    assert_int_equal(d->found_count, 1);
    desk_close(d);
}

TEST_MAIN
