#include "../test.h"

#include "base/fixed.h"
#include "venue/deriv.h"

static struct buffer out;

static const char *row_text(const struct contract_row *row, bool with_key)
{
    struct json_writer w = json_writer_of(&out);

    out.size = 0;
    deriv_put(&w, MARKET_BTCF0USTF0, row, with_key);
    buffer_append(&out, (struct slice){ "", 1 });
    return out.at;
}

/* Places as in the venue's documents: 7.10 of its REST API. */
TEST(a_row_has_its_places)
{
    const struct contract_row row = { 1700000000000,
                                      { .price = 29297 * FIXED_ONE,
                                        .spot = 29277 * FIXED_ONE,
                                        .mark = 29278 * FIXED_ONE,
                                        .insurance = 5 * FIXED_ONE,
                                        .event_ms = 1700006400000,
                                        .accrued = 527,
                                        .step = 82,
                                        .rate = 14548,
                                        .open_interest = FIXED_ONE / 2 } };

    assert_string_equal(row_text(&row, true),
                        "[\"tBTCF0:USTF0\",1700000000000,null,29297,29277,null,5,null,"
                        "1700006400000,0.00000527,82,null,0.00014548,null,null,29278,null,null,"
                        "0.5,null,null,null,0.0005,0.0025]");
    assert_memory_equal(row_text(&row, false), "[1700000000000,", 15);
}

TEST(what_nobody_knows_yet_is_null)
{
    const struct contract_row row = { .time_ms = 1 };

    assert_string_equal(row_text(&row, false),
                        "[1,null,null,null,null,0,null,null,0,0,null,0,null,null,null,null,null,0,"
                        "null,null,null,0.0005,0.0025]");
    buffer_wipe(&out);
}

TEST_MAIN
