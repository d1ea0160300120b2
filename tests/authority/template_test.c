#include "test.h"

#include "fixture.h"
#include "authority/template.h"

static void renders(const char *text, json_t *data, const char *expected)
{
    struct buffer b;

    buffer_init(&b);
    template_render(slice_of(text), data, &b);
    assert_false(b.failed);
    assert_string_equal(b.at, expected);
    buffer_wipe(&b);
    json_decref(data);
}

TEST(places_are_filled_with_strings_and_numbers)
{
    renders("{{a}} is {{b}}, {{c}}.", json_pack("{s:s, s:i}", "a", "x", "b", 5),
            "x is 5, not known.");
    renders("no end {{a", json_pack("{s:s}", "a", "x"), "no end {{a");
    renders("plain", NULL, "plain");
}

TEST(what_was_typed_stays_one_line_and_is_not_rendered_again)
{
    renders("[{{a}}]", json_pack("{s:s}", "a", "x\r\nBcc: y {{a}}\x7f"), "[x  Bcc: y {{a}} ]");
}

TEST(each_mail_has_a_subject_an_empty_line_and_text)
{
#define MAIL(number, name, file)                                                      \
    {                                                                                 \
        struct slice text = template_text(MAIL_##name);                               \
        const char *end = memchr(text.at, '\n', text.size);                           \
        assert_string_equal(template_name(MAIL_##name), #file);                       \
        assert_true(end != NULL && end - text.at > 5 && end - text.at < 80);          \
        assert_true(end[1] == '\n' && (size_t)(end - text.at) + 40 < text.size);      \
    }
#include "authority/template.def"
#undef MAIL
    assert_int_equal(template_text(MAIL_NONE).size, 0);
}

TEST_MAIN
