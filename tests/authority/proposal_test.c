#include "test.h"

#include "authority/proposal.h"
#include "authority/settings.h"
#include "fixture.h"

static void proposed(struct house *h, const char *who, uint64_t account, const char *keys)
{
    struct proposal p = { .who = who, .account = account, .kind = REVIEW_FLAG,
                          .reason = SLICE("odd") };

    p.detail = json_pack("{s:s, s:s, s:s, s:s}", "action", "flag", "kind", "suspicious", "keys",
                         keys, "reason", who);
    refusal_init(&h->r);
    assert_int_equal(proposal_make(&h->a, &p, &h->r), OK);
}

static uint64_t waiting(struct house *h, uint64_t account)
{
    uint64_t review;

    assert_int_equal(proposal_waiting_get(&h->a, REVIEW_FLAG, account, &review), OK);
    return review;
}

TEST(a_proposal_waits_for_another_operator_who_wants_the_same_for_any_reason)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");

    h->settings->two_person = true;
    assert_int_equal(waiting(h, account), 0);
    proposed(h, "operator 1003", account, "leave");
    assert_false(refusal_is(&h->r));
    assert_int_equal(waiting(h, account), 1);
    proposed(h, "operator 1003", account, "leave");
    assert_true(refused(h, "review-seconding", "second operator"));
    proposed(h, "operator 1004", account, "revoke");
    assert_true(refused(h, "proposal-waiting", "review 1 "));
    proposed(h, "operator 1004", account, "leave");
    assert_false(refusal_is(&h->r));
    assert_int_equal(waiting(h, account), 0);
    house_close(h);
}

TEST(nobody_proposes_about_the_own_account)
{
    struct refusal *r = calloc(1, sizeof *r);

    assert_non_null(r);
    proposal_own_judge("operator 1003", 1004, r);
    proposal_own_judge("operator uid 0", 1003, r);
    proposal_own_judge("operator 10031", 1003, r);
    assert_false(refusal_is(r));
    proposal_own_judge("operator 1003", 1003, r);
    assert_true(refusal_is(r));
    free(r);
}

TEST_MAIN
