#include "../test.h"

#include "fixture.h"

#include "alert_rig.h"

static char file[64];
static struct leak_origin origin;

static struct alert_keys *keys_open(struct service *s)
{
    struct alert_keys *keys;

    if (file[0] == '\0') {
        snprintf(file, sizeof file, "/tmp/latchkey-keys-XXXXXX");
        close(mkstemp(file));
    }
    origin = service_origin(s);
    assert_int_equal(alert_keys_open(&origin, file, test_now, &keys), OK);
    return keys;
}

static void end(struct service *s, struct alert_keys **keys)
{
    alert_keys_close(keys);
    service_end(s);
    unlink(file);
    file[0] = '\0';
}

TEST(a_key_is_found_and_outlives_the_service_and_a_restart)
{
    char signer[ALERT_SIGNER_SIZE], pem[512];
    struct service s;
    struct alert_keys *keys;

    test_now_ns = SOME_MONDAY_NS;
    service_begin(&s);
    service_pem(&s, pem);
    keys = keys_open(&s);
    assert_true(alert_key_find(keys, "first", signer));
    assert_string_equal(signer, pem);
    assert_true(alert_key_find(keys, "first", signer));
    assert_int_equal(s.asked, 1);
    alert_keys_close(&keys);
    snprintf(s.list, sizeof s.list, "<html>nothing here</html>");
    test_now_ns += 2 * DAY_NS;
    keys = keys_open(&s);
    assert_true(alert_key_find(keys, "first", signer));
    assert_string_equal(signer, pem);
    assert_int_equal(s.asked, 2); /* it was a day old */
    end(&s, &keys);
}

TEST(an_unknown_one_is_asked_for_once_a_minute)
{
    char signer[ALERT_SIGNER_SIZE];
    struct service s;
    struct alert_keys *keys;

    test_now_ns = SOME_MONDAY_NS;
    service_begin(&s);
    keys = keys_open(&s);
    assert_false(alert_key_find(keys, "second", signer));
    assert_int_equal(s.asked, 1);
    service_publish(&s, "second", true);
    test_now_ns += 59 * NS_PER_S;
    assert_false(alert_key_find(keys, "second", signer));
    assert_int_equal(s.asked, 1);
    test_now_ns += NS_PER_S;
    assert_true(alert_key_find(keys, "second", signer));
    assert_int_equal(s.asked, 2);
    assert_false(alert_key_find(keys, "first", signer));
    end(&s, &keys);
}

TEST(a_key_that_is_no_longer_current_signs_nothing)
{
    char signer[ALERT_SIGNER_SIZE];
    struct service s;
    struct alert_keys *keys;

    test_now_ns = SOME_MONDAY_NS;
    service_begin(&s);
    service_publish(&s, "first", false);
    keys = keys_open(&s);
    assert_false(alert_key_find(keys, "first", signer));
    end(&s, &keys);
}

TEST_MAIN
