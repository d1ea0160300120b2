#include "test.h"

#include "fixture.h"

TEST(a_key_comes_back_as_it_was)
{
    struct place p = place_open();
    struct store_key put = key_lettered(account_made(&p, "ada@example.com"), 'k'), got;
    struct store_tx *tx = begun(&p);

    put.scopes = UINT32_C(1) << 31;
    put.cooling_until_ns = 77;
    put.private_per_s = 5;
    assert_int_equal(store_key_insert(tx, &put), OK);
    assert_int_equal(store_key_get(tx, put.id, &got), OK);
    assert_memory_equal(got.id, put.id, sizeof put.id);
    assert_memory_equal(got.secret_sealed, put.secret_sealed, put.secret_sealed_size);
    assert_memory_equal(got.secret_sha256, put.secret_sha256, sizeof put.secret_sha256);
    assert_memory_equal(got.ip_rules_sha256, put.ip_rules_sha256, sizeof put.ip_rules_sha256);
    assert_int_equal(got.secret_sealed_size, put.secret_sealed_size);
    assert_int_equal(got.environment, ENVIRONMENT_SANDBOX);
    assert_true(got.scopes == put.scopes);
    assert_int_equal(got.cooling_until_ns, 77);
    assert_int_equal(got.private_per_s, 5);
    assert_string_equal(got.ip_rules, "192.0.2.0/24");
    assert_int_equal(store_key_get(tx, "0123456789abcdef", &got), ERR_MISSING);
    store_rollback(&tx);
    place_close(&p);
}

TEST(the_database_itself_refuses_a_clash_among_usable_keys)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bo = account_made(&p, "bo@example.com");
    struct store_key first = key_lettered(ada, 'a'), label = key_lettered(ada, 'b'),
                     rules = key_lettered(ada, 'c'), other = key_lettered(bo, 'd');
    struct store_tx *tx = begun(&p);
    bool changed;

    label.label_folded[0] = 'a';
    memset(rules.ip_rules_sha256, 'a', sizeof rules.ip_rules_sha256);
    other.label_folded[0] = 'a'; /* another account's label */
    assert_int_equal(store_key_insert(tx, &first), OK);
    assert_int_equal(store_commit(&tx), OK);
    for (const struct store_key *clash = &label; clash != NULL;
         clash = clash == &label ? &rules : NULL) {
        tx = begun(&p);
        assert_int_equal(store_key_insert(tx, clash), ERR_EXISTS);
        assert_int_equal(store_key_insert(tx, &other), ERR_STORE); /* it can only be rolled back */
        assert_int_equal(store_commit(&tx), ERR_STORE);
        store_rollback(&tx);
    }
    tx = begun(&p);
    assert_int_equal(store_key_insert(tx, &other), OK);

    assert_int_equal(store_key_state_set(tx, first.id, KEY_REVOKED, KEY_REASON_OWNER,
                                         SLICE("lost"), 9, &changed),
                     OK);
    assert_true(changed);
    assert_int_equal(store_key_insert(tx, &label), OK);
    assert_int_equal(store_key_insert(tx, &rules), OK);
    store_rollback(&tx);
    place_close(&p);
}

TEST(a_clash_is_found_by_name)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com");
    struct store_key key = key_lettered(ada, 'a'), found;
    struct store_tx *tx = begun(&p);
    bool present;

    assert_int_equal(store_key_insert(tx, &key), OK);
    assert_int_equal(store_key_find_label(tx, ada, SLICE("a"), &found, &present), OK);
    assert_true(present);
    assert_string_equal(found.label, "a");
    assert_int_equal(store_key_find_label(tx, ada, SLICE("z"), &found, &present), OK);
    assert_false(present);
    assert_int_equal(store_key_find_rules(tx, ada, key.ip_rules_sha256, &found, &present), OK);
    assert_true(present);
    assert_int_equal(store_key_find_rules(tx, ada + 1, key.ip_rules_sha256, &found, &present), OK);
    assert_false(present);
    store_rollback(&tx);
    place_close(&p);
}

