#include "../test.h"

#include <jansson.h>
#include <stdlib.h>

#include "desk.h"
#include "scanner/feed.h"
#include "scanner/source_map.h"

static bool named(const char *map, const char *key, char name[SOURCE_NAME_SIZE])
{
    static struct matcher *matcher;

    if (matcher == NULL)
        assert_int_equal(matcher_open(&matcher), OK);
    return source_map_name(matcher, slice_of(map), key, name);
}

TEST(the_file_whose_content_has_the_key_is_named)
{
    char key[SECRET_TEXT_SIZE + 1], other[SECRET_TEXT_SIZE + 1], encoded[ENCODED_SIZE], map[4096];
    char name[SOURCE_NAME_SIZE];

    secret_text(key, ENVIRONMENT_LIVE);
    secret_text(other, ENVIRONMENT_LIVE);
    snprintf(map, sizeof map,
             ")]}'\n{\"version\":3,\"sourceRoot\":\"src/\",\"sources\":[\"a.ts\",null,\"c.ts\"],"
             "\"sourcesContent\":[\"x\",null,\"k = '%s'\"],\"mappings\":\"\"}",
             key);
    assert_true(named(map, key, name));
    assert_string_equal(name, "src/c.ts");
    assert_false(named(map, other, name));
    /* Escaped twice: as JSON in the JSON. */
    encode(ENCODING_BASE64_0, key, encoded);
    snprintf(map, sizeof map, "{\"sources\":[\"b.ts\"],\"sourcesContent\":[\"atob('%s')\"]}",
             encoded);
    assert_true(named(map, key, name));
    assert_string_equal(name, "b.ts");
    snprintf(map, sizeof map,
             "{\"version\":3,\"sections\":[{},{\"map\":{\"sources\":[\"d.ts\"],"
             "\"sourcesContent\":[\"%s\"]}}]}",
             key);
    assert_true(named(map, key, name));
    assert_string_equal(name, "d.ts");
}

TEST(what_is_no_map_names_nothing)
{
    static const char *const maps[] = {
        "",
        ")]}'",
        "{",
        "[]",
        "{\"sourcesContent\":1}",
        "{\"sourcesContent\":[\"%s\"]}",
        "{\"sources\":[7],\"sourcesContent\":[\"%s\"]}",
        "\"sourcesContent\" %s",
        "{\"sections\":[7,{\"map\":7}],\"x\":\"sourcesContent\"}",
    };
    char key[SECRET_TEXT_SIZE + 1], map[512], name[SOURCE_NAME_SIZE];

    secret_text(key, ENVIRONMENT_LIVE);
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        const char *at = strstr(maps[i], "%s");

        snprintf(map, sizeof map, "%.*s%s%s",
                 (int)(at == NULL ? strlen(maps[i]) : (size_t)(at - maps[i])), maps[i],
                 at == NULL ? "" : key, at == NULL ? "" : at + 2);
        assert_false(named(map, key, name));
    }
}

struct told {
    char source[SOURCE_NAME_SIZE], excerpt[EXCERPT_SIZE];
    size_t count;
};

static void found(void *context, const struct scan_finding *finding)
{
    struct told *told = context;

    told->count++;
    snprintf(told->source, sizeof told->source, "%s", finding->source);
    snprintf(told->excerpt, sizeof told->excerpt, "%s", finding->excerpt);
}

/* Larger than a block of other files; the name of the file has a key in it as well. */
TEST(a_large_map_is_looked_at_whole_wherever_it_is)
{
    struct desk *d = desk_open();
    struct told told = { .count = 0 };
    const struct scan_listener listener = { .found = found, .context = &told };
    char *filler = malloc(FEED_ROOM + 1), source[100];
    json_t *map;
    struct scan *scan;

    assert_non_null(filler);
    memset(filler, 'x', FEED_ROOM);
    filler[FEED_ROOM] = '\0';
    snprintf(source, sizeof source, "src/%s.ts", d->secret);
    map = json_pack("{s:[s, s, s], s:[s, s, s]}", "sources", "a", "b", source, "sourcesContent",
                    filler, filler, d->secret);
    assert_int_equal(json_dump_file(map, desk_path(d, "app.js.map"), 0), 0);
    assert_int_equal(scan_open(&listener, &scan_limits_default, &scan), OK);
    scan_path(scan, desk_path(d, "app.js.map"));
    scan_close(&scan);
    assert_int_equal(told.count, 2); /* the name, too, is in the map */
    assert_ptr_equal(strstr(told.source, "src/lks_live_…"), told.source);
    assert_null(strstr(told.source, d->secret));
    json_decref(map);
    free(filler);
    desk_close(d);
}

TEST_MAIN
