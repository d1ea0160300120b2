#include "test.h"

#include "authority/decision.h"
#include "authority/evidence.h"
#include "authority/review.h"
#include "authority/verification.h"
#include "fixture.h"
#include "papers.h"

static char folder[96];
static struct verification_view view;

static struct house *house_with_evidence(void)
{
    struct house *h = house_open();

    snprintf(folder, sizeof folder, "%s/evidence", h->folder);
    h->a.evidence = folder;
    assert_int_equal(evidence_sweep(&h->a), OK);
    return h;
}

static void uploaded(struct house *h, uint64_t account, const char *step)
{
    const struct upload u = { account, slice_of(step), SLICE("application/pdf"), SLICE("a.pdf"),
                              PAPER_PDF };
    struct store_document d;

    refusal_init(&h->r);
    assert_int_equal(evidence_add(&h->a, "tester", &u, &d, &h->r), OK);
}

static bool submitted(struct house *h, uint64_t account, const char *step)
{
    refusal_init(&h->r);
    assert_int_equal(verification_submit(&h->a, "tester", account, slice_of(step), &h->r), OK);
    return !refusal_is(&h->r);
}

static bool decided(struct house *h, uint64_t review, const char *outcome, const char *reason)
{
    const struct decision d = { "operator 1003", 1003, slice_of(outcome), slice_of(reason) };

    refusal_init(&h->r);
    assert_int_equal(review_decide(&h->a, review, &d, &h->r), OK);
    return !refusal_is(&h->r);
}

TEST(a_step_goes_from_missing_over_rejected_to_accepted)
{
    struct house *h = house_with_evidence();
    uint64_t account = account_opened(h, "ada@example.com", "individual");

    assert_false(submitted(h, account, "identity"));
    assert_true(refused(h, "documents-missing", "identity document"));
    uploaded(h, account, "identity");
    assert_true(submitted(h, account, "identity"));
    assert_false(submitted(h, account, "identity"));
    assert_true(refused(h, "step-closed", "with the venue"));
    uploaded(h, account, "identity");
    assert_true(refused(h, "step-closed", ""));
    assert_false(decided(h, 1, "rejected", ""));
    assert_true(refused(h, "reason-missing", ""));
    assert_true(decided(h, 1, "rejected", "blurred"));
    assert_int_equal(verification_view_get(&h->a, account, &view), OK);
    assert_int_equal(view.states[STEP_IDENTITY], STEP_REJECTED);
    assert_string_equal(view.reasons[STEP_IDENTITY], "blurred");
    assert_false(decided(h, 1, "accepted", ""));
    assert_true(refused(h, "review-over", "rejected"));
    assert_false(submitted(h, account, "identity")); /* needs something new */
    uploaded(h, account, "identity");
    assert_true(submitted(h, account, "identity"));
    assert_true(decided(h, 2, "accepted", ""));
    uploaded(h, account, "address");
    assert_true(submitted(h, account, "address"));
    assert_int_equal(verification_view_get(&h->a, account, &view), OK);
    assert_false(view.complete);
    assert_true(decided(h, 3, "accepted", ""));
    assert_int_equal(verification_view_get(&h->a, account, &view), OK);
    assert_true(view.complete);
    assert_int_equal(view.document_count, 3);
    house_close(h);
}

TEST(a_verification_at_the_command_line_decides_the_open_review)
{
    static struct review_view review;
    struct house *h = house_with_evidence();
    uint64_t account = account_opened(h, "ada@example.com", "individual");

    uploaded(h, account, "identity");
    assert_true(submitted(h, account, "identity"));
    account_shown(h, account, "all");
    assert_int_equal(review_view_get(&h->a, 1, &review), OK);
    assert_int_equal(review.review.state, REVIEW_ACCEPTED);
    assert_int_equal(review.document_count, 1);
    house_close(h);
}

TEST(signatories_are_listed_by_corporations_until_the_list_is_with_the_venue)
{
    const struct signatory_entry good[] = { { SLICE("Ada"), SLICE("ada@desk.example") },
                                            { SLICE("Bob"), SLICE("bob@desk.example") } },
                                 bad[] = { { SLICE(""), SLICE("ada@desk.example") },
                                           { SLICE("Bob"), SLICE("bob") },
                                           { SLICE("Cy"), SLICE("ADA@desk.example") } };
    struct house *h = house_with_evidence();
    uint64_t desk = account_opened(h, "desk@example.com", "corporate");
    uint64_t ada = account_opened(h, "ada@example.com", "individual");

    assert_false(submitted(h, desk, "signatories"));
    assert_true(refused(h, "signatories-missing", ""));
    refusal_init(&h->r);
    assert_int_equal(signatories_set(&h->a, "tester", desk, bad, 3, &h->r), OK);
    assert_true(refused(h, "signatory-name", "signatory 1"));
    assert_true(refused(h, "signatory-email", "signatory 2"));
    assert_true(refused(h, "signatory-twice", "1 and 3"));
    refusal_init(&h->r);
    assert_int_equal(signatories_set(&h->a, "tester", desk, good, 0, &h->r), OK);
    assert_true(refused(h, "signatories-count", ""));
    refusal_init(&h->r);
    assert_int_equal(signatories_set(&h->a, "tester", ada, good, 2, &h->r), OK);
    assert_true(refused(h, "step-not-owed", ""));
    refusal_init(&h->r);
    assert_int_equal(signatories_set(&h->a, "tester", desk, good, 2, &h->r), OK);
    assert_false(refusal_is(&h->r));
    assert_true(submitted(h, desk, "signatories"));
    assert_int_equal(signatories_set(&h->a, "tester", desk, good, 1, &h->r), OK);
    assert_true(refused(h, "step-closed", ""));
    assert_int_equal(verification_view_get(&h->a, desk, &view), OK);
    assert_int_equal(view.signatory_count, 2);
    assert_int_equal(view.states[STEP_SIGNATORIES], STEP_SUBMITTED);
    house_close(h);
}

TEST_MAIN
