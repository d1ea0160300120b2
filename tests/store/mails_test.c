#include "test.h"

#include "fixture.h"
#include "store/mails.h"

static struct store_mail mail_made(struct store_tx *tx, uint64_t due_at_ns)
{
    struct store_mail m = { .recipient = "ada@example.com", .template = 1, .made_at_ns = 3,
                            .due_at_ns = due_at_ns, .sealed = "seal", .sealed_size = 4 };

    assert_int_equal(store_mail_id_next(tx, &m.id), OK);
    assert_int_equal(store_mail_insert(tx, &m), OK);
    return m;
}

TEST(the_mail_that_is_due_first_comes_first)
{
    struct place p = place_open();
    struct store_tx *tx = begun(&p);
    struct store_mail late = mail_made(tx, 200), early = mail_made(tx, 100), got;
    uint64_t due;
    bool present;

    assert_int_not_equal(late.id, early.id);
    assert_int_equal(store_mails_due_get(tx, &due), OK);
    assert_int_equal(due, 100);
    assert_int_equal(store_mail_due_find(tx, 99, &got, &present), OK);
    assert_false(present);
    assert_int_equal(store_mail_due_find(tx, 100, &got, &present), OK);
    assert_true(present);
    assert_int_equal(got.id, early.id);
    assert_string_equal(got.recipient, "ada@example.com");
    assert_memory_equal(got.sealed, "seal", 4);
    got.due_at_ns = 300;
    got.attempt_count = 1;
    got.state = DELIVERY_WAITING;
    assert_int_equal(store_mail_set(tx, &got), OK);
    assert_int_equal(store_mail_due_find(tx, 1000, &got, &present), OK);
    assert_int_equal(got.id, late.id);
    store_rollback(&tx);
    place_close(&p);
}

TEST(what_a_mail_said_is_gone_once_it_is_sent)
{
    struct place p = place_open();
    struct store_tx *tx = begun(&p);
    struct store_mail m = mail_made(tx, 100);
    struct store_mails_state all;
    FILE *file;
    char *bytes = calloc(1, 1 << 20);
    bool present;

    memcpy(m.sealed, "SEALED-TEXT-OF-A-MAIL", m.sealed_size = 21);
    m.id++;
    assert_int_equal(store_mail_insert(tx, &m), OK);
    m.state = DELIVERY_DONE;
    m.done_at_ns = 500;
    assert_int_equal(store_mail_set(tx, &m), OK);
    m.id--;
    m.state = DELIVERY_GIVEN_UP;
    assert_int_equal(store_mail_set(tx, &m), OK);
    assert_int_equal(store_mails_state_get(tx, 400, &all), OK);
    assert_int_equal(all.waiting_count, 0);
    assert_int_equal(all.given_up_count, 1);
    assert_int_equal(store_mail_due_find(tx, 1000, &m, &present), OK);
    assert_false(present);
    assert_int_equal(store_mails_forget(tx, 501, 10), OK);
    assert_int_equal(store_mails_state_get(tx, 400, &all), OK);
    assert_int_equal(all.given_up_count, 0);
    assert_int_equal(store_commit(&tx), OK);
    store_close(&p.store);
    file = fopen(p.path, "rb"); /* NULL: the database is a server */
    if (file != NULL) {
        assert_true(fread(bytes, 1, 1 << 20, file) > 0);
        fclose(file);
        assert_null(memmem(bytes, 1 << 20, "SEALED-TEXT", 11));
    }
    free(bytes);
    place_close(&p);
}

TEST_MAIN
