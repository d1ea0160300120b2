#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "scanner/source.h"

static const struct source_settings settings = { .name = "a", .kind = SOURCE_FOLDER };
static char folder[] = "/tmp/lk-source-XXXXXX";
static const struct service_settings service = { .state = folder, .agent = "a" };

TEST(a_checkpoint_is_there_after_a_start)
{
    struct source source;

    assert_non_null(mkdtemp(folder));
    assert_int_equal(source_open(&source, &settings, &service, NULL, -1), OK);
    assert_int_equal(json_object_size(source.checkpoint), 0);
    json_object_set_new(source.checkpoint, "since", json_string("7"));
    assert_int_equal(source_keep(&source), OK);
    source_close(&source);
    assert_int_equal(source_open(&source, &settings, &service, NULL, -1), OK);
    assert_string_equal(json_string_value(json_object_get(source.checkpoint, "since")), "7");
    source_close(&source);
}

TEST(a_damaged_one_is_no_empty_one)
{
    struct source source;
    char path[64];

    snprintf(path, sizeof path, "%s/a.json", folder);
    assert_int_equal(file_write_atomic(path, 0600, SLICE("{\"since\":")), OK);
    assert_int_equal(source_open(&source, &settings, &service, NULL, -1), ERR_CORRUPT);
    source_close(&source);
    unlink(path);
    rmdir(folder);
}

TEST_MAIN
