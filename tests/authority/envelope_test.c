#include "../test.h"

#include "fixture.h"

#include "authority/envelope.h"

struct sealed {
    struct envelope envelope;
    uint8_t key[ENVELOPE_KEY_SEALED_SIZE];
    size_t key_size;
};

static struct sealed sealed_of(struct house *h, struct slice plain)
{
    struct sealed s;

    assert_int_equal(envelope_close(plain, &s.envelope), OK);
    s.key_size = envelope_key_seal(h->a.vault, SLICE("this"), &s.envelope, s.key);
    assert_in_range(s.key_size, ENVELOPE_KEY_SIZE + 1, sizeof s.key);
    return s;
}

static enum err opened(struct house *h, const struct sealed *s, struct slice about,
                       struct buffer *plain)
{
    buffer_init(plain);
    return envelope_open(h->a.vault, about, (struct slice){ (const char *)s->key, s->key_size },
                         (struct slice){ (const char *)s->envelope.bytes, s->envelope.size },
                         plain);
}

TEST(what_went_in_comes_out_and_cannot_be_read_meanwhile)
{
    static const struct slice texts[] = { { "", 0 }, { "one\0two", 7 } };
    struct house *h = house_open();
    struct buffer plain;

    for (size_t i = 0; i < 2; i++) {
        struct sealed s = sealed_of(h, texts[i]);

        assert_true(i == 0 || memmem(s.envelope.bytes, s.envelope.size, "two", 3) == NULL);
        assert_int_equal(opened(h, &s, SLICE("this"), &plain), OK);
        assert_true(slice_is(buffer_slice(&plain), texts[i]));
        assert_true(plain.is_cleared);
        buffer_wipe(&plain);
        envelope_wipe(&s.envelope);
        envelope_wipe(&s.envelope);
    }
    house_close(h);
}

TEST(altered_or_of_something_else_it_stays_shut)
{
    struct house *h = house_open();
    struct sealed s = sealed_of(h, SLICE("plain"));
    struct buffer plain;

    assert_int_equal(opened(h, &s, SLICE("that"), &plain), ERR_CRYPTO);
    for (size_t i = 0; i < s.envelope.size; i++) {
        s.envelope.bytes[i] ^= 1;
        assert_int_equal(opened(h, &s, SLICE("this"), &plain), ERR_CRYPTO);
        assert_int_equal(plain.size, 0);
        s.envelope.bytes[i] ^= 1;
    }
    s.envelope.size = 39; /* less than nonce and tag */
    assert_int_equal(opened(h, &s, SLICE("this"), &plain), ERR_CORRUPT);
    s.key[s.key_size - 1] ^= 1;
    assert_int_equal(opened(h, &s, SLICE("this"), &plain), ERR_CRYPTO);
    envelope_wipe(&s.envelope);
    house_close(h);
}

TEST_MAIN
