#include "../test.h"

#include "authority/device.h"
#include "fixture.h"

static bool noted(struct house *h, uint64_t account, const char *cookie,
                  char token[SESSION_TOKEN_SIZE])
{
    struct store_tx *tx;
    bool strange;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(device_note(&h->a, tx, account, slice_of(cookie), token, &strange), OK);
    assert_int_equal(store_commit(&tx), OK);
    return strange;
}

static bool known(struct house *h, uint64_t account, const char *cookie)
{
    struct store_tx *tx;
    bool yes;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(device_is_known(tx, account, slice_of(cookie), &yes), OK);
    store_rollback(&tx);
    return yes;
}

TEST(a_device_is_strange_once_and_only_beside_another)
{
    char first[SESSION_TOKEN_SIZE], second[SESSION_TOKEN_SIZE], none[SESSION_TOKEN_SIZE];
    struct house *h = house_open();
    uint64_t ada = account_opened(h, "ada@example.com", "individual");
    uint64_t bob = account_opened(h, "bob@example.com", "individual");

    assert_false(noted(h, ada, "", first)); /* its very first */
    assert_true(known(h, ada, first));
    assert_false(known(h, bob, first));
    assert_false(known(h, ada, ""));
    assert_false(noted(h, ada, first, none));
    assert_string_equal(none, "");
    assert_true(noted(h, ada, "", second));
    assert_false(noted(h, bob, first, none)); /* the browser's cookie changes and serves both */
    assert_true(known(h, bob, none));
    assert_true(known(h, ada, none));
    assert_false(known(h, ada, first));
    house_close(h);
}

TEST_MAIN
