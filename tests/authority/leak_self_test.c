#include "../test.h"

#include "leak_rig.h"

#include "authority/leak_self.h"

static enum err ended(struct owner *o, const char *secret)
{
    refusal_init(&o->house->r);
    return leak_self_revoke(&o->house->a, slice_of(secret), SLICE("203.0.113.9"), &o->house->r);
}

TEST(whoever_holds_a_secret_ends_its_key)
{
    char secret[SECRET_TEXT_SIZE + 1];
    struct owner o;

    owner_begin(&o, "live", NULL);
    snprintf(secret, sizeof secret, "%.*s", (int)o.key.secret.size, (char *)o.key.secret.bytes);
    assert_int_equal(ended(&o, secret), OK);
    assert_false(refusal_is(&o.house->r));
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_REVOKED);
    assert_int_equal(leak_mails(&o).count, 1);
    assert_non_null(strstr(leak_mails(&o).last, "gave it to the venue"));
    assert_int_equal(ended(&o, secret), OK);
    assert_false(refusal_is(&o.house->r));
    assert_int_equal(leak_mails(&o).count, 1);
    owner_end(&o);
}

/* The answer to one that nobody has is that to one that somebody has. */
TEST(it_tells_nothing_to_who_guesses_and_lets_nobody_guess_for_long)
{
    char id[KEY_ID_TEXT_SIZE], nobodys[SECRET_TEXT_SIZE + 1];
    struct owner o;
    unsigned tries = 0;

    owner_begin(&o, "live", NULL);
    snprintf(nobodys, sizeof nobodys, "lks_test_%038d4e004qz0", 0);
    assert_int_equal(ended(&o, nobodys), OK);
    assert_false(refusal_is(&o.house->r));
    key_id_format(&o.key.id, id);
    assert_int_equal(ended(&o, id), OK);
    assert_true(refused(o.house, "secret-malformed", ""));
    assert_int_equal(fixed_of(o.house, &o.key).state, KEY_ACTIVE);
    while (tries++ < 100 && !refused(o.house, "revoke-throttled", ""))
        assert_int_equal(ended(&o, "x"), OK);
    assert_in_range(tries, 5, 99);
    owner_end(&o);
}

TEST_MAIN
