#include "test.h"

#include <ctype.h>

#include "authority/recovery.h"
#include "fixture.h"

static struct recovery_codes drawn(struct house *h, uint64_t account)
{
    struct recovery_codes codes;
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(recovery_draw(tx, account, &codes), OK);
    assert_int_equal(store_commit(&tx), OK);
    return codes;
}

static bool spent(struct house *h, uint64_t account, const char *text)
{
    struct store_tx *tx;

    refusal_init(&h->r);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(recovery_spend(&h->a, tx, account, slice_of(text), &h->r), OK);
    assert_int_equal(store_commit(&tx), OK);
    return !refusal_is(&h->r);
}

TEST(ten_codes_each_work_once_and_for_their_account)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    uint64_t bob = account_opened(h, "bob@example.com", "individual");
    struct recovery_codes codes = drawn(h, ada);

    assert_int_equal(codes.count, 10);
    for (size_t i = 0; i < codes.count; i++) {
        assert_int_equal(strlen(codes.text[i]), RECOVERY_TEXT_SIZE - 1);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(codes.text[i], codes.text[k]);
    }
    assert_false(spent(h, bob, codes.text[0]));
    assert_true(refused(h, "recovery-wrong", "none of the account's"));
    for (size_t i = 0; i < codes.count; i++) {
        assert_true(spent(h, ada, codes.text[i]));
        assert_false(spent(h, ada, codes.text[i]));
        assert_true(refused(h, "recovery-wrong", "used"));
    }
    house_close(h);
}

TEST(a_code_is_read_as_people_write)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    struct recovery_codes codes = drawn(h, ada);
    char text[64];
    size_t size = 0;

    for (const char *at = codes.text[0]; *at != '\0'; at++)
        if (*at != '-') {
            text[size++] = *at == '0' ? 'O' : *at == '1' ? 'l' : (char)toupper(*at);
            text[size++] = ' ';
        }
    text[size] = '\0';
    assert_true(spent(h, ada, text));
    snprintf(text, sizeof text, "%s0", codes.text[1]);
    assert_false(spent(h, ada, text));
    assert_true(refused(h, "recovery-malformed", "16 letters"));
    assert_false(spent(h, ada, "u000-0000-0000-0000"));
    assert_true(refused(h, "recovery-malformed", "16 letters"));
    assert_false(spent(h, ada, ""));
    assert_true(refused(h, "recovery-malformed", "16 letters"));
    house_close(h);
}

TEST(new_codes_void_the_old)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    struct recovery_codes old = drawn(h, ada), new = drawn(h, ada);

    assert_false(spent(h, ada, old.text[0]));
    assert_true(spent(h, ada, new.text[0]));
    house_close(h);
}

TEST(guesses_at_recovery_codes_and_at_the_authenticator_are_counted_together)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t ada = account_ready(h, "ada@example.com", &p);
    struct recovery_codes codes = drawn(h, ada);
    struct store_tx *tx;

    for (int i = 0; i < 3; i++)
        assert_false(spent(h, ada, "0000-0000-0000-0000"));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(store_begin(h->a.store, &tx), OK);
        assert_int_equal(totp_spend(&h->a, tx, ada, phone_code(&p, 70 + i), &h->r), OK);
        assert_int_equal(store_commit(&tx), OK);
    }
    assert_false(spent(h, ada, codes.text[0]));
    assert_int_equal(h->r.kind, REFUSAL_THROTTLED);
    test_now_ns += 60 * NS_PER_S;
    assert_true(spent(h, ada, codes.text[0]));
    free(p.seed);
    house_close(h);
}

TEST_MAIN
