#include "../test.h"

#include "scanner/source_cdn.h"

/* Whole CDNs: tests/scenarios/scanner.test.mjs. */
TEST(a_cdn_that_cannot_be_asked_leaves_the_checkpoint_alone)
{
    static const enum source_kind kinds[] = { SOURCE_JSDELIVR, SOURCE_UNPKG, SOURCE_CDNJS };
    const char *packages[] = { "bot" };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct source_settings settings = { .name = "a",
                                                  .kind = kinds[i],
                                                  .api = "http://127.0.0.1:1/",
                                                  .files = "http://127.0.0.1:1",
                                                  .packages = packages,
                                                  .packages_count = 1 };
        struct source source = {
            .settings = &settings,
            .manners = { .agent = "a", .stop = -1 },
            .checkpoint = json_pack("{s:{s:{s:s, s:{s:b}}}}", "packages", "bot", "etag", "\"1\"",
                                    "versions", "1.0.0", 1),
        };
        json_t *before = json_deep_copy(source.checkpoint);

        assert_int_equal(source_cdn_turn(&source), ERR_IO);
        assert_int_not_equal(source.error[0], '\0');
        assert_true(json_equal(source.checkpoint, before));
        json_decref(before);
        source_close(&source);
    }
}

TEST_MAIN
