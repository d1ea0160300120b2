#include "test.h"

#include "fixture.h"
#include "store/leak_objects.h"
#include "store/leaks.h"

static void leak_made(struct store_tx *tx, uint64_t id, uint64_t account)
{
    struct store_leak *leak = calloc(1, sizeof *leak);
    struct store_key key = key_lettered(account, 'a');

    assert_int_equal(store_key_insert(tx, &key), OK);
    *leak = (struct store_leak){ .id = id, .kind = LEAK_SECRET, .reaction = LEAK_REVOKED };
    memcpy(leak->key, key.id, sizeof leak->key);
    assert_int_equal(store_leak_insert(tx, leak), OK);
    free(leak);
}

TEST(an_object_comes_after_its_leak_and_goes_with_its_time)
{
    struct place p = place_open();
    struct store_leak_object object = { .leak = 7, .size = 12, .expires_at_ns = 90 }, found;
    uint64_t account = account_made(&p, "ada@example.com");
    struct store_tx *tx = begun(&p);
    struct buffer body;
    bool present, any;

    leak_made(tx, 7, account);
    memset(object.sha256, 's', sizeof object.sha256);
    assert_int_equal(store_leak_object_insert(tx, &object), OK);
    assert_int_equal(store_leak_object_find(tx, 7, &found, &present), OK);
    assert_true(present && found.size == 12 && found.stored_at_ns == 0 &&
                found.expires_at_ns == 90 && found.key_sealed_size == 0);
    assert_memory_equal(found.sha256, object.sha256, sizeof found.sha256);
    object.stored_at_ns = 30;
    memcpy(object.key_sealed, "sealed", object.key_sealed_size = 6);
    assert_int_equal(store_leak_object_set(tx, &object, SLICE("opaque")), OK);
    assert_int_equal(store_commit(&tx), OK);
    place_reopen(&p);
    tx = begun(&p);
    assert_int_equal(store_leak_object_find(tx, 7, &found, &present), OK);
    assert_true(present && found.stored_at_ns == 30 && found.key_sealed_size == 6);
    buffer_init(&body);
    assert_int_equal(store_leak_object_body(tx, 7, &body), OK);
    assert_true(slice_is(buffer_slice(&body), SLICE("opaque")));
    buffer_wipe(&body);
    assert_int_equal(store_leak_objects_erase(tx, 89, &any), OK);
    assert_false(any);
    assert_int_equal(store_leak_objects_erase(tx, 90, &any), OK);
    assert_true(any);
    assert_int_equal(store_leak_object_find(tx, 7, &found, &present), OK);
    assert_false(present);
    assert_int_equal(store_leak_object_body(tx, 7, &body), ERR_MISSING);
    assert_int_equal(store_leak_object_set(tx, &object, SLICE("opaque")), ERR_MISSING);
    store_rollback(&tx);
    place_close(&p);
}

TEST(a_leak_has_one)
{
    struct place p = place_open();
    struct store_leak_object object = { .leak = 7, .size = 1, .expires_at_ns = 1 };
    uint64_t account = account_made(&p, "ada@example.com");
    struct store_tx *tx = begun(&p);

    leak_made(tx, 7, account);
    assert_int_equal(store_leak_object_insert(tx, &object), OK);
    assert_int_equal(store_leak_object_insert(tx, &object), ERR_EXISTS);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
