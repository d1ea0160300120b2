#include "test.h"

#include "fixture.h"
#include "store/reviews.h"

static struct store_review review_made(struct store_tx *tx, uint64_t account,
                                       enum review_kind kind, uint16_t step)
{
    struct store_review r = { .kind = kind, .state = REVIEW_OPEN, .account = account,
                              .step = step, .opened_at_ns = 7, .detail = "{\"a\":1}" };

    assert_int_equal(store_review_insert(tx, &r), OK);
    return r;
}

TEST(a_review_is_read_back_and_found_while_it_is_open)
{
    struct place p = place_open();
    uint64_t account = account_made(&p, "ada@example.com");
    struct store_tx *tx = begun(&p);
    struct store_review made = review_made(tx, account, REVIEW_DOCUMENT, 2), got;
    bool present;

    assert_int_equal(made.id, 1);
    assert_int_equal(store_review_get(tx, made.id, &got), OK);
    assert_memory_equal(&got, &made, offsetof(struct store_review, detail));
    assert_string_equal(got.detail, "{\"a\":1}");
    assert_int_equal(store_review_find_open(tx, REVIEW_DOCUMENT, account, NULL, 2, &got, &present),
                     OK);
    assert_true(present);
    assert_int_equal(store_review_find_open(tx, REVIEW_DOCUMENT, account, NULL, 1, &got, &present),
                     OK);
    assert_false(present);
    assert_int_equal(store_review_state_set(tx, made.id, REVIEW_REJECTED, SLICE("blurred"), 9), OK);
    assert_int_equal(store_review_find_open(tx, REVIEW_DOCUMENT, account, NULL, 2, &got, &present),
                     OK);
    assert_false(present);
    assert_int_equal(store_review_get(tx, made.id, &got), OK);
    assert_string_equal(got.reason, "blurred");
    assert_int_equal(got.decided_at_ns, 9);
    assert_int_equal(store_review_get(tx, 99, &got), ERR_MISSING);
    store_rollback(&tx);
    place_close(&p);
}

TEST(what_is_about_a_key_is_withdrawn_with_it_and_ends_by_itself)
{
    struct place p = place_open();
    uint64_t account = account_made(&p, "ada@example.com");
    struct store_review r = { .kind = REVIEW_APPROVAL, .state = REVIEW_OPEN, .account = account,
                              .ends_at_ns = 50 }, got;
    struct store_tx *tx = begun(&p);
    bool present;

    memset(r.key, 'k', sizeof r.key);
    assert_int_equal(store_review_insert(tx, &r), OK);
    assert_int_equal(store_review_find_due(tx, 49, &got, &present), OK);
    assert_false(present);
    assert_int_equal(store_review_find_due(tx, 50, &got, &present), OK);
    assert_true(present);
    assert_memory_equal(got.key, r.key, sizeof r.key);
    assert_int_equal(store_reviews_withdraw(tx, r.key, 60), OK);
    assert_int_equal(store_review_find_due(tx, 50, &got, &present), OK);
    assert_false(present);
    assert_int_equal(store_review_get(tx, r.id, &got), OK);
    assert_int_equal(got.state, REVIEW_WITHDRAWN);
    store_rollback(&tx);
    place_close(&p);
}

TEST(lists_are_filtered_and_go_backwards)
{
    static struct store_review got[4];
    struct store_review_filter filter = { .open = true };
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), bob = account_made(&p, "bob@example.com");
    struct store_tx *tx = begun(&p);
    size_t count;

    for (unsigned i = 0; i < 3; i++)
        review_made(tx, i == 1 ? bob : ada, i == 2 ? REVIEW_FLAG : REVIEW_DOCUMENT, 1);
    assert_int_equal(store_reviews_list(tx, &filter, got, 2, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(got[0].id, 3);
    filter.before = 2;
    assert_int_equal(store_reviews_list(tx, &filter, got, 4, &count), OK);
    assert_int_equal(count, 1);
    filter = (struct store_review_filter){ .open = true, .kind = REVIEW_FLAG };
    assert_int_equal(store_reviews_list(tx, &filter, got, 4, &count), OK);
    assert_int_equal(count, 1);
    filter = (struct store_review_filter){ .all = true, .account = ada };
    assert_int_equal(store_reviews_list(tx, &filter, got, 4, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(store_review_state_set(tx, 1, REVIEW_ACCEPTED, SLICE(""), 9), OK);
    filter = (struct store_review_filter){ .open = false };
    assert_int_equal(store_reviews_list(tx, &filter, got, 4, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(got[0].id, 1);
    filter = (struct store_review_filter){ .open = true, .account = ada };
    assert_int_equal(store_reviews_list(tx, &filter, got, 4, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(got[0].id, 3);
    store_rollback(&tx);
    place_close(&p);
}

TEST(a_person_votes_once)
{
    struct place p = place_open();
    struct store_tx *tx = begun(&p);
    uint64_t account;
    struct store_vote vote = { .voter = "operator 1003", .accepts = true, .reason = "seen",
                               .at_ns = 5 };
    static struct store_vote got[REVIEW_VOTES_MOST];
    size_t count;

    store_rollback(&tx);
    account = account_made(&p, "ada@example.com");
    tx = begun(&p);
    vote.review = review_made(tx, account, REVIEW_FLAG, 0).id;
    assert_int_equal(store_vote_insert(tx, &vote), OK);
    assert_int_equal(store_votes_get(tx, vote.review, got, &count), OK);
    assert_int_equal(count, 1);
    assert_memory_equal(&got[0], &vote, sizeof vote);
    assert_int_equal(store_vote_insert(tx, &vote), ERR_EXISTS);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
