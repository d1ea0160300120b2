#include "test.h"

#include "fixture.h"
#include "store/events.h"
#include "store/webhooks.h"

static struct store_webhook webhook_made(struct store_tx *tx, uint64_t account)
{
    struct store_webhook w = { .account = account, .state = WEBHOOK_ON, .made_at_ns = 1,
                               .url = "https://example.com/hook", .events = "key.created",
                               .sealed = "seal", .sealed_size = 4 };

    assert_int_equal(store_webhook_id_next(tx, &w.id), OK);
    assert_int_equal(store_webhook_insert(tx, &w), OK);
    return w;
}

static struct store_webhook_delivery delivery_made(struct store_tx *tx, uint64_t webhook,
                                                   uint64_t account, uint64_t due_at_ns)
{
    struct store_event event = { .account = account, .kind = 6, .data = "{}" };
    struct store_webhook_delivery d = { .webhook = webhook, .due_at_ns = due_at_ns };

    assert_int_equal(store_event_insert(tx, &event), OK);
    d.event = event.id;
    assert_int_equal(store_webhook_delivery_insert(tx, &d), OK);
    return d;
}

TEST(removed_webhooks_are_not_listed)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com");
    struct store_tx *tx = begun(&p);
    struct store_webhook first = webhook_made(tx, ada), second = webhook_made(tx, ada), got[4];
    size_t count;

    first.state = WEBHOOK_REMOVED;
    assert_int_equal(store_webhook_set(tx, &first), OK);
    second.failing_since_ns = 77;
    assert_int_equal(store_webhook_set(tx, &second), OK);
    assert_int_equal(store_webhooks_list(tx, ada, got, 4, &count), OK);
    assert_int_equal(count, 1);
    assert_memory_equal(&got[0], &second, sizeof second);
    assert_int_equal(store_webhook_get(tx, 99, got), ERR_MISSING);
    store_rollback(&tx);
    place_close(&p);
}

TEST(deliveries_wait_in_the_order_they_are_due_and_can_be_dropped)
{
    struct place p = place_open();
    uint64_t ada = account_made(&p, "ada@example.com"), due, waiting;
    struct store_tx *tx = begun(&p);
    uint64_t webhook = webhook_made(tx, ada).id;
    struct store_webhook_delivery late = delivery_made(tx, webhook, ada, 200), got[4];
    struct store_webhook_delivery early = delivery_made(tx, webhook, ada, 100);
    size_t count;
    bool present;

    assert_int_equal(store_webhook_due_get(tx, &due), OK);
    assert_int_equal(due, 100);
    assert_int_equal(store_webhook_due_find(tx, 150, got, &present), OK);
    assert_true(present);
    assert_int_equal(got[0].id, early.id);
    assert_int_equal(got[0].kind, 6);
    got[0].state = DELIVERY_DONE;
    got[0].status = 204;
    got[0].done_at_ns = 160;
    assert_int_equal(store_webhook_delivery_set(tx, got), OK);
    assert_int_equal(store_webhook_waiting_count(tx, &waiting), OK);
    assert_int_equal(waiting, 1);
    assert_int_equal(store_webhook_drop(tx, webhook, 170, SLICE("removed")), OK);
    assert_int_equal(store_webhook_deliveries_list(tx, webhook, 0, got, 4, &count), OK);
    assert_int_equal(count, 2);
    assert_int_equal(got[0].id, early.id); /* inserted last */
    assert_int_equal(got[1].state, DELIVERY_GIVEN_UP);
    assert_string_equal(got[1].problem, "removed");
    assert_int_equal(store_webhook_delivery_get(tx, webhook, late.id, got), OK);
    assert_int_equal(store_webhook_delivery_get(tx, webhook + 1, late.id, got), ERR_MISSING);
    assert_int_equal(store_webhook_deliveries_forget(tx, 165, 10), OK);
    assert_int_equal(store_webhook_deliveries_list(tx, webhook, 0, got, 4, &count), OK);
    assert_int_equal(count, 1);
    store_rollback(&tx);
    place_close(&p);
}

TEST_MAIN
