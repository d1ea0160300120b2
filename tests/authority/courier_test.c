#include "test.h"

#include <pthread.h>

#include "fixture.h"
#include "authority/courier.h"
#include "authority/event.h"
#include "authority/postbox.h"
#include "mail/folder.h"

/* Letters go to `folder`; what the settings said before is put back before it is freed. */
static struct settings_mail carrier_put(struct house *h, struct settings_mail mail)
{
    struct settings_mail before = h->settings->mail;

    h->settings->mail = mail;
    return before;
}

/* The events of an account that say a mail was given up. */
static bool given_up_count(void *context, const struct store_event *event)
{
    *(size_t *)context += event->kind == EVENT_MAIL_GIVEN_UP;
    return true;
}

static void queued(struct house *h, uint64_t account)
{
    struct mail mail = { .template = MAIL_PASSWORD_RESET, .account = account,
                         .purpose = LINK_PASSWORD, .token = "THE-TOKEN" };
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(mail_write(&h->a, tx, &mail), OK);
    assert_int_equal(store_commit(&tx), OK);
}

static struct courier_state now_is(struct house *h)
{
    struct courier_state got;

    assert_int_equal(courier_state_get(&h->a, &got), OK);
    return got;
}

/* Until no mail waits, which the test's own limit of time ends. */
static void delivered_await(struct house *h)
{
    const struct timespec moment = { .tv_nsec = 5000000 };

    while (now_is(h).mails_waiting > 0)
        nanosleep(&moment, NULL);
}

TEST(without_a_courier_nobody_is_woken)
{
    courier_wake(NULL);
}

TEST(a_mail_that_is_queued_lands_in_the_folder)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    struct settings_mail before;
    struct folder_list list;
    struct buffer letter;
    char folder[96];

    snprintf(folder, sizeof folder, "%s/mail", h->folder);
    before = carrier_put(h, (struct settings_mail){ .folder = folder,
                                                    .from = "keys@venue.example" });
    assert_int_equal(courier_open(&h->a, &h->a.courier), OK);
    queued(h, account);
    delivered_await(h);
    courier_close(&h->a.courier);
    assert_null(h->a.courier);
    assert_int_equal(folder_list_read(folder, &list), OK);
    assert_int_equal(list.count, 1);
    buffer_init(&letter);
    assert_int_equal(folder_letter_read(folder, list.names[0], &letter), OK);
    assert_non_null(strstr(letter.at, "To: <ada@example.com>\r\n"));
    assert_non_null(strstr(letter.at, "Subject: Choose a new password\r\n"));
    assert_non_null(strstr(letter.at, "/console/#/link/password/THE-TOKEN\r\n"));
    buffer_wipe(&letter);
    folder_list_wipe(&list);
    carrier_put(h, before);
    house_close(h);
}

TEST(what_was_queued_or_under_way_before_a_restart_is_sent_after_it)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    struct settings_mail before;
    struct store_mail *row = calloc(1, sizeof *row);
    char folder[96];
    struct store_tx *tx;
    bool present;

    before = carrier_put(h, (struct settings_mail){ .folder = NULL });
    queued(h, account);
    queued(h, account);
    /* One was claimed when the process died. */
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_mail_due_find(tx, test_now_ns, row, &present), OK);
    assert_true(present);
    row->state = DELIVERY_UNDER_WAY;
    assert_int_equal(store_mail_set(tx, row), OK);
    assert_int_equal(store_commit(&tx), OK);
    assert_false(now_is(h).has_carrier);
    assert_int_equal(now_is(h).mails_waiting, 2);
    snprintf(folder, sizeof folder, "%s/mail", h->folder);
    carrier_put(h, (struct settings_mail){ .folder = folder, .from = "keys@venue.example" });
    assert_int_equal(courier_open(&h->a, &h->a.courier), OK);
    delivered_await(h);
    courier_close(&h->a.courier);
    assert_int_equal(now_is(h).mails_given_up, 0);
    free(row);
    carrier_put(h, before);
    house_close(h);
}

TEST(after_three_days_it_gives_up_and_says_so)
{
    struct house *h = house_open();
    uint64_t account = account_opened(h, "ada@example.com", "individual");
    struct settings_mail before;
    size_t given_up = 0;
    struct store_tx *tx;

    before = carrier_put(h, (struct settings_mail){ .folder = "/dev/null/nowhere",
                                                    .from = "keys@venue.example" });
    queued(h, account);
    test_now_ns += 3 * DAY_NS;
    assert_int_equal(courier_open(&h->a, &h->a.courier), OK);
    delivered_await(h);
    courier_close(&h->a.courier);
    assert_int_equal(now_is(h).mails_given_up, 1);
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_events_each(tx, account, 0, 100, given_up_count, &given_up), OK);
    store_rollback(&tx);
    assert_int_equal(given_up, 1);
    carrier_put(h, before);
    house_close(h);
}

TEST_MAIN
