#include "test.h"

#include "fixture.h"
#include "store/passkeys.h"

static struct store_passkey numbered(uint64_t account, uint8_t number)
{
    struct store_passkey k = { .account = account, .name = "yellow key", .algorithm = -257,
                               .credential_size = 16, .public_key_size = 516, .counter = UINT32_MAX,
                               .transports = "nfc usb", .created_at_ns = number };

    snprintf(k.id, sizeof k.id, "%016x", number);
    memset(k.credential, number, k.credential_size);
    memset(k.public_key, number, k.public_key_size);
    return k;
}

TEST(a_passkey_comes_back_as_it_was_and_only_to_its_account)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bob = account_made(&p, "bob@example.com");
    struct store_passkey k = numbered(ada, 1), got;
    struct slice credential = { (const char *)k.credential, k.credential_size };
    struct store_tx *tx = begun(&p);
    bool present;

    assert_int_equal(store_passkey_insert(tx, &k), OK);
    assert_int_equal(store_passkey_find(tx, ada, credential, &got, &present), OK);
    assert_true(present);
    assert_memory_equal(&got, &k, sizeof k);
    assert_int_equal(store_passkey_find(tx, bob, credential, &got, &present), OK);
    assert_false(present);
    assert_int_equal(store_passkey_find(tx, 0, credential, &got, &present), OK);
    assert_true(present);
    k.account = bob;
    k.id[0] = 'f';
    assert_int_equal(store_passkey_insert(tx, &k), ERR_EXISTS);
    store_rollback(&tx);
    place_close(&p);
}

TEST(a_suspicious_one_is_listed_but_does_not_count)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), count;
    struct store_passkey first = numbered(ada, 1), second = numbered(ada, 2);
    struct store_passkey *list = calloc(STORE_PASSKEYS_MOST, sizeof *list);
    struct store_tx *tx = begun(&p);
    size_t listed;

    assert_non_null(list);
    assert_int_equal(store_passkey_insert(tx, &second), OK);
    assert_int_equal(store_passkey_insert(tx, &first), OK);
    first.suspicious_at_ns = 7;
    first.last_used_at_ns = 6;
    first.counter = 5;
    assert_int_equal(store_passkey_update(tx, &first), OK);
    assert_int_equal(store_passkeys_count(tx, ada, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(store_passkeys_list(tx, ada, list, &listed), OK);
    assert_int_equal(listed, 2);
    assert_memory_equal(&list[0], &first, sizeof first);
    assert_memory_equal(&list[1], &second, sizeof second);
    assert_int_equal(store_passkey_delete(tx, second.id), OK);
    assert_int_equal(store_passkeys_list(tx, ada, list, &listed), OK);
    assert_int_equal(listed, 1);
    store_rollback(&tx);
    free(list);
    place_close(&p);
}

TEST_MAIN
