#include "test.h"

#include <sodium.h>

#include "fixture.h"
#include "authority/event.h"
#include "authority/proof.h"
#include "authority/webhook.h"

static const uint8_t operation[OPERATION_SIZE] = "what is confirmed";

static struct webhook_grant created(struct house *h, uint64_t account, struct phone *phone,
                                    const char *url, const char *event)
{
    struct proof proof = { .kind = PROOF_CODE };
    struct webhook_request r = { .who = "tester", .account = account, .proof = &proof,
                                 .operation = operation };
    struct webhook_application ask = { .url = slice_of(url) };
    struct webhook_grant grant;

    test_now_ns += 30 * NS_PER_S;
    proof.code = phone_code(phone, 0);
    if (event != NULL)
        ask.events[ask.event_count++] = slice_of(event);
    refusal_init(&h->r);
    assert_int_equal(webhook_create(&h->a, &r, &ask, &grant, &h->r), OK);
    return grant;
}

TEST(a_webhook_is_made_with_a_proof_and_its_secret_told_once)
{
    struct house *h = house_open();
    struct phone phone;
    uint64_t account = account_ready(h, "ada@example.com", &phone);
    struct webhook_grant grant = created(h, account, &phone, "https://example.com/h", NULL);
    struct store_webhook list[WEBHOOKS_MOST];
    struct proof wrong = { .kind = PROOF_CODE, .code = SLICE("000000") };
    struct webhook_request r = { .who = "tester", .account = account, .proof = &wrong,
                                 .operation = operation };
    struct webhook_application ask = { .url = SLICE("https://example.com/other") };
    size_t count;

    assert_false(refusal_is(&h->r));
    assert_memory_equal(grant.secret, "whsec_", 6);
    assert_int_equal(strlen(grant.secret), WEBHOOK_SECRET_SIZE - 1);
    assert_int_equal(webhook_list(&h->a, account, list, &count), OK);
    assert_int_equal(count, 1);
    assert_string_equal(list[0].url, "https://example.com/h");
    assert_int_equal(webhook_create(&h->a, &r, &ask, &grant, &h->r), OK);
    assert_true(refusal_is(&h->r));
    assert_int_equal(grant.secret[0], 0);
    assert_int_equal(webhook_list(&h->a, account, list, &count), OK);
    assert_int_equal(count, 1);
    free(phone.seed);
    house_close(h);
}

TEST(what_makes_no_sense_is_refused_before_the_proof_is_spent)
{
    struct house *h = house_open();
    struct phone phone;
    uint64_t account = account_ready(h, "ada@example.com", &phone);

    created(h, account, &phone, "http://example.com/h", NULL);
    assert_true(refused(h, "url-malformed", "https://"));
    created(h, account, &phone, "", NULL);
    assert_true(refused(h, "url-malformed", "1 to 512"));
    created(h, account, &phone, "https://example.com/h", "login");
    assert_true(refused(h, "event-unknown", "login"));
    created(h, account, &phone, "https://example.com/h", "key.created");
    assert_false(refusal_is(&h->r));
    created(h, account, &phone, "https://example.com/h", NULL);
    assert_true(refused(h, "webhook-exists", "remove it first"));
    for (int i = 1; i < WEBHOOKS_MOST; i++) {
        char url[64];

        snprintf(url, sizeof url, "https://example.com/%d", i);
        created(h, account, &phone, url, NULL);
        assert_false(refusal_is(&h->r));
    }
    created(h, account, &phone, "https://example.com/more", NULL);
    assert_true(refused(h, "webhooks-too-many", "at most 10"));
    free(phone.seed);
    house_close(h);
}

static size_t deliveries(struct house *h, uint64_t account, uint64_t id,
                         struct store_webhook_delivery d[8])
{
    size_t count;

    assert_int_equal(webhook_deliveries(&h->a, account, id, 0, d, 8, &count, &h->r), OK);
    return count;
}

TEST(a_test_goes_to_one_webhook_and_can_be_sent_again)
{
    struct house *h = house_open();
    struct phone phone;
    uint64_t account = account_ready(h, "ada@example.com", &phone);
    uint64_t one = created(h, account, &phone, "https://example.com/1", "key.leak").webhook.id;
    uint64_t two = created(h, account, &phone, "https://example.com/2", NULL).webhook.id;
    struct store_webhook_delivery d[8];

    assert_int_equal(webhook_test(&h->a, account, one, &h->r), OK);
    assert_int_equal(deliveries(h, account, two, d), 0);
    assert_int_equal(deliveries(h, account, one, d), 1);
    assert_int_equal(d[0].kind, EVENT_WEBHOOK_TEST);
    assert_int_equal(webhook_resend(&h->a, account, one, d[0].id, &h->r), OK);
    assert_false(refusal_is(&h->r));
    assert_int_equal(deliveries(h, account, one, d), 2);
    assert_int_equal(d[0].event, d[1].event);
    assert_int_equal(webhook_resend(&h->a, account, two, d[0].id, &h->r), OK);
    assert_true(refused(h, "delivery-missing", "30 days"));
    free(phone.seed);
    house_close(h);
}

TEST(a_webhook_of_somebody_else_does_not_exist)
{
    struct house *h = house_open();
    struct phone phone;
    uint64_t account = account_ready(h, "ada@example.com", &phone);
    uint64_t eve = account_opened(h, "eve@example.com", "individual");
    uint64_t id = created(h, account, &phone, "https://example.com/1", NULL).webhook.id;
    struct proof proof = { .kind = PROOF_CODE };
    struct webhook_request r = { .who = "tester", .account = account, .proof = &proof,
                                 .operation = operation };
    struct store_webhook_delivery d[8];

    assert_int_equal(webhook_test(&h->a, eve, id, &h->r), OK);
    assert_true(refused(h, "webhook-missing", "no such"));
    refusal_init(&h->r);
    deliveries(h, eve, id, d);
    assert_true(refused(h, "webhook-missing", "no such"));
    refusal_init(&h->r);
    test_now_ns += 30 * NS_PER_S;
    proof.code = phone_code(&phone, 0);
    assert_int_equal(webhook_remove(&h->a, &r, id, &h->r), OK);
    assert_false(refusal_is(&h->r));
    assert_int_equal(webhook_test(&h->a, account, id, &h->r), OK);
    assert_true(refused(h, "webhook-missing", "no such"));
    free(phone.seed);
    house_close(h);
}

TEST(a_delivery_is_ready_only_for_the_webhook_it_was_sealed_for)
{
    struct house *h = house_open();
    struct phone phone;
    uint64_t account = account_ready(h, "ada@example.com", &phone);
    struct webhook_grant grant = created(h, account, &phone, "https://example.com/h", NULL);
    struct store_event event = { .id = 3, .account = account, .kind = EVENT_KEY_LEAK,
                                 .data = "{}" };
    struct post *post;

    assert_int_equal(webhook_post_open(&h->a, &grant.webhook, &event, &post), OK);
    post_close(&post);
    grant.webhook.id++;
    assert_int_equal(webhook_post_open(&h->a, &grant.webhook, &event, &post), ERR_CRYPTO);
    assert_null(post);
    free(phone.seed);
    house_close(h);
}

TEST_MAIN
