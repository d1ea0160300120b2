#include "../test.h"

#include <sodium.h>

#include "fixture.h"

#include "authority/alert_journal.h"

static struct store_alert alert_of(const char *origin)
{
    struct store_alert alert = { .id = 0 };

    snprintf(alert.origin, sizeof alert.origin, "%s", origin);
    return alert;
}

/* What a thief of the database file would look for. */
static bool file_has(const struct house *h, const char *text)
{
    char command[256];

    snprintf(command, sizeof command, "grep -q -r '%s' %s", text, h->folder);
    return system(command) == 0; /* NOLINT: a fixed text */
}

static void ended(struct house *h, struct store_alert *alert)
{
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(alert_journal_end(&h->a, tx, alert), OK);
    assert_int_equal(store_commit(&tx), OK);
}

TEST(a_body_comes_back_once_and_lies_encrypted)
{
    struct house *h = house_open();
    struct store_alert first = alert_of("github"), again = first, other = alert_of("another"), got;
    const struct slice body = SLICE("[{\"token\":\"needle in the database\"}]");
    struct buffer text;

    assert_int_equal(alert_journal_write(&h->a, &first, body), OK);
    assert_int_equal(alert_journal_write(&h->a, &again, body), OK);
    assert_int_equal(alert_journal_write(&h->a, &other, body), OK);
    assert_int_equal(again.id, first.id);
    assert_int_not_equal(other.id, first.id);
    buffer_init(&text);
    assert_int_equal(alert_journal_read(&h->a, first.id, &got, &text), OK);
    assert_true(slice_is(buffer_slice(&text), body));
    assert_string_equal(got.origin, "github");
    assert_false(file_has(h, "needle in the database"));
    buffer_wipe(&text);
    house_close(h);
}

TEST(a_body_with_hits_is_kept_for_ninety_days_and_one_without_is_not)
{
    struct house *h = house_open();
    struct store_alert hit = alert_of("github"), none = hit, later = hit, got;
    struct buffer text;

    buffer_init(&text);
    assert_int_equal(alert_journal_write(&h->a, &hit, SLICE("[1]")), OK);
    hit.hits = 1;
    ended(h, &hit);
    assert_int_equal(alert_journal_write(&h->a, &none, SLICE("[2]")), OK);
    ended(h, &none);
    assert_int_equal(alert_journal_read(&h->a, none.id, &got, &text), ERR_MISSING);
    assert_int_equal(alert_journal_read(&h->a, hit.id, &got, &text), OK);
    test_now_ns += 90 * DAY_NS;
    assert_int_equal(alert_journal_expire(&h->a), OK);
    assert_int_equal(alert_journal_read(&h->a, hit.id, &got, &text), OK);
    test_now_ns++;
    assert_int_equal(alert_journal_write(&h->a, &later, SLICE("[3]")), OK);
    later.hits = 1;
    ended(h, &later);
    assert_int_equal(alert_journal_expire(&h->a), OK);
    assert_int_equal(alert_journal_read(&h->a, hit.id, &got, &text), ERR_MISSING);
    assert_int_equal(got.hits, 1); /* the row stays */
    assert_int_equal(alert_journal_read(&h->a, later.id, &got, &text), OK);
    buffer_wipe(&text);
    house_close(h);
}

TEST_MAIN
