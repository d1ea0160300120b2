#include "test.h"

#include "fixture.h"
#include "authority/event.h"
#include "authority/postbox.h"
#include "store/webhooks.h"

static void written(struct house *h, struct event event, enum err expected)
{
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(event_write(&h->a, tx, &event), expected);
    if (expected == OK)
        assert_int_equal(store_commit(&tx), OK);
    store_rollback(&tx);
}

static bool newest_keep(void *context, const struct store_event *event)
{
    *(struct store_event *)context = *event;
    return false;
}

static struct store_event newest(struct house *h, uint64_t account)
{
    struct store_event got = { 0 };
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_events_each(tx, account, 0, 1, newest_keep, &got), OK);
    store_rollback(&tx);
    return got;
}

TEST(an_event_about_a_key_names_it_in_notice_and_mail)
{
    struct house *h = house_open();
    struct phone phone;
    uint64_t account = account_ready(h, "ada@example.com", &phone), waiting;
    struct key_grant grant = key_made(h, &phone, batch_of(account, "live", "Bot One", "192.0.2.1"));
    struct store_mails_state before, after;
    struct store_event got;
    struct store_tx *tx;
    struct buffer b;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_mails_state_get(tx, 0, &before), OK);
    store_rollback(&tx);
    written(h, (struct event){ .kind = EVENT_KEY_REVOKED, .account = account,
                               .key = grant.id.random, .address = "192.0.2.9",
                               .data = json_pack("{s:s}", "reason", "no\nlonger") },
            OK);
    got = newest(h, account);
    assert_int_equal(got.kind, EVENT_KEY_REVOKED);
    assert_non_null(strstr(got.data, "\"label\":\"Bot One\""));
    assert_non_null(strstr(got.data, "\"id\":\"lki_live_"));
    buffer_init(&b);
    event_notice(&got, &b);
    assert_string_equal(b.at, "API key “Bot One” was revoked: no longer");
    buffer_wipe(&b);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_mails_state_get(tx, 0, &after), OK);
    assert_int_equal(store_webhook_waiting_count(tx, &waiting), OK);
    store_rollback(&tx);
    assert_int_equal(after.waiting_count, before.waiting_count + 1);
    assert_int_equal(waiting, 0);
    free(phone.seed);
    house_close(h);
}

TEST(webhooks_get_what_they_asked_for_while_they_are_on)
{
    static const struct {
        const char *events;
        enum webhook_state state;
        bool gets;
    } cases[] = {
        { "", WEBHOOK_ON, true },
        { "key.created review.decided", WEBHOOK_ON, true },
        { "key.created", WEBHOOK_ON, false },
        { "review.decided.not", WEBHOOK_ON, false },
        { "", WEBHOOK_DISABLED, false },
        { "", WEBHOOK_REMOVED, false },
    };
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct store_webhook w = { .account = account, .state = cases[i].state, .sealed_size = 1 };

        snprintf(w.events, sizeof w.events, "%s", cases[i].events);
        assert_int_equal(store_webhook_id_next(tx, &w.id), OK);
        assert_int_equal(w.id, i + 1);
        assert_int_equal(store_webhook_insert(tx, &w), OK);
    }
    assert_int_equal(store_commit(&tx), OK);
    written(h, (struct event){ .kind = EVENT_REVIEW_DECIDED, .account = account }, OK);
    written(h, (struct event){ .kind = EVENT_LOGIN, .account = account }, OK);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct store_webhook_delivery d[4];
        size_t count;

        assert_int_equal(store_webhook_deliveries_list(tx, i + 1, 0, d, 4, &count), OK);
        assert_int_equal(count, cases[i].gets ? 1 : 0);
    }
    store_rollback(&tx);
    house_close(h);
}

TEST(an_event_about_nobody_or_too_long_is_an_error)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    char *text = calloc(1, EVENT_DATA_SIZE + 1);

    memset(text, 'x', EVENT_DATA_SIZE);
    written(h, (struct event){ .kind = EVENT_LOGIN, .account = account,
                               .data = json_pack("{s:s}", "a", text) },
            ERR_FULL);
    written(h, (struct event){ .kind = EVENT_KEY_CREATED, .account = account,
                               .key = "0000000000000000" },
            ERR_MISSING);
    free(text);
    house_close(h);
}

TEST(words_and_kinds_belong_together)
{
    enum event_kind kind;

    assert_true(event_parse(SLICE("key.expiring"), &kind));
    assert_int_equal(kind, EVENT_KEY_EXPIRING);
    assert_string_equal(event_word(kind), "key.expiring");
    assert_true(event_has_webhooks(kind));
    assert_false(event_has_webhooks(EVENT_LOGIN));
    assert_false(event_parse(SLICE("key"), &kind));
    assert_string_equal(event_word(9999), "unknown");
}

TEST_MAIN
