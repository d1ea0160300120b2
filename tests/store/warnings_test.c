#include "test.h"

#include "fixture.h"
#include "store/warnings.h"

struct seen {
    char letters[16];
    struct store_ending last;
    size_t count, most;
};

static bool see(void *context, const struct store_ending *ending)
{
    struct seen *seen = context;

    seen->letters[seen->count++] = ending->key[0];
    seen->last = *ending;
    return true;
}

TEST(usable_keys_are_found_in_the_order_of_their_ends)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com");
    struct store_tx *tx = begun(&p);
    static const uint64_t ends[] = { 300, 100, 0, 200, 200, 900 };
    struct store_ending none = { .ends_at_ns = 0 };
    struct seen seen = { .count = 0 };
    bool changed;

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct store_key k = key_lettered(ada, (char)('a' + i));

        assert_int_equal(store_key_insert(tx, &k), OK);
        k.ends_at_ns = ends[i];
        k.ends_reason = KEY_REASON_ROTATED;
        assert_int_equal(store_key_terms_set(tx, &k), OK);
    }
    assert_int_equal(store_endings_each(tx, &none, 300, 10, see, &seen), OK);
    assert_string_equal(seen.letters, "bdea");
    seen = (struct seen){ .count = 0 };
    assert_int_equal(store_endings_each(tx, &none, 300, 2, see, &seen), OK);
    assert_string_equal(seen.letters, "bd");
    assert_int_equal(seen.last.reason, KEY_REASON_ROTATED);
    none = seen.last;
    seen = (struct seen){ .count = 0 };
    assert_int_equal(store_endings_each(tx, &none, 300, 10, see, &seen), OK);
    assert_string_equal(seen.letters, "ea");
    assert_int_equal(store_key_state_set(tx, none.key, KEY_REVOKED, KEY_REASON_OWNER, SLICE(""),
                                         1, &changed),
                     OK);
    seen = (struct seen){ .count = 0 };
    none = (struct store_ending){ .ends_at_ns = 0 };
    assert_int_equal(store_endings_each(tx, &none, 300, 10, see, &seen), OK);
    assert_string_equal(seen.letters, "bea");
    store_rollback(&tx);
    place_close(&p);
}

TEST(the_last_warning_is_kept)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com");
    struct store_tx *tx = begun(&p);
    struct store_key k = key_lettered(ada, 'a');
    struct store_ending ending = { .account = ada };

    assert_int_equal(store_key_insert(tx, &k), OK);
    memcpy(ending.key, k.id, sizeof ending.key);
    assert_int_equal(store_warning_get(tx, &ending), OK);
    assert_int_equal(ending.warned_days, 0);
    for (uint32_t days = 14; days > 0; days /= 2) {
        ending.warned_ends_at_ns = 77;
        ending.warned_days = days;
        assert_int_equal(store_warning_set(tx, &ending), OK);
        assert_int_equal(store_warning_get(tx, &ending), OK);
        assert_int_equal(ending.warned_days, days);
        assert_int_equal(ending.warned_ends_at_ns, 77);
    }
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
