#include "test.h"

#include "../authority/fixture.h"
#include "authority/session.h"
#include "portal/webhooks.h"

static struct call call_of(struct house *h, const struct session *session, const char *id)
{
    struct call c = { .authority = &h->a, .session = session, .value = slice_of(id),
                      .second = SLICE("1") };

    refusal_init(&c.refusal);
    return c;
}

TEST(an_account_without_webhooks_sees_what_it_may_ask_for)
{
    struct house *h = house_open();
    struct session session = { .account = account_opened(h, "ada@example.com", "individual") };
    struct call c = call_of(h, &session, "");
    const json_t *events;

    assert_int_equal(webhooks_get(&c), OK);
    assert_int_equal(json_array_size(json_object_get(c.reply, "webhooks")), 0);
    events = json_object_get(c.reply, "events");
    assert_true(json_array_size(events) > 10);
    assert_string_equal(json_string_value(json_array_get(events, 0)), "key.created");
    json_decref(c.reply);
    house_close(h);
}

TEST(an_id_that_is_none_names_no_webhook)
{
    static const char *const ids[] = { "", "0", "7", "-1", "1x", "99999999999999999999" };
    struct house *h = house_open();
    struct session session = { .account = account_opened(h, "ada@example.com", "individual") };

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct call test = call_of(h, &session, ids[i]), resend = call_of(h, &session, ids[i]);

        assert_int_equal(webhook_test_post(&test), OK);
        assert_int_equal(refusal_status(&test.refusal), 404);
        assert_int_equal(webhook_resend_post(&resend), OK);
        assert_int_equal(refusal_status(&resend.refusal), 404);
        json_decref(test.reply);
        json_decref(resend.reply);
    }
    house_close(h);
}

TEST_MAIN
