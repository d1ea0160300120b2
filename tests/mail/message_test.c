#include "test.h"

#include "base/clock.h"
#include "mail/message.h"

static const struct message plain = {
    .from = "keys@venue.example", .to = "ada@example.com", .subject = SLICE("Hello"),
    .text = SLICE("one\n.\ntwo\n"), .id = 7,
    .made_at_ns = UINT64_C(1795392000123) * NS_PER_MS,
};

static void formatted(struct message m, struct buffer *b)
{
    buffer_init(b);
    assert_int_equal(message_format(&m, b), OK);
    for (const char *at = b->at; (at = strchr(at, '\n')) != NULL; at++)
        assert_int_equal(at[-1], '\r');
}

TEST(a_plain_letter_reads_like_the_standard)
{
    struct buffer b;

    formatted(plain, &b);
    assert_string_equal(b.at, "From: <keys@venue.example>\r\nTo: <ada@example.com>\r\n"
                              "Subject: Hello\r\n"
                              "Date: Mon, 23 Nov 2026 00:00:00 +0000\r\n"
                              "Message-ID: <latchkey.7.1795392000123@venue.example>\r\n"
                              "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                              "Content-Type: text/plain; charset=utf-8\r\n"
                              "Content-Transfer-Encoding: 7bit\r\n\r\none\r\n.\r\ntwo\r\n");
    buffer_wipe(&b);
}

/* Subject and text come back as they were, and all lines are short enough. */
static void returns(struct slice subject, struct slice text)
{
    struct message m = plain;
    struct buffer b, back;
    size_t column = 0;

    m.subject = subject;
    m.text = text;
    formatted(m, &b);
    for (size_t i = 0; i < b.size; i++) {
        assert_true((unsigned char)b.at[i] < 0x80);
        column = b.at[i] == '\n' ? 0 : column + 1;
        assert_true(column <= 999);
    }
    buffer_init(&back);
    assert_int_equal(message_header_get(buffer_slice(&b), "subject", &back), OK);
    assert_true(slice_is(buffer_slice(&back), subject));
    buffer_wipe(&back);
    assert_int_equal(message_text_get(buffer_slice(&b), &back), OK);
    assert_true(slice_is(buffer_slice(&back), text));
    buffer_wipe(&back);
    buffer_wipe(&b);
}

TEST(any_text_comes_back)
{
    char wide[3000];

    returns(SLICE("Hello"), SLICE("text\n"));
    returns(SLICE("Schl\xc3\xbcssel \xe2\x80\x9c\xf0\x9f\x94\x91\xe2\x80\x9d is a key with quite a "
                  "long name, longer than one word of RFC 2047 may be \xe2\x82\xac\xe2\x82\xac"),
            SLICE("Gr\xc3\xbc\xc3\x9f" "e = \xe2\x82\xac \n \ntrailing space \n=3D\n"));
    returns(SLICE("=?UTF-8?B?eA==?= is not decoded twice"), SLICE("a\n"));
    memset(wide, 'w', sizeof wide);
    wide[sizeof wide - 1] = '\n';
    returns(SLICE("wide"), (struct slice){ wide, sizeof wide });
}

TEST(what_would_be_a_header_is_refused)
{
    static const char *const bad[] = { "", "ada", "@example.com", "ada@", "a@b@c", "a@b c",
                                       "a@b\r\nBcc: x@y", "a@b>", "<a@b", "a@b,c", "\xc3\xa4@b" };
    struct message m = plain;
    struct buffer b;

    buffer_init(&b);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        m = plain;
        m.to = bad[i];
        assert_int_equal(message_format(&m, &b), ERR_MALFORMED);
        m = plain;
        m.from = bad[i];
        assert_int_equal(message_format(&m, &b), ERR_MALFORMED);
    }
    m = plain;
    m.subject = SLICE("a\r\nBcc: eve@example.com");
    assert_int_equal(message_format(&m, &b), ERR_MALFORMED);
    assert_int_equal(b.size, 0);
    buffer_wipe(&b);
}

TEST(a_header_that_is_absent_is_empty)
{
    struct buffer b;

    buffer_init(&b);
    assert_int_equal(message_header_get(SLICE("A: b\r\n\r\nTo: x\r\n"), "To", &b), OK);
    assert_int_equal(b.size, 0);
    buffer_wipe(&b);
}

TEST_MAIN
