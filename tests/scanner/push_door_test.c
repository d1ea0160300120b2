#include "../test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "scanner/push_door.h"

/* Whole notes: tests/scenarios/scanner.test.mjs. */

static char folder[] = "/tmp/latchkey-push-XXXXXX", socket_path[64], secret_path[64];

static const struct source_settings sources[] = {
    { .name = "plain", .kind = SOURCE_GIT, .url = "http://127.0.0.1:1/a.git" },
    { .name = "code",
      .kind = SOURCE_GIT,
      .url = "http://127.0.0.1:1/b.git",
      .hook_secret = secret_path },
};
static struct service_settings settings = {
    .state = folder, .hooks = socket_path, .sources = sources, .source_count = 2
};

static void begin(const char *secret)
{
    if (folder[strlen(folder) - 1] == 'X') {
        assert_non_null(mkdtemp(folder));
        snprintf(socket_path, sizeof socket_path, "%s/s", folder);
        snprintf(secret_path, sizeof secret_path, "%s/secret", folder);
    }
    assert_int_equal(file_write_atomic(secret_path, 0600, slice_of(secret)), OK);
}

TEST(a_secret_that_is_too_short_opens_no_door)
{
    struct push_door *door;

    begin("short\n");
    assert_int_equal(push_door_open(&settings, 0, &door), ERR_RANGE);
    assert_null(door);
    unlink(secret_path);
    assert_int_equal(push_door_open(&settings, 0, &door), ERR_MISSING);
}

TEST(what_was_overwritten_is_kept_until_it_was_looked_at)
{
    char path[96];
    struct push_door *door;
    json_t *kept;
    size_t source;

    begin("0123456789abcdef\n");
    assert_int_equal(push_door_open(&settings, 0, &door), OK);
    assert_false(push_door_pushed(door, &source));
    kept = push_door_overwritten(door, 1);
    assert_int_equal(json_array_size(kept), 0);
    json_decref(kept);
    snprintf(path, sizeof path, "%s/code.pushed", folder);
    assert_int_equal(file_write_atomic(path, 0600, SLICE("[\"a\",\"b\",\"c\"]")), OK);
    assert_int_equal(push_door_forget(door, 1, 2), OK);
    kept = push_door_overwritten(door, 1);
    assert_int_equal(json_array_size(kept), 1);
    assert_string_equal(json_string_value(json_array_get(kept, 0)), "c");
    json_decref(kept);
    assert_int_equal(push_door_forget(door, 1, 5), OK);
    assert_int_equal(file_write_atomic(path, 0600, SLICE("{}")), OK);
    assert_null(push_door_overwritten(door, 1));
    push_door_close(&door);
    assert_null(door);
    unlink(path);
    unlink(secret_path);
    assert_int_equal(rmdir(folder), 0);
}

TEST_MAIN