TEST(an_ended_key_does_not_come_back)
{
    struct place p = place_open();
    struct store_key key = key_lettered(account_made(&p, "ada@example.com"), 'a');
    struct store_tx *tx = begun(&p);
    bool changed;

    assert_int_equal(store_key_insert(tx, &key), OK);
    assert_int_equal(store_key_state_set(tx, key.id, KEY_EXPIRED, KEY_REASON_UNUSED,
                                         SLICE("unused"), 9, &changed),
                     OK);
    assert_int_equal(store_key_state_set(tx, key.id, KEY_ACTIVE, KEY_REASON_NONE,
                                         SLICE(""), 10, &changed),
                     OK);
    assert_false(changed);
    assert_int_equal(store_key_get(tx, key.id, &key), OK);
    assert_int_equal(key.state, KEY_EXPIRED);
    assert_string_equal(key.words, "unused");
    assert_int_equal(key.state_at_ns, 9);
    store_rollback(&tx);
    place_close(&p);
}

TEST(terms_are_kept_and_nothing_else_is_touched)
{
    struct place p = place_open();
    struct store_key key = key_lettered(account_made(&p, "ada@example.com"), 'a'), found;
    struct store_tx *tx = begun(&p);

    assert_int_equal(store_key_insert(tx, &key), OK);
    key.public_per_s = 100;
    key.private_per_s = 50;
    key.nonce_window = true;
    key.ends_at_ns = 77;
    key.ends_reason = KEY_REASON_ROTATED;
    key.scopes = 0; /* no term */
    assert_int_equal(store_key_terms_set(tx, &key), OK);
    assert_int_equal(store_key_get(tx, key.id, &found), OK);
    assert_int_equal(found.public_per_s, 100);
    assert_int_equal(found.private_per_s, 50);
    assert_true(found.nonce_window);
    assert_int_equal(found.ends_at_ns, 77);
    assert_int_equal(found.ends_reason, KEY_REASON_ROTATED);
    assert_true(found.scopes != 0);
    store_rollback(&tx);
    place_close(&p);
}

static bool letter_add(void *context, const struct store_key *key)
{
    char *seen = context;
    size_t size = strlen(seen);

    seen[size] = key->label[0];
    return size + 1 < 3;
}

TEST(keys_are_walked_by_account_or_all)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bo = account_made(&p, "bo@example.com");
    struct store_key keys[] = { key_lettered(ada, 'c'), key_lettered(bo, 'b'),
                                key_lettered(ada, 'a'), key_lettered(bo, 'd') };
    struct store_tx *tx = begun(&p);
    char seen[8] = "", all[8] = "";
    uint64_t count;
    bool changed;

    for (size_t i = 0; i < 4; i++)
        assert_int_equal(store_key_insert(tx, &keys[i]), OK);
    assert_int_equal(store_keys_each(tx, ada, letter_add, seen), OK);
    assert_string_equal(seen, "ac"); /* in the order of their making */
    assert_int_equal(store_keys_each(tx, 0, letter_add, all), OK);
    assert_string_equal(all, "abc"); /* stopped by the callback */
    assert_int_equal(store_keys_count(tx, bo, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(store_keys_count(tx, 0, &count), OK);
    assert_int_equal(count, 4);
    assert_int_equal(store_key_wallets_set(tx, keys[0].id, 5, &changed), OK);
    assert_true(changed);
    assert_int_equal(store_key_wallets_set(tx, keys[0].id, 6, &changed), OK);
    assert_false(changed);
    store_rollback(&tx);
    place_close(&p);
}

static bool page_add(void *context, const struct store_key *key)
{
    char *seen = context;

    seen[strlen(seen)] = key->label[0];
    return true;
}

TEST(a_walk_goes_on_behind_a_key)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bo = account_made(&p, "bo@example.com");
    struct store_key keys[] = { key_lettered(ada, 'c'), key_lettered(bo, 'b'),
                                key_lettered(ada, 'a'), key_lettered(ada, 'd') };
    struct store_tx *tx = begun(&p);
    char of_ada[8] = "", foreign[8] = "", all[8] = "", none[8] = "";

    keys[0].created_at_ns = 1; /* the oldest, though not the first by id */
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(store_key_insert(tx, &keys[i]), OK);
    assert_int_equal(store_keys_after(tx, ada, keys[0].id, page_add, of_ada), OK);
    assert_string_equal(of_ada, "ad");
    assert_int_equal(store_keys_after(tx, ada, keys[1].id, page_add, foreign), OK);
    assert_string_equal(foreign, "");
    assert_int_equal(store_keys_after(tx, 0, keys[1].id, page_add, all), OK);
    assert_string_equal(all, "cd");
    assert_int_equal(store_keys_after(tx, ada, "0123456789abcdef", page_add, none), OK);
    assert_string_equal(none, "");
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
