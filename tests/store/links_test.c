#include "test.h"

#include "fixture.h"
#include "store/links.h"

static struct store_link link_lettered(uint64_t account, char letter)
{
    struct store_link l = { .purpose = 3, .account = account, .subject = 7, .made_at_ns = 10,
                            .expires_at_ns = (uint64_t)letter };

    memset(l.token_sha256, letter, sizeof l.token_sha256);
    memset(l.key, 'k', sizeof l.key);
    return l;
}

TEST(a_link_is_found_by_its_hash_alone)
{
    struct place p = place_open();
    struct store_link l = link_lettered(account_made(&p, "ada@example.com"), 'a'), got;
    struct store_tx *tx = begun(&p);
    bool present;

    assert_int_equal(store_link_insert(tx, &l), OK);
    got = (struct store_link){ 0 };
    memset(got.token_sha256, 'a', sizeof got.token_sha256);
    assert_int_equal(store_link_find(tx, &got, &present), OK);
    assert_true(present);
    assert_memory_equal(&got, &l, sizeof l);
    memset(got.token_sha256, 'b', sizeof got.token_sha256);
    assert_int_equal(store_link_find(tx, &got, &present), OK);
    assert_false(present);
    assert_int_equal(store_link_insert(tx, &l), ERR_EXISTS);
    store_rollback(&tx);
    place_close(&p);
}

TEST(a_use_counts_for_all_links_about_the_same)
{
    struct place p = place_open();
    uint64_t account = account_made(&p, "ada@example.com");
    struct store_link first = link_lettered(account, 'a'), second = link_lettered(account, 'b');
    struct store_link other = link_lettered(account, 'c');
    struct store_tx *tx = begun(&p);
    bool present;

    other.subject = 8;
    assert_int_equal(store_link_insert(tx, &first), OK);
    assert_int_equal(store_link_insert(tx, &second), OK);
    assert_int_equal(store_link_insert(tx, &other), OK);
    assert_int_equal(store_link_use(tx, &second, 99), OK);
    assert_int_equal(store_link_find(tx, &first, &present), OK);
    assert_int_equal(first.used_at_ns, 99);
    assert_int_equal(store_link_find(tx, &other, &present), OK);
    assert_int_equal(other.used_at_ns, 0);
    store_rollback(&tx);
    place_close(&p);
}

TEST(links_long_expired_are_forgotten_a_few_at_a_time)
{
    struct place p = place_open();
    uint64_t account = account_made(&p, "ada@example.com");
    struct store_tx *tx = begun(&p);
    bool present;

    for (char c = 'a'; c <= 'd'; c++) {
        struct store_link l = link_lettered(account, c);

        assert_int_equal(store_link_insert(tx, &l), OK);
    }
    assert_int_equal(store_links_forget(tx, 'd', 2), OK);
    for (char c = 'a'; c <= 'd'; c++) {
        struct store_link l = link_lettered(account, c);

        assert_int_equal(store_link_find(tx, &l, &present), OK);
        assert_int_equal(present, c > 'b');
    }
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
