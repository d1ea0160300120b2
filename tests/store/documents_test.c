#include "test.h"

#include "fixture.h"
#include "store/documents.h"

static struct store_document document_lettered(uint64_t account, uint16_t step, char letter)
{
    struct store_document d = { .account = account, .step = step, .kind = DOCUMENT_PNG,
                                .bytes = 100, .name = "passport.png",
                                .at_ns = (uint64_t)letter };

    memset(d.id, letter, DOCUMENT_ID_SIZE - 1);
    return d;
}

TEST(documents_are_kept_summed_submitted_and_deleted)
{
    struct place p = place_open();
    uint64_t account = account_made(&p, "ada@example.com");
    struct store_document a = document_lettered(account, 1, 'a'),
                          b = document_lettered(account, 2, 'b'), got[4];
    struct store_tx *tx = begun(&p);
    struct store_documents_sum sum;
    size_t count;

    assert_int_equal(store_document_insert(tx, &b), OK);
    assert_int_equal(store_document_insert(tx, &a), OK);
    assert_int_equal(store_document_insert(tx, &a), ERR_EXISTS);
    store_rollback(&tx);
    tx = begun(&p);
    assert_int_equal(store_document_insert(tx, &b), OK);
    assert_int_equal(store_document_insert(tx, &a), OK);
    assert_int_equal(store_document_get(tx, slice_of(a.id), &got[0]), OK);
    assert_memory_equal(&got[0], &a, sizeof a);
    assert_int_equal(store_documents_list(tx, account, 0, got, 4, &count), OK);
    assert_int_equal(count, 2);
    assert_string_equal(got[0].id, a.id);
    assert_int_equal(store_documents_list(tx, account, 2, got, 4, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(store_documents_submit(tx, account, 1, 77), OK);
    assert_int_equal(store_documents_sum(tx, account, 1, &sum), OK);
    assert_int_equal(sum.count, 2);
    assert_int_equal(sum.bytes, 200);
    assert_int_equal(sum.waiting_count, 0);
    assert_int_equal(store_documents_sum(tx, account, 2, &sum), OK);
    assert_int_equal(sum.waiting_count, 1);
    assert_int_equal(store_documents_of_review(tx, 77, got, 4, &count), OK);
    assert_int_equal(count, 1);
    assert_int_equal(store_documents_of_review(tx, 0, got, 4, &count), OK);
    assert_int_equal(count, 0);
    assert_int_equal(store_document_delete(tx, b.id), OK);
    assert_int_equal(store_document_get(tx, slice_of(b.id), &got[0]), ERR_MISSING);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
