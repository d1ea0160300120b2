#include "test.h"

#include "fixture.h"
#include "store/alerts.h"

static void alert_made(struct store_tx *tx, struct store_alert *alert, uint8_t letter)
{
    *alert = (struct store_alert){
        .origin = "github", .key_sealed_size = 9, .entries = 2, .received_at_ns = letter
    };
    memset(alert->body_sha256, letter, sizeof alert->body_sha256);
    assert_int_equal(store_alert_id_next(tx, &alert->id), OK);
    assert_int_equal(store_alert_insert(tx, alert, SLICE("opaque")), OK);
}

static size_t body_size(struct store_tx *tx, uint64_t id)
{
    struct store_alert found;
    struct buffer body;
    size_t size;

    buffer_init(&body);
    assert_int_equal(store_alert_get(tx, id, &found, &body), OK);
    size = body.size;
    assert_int_equal(found.key_sealed_size, size == 0 ? 0 : 9);
    buffer_wipe(&body);
    return size;
}

TEST(what_was_not_handled_is_found_again_in_order)
{
    struct place p = place_open();
    struct store_alert a, b, found;
    struct store_tx *tx = begun(&p);
    uint64_t id;
    bool present;

    alert_made(tx, &a, 'a');
    alert_made(tx, &b, 'b');
    assert_int_equal(store_commit(&tx), OK);
    place_reopen(&p);
    tx = begun(&p);
    assert_int_equal(store_alert_waiting(tx, 0, &id), OK);
    assert_int_equal(id, a.id);
    a.handled_at_ns = 30;
    a.hits = 1;
    assert_int_equal(store_alert_handled(tx, &a), OK);
    assert_int_equal(store_alert_waiting(tx, 0, &id), OK);
    assert_int_equal(id, b.id);
    assert_int_equal(store_alert_waiting(tx, b.id, &id), OK);
    assert_int_equal(id, 0);
    assert_int_equal(store_alert_find(tx, SLICE("github"), a.body_sha256, &found, &present), OK);
    assert_true(present && found.handled_at_ns == 30 && found.hits == 1 && found.entries == 2);
    assert_int_equal(store_alert_find(tx, SLICE("gitlab"), a.body_sha256, &found, &present), OK);
    assert_false(present);
    store_rollback(&tx);
    place_close(&p);
}

TEST(bodies_without_a_hit_go_when_handled_and_all_go_with_time)
{
    struct place p = place_open();
    bool any;
    struct store_alert miss, hit, waiting;
    struct store_tx *tx = begun(&p);

    alert_made(tx, &miss, 10);
    alert_made(tx, &hit, 20);
    alert_made(tx, &waiting, 5);
    miss.handled_at_ns = hit.handled_at_ns = 30;
    hit.hits = 1;
    assert_int_equal(store_alert_handled(tx, &miss), OK);
    assert_int_equal(store_alert_handled(tx, &hit), OK);
    assert_int_equal(store_alerts_erase(tx, 15, &any), OK);
    assert_false(any);
    assert_int_equal(body_size(tx, miss.id), 0);
    assert_int_equal(body_size(tx, hit.id), 6);
    assert_int_equal(body_size(tx, waiting.id), 6);
    assert_int_equal(store_alerts_erase(tx, 25, &any), OK);
    assert_true(any);
    assert_int_equal(body_size(tx, hit.id), 0);
    assert_int_equal(body_size(tx, waiting.id), 6);
    store_rollback(&tx);
    place_close(&p);
}

TEST(the_same_body_of_an_origin_is_kept_once)
{
    struct place p = place_open();
    struct store_alert a;
    struct store_tx *tx = begun(&p);

    alert_made(tx, &a, 'a');
    a.id++;
    assert_int_equal(store_alert_insert(tx, &a, SLICE("opaque")), ERR_EXISTS);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
