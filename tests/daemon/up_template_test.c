#include "daemon/up_template.h"

#include "base/log.h"
#include "test.h"

static const struct template_value values[] = { { "PORT", "8443" }, { "RUN", "/tmp/@PORT@" },
                                                { NULL, NULL } };

static enum err fill(const char *template, struct buffer *filled)
{
    buffer_init(filled);
    log_level_set(LOG_ERROR);
    return template_fill(slice_of(template), values, filled);
}

TEST(names_are_replaced_and_values_are_not_looked_at_again)
{
    struct buffer filled;

    assert_int_equal(fill("listen @PORT@;\npid @RUN@/pid;", &filled), OK);
    assert_string_equal(filled.at, "listen 8443;\npid /tmp/@PORT@/pid;");
    buffer_wipe(&filled);
}

TEST(other_signs_stand_for_themselves)
{
    struct buffer filled;

    assert_int_equal(fill("a@b @@ error_page 497 = @plain; @POR@T @", &filled), ERR_MISSING);
    buffer_wipe(&filled);
    assert_int_equal(fill("a@b @@ error_page 497 = @plain; @PORT @", &filled), OK);
    assert_string_equal(filled.at, "a@b @@ error_page 497 = @plain; @PORT @");
    buffer_wipe(&filled);
}

TEST_MAIN
