#include "test.h"

#include "fixture.h"
#include "store/changes.h"

static bool body_add(void *context, const struct store_change *change)
{
    strncat(context, change->body.at, change->body.size);
    return true;
}

TEST(changes_wait_in_order_until_they_are_delivered)
{
    struct place p = place_open();
    struct store_tx *tx = begun(&p);
    char seen[16] = "", later[16] = "", left[16] = "";

    for (uint8_t i = 0; i < 3; i++) {
        static const char *const bodies[] = { "a", "b", "c" };
        struct store_change change = { .id = { i }, .body = slice_of(bodies[i]) };

        assert_int_equal(store_change_insert(tx, &change), OK);
        assert_int_equal(change.sequence, i + 1);
    }
    assert_int_equal(store_changes_waiting_each(tx, 0, 2, body_add, seen), OK);
    assert_string_equal(seen, "ab");
    assert_int_equal(store_changes_waiting_each(tx, 2, 9, body_add, later), OK);
    assert_string_equal(later, "c");
    assert_int_equal(store_changes_delivered(tx, 2), OK);
    assert_int_equal(store_changes_waiting_each(tx, 0, 9, body_add, left), OK);
    assert_string_equal(left, "c");
    store_rollback(&tx);
    place_close(&p);
}

TEST(a_change_id_is_used_once)
{
    struct place p = place_open();
    struct store_change change = { .id = { 9 }, .key = "0123456789abcdef", .body = SLICE("{}") };
    struct store_tx *tx = begun(&p);

    assert_int_equal(store_change_insert(tx, &change), OK);
    assert_int_equal(store_change_insert(tx, &change), ERR_EXISTS);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
