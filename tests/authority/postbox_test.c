#include "test.h"

#include "fixture.h"
#include "authority/postbox.h"

static struct store_mail *queued(struct house *h)
{
    struct store_mail *row = calloc(1, sizeof *row);
    struct store_tx *tx;
    bool present;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(store_mail_due_find(tx, test_now_ns, row, &present), OK);
    store_rollback(&tx);
    if (present)
        return row;
    free(row);
    return NULL;
}

TEST(a_mail_lies_sealed_in_the_queue_and_says_what_it_should)
{
    struct house *h = house_open();
    struct mail mail = { .template = MAIL_PASSWORD_RESET, .purpose = LINK_PASSWORD,
                         .token = "THE-TOKEN" };
    struct store_mail *row;
    struct store_tx *tx;
    struct buffer b;

    mail.account = account_opened(h, "ada@example.com", "individual");
    mail.data = json_pack("{s:s}", "address", "192.0.2.7");
    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(mail_write(&h->a, tx, &mail), OK);
    assert_int_equal(store_commit(&tx), OK);
    row = queued(h);
    assert_non_null(row);
    assert_string_equal(row->recipient, "ada@example.com");
    assert_null(memmem(row->sealed, row->sealed_size, "THE-TOKEN", 9));
    buffer_init(&b);
    assert_int_equal(mail_open(&h->a, row, &b), OK);
    assert_memory_equal(b.at, "Choose a new password\n\n", 23);
    assert_non_null(strstr(b.at, "/console/#/link/password/THE-TOKEN\n"));
    assert_non_null(strstr(b.at, "192.0.2.7"));
    assert_null(strstr(b.at, "{{"));
    buffer_wipe(&b);
    buffer_init(&b);
    row->id++;
    assert_int_equal(mail_open(&h->a, row, &b), ERR_CRYPTO);
    buffer_wipe(&b);
    free(row);
    house_close(h);
}

TEST(a_mail_of_a_transaction_that_did_not_happen_does_not_exist)
{
    struct house *h = house_open();
    struct mail mail = { .template = MAIL_ACCOUNT_EXISTS, .to = "eve@example.com" };
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    assert_int_equal(mail_write(&h->a, tx, &mail), OK);
    store_rollback(&tx);
    assert_null(queued(h));
    house_close(h);
}

TEST(nobody_smuggles_a_header_into_an_address)
{
    static const char *const bad[] = { "", "ada", "a@b.example\r\nBcc: c@d.example",
                                       "a@b.example, c@d.example", "<a@b.example>" };
    struct house *h = house_open();
    struct store_tx *tx;

    assert_int_equal(store_begin(h->a.store, &tx), OK);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mail mail = { .template = MAIL_EMAIL_CONFIRM, .to = bad[i] };

        assert_int_equal(mail_write(&h->a, tx, &mail), ERR_MALFORMED);
    }
    store_rollback(&tx);
    house_close(h);
}

TEST_MAIN
