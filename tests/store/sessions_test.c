#include "../test.h"

#include "fixture.h"
#include "store/sessions.h"

static struct store_session session_lettered(uint64_t account, char letter, uint64_t made_at_ns)
{
    struct store_session s = { .account = account, .level = SESSION_PASSWORD,
                               .made_at_ns = made_at_ns, .used_at_ns = made_at_ns,
                               .address = "192.0.2.7", .country = "CH", .agent = "Browser/1" };

    s.id[0] = letter;
    memset(s.token_sha256, letter, sizeof s.token_sha256);
    return s;
}

static bool note(void *context, const struct store_session *session)
{
    char *ids = context;

    ids[strlen(ids)] = session->id[0];
    return true;
}

TEST(a_session_is_found_by_its_token_and_renewed_under_another)
{
    struct place p = place_open();
    uint64_t account = account_made(&p, "ada@example.com");
    struct store_session s = session_lettered(account, 'a', 5), got;
    uint8_t other[STORE_SHA256_SIZE] = "another token";
    struct store_tx *tx = begun(&p);

    assert_int_equal(store_session_get(tx, s.token_sha256, &got), ERR_MISSING);
    assert_int_equal(store_session_insert(tx, &s), OK);
    assert_int_equal(store_session_get(tx, s.token_sha256, &got), OK);
    assert_string_equal(got.id, s.id);
    assert_memory_equal(got.token_sha256, s.token_sha256, sizeof s.token_sha256);
    assert_int_equal(got.account, account);
    assert_int_equal(got.level, SESSION_PASSWORD);
    assert_int_equal(got.made_at_ns, 5);
    assert_int_equal(got.used_at_ns, 5);
    assert_string_equal(got.address, "192.0.2.7");
    assert_string_equal(got.country, "CH");
    assert_string_equal(got.agent, "Browser/1");
    assert_int_equal(store_session_use(tx, s.id, 9), OK);
    assert_int_equal(store_session_renew(tx, s.id, other, SESSION_FULL), OK);
    assert_int_equal(store_session_get(tx, s.token_sha256, &got), ERR_MISSING);
    assert_int_equal(store_session_get(tx, other, &got), OK);
    assert_int_equal(got.level, SESSION_FULL);
    assert_int_equal(got.used_at_ns, 9);
    assert_int_equal(store_session_renew(tx, "gone", other, SESSION_FULL), ERR_MISSING);
    store_rollback(&tx);
    place_close(&p);
}

TEST(sessions_end_one_by_one_all_but_one_or_by_age)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bob = account_made(&p, "bob@example.com");
    struct store_tx *tx = begun(&p);
    char ids[8] = "";
    uint64_t count;
    bool changed;

    for (char letter = 'a'; letter <= 'd'; letter++) {
        struct store_session s = session_lettered(letter == 'd' ? bob : ada, letter,
                                                  (uint64_t)letter);

        assert_int_equal(store_session_insert(tx, &s), OK);
    }
    assert_int_equal(store_session_delete(tx, bob, "a", &changed), OK);
    assert_false(changed); /* not bob's */
    assert_int_equal(store_sessions_each(tx, ada, 0, note, ids), OK);
    assert_string_equal(ids, "cba");
    assert_int_equal(store_session_delete(tx, ada, "a", &changed), OK);
    assert_true(changed);
    assert_int_equal(store_sessions_delete(tx, ada, "b", &count), OK);
    assert_int_equal(count, 1);
    memset(ids, 0, sizeof ids);
    assert_int_equal(store_sessions_each(tx, ada, 0, note, ids), OK);
    assert_string_equal(ids, "b");
    assert_int_equal(store_sessions_expire(tx, 'd'), OK);
    memset(ids, 0, sizeof ids);
    assert_int_equal(store_sessions_each(tx, ada, 0, note, ids), OK);
    assert_int_equal(store_sessions_each(tx, bob, 0, note, ids), OK);
    assert_string_equal(ids, "d");
    store_rollback(&tx);
    place_close(&p);
}

TEST(a_device_is_known_for_the_accounts_it_was_used_with)
{
    uint8_t token[STORE_SHA256_SIZE] = "device", other[STORE_SHA256_SIZE] = "its next token";
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bob = account_made(&p, "bob@example.com");
    struct store_tx *tx = begun(&p);
    bool known;

    assert_int_equal(store_devices_find(tx, ada, &known), OK);
    assert_false(known);
    assert_int_equal(store_device_insert(tx, ada, token, 5), OK);
    assert_int_equal(store_devices_find(tx, ada, &known), OK);
    assert_true(known);
    assert_int_equal(store_device_insert(tx, ada, token, 6), OK);
    assert_int_equal(store_device_find(tx, bob, token, &known), OK);
    assert_false(known);
    assert_int_equal(store_device_renew(tx, token, other), OK);
    assert_int_equal(store_device_find(tx, ada, token, &known), OK);
    assert_false(known);
    assert_int_equal(store_device_find(tx, ada, other, &known), OK);
    assert_true(known);
    assert_int_equal(store_devices_delete(tx, ada), OK);
    assert_int_equal(store_device_find(tx, ada, other, &known), OK);
    assert_false(known);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
