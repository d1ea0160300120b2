#include "../test.h"

#include "scanner/source_git.h"

/* Whole repositories: tests/scenarios/scanner.test.mjs. */
TEST(a_server_that_is_away_leaves_the_checkpoint_alone)
{
    const struct source_settings settings = { .name = "a",
                                              .kind = SOURCE_GIT,
                                              .url = "http://127.0.0.1:1/a.git" };
    struct source source = { .settings = &settings,
                             .manners = { .agent = "a", .stop = -1 },
                             .checkpoint = json_pack("{s:{s:s}}", "refs", "HEAD", "00") };

    assert_int_equal(source_git_turn(&source), ERR_IO);
    assert_non_null(strstr(source.error, "http://127.0.0.1:1/a.git"));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(source.checkpoint, "refs"), "HEAD")),
        "00");
    source_close(&source);
}

TEST_MAIN
