#include "../test.h"

#include "fixture.h"
#include "store/signups.h"

TEST(a_sign_up_is_kept_until_it_is_used_or_old)
{
    struct store_signup ada = { .id = 7, .email = "ada@example.com", .kind = ACCOUNT_CORPORATE,
                                .jurisdiction = "CH", .name = "Ada", .password = "$argon2id$1",
                                .address = "192.0.2.7", .made_at_ns = 5 },
                        again = ada, bob = ada, got;
    struct place p = place_open();
    struct store_tx *tx = begun(&p);

    snprintf(again.password, sizeof again.password, "$argon2id$2");
    snprintf(bob.email, sizeof bob.email, "bob@example.com");
    bob.made_at_ns = 9;
    again.id = 8;
    bob.id = 9;
    assert_int_equal(store_signup_insert(tx, &ada), OK);
    assert_int_equal(store_signup_insert(tx, &again), OK); /* the first one stays */
    assert_int_equal(store_signup_insert(tx, &bob), OK);
    assert_int_equal(store_signup_get(tx, ada.id, &got), OK);
    assert_string_equal(got.email, "ada@example.com");
    assert_int_equal(got.kind, ACCOUNT_CORPORATE);
    assert_string_equal(got.jurisdiction, "CH");
    assert_string_equal(got.name, "Ada");
    assert_string_equal(got.password, "$argon2id$1");
    assert_string_equal(got.address, "192.0.2.7");
    assert_int_equal(got.made_at_ns, 5);
    assert_int_equal(store_signups_delete(tx, slice_of("bob@example.com")), OK);
    assert_int_equal(store_signup_get(tx, bob.id, &got), ERR_MISSING);
    assert_int_equal(store_signups_expire(tx, 5), OK);
    assert_int_equal(store_signup_get(tx, again.id, &got), OK);
    assert_int_equal(store_signups_expire(tx, 6), OK);
    assert_int_equal(store_signup_get(tx, ada.id, &got), ERR_MISSING);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
