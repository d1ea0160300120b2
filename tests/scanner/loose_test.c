#include "test.h"

#include <sys/stat.h>
#include <zlib.h>

#include "desk.h"

/* A repository with one loose object of these bytes, deflated, of which `cut` are left out at the
 * end and behind which `behind` stands. */
static void object_write(struct desk *d, const void *bytes, size_t size, size_t cut,
                         const char *behind)
{
    static const char *const folders[] = { "repo", "repo/objects", "repo/objects/pack",
                                           "repo/objects/ab" };
    char deflated[4096];
    uLongf got = sizeof deflated - 100;

    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        mkdir(desk_path(d, folders[i]), 0700);
    desk_write(d, "repo/HEAD", "ref: refs/heads/main\n", 21);
    assert_int_equal(compress((Bytef *)deflated, &got, bytes, size), Z_OK);
    memcpy(deflated + got - cut, behind, strlen(behind));
    desk_write(d, "repo/objects/ab/01234567890123456789012345678901234567", deflated,
               got - cut + strlen(behind));
}

static size_t object_text(const struct desk *d, char text[200], unsigned size_off)
{
    char content[100];
    int size = snprintf(content, sizeof content, "\n%s\n", d->secret);
    int head = snprintf(text, 200, "blob %u", (unsigned)size + size_off);

    memcpy(text + head + 1, content, (size_t)size);
    return (size_t)(head + 1 + size);
}

TEST(an_object_is_looked_at_with_its_kind_and_line)
{
    struct desk *d = desk_open();
    char text[200];

    object_write(d, text, object_text(d, text, 0), 0, "");
    assert_int_equal(desk_scan(d, "repo", NULL).object_count, 1);
    assert_int_equal(d->found_count, 1);
    assert_int_equal(d->incomplete_count, 0);
    assert_int_equal(d->line, 2);
    assert_non_null(strstr(d->place, "object ab01234567890123456789012345678901234567 (blob)"));
    desk_close(d);
}

/* What came before the damage is looked at all the same. */
TEST(what_is_wrong_with_an_object_is_said)
{
    struct desk *d = desk_open();
    char text[200], large[300] = "";
    size_t size = object_text(d, text, 0);

    object_write(d, text, size, 3, "");
    desk_scan(d, "repo", NULL);
    assert_int_equal(d->found_count, 1);
    assert_non_null(strstr(d->why, "cut off"));
    object_write(d, text, size, 4, "xxxx");
    desk_scan(d, "repo", NULL);
    assert_non_null(strstr(d->why, "damaged"));
    object_write(d, text, size, 0, "more");
    desk_scan(d, "repo", NULL);
    assert_non_null(strstr(d->why, "bytes behind it"));
    object_write(d, text, object_text(d, text, 1), 0, "");
    desk_scan(d, "repo", NULL);
    assert_non_null(strstr(d->why, "not as long as it says"));
    memset(large, 'x', sizeof large);
    object_write(d, large, sizeof large, 0, "");
    desk_scan(d, "repo", NULL);
    assert_non_null(strstr(d->why, "does not begin as an object"));
    assert_int_equal(d->incomplete_count, 1);
    desk_close(d);
}

TEST_MAIN
