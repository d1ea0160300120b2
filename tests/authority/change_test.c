#include "test.h"

#include "authority/change.h"
#include "fixture.h"
#include "store/changes.h"

static bool change_see(void *context, const struct store_change *change)
{
    snprintf(context, 256, "%.*s", (int)change->body.size, change->body.at);
    return true;
}

TEST(a_change_says_who_what_before_and_after)
{
    struct house *h = house_open();
    struct store_tx *tx;
    char seen[256] = "";

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(change_write(tx, (struct change){ .who = "tester", .what = "door painted",
                                                       .before = json_string("red"),
                                                       .after = json_string("blue") }),
                     OK);
    assert_int_equal(store_changes_waiting_each(tx, 0, 9, change_see, seen), OK);
    store_rollback(&tx);
    assert_string_equal(
        seen, "{\"who\":\"tester\",\"what\":\"door painted\","
              "\"before\":\"red\",\"after\":\"blue\"}");
    house_close(h);
}

TEST(a_change_that_no_record_can_hold_is_not_made)
{
    struct house *h = house_open();
    char *endless = calloc(1, RECORD_TEXT_MOST + 1);
    struct store_tx *tx;

    memset(endless, 'x', RECORD_TEXT_MOST);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(change_write(tx, (struct change){ .who = "tester", .what = "too much",
                                                       .after = json_string(endless) }),
                     ERR_FULL);
    store_rollback(&tx);
    free(endless);
    house_close(h);
}

TEST(a_note_is_there_once_it_returns)
{
    struct house *h = house_open();
    struct store_tx *tx;
    char seen[256] = "";

    assert_int_equal(change_note(h->a.store, (struct change){ .who = "tester", .what = "rang" }),
                     OK);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_changes_waiting_each(tx, 0, 9, change_see, seen), OK);
    store_rollback(&tx);
    assert_string_equal(
        seen, "{\"who\":\"tester\",\"what\":\"rang\",\"before\":null,\"after\":null}");
    house_close(h);
}

TEST_MAIN
