#include "test.h"

#include "authority/refusal.h"

TEST(a_refusal_keeps_every_reason_and_the_kind_of_the_first)
{
    static struct refusal r;

    refusal_init(&r);
    assert_false(refusal_is(&r));
    for (int i = 0; i < REFUSAL_REASONS_MOST + 3; i++)
        refusal_add(&r, i == 0 ? REFUSAL_CLASH : REFUSAL_RULE, "code", "reason %d", i);
    assert_true(refusal_is(&r));
    assert_int_equal(r.kind, REFUSAL_CLASH);
    assert_int_equal(r.count, REFUSAL_REASONS_MOST);
    assert_string_equal(r.reasons[1].text, "reason 1");
}

TEST_MAIN
