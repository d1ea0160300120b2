#include "test.h"

#include "authority/review.h"
#include "fixture.h"

static uint64_t opened(struct house *h, uint64_t account, uint16_t step)
{
    const struct review_opening opening = { .who = "tester", .kind = REVIEW_DOCUMENT,
                                            .account = account, .step = step,
                                            .detail = json_pack("{s:i}", "pages", 3) };
    struct store_tx *tx;
    uint64_t id;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(review_open(&h->a, tx, &opening, &id), OK);
    assert_int_equal(store_commit(&tx), OK);
    return id;
}

TEST(a_second_one_about_the_same_is_the_first_one)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    uint64_t first = opened(h, account, 1);

    assert_int_equal(opened(h, account, 1), first);
    assert_int_not_equal(opened(h, account, 2), first);
    house_close(h);
}

TEST(a_view_has_votes_owner_and_evidence_and_no_password)
{
    static struct review_view view;
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    uint64_t id = opened(h, account, 1);
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(review_vote(&h->a, tx, "operator 1003", id, true, SLICE("seen")), OK);
    assert_int_equal(review_vote(&h->a, tx, "operator 1003", id, true, SLICE("again")),
                     ERR_EXISTS);
    store_rollback(&tx);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(review_vote(&h->a, tx, "operator 1003", id, true, SLICE("seen")), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(review_view_get(&h->a, id, &view), OK);
    assert_string_equal(view.review.detail, "{\"pages\":3}");
    assert_string_equal(view.account.email, "ada@example.com");
    assert_string_equal(view.account.password, "");
    assert_int_equal(view.vote_count, 1);
    assert_string_equal(view.votes[0].reason, "seen");
    assert_int_equal(review_view_get(&h->a, id + 1, &view), ERR_MISSING);
    house_close(h);
}

TEST(a_withdrawn_one_is_open_no_more)
{
    const struct store_review_filter open = { .open = true };
    static struct review_view views[2];
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    struct store_tx *tx;
    size_t count;

    opened(h, account, 1);
    assert_int_equal(review_list(&h->a, &open, views, 2, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(review_withdraw(&h->a, tx, "tester", REVIEW_DOCUMENT, account, NULL, 1), OK);
    assert_int_equal(review_withdraw(&h->a, tx, "tester", REVIEW_DOCUMENT, account, NULL, 2), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(review_list(&h->a, &open, views, 2, &count), OK);
    assert_int_equal(count, 0);
    house_close(h);
}

TEST(evidence_has_its_limit)
{
    char *text = malloc(5000);
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual"), id;
    struct review_opening opening = { .who = "tester", .kind = REVIEW_LOCATION,
                                      .account = account };
    struct store_tx *tx;

    memset(text, 'x', 4999);
    text[4999] = '\0';
    opening.detail = json_pack("{s:s}", "agent", text);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(review_open(&h->a, tx, &opening, &id), ERR_FULL);
    store_rollback(&tx);
    free(text);
    house_close(h);
}

TEST(words_of_kinds_survive_the_round_trip)
{
    enum review_kind kind;

    for (unsigned i = REVIEW_DOCUMENT; i <= REVIEW_APPROVAL; i++) {
        assert_true(review_kind_parse(slice_of(review_kind_text((enum review_kind)i)), &kind));
        assert_int_equal(kind, i);
    }
    assert_false(review_kind_parse(SLICE("documents"), &kind));
    assert_string_equal(review_state_text(REVIEW_SECONDING), "seconding");
}

TEST_MAIN
