#include "test.h"

#include "authority/admission.h"
#include "authority/review.h"
#include "authority/settings.h"
#include "country_fixture.h"
#include "store/holds.h"

/* Which holds a key gets that is asked for from the address. */
static size_t holds_of(struct house *h, const struct key_grant *g, const char *address,
                       struct store_hold holds[KEY_REASON_COUNT])
{
    const struct applicant from = { slice_of(address), SLICE("Browser/1.0") };
    struct store_key key;
    struct store_tx *tx;
    size_t count;
    bool waits;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_key_get(tx, g->id.random, &key), OK);
    assert_int_equal(admission_judge(&h->a, tx, "account 1001", &key, key.scopes, &from, &waits),
                     OK);
    assert_int_equal(store_holds_get(tx, key.id, holds, &count), OK);
    assert_int_equal(waits, count > 0);
    assert_int_equal(store_commit(&tx), OK);
    return count;
}

TEST(a_key_from_another_country_waits_with_the_evidence)
{
    static struct review_view view;
    struct store_hold holds[KEY_REASON_COUNT];
    struct house *h = house_open();
    struct phone p;
    uint64_t account = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(account, "live", "bot", "192.0.2.1"));

    countries_opened(h);
    assert_int_equal(holds_of(h, &g, "192.0.2.9", holds), 0);
    assert_int_equal(holds_of(h, &g, "198.51.100.9", holds), 1);
    assert_int_equal(holds[0].reason, KEY_REASON_LOCATION);
    assert_int_equal(review_view_get(&h->a, 1, &view), OK);
    assert_int_equal(view.review.kind, REVIEW_LOCATION);
    assert_memory_equal(view.review.key, g.id.random, KEY_RANDOM_SIZE);
    assert_string_equal(view.review.detail,
                        "{\"address\":\"198.51.100.9\",\"agent\":\"Browser/1.0\","
                        "\"country\":\"DE\",\"jurisdiction\":\"CH\"}");
    free(p.seed);
    countries_closed(h);
    house_close(h);
}

TEST(a_corporation_that_lists_nobody_waits_for_an_operator)
{
    struct store_hold holds[KEY_REASON_COUNT];
    struct house *h = house_open();
    uint64_t account = account_opened(h, "desk@example.com", "corporate");
    struct key_grant g;
    struct phone p;

    h->settings->approvals = 0;
    account_shown(h, account, "all");
    p = phone_enrolled(h, account);
    g = key_made(h, &p, batch_of(account, "live", "bot", "192.0.2.1"));
    assert_int_equal(holds_of(h, &g, "", holds), 0);
    h->settings->approvals = 1;
    assert_int_equal(holds_of(h, &g, "", holds), 1);
    assert_int_equal(holds[0].reason, KEY_REASON_APPROVAL);
    free(p.seed);
    house_close(h);
}

TEST_MAIN
