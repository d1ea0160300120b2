#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "scanner/source_turn.h"

TEST(a_source_that_fails_waits_longer_each_time)
{
    static char folder[] = "/tmp/lk-turn-XXXXXX";
    const struct service_settings service = { .state = folder, .agent = "a" };
    const struct source_settings settings[] = {
        { .name = "a", .kind = SOURCE_WEB, .url = "http://127.0.0.1:1/", .every_s = 1 },
        { .name = "b", .kind = SOURCE_FOLDER, .folder = folder, .every_s = 1 },
    };
    struct source sources[2];
    json_t *status;

    assert_non_null(mkdtemp(folder));
    for (int i = 0; i < 2; i++)
        assert_int_equal(source_open(&sources[i], &settings[i], &service, NULL, -1), OK);
    assert_ptr_equal(source_next(sources, 2), &sources[0]);
    for (unsigned i = 1; i <= 3; i++) {
        uint64_t before_ns = clock_mono_ns();

        source_turn(&sources[0]);
        assert_int_equal(sources[0].failures, i);
        assert_true(sources[0].due_ns >= before_ns + manners_pause_ns(i));
    }
    assert_ptr_equal(source_next(sources, 2), &sources[1]);
    assert_int_equal(sources[0].caught_up_at_ns, 0);
    source_turn(&sources[1]);
    assert_int_equal(sources[1].failures, 0);
    status = source_status_json(&sources[0]);
    assert_true(json_string_length(json_object_get(status, "error")) > 0);
    assert_true(json_is_null(json_object_get(status, "caught_up_at")));
    json_decref(status);
    status = source_status_json(&sources[1]);
    assert_string_equal(json_string_value(json_object_get(status, "error")), "");
    assert_true(json_is_string(json_object_get(status, "caught_up_at")));
    json_decref(status);
    for (int i = 0; i < 2; i++)
        source_close(&sources[i]);
    rmdir(folder);
}

TEST_MAIN
