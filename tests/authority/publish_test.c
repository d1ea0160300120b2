#include "test.h"

#include "fixture.h"
#include "shm/key_table.h"
#include "shm/layout.h"
#include "shm/slots.h"

/* What a gateway's log phase leaves for a request that passed. */
static void request_logged(struct house *h, const struct key_grant *g, uint64_t nonce)
{
    struct audit_record r = {
        .received_at_us = test_now_ns / NS_PER_US,
        .nonce = nonce,
        .request_id = { (uint8_t)nonce, 1 },
        .status = 200,
        .route = ROUTE_NUMBER_WALLETS,
        .kind = RECORD_REQUEST,
        .environment = (uint8_t)g->id.environment,
        .transport = RECORD_TRANSPORT_TLS,
        .method = HTTP_METHOD_POST,
        .flags = RECORD_AUTHENTIC | RECORD_KEY_NAMED,
    };
    uint8_t bytes[RECORD_FIXED_SIZE + RECORD_PATH_MOST];
    struct slice record = { (char *)bytes, 0 };
    uint64_t first;

    r.path_size = (uint16_t)snprintf(r.path, sizeof r.path, "/v2/auth/r/wallets");
    memcpy(r.key, g->id.random, sizeof r.key);
    record.size = record_encode(&r, bytes);
    assert_int_equal(trail_append(h->a.trail, &record, 1, &first), OK);
}

static struct gate_live live_of(struct house *h, const struct key_grant *g)
{
    struct gate_live live;

    publish_live_get(h->a.publisher, g->id.environment, g->id.random, &live);
    return live;
}

TEST(lost_segments_are_rebuilt_with_the_nonces_of_the_audit_log)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "bot", "192.0.2.1"));
    struct gate_key before = fixed_of(h, &g), after;

    request_logged(h, &g, 77);
    request_logged(h, &g, 78);
    house_stop(h);
    assert_int_equal(unlink(house_path(h, "live.seg")), 0);
    house_start(h);
    assert_int_equal(live_of(h, &g).nonce, 78);
    assert_true(live_of(h, &g).last_use_ns == test_now_ns);
    after = fixed_of(h, &g);
    assert_int_equal(after.flags, GATE_KEY_WALLETS_CALLED);
    assert_memory_equal(&after.midstate, &before.midstate, sizeof after.midstate);
    free(p.seed);
    house_close(h);
}

TEST(segments_that_are_there_are_taken_over_with_their_live_part)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "bot", "192.0.2.1"));
    struct segment *gateway;

    assert_int_equal(segment_open(house_path(h, "live.seg"), &gateway), OK);
    key_table_mark_wallets(gateway, key_table_find(gateway, g.id.random));
    house_stop(h);
    house_start(h);
    assert_true(live_of(h, &g).wallets_called);
    assert_true(segment_is_current(gateway, house_path(h, "live.seg"))); /* the same file */
    segment_close(&gateway);
    free(p.seed);
    house_close(h);
}

static struct segment *gateway_open(struct house *h, const struct key_grant *g, uint64_t nonce)
{
    struct segment *gateway = NULL;
    struct key_entry entry = { .nonce = nonce };

    assert_int_equal(segment_open(house_path(h, "live.seg"), &gateway), OK);
    memcpy(entry.random, g->id.random, sizeof entry.random);
    entry.fixed = fixed_of(h, g);
    assert_int_equal(key_table_publish(gateway, &entry), OK); /* the nonce that was accepted last */
    return gateway;
}

/* A deleted segment healed at the next start of the authority only. */
TEST(a_segment_that_is_deleted_gets_a_successor_with_its_nonces)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "bot", "192.0.2.1"));
    struct segment *gateway = gateway_open(h, &g, 4711), *list[PUBLISH_MAPPINGS_MOST];
    uint64_t instance = segment_instance(gateway);

    publish_mend(h->a.publisher); /* nothing to mend */
    assert_true(segment_is_current(gateway, house_path(h, "live.seg")));
    assert_int_equal(publish_mappings(h->a.publisher, list), ENVIRONMENT_COUNT);
    assert_int_equal(unlink(house_path(h, "live.seg")), 0);
    publish_mend(h->a.publisher);
    assert_true(segment_is_over(gateway));
    assert_int_equal(live_of(h, &g).nonce, 4711);
    assert_int_equal(publish_mappings(h->a.publisher, list), ENVIRONMENT_COUNT + 1);
    segment_close(&gateway);
    assert_int_equal(segment_open(house_path(h, "live.seg"), &gateway), OK);
    assert_true(segment_instance(gateway) != instance);
    segment_close(&gateway);
    free(p.seed);
    house_close(h);
}

TEST(a_key_tripped_in_the_old_segment_is_revoked_in_the_new_one)
{
    struct house *h = house_open();
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);
    struct key_grant g = key_made(h, &p, batch_of(id, "live", "bot", "192.0.2.1"));
    struct segment *gateway = gateway_open(h, &g, 1);

    gateway->keys[key_table_find(gateway, g.id.random)].tripped_at_ns = test_now_ns;
    assert_int_equal(truncate(house_path(h, "live.seg"), (off_t)gateway->header->audit_at), 0);
    publish_mend(h->a.publisher);
    assert_int_equal(fixed_of(h, &g).state, KEY_REVOKED);
    assert_int_equal(fixed_of(h, &g).reason, KEY_REASON_PLAINTEXT);
    segment_close(&gateway);
    free(p.seed);
    house_close(h);
}

TEST(a_database_with_another_master_key_is_refused_in_words)
{
    struct house *h = house_open();
    char problem[PUBLISH_PROBLEM_SIZE];
    struct publisher *none;
    struct phone p;
    uint64_t id = account_ready(h, "ada@example.com", &p);

    key_made(h, &p, batch_of(id, "live", "bot", "192.0.2.1"));
    vault_close(&h->a.vault);
    unlink(house_path(h, "master.key"));
    assert_int_equal(vault_open(house_path(h, "master.key"), &h->a.vault, problem), OK);
    publisher_close(&h->a.publisher);
    assert_int_equal(publisher_open(&h->a, h->folder, 200, &none, problem), ERR_CRYPTO);
    assert_non_null(strstr(problem, "master.key"));
    free(p.seed);
    house_close(h);
}

TEST(room_is_known_before_keys_are_made)
{
    struct house *h = house_open();

    assert_true(publish_has_room(h->a.publisher, ENVIRONMENT_LIVE, 200));
    assert_false(publish_has_room(h->a.publisher, ENVIRONMENT_LIVE, 1000000));
    assert_true(publish_has_room(NULL, ENVIRONMENT_LIVE, 1000000));
    house_close(h);
}

TEST_MAIN
