#include "test.h"

#include "fixture.h"
#include "store/sealed.h"
#include "store/totp.h"

static void totp_made(struct store_tx *tx, uint64_t account, const char *sealed)
{
    struct store_totp t = { .account = account, .sealed_size = strlen(sealed) };

    memcpy(t.sealed, sealed, t.sealed_size);
    assert_int_equal(store_totp_set(tx, &t), OK);
}

TEST(a_walk_passes_each_row_once_and_changes_what_it_says)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bob = account_made(&p, "bob@example.com");
    struct store_tx *tx = begun(&p);
    struct store_sealed *row = calloc(1, sizeof *row);
    struct store_totp t;
    uint64_t count;
    bool present;

    totp_made(tx, bob, "bob's");
    totp_made(tx, ada, "ada's");
    assert_int_equal(store_sealed_count(tx, STORE_SEALED_TOTP, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(store_sealed_next(tx, STORE_SEALED_TOTP, row, &present), OK);
    assert_true(present);
    assert_int_equal(row->id, ada);
    assert_int_equal(row->size, 5);
    memcpy(row->bytes, "other", 5);
    assert_int_equal(store_sealed_set(tx, STORE_SEALED_TOTP, row), OK);
    assert_int_equal(store_sealed_next(tx, STORE_SEALED_TOTP, row, &present), OK);
    assert_true(present && row->id == bob);
    assert_int_equal(store_sealed_next(tx, STORE_SEALED_TOTP, row, &present), OK);
    assert_false(present);
    assert_int_equal(store_totp_find(tx, ada, &t, &present), OK);
    assert_memory_equal(t.sealed, "other", 5);
    row->id = 99;
    assert_int_equal(store_sealed_set(tx, STORE_SEALED_TOTP, row), ERR_MISSING);
    store_rollback(&tx);
    free(row);
    place_close(&p);
}

TEST(what_nobody_has_is_no_row)
{
    struct place p = place_open();
    struct store_tx *tx = begun(&p);
    struct store_sealed *row = calloc(1, sizeof *row);
    uint64_t count;
    bool present;

    for (int kind = 0; kind < STORE_SEALED_KINDS; kind++) {
        assert_int_equal(store_sealed_count(tx, kind, &count), OK);
        assert_int_equal(count, 0);
        assert_int_equal(store_sealed_next(tx, kind, row, &present), OK);
        assert_false(present);
    }
    store_rollback(&tx);
    free(row);
    place_close(&p);
}

TEST_MAIN
