#include "test.h"

#include "fixture.h"
#include "store/signatories.h"

TEST(a_new_list_takes_the_place_of_the_old_one_and_no_id_comes_back)
{
    struct store_signatory list[2] = { { .name = "Ada", .email = "ada@example.com" },
                                       { .name = "Bob", .email = "bob@example.com" } },
                           got[SIGNATORIES_MOST];
    struct place p = place_open();
    uint64_t account = account_made(&p, "desk@example.com");
    struct store_tx *tx = begun(&p);
    size_t count;

    assert_int_equal(store_signatories_set(tx, account, list, 2, 1), OK);
    assert_int_equal(store_signatories_get(tx, account, got, &count), OK);
    assert_int_equal(count, 2);
    assert_string_equal(got[1].email, "bob@example.com");
    assert_int_equal(got[1].id, list[1].id);
    assert_int_equal(store_signatories_set(tx, account, list, 1, 2), OK);
    assert_int_equal(store_signatories_get(tx, account, got, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(got[0].id, 3);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
