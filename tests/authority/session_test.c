#include "../test.h"

#include "authority/session.h"
#include "fixture.h"

static const struct visitor ada_at_home = { .address = SLICE("192.0.2.7"),
                                              .agent = SLICE("Browser/1") };

static void opened(struct house *h, uint64_t account, enum session_level level,
                   char token[SESSION_TOKEN_SIZE])
{
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(session_open(&h->a, tx, account, level, &ada_at_home, token), OK);
    assert_int_equal(store_commit(&tx), OK);
}

static enum err found(struct house *h, const char *token, struct session *s)
{
    return session_find(&h->a, slice_of(token), s);
}

TEST(a_token_finds_its_session_and_no_other_text_does)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    char token[SESSION_TOKEN_SIZE];
    struct session s;

    opened(h, account, SESSION_PASSWORD, token);
    assert_int_equal(found(h, token, &s), OK);
    assert_int_equal(s.account, account);
    assert_int_equal(s.level, SESSION_PASSWORD);
    assert_int_equal(s.role, ACCOUNT_CUSTOMER);
    assert_string_equal(s.address, "192.0.2.7");
    assert_string_equal(s.agent, "Browser/1");
    assert_int_equal(strlen(s.csrf), SESSION_TOKEN_SIZE - 1);
    assert_string_not_equal(s.csrf, token);
    assert_false(s.needs_factor);
    assert_int_equal(found(h, "", &s), ERR_MISSING);
    assert_int_equal(found(h, s.id, &s), ERR_MISSING); /* its name in lists opens nothing */
    token[5] ^= 1;
    assert_int_equal(found(h, token, &s), ERR_MISSING);
    house_close(h);
}

TEST(a_session_ends_when_idle_and_when_old_however_busy)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual"), begun_ns = test_now_ns;
    char token[SESSION_TOKEN_SIZE];
    struct session s;

    opened(h, account, SESSION_FULL, token);
    test_now_ns = begun_ns + 29 * 60 * NS_PER_S;
    assert_int_equal(found(h, token, &s), OK);
    test_now_ns += 30 * 60 * NS_PER_S;
    assert_int_equal(found(h, token, &s), ERR_MISSING);
    opened(h, account, SESSION_FULL, token);
    begun_ns = test_now_ns;
    for (int i = 1; i < 48; i++) { /* twelve hours, a call each quarter */
        test_now_ns = begun_ns + (uint64_t)i * 15 * 60 * NS_PER_S;
        assert_int_equal(found(h, token, &s), OK);
        assert_true(s.expires_at_ns <= begun_ns + 720 * 60 * NS_PER_S);
    }
    test_now_ns = begun_ns + 720 * 60 * NS_PER_S;
    assert_int_equal(found(h, token, &s), ERR_MISSING);
    house_close(h);
}

TEST(the_second_factor_gives_another_token_and_the_old_one_dies)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    char token[SESSION_TOKEN_SIZE], risen[SESSION_TOKEN_SIZE];
    struct session s, full;
    struct store_tx *tx;

    free(phone_enrolled(h, account).seed);
    opened(h, account, SESSION_PASSWORD, token);
    assert_int_equal(found(h, token, &s), OK);
    assert_true(s.needs_factor);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(session_raise(&h->a, tx, s.id, risen), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(found(h, token, &full), ERR_MISSING);
    assert_int_equal(found(h, risen, &full), OK);
    assert_int_equal(full.level, SESSION_FULL);
    assert_false(full.needs_factor);
    assert_string_equal(full.id, s.id);
    assert_string_not_equal(full.csrf, s.csrf);
    house_close(h);
}

static bool counted(void *context, const struct session *session)
{
    size_t *count = context;

    (void)session;
    ++*count;
    return true;
}

TEST(sessions_are_listed_and_ended_by_their_owner_only)
{
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    uint64_t bob = account_opened(h, "bob@example.com", "individual");
    char token[SESSION_TOKEN_SIZE], other[SESSION_TOKEN_SIZE];
    struct session s, t;
    uint64_t ended;
    size_t count = 0;

    opened(h, ada, SESSION_FULL, token);
    opened(h, ada, SESSION_FULL, other);
    assert_int_equal(found(h, token, &s), OK);
    assert_int_equal(found(h, other, &t), OK);
    assert_int_equal(sessions_each(&h->a, ada, counted, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(session_end(&h->a, "tester", bob, slice_of(s.id), &h->r), OK);
    assert_true(refused(h, "session-missing", "ended already"));
    refusal_init(&h->r);
    assert_int_equal(found(h, token, &s), OK);
    assert_int_equal(session_end(&h->a, "tester", ada, slice_of(s.id), &h->r), OK);
    assert_false(refusal_is(&h->r));
    assert_int_equal(found(h, token, &s), ERR_MISSING);
    opened(h, ada, SESSION_FULL, token);
    assert_int_equal(sessions_end_others(&h->a, "tester", ada, t.id, &ended), OK);
    assert_int_equal(ended, 1);
    assert_int_equal(found(h, token, &s), ERR_MISSING);
    assert_int_equal(found(h, other, &t), OK);
    house_close(h);
}

TEST_MAIN
