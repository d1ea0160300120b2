#include "../test.h"

#include "scanner/source_web.h"

/* Whole pages: tests/scenarios/scanner.test.mjs. */
TEST(a_page_that_cannot_be_fetched_leaves_the_checkpoint_alone)
{
    const struct source_settings settings = { .name = "a",
                                              .kind = SOURCE_WEB,
                                              .url = "http://127.0.0.1:1/" };
    struct source source = { .settings = &settings,
                             .manners = { .agent = "a", .stop = -1 },
                             .checkpoint = json_pack("{s:{s:s}}", "files", "u", "hash") };

    assert_int_equal(source_web_turn(&source), ERR_IO);
    assert_int_not_equal(source.error[0], '\0');
    assert_int_equal(json_object_size(json_object_get(source.checkpoint, "files")), 1);
    source_close(&source);
}

TEST_MAIN
