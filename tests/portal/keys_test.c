#include "test.h"

#include "../authority/owner.h"
#include "authority/session.h"
#include "portal/keys.h"

struct desk {
    struct owner owner;
    struct session session;
    char id[KEY_ID_TEXT_SIZE];
};

static void desk_begin(struct desk *d, const char *scope)
{
    owner_begin(&d->owner, "live", scope);
    d->session = (struct session){ .account = d->owner.account, .level = SESSION_FULL,
                                   .id = "session" };
    key_id_format(&d->owner.key.id, d->id);
}

/* One call about the desk's key; the reply's JSON, or NULL when it is refused with `code`. */
static json_t *called(struct desk *d, enum err (*resource)(struct call *c), const char *body,
                      const char *code)
{
    struct call c = { .authority = &d->owner.house->a, .session = &d->session,
                      .value = slice_of(d->id), .address = SLICE("192.0.2.7"), .portal = true,
                      .who = "account 1001", .status = 200 };
    json_t *object = json_loads(body, 0, NULL);

    assert_non_null(object);
    c.body = object;
    refusal_init(&c.refusal);
    assert_int_equal(resource(&c), OK);
    json_decref(object);
    if (code == NULL) {
        if (refusal_is(&c.refusal))
            fail_msg("%s: %s", c.refusal.reasons[0].code, c.refusal.reasons[0].text);
        return c.reply;
    }
    assert_true(refusal_is(&c.refusal));
    assert_string_equal(c.refusal.reasons[0].code, code);
    json_decref(c.reply);
    return NULL;
}

static const char *text_of(const json_t *reply, const char *name)
{
    return json_string_value(json_object_get(reply, name));
}

TEST(a_key_is_shown_renamed_and_revoked)
{
    struct desk d;
    json_t *key;

    desk_begin(&d, NULL);
    key = called(&d, own_key_get, "{}", NULL);
    assert_string_equal(text_of(key, "id"), d.id);
    assert_null(json_object_get(key, "secret"));
    assert_true(json_is_array(json_object_get(key, "addresses")));
    json_decref(key);
    key = called(&d, own_key_rename_post, "{\"label\":\"maker\"}", NULL);
    assert_string_equal(text_of(key, "label"), "maker");
    json_decref(key);
    key = called(&d, own_key_revoke_post, "{}", NULL);
    assert_string_equal(text_of(key, "state"), "revoked");
    assert_string_equal(text_of(key, "reason"), "by its owner");
    json_decref(key);
    called(&d, own_key_rename_post, "{\"label\":\"again\"}", "key-ended");
    owner_end(&d.owner);
}

TEST(another_accounts_key_is_answered_like_none)
{
    static enum err (*const resources[])(struct call *c) = {
        own_key_get, own_key_rename_post, own_key_tighten_post, own_key_revoke_post,
        own_key_mail_post,
    };
    struct desk d;

    desk_begin(&d, NULL);
    d.session.account = account_opened(d.owner.house, "eve@example.com", "individual");
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++)
        called(&d, resources[i], "{\"label\":\"mine\"}", "key-missing");
    assert_int_equal(key_stored(d.owner.house, d.owner.key.id.random).state, KEY_ACTIVE);
    owner_end(&d.owner);
}

TEST(options_name_what_is_missing_and_what_can_be_chosen)
{
    struct desk d;
    json_t *options;

    desk_begin(&d, NULL);
    options = called(&d, own_keys_options_get, "{}", NULL);
    assert_int_equal(json_array_size(json_object_get(options, "missing")), 0);
    assert_int_equal(json_array_size(json_object_get(options, "groups")), SCOPE_GROUP_COUNT);
    assert_string_equal(text_of(options, "address"), "192.0.2.7");
    assert_string_equal(text_of(json_object_get(options, "venues"), "live"),
                        "https://localhost:8443");
    json_decref(options);
    d.session.account = account_opened(d.owner.house, "eve@example.com", "individual");
    options = called(&d, own_keys_options_get, "{}", NULL);
    assert_true(json_array_size(json_object_get(options, "missing")) > 1);
    json_decref(options);
    owner_end(&d.owner);
}

TEST(a_form_is_checked_without_being_refused)
{
    struct desk d;
    json_t *reply;
    const json_t *problem;

    desk_begin(&d, NULL);
    reply = called(&d, own_keys_check_post,
                   "{\"environment\":\"live\",\"label\":\"x\",\"scopes\":[\"orders:read\"],"
                   "\"ip_rules\":[\"10.0.0.1\",\"0.0.0.0/0\"]}",
                   NULL);
    assert_int_equal(json_array_size(json_object_get(reply, "problems")), 1);
    problem = json_array_get(json_object_get(reply, "problems"), 0);
    assert_string_equal(text_of(problem, "field"), "ip_rules.1");
    json_decref(reply);
    owner_end(&d.owner);
}

TEST(a_change_is_checked_and_told_whether_it_only_takes_away)
{
    struct desk d;
    json_t *reply;

    desk_begin(&d, NULL);
    reply = called(&d, own_key_check_post, "{\"ip_rules\":[\"192.0.2.8\"]}", NULL);
    assert_int_equal(json_array_size(json_object_get(reply, "problems")), 0);
    assert_true(json_is_true(json_object_get(reply, "tightens")));
    json_decref(reply);
    reply = called(&d, own_key_check_post, "{\"ip_rules\":[\"192.0.2.8\",\"300.0.0.1\"]}", NULL);
    assert_string_equal(text_of(json_array_get(json_object_get(reply, "problems"), 0), "field"),
                        "ip_rules.1");
    json_decref(reply);
    d.session.account = account_opened(d.owner.house, "eve@example.com", "individual");
    called(&d, own_key_check_post, "{\"ip_rules\":[\"192.0.2.8\"]}", "key-missing");
    owner_end(&d.owner);
}

TEST(withdrawals_are_mailed_again_and_confirmed_by_the_link)
{
    char token[LINK_TOKEN_SIZE], body[128];
    struct desk d;

    desk_begin(&d, "withdraw:write");
    json_decref(called(&d, own_key_mail_post, "{}", NULL));
    mail_token(d.owner.house, "withdrawal", token);
    snprintf(body, sizeof body, "{\"token\":\"%s\"}", token);
    json_decref(called(&d, link_withdrawal_post, body, NULL));
    called(&d, link_withdrawal_post, body, "link-used");
    called(&d, own_key_mail_post, "{}", "nothing-waits");
    owner_end(&d.owner);
}

TEST_MAIN
