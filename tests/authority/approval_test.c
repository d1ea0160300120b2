#include "test.h"

#include "authority/admission.h"
#include "authority/approval.h"
#include "authority/settings.h"
#include "country_fixture.h"
#include "authority/hold.h"
#include "authority/postbox.h"
#include "authority/review.h"
#include "store/mails.h"

/* A corporation with three signatories, a key of it, and the links that they were mailed. */
struct desk {
    struct house *h;
    struct phone p;
    struct key_grant g;
    char tokens[3][LINK_TOKEN_SIZE];
};

/* Takes mails that are due from the queue, as the courier does, up to the next one with a link. */
static void token_read(struct desk *d, size_t index)
{
    static struct store_mail mail;
    const char *at = NULL;
    struct buffer text;
    struct store_tx *tx;
    bool present;

    buffer_init(&text);
    assert_int_equal(store_begin(d->h->a.store, &tx), OK);
    while (at == NULL) {
        buffer_wipe(&text);
        assert_int_equal(store_mail_due_find(tx, test_now_ns, &mail, &present), OK);
        assert_true(present);
        assert_int_equal(mail_open(&d->h->a, &mail, &text), OK);
        mail.state = DELIVERY_DONE;
        assert_int_equal(store_mail_set(tx, &mail), OK);
        buffer_append_char(&text, '\0');
        at = strstr((const char *)text.at, "/approval/");
    }
    memcpy(d->tokens[index], at + strlen("/approval/"), LINK_TOKEN_SIZE - 1);
    buffer_wipe(&text);
    assert_int_equal(store_commit(&tx), OK);
}

static struct desk desk_open(unsigned needed)
{
    struct store_signatory list[3] = { { .name = "Ada", .email = "ada@desk.example" },
                                       { .name = "Bob", .email = "bob@desk.example" },
                                       { .name = "Cy", .email = "cy@desk.example" } };
    const struct applicant nobody = { SLICE_EMPTY, SLICE_EMPTY };
    struct desk d = { .h = house_open() };
    uint64_t account = account_opened(d.h, "desk@example.com", "corporate");
    struct store_key key;
    struct store_tx *tx;
    bool waits;

    d.h->settings->approvals = 0; /* until the key is there */
    account_shown(d.h, account, "all");
    d.p = phone_enrolled(d.h, account);
    d.g = key_made(d.h, &d.p, batch_of(account, "live", "bot", "192.0.2.1"));
    d.h->settings->approvals = needed;
    assert_int_equal(store_begin(d.h->a.store, &tx), OK);
    assert_int_equal(store_signatories_set(tx, account, list, 3, test_now_ns), OK);
    assert_int_equal(store_key_get(tx, d.g.id.random, &key), OK);
    assert_int_equal(admission_judge(&d.h->a, tx, "tester", &key, key.scopes, &nobody, &waits),
                     OK);
    assert_true(waits);
    assert_int_equal(store_commit(&tx), OK);
    assert_int_equal(publish_key(d.h->a.publisher, d.g.id.random), OK);
    assert_int_equal(fixed_of(d.h, &d.g).state, KEY_SUSPENDED);
    for (size_t i = 0; i < 3; i++)
        token_read(&d, i);
    return d;
}

static void desk_close(struct desk *d)
{
    free(d->p.seed);
    house_close(d->h);
}

static bool decided(struct desk *d, size_t index, bool accepts)
{
    refusal_init(&d->h->r);
    assert_int_equal(approval_decide(&d->h->a, slice_of(d->tokens[index]), accepts, &d->h->r), OK);
    return !refusal_is(&d->h->r);
}

TEST(two_of_three_signatories_lift_the_hold)
{
    struct desk d = desk_open(2);
    struct approval_view view;

    assert_int_equal(approval_view_get(&d.h->a, slice_of(d.tokens[1]), &view, &d.h->r), OK);
    assert_string_equal(view.signatory.name, "Bob");
    assert_string_equal(view.key.label, "bot");
    assert_int_equal(view.needed, 2);
    assert_true(decided(&d, 0, true));
    assert_int_equal(fixed_of(d.h, &d.g).state, KEY_SUSPENDED);
    assert_false(decided(&d, 0, true)); /* a link works once */
    assert_true(refused(d.h, "link-used", ""));
    assert_true(decided(&d, 2, true));
    assert_int_equal(fixed_of(d.h, &d.g).state, KEY_ACTIVE);
    assert_false(decided(&d, 1, false));
    assert_true(refused(d.h, "approval-over", ""));
    assert_int_equal(fixed_of(d.h, &d.g).state, KEY_ACTIVE);
    desk_close(&d);
}

TEST(rejections_revoke_once_approval_is_out_of_reach)
{
    struct desk d = desk_open(2);

    assert_true(decided(&d, 0, false));
    assert_int_equal(fixed_of(d.h, &d.g).state, KEY_SUSPENDED);
    assert_true(decided(&d, 1, false));
    assert_int_equal(fixed_of(d.h, &d.g).state, KEY_REVOKED);
    desk_close(&d);
}

TEST(who_is_not_listed_any_more_decides_nothing)
{
    struct store_signatory other = { .name = "Dan", .email = "dan@desk.example" };
    struct desk d = desk_open(1);
    struct store_tx *tx;

    assert_int_equal(store_begin(d.h->a.store, &tx), OK);
    assert_int_equal(store_signatories_set(tx, ACCOUNT_FIRST_ID, &other, 1, test_now_ns), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_false(decided(&d, 0, true));
    assert_true(refused(d.h, "approval-over", "no listed signatory"));
    assert_int_equal(fixed_of(d.h, &d.g).state, KEY_SUSPENDED);
    desk_close(&d);
}

TEST(a_link_for_something_else_is_none)
{
    struct desk d = desk_open(1);

    refusal_init(&d.h->r);
    assert_int_equal(approval_decide(&d.h->a, SLICE("nothing"), true, &d.h->r), OK);
    assert_true(refused(d.h, "link-unknown", ""));
    desk_close(&d);
}

TEST_MAIN
