#include "shm/key_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "shm/layout.h"
#include "temporary_segment.h"

#include "../test.h"

TEST(every_published_key_is_found_and_no_other)
{
    struct segment *segment = temporary_segment();
    struct signed_request s;

    for (unsigned i = 0; i < 300; i++) {
        struct key_entry entry;

        signed_request_init(&s, i);
        s.key.account = i;
        entry = entry_of(&s);
        assert_int_equal(key_table_find(segment, s.id.random), KEY_TABLE_NONE);
        assert_int_equal(key_table_publish(segment, &entry), OK);
    }
    assert_int_equal(key_table_count(segment), 300);
    for (unsigned i = 0; i < 300; i++) {
        char random[KEY_RANDOM_SIZE];
        struct gate_key key;

        signed_request_init(&s, i);
        assert_int_equal(key_table_get(segment, key_table_find(segment, s.id.random), random, &key),
                         OK);
        assert_int_equal(key.account, i);
        assert_memory_equal(random, s.id.random, KEY_RANDOM_SIZE);
        assert_memory_equal(&key.midstate, &s.key.midstate, sizeof key.midstate);
    }
    signed_request_init(&s, 300);
    struct key_entry entry = entry_of(&s);
    assert_int_equal(key_table_publish(segment, &entry), ERR_FULL);
    temporary_segment_remove(&segment);
}

TEST(compacting_a_large_table_changes_nothing_in_it)
{
    const struct segment_shape shape = { .key_capacity = 20000 };
    char path[] = "/dev/shm/latchkey-compact-XXXXXX";
    struct segment *segment = NULL;
    struct key_entry entry = { .fixed = { .public_per_s = 15, .private_per_s = 5 } };
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    assert_int_equal(segment_create(path, 0600, ENVIRONMENT_SANDBOX, &shape, &segment), OK);
    for (unsigned i = 0; i < 20000; i++) {
        snprintf(entry.random, sizeof entry.random, "%015u", i);
        entry.fixed.account = i;
        entry.nonce = i + 1;
        assert_int_equal(key_table_publish(segment, &entry), OK);
    }
    segment_compact(segment);
    for (unsigned i = 0; i < 20000; i++) {
        char random[KEY_RANDOM_SIZE], found[KEY_RANDOM_SIZE];
        struct gate_live live;
        struct gate_key key;
        uint32_t slot;

        snprintf(random, sizeof random, "%015u", i);
        slot = key_table_find(segment, random);
        assert_int_equal(key_table_get(segment, slot, found, &key), OK);
        key_table_live_get(segment, slot, &live);
        assert_int_equal(key.account, i);
        assert_int_equal(live.nonce, i + 1);
    }
    segment_close(&segment);
    unlink(path);
}

TEST(publishing_again_changes_the_key_in_place_and_lowers_nothing)
{
    struct segment *segment = temporary_segment();
    struct signed_request s;
    struct key_entry entry;
    struct gate_live live;
    struct gate_key key;
    char random[KEY_RANDOM_SIZE];

    signed_request_init(&s, 1);
    entry = entry_of(&s);
    entry.nonce = 500;
    entry.last_use_ns = 9;
    assert_int_equal(key_table_publish(segment, &entry), OK);
    entry.fixed.state = KEY_REVOKED;
    entry.nonce = 400;
    entry.last_use_ns = 10;
    assert_int_equal(key_table_publish(segment, &entry), OK);
    assert_int_equal(key_table_count(segment), 1);
    key_table_live_get(segment, 0, &live);
    assert_int_equal(live.nonce, 500);
    assert_int_equal(live.last_use_ns, 10);
    assert_false(live.wallets_called);
    key_table_mark_wallets(segment, 0);
    key_table_live_get(segment, 0, &live);
    assert_true(live.wallets_called);
    assert_int_equal(key_table_get(segment, 0, random, &key), OK);
    assert_int_equal(key.state, KEY_REVOKED);
    temporary_segment_remove(&segment);
}

TEST(fifty_rules_come_back_as_they_were)
{
    struct segment *segment = temporary_segment();

    for (unsigned count = 0; count <= IP_RULES_MOST; count++) {
        struct signed_request s;
        struct key_entry entry;
        char random[KEY_RANDOM_SIZE];
        struct gate_key key;
        uint32_t slot;

        signed_request_init(&s, count);
        s.key.ip_rule_count = (uint8_t)count;
        for (unsigned i = 0; i < count; i++) {
            memset(s.key.ip_rules[i].network, (int)i + 1, IP_ADDRESS_SIZE);
            s.key.ip_rules[i].prefix = 128;
        }
        entry = entry_of(&s);
        assert_int_equal(key_table_publish(segment, &entry), OK);
        slot = key_table_find(segment, s.id.random);
        assert_int_equal(key_table_get(segment, slot, random, &key), OK);
        assert_int_equal(key.ip_rule_count, count);
        assert_memory_equal(key.ip_rules, s.key.ip_rules, count * sizeof key.ip_rules[0]);
    }
    temporary_segment_remove(&segment);
}

TEST(keys_outlive_their_publisher)
{
    struct segment *segment = temporary_segment();
    struct signed_request s;
    struct key_entry entry;

    signed_request_init(&s, 1);
    entry = entry_of(&s);
    assert_int_equal(key_table_publish(segment, &entry), OK);
    segment_close(&segment);
    assert_int_equal(segment_create(path_, 0600, ENVIRONMENT_SANDBOX, &small_shape, &segment), OK);
    assert_int_equal(key_table_find(segment, s.id.random), 0);
    signed_request_init(&s, 2);
    entry = entry_of(&s);
    assert_int_equal(key_table_publish(segment, &entry), OK);
    assert_int_equal(key_table_find(segment, s.id.random), 1);
    temporary_segment_remove(&segment);
}

TEST(a_publication_cut_short_is_noticed_and_repaired_by_the_next)
{
    struct segment *segment = temporary_segment();
    struct signed_request s;
    struct key_entry entry;
    struct gate_key key;
    char random[KEY_RANDOM_SIZE];

    signed_request_init(&s, 1);
    entry = entry_of(&s);
    assert_int_equal(key_table_publish(segment, &entry), OK);
    segment->keys[0].sequence++; /* as a publisher leaves it that dies in the middle */
    assert_int_equal(key_table_get(segment, 0, random, &key), ERR_CONFLICT);
    assert_int_equal(key_table_publish(segment, &entry), OK);
    assert_int_equal(key_table_get(segment, 0, random, &key), OK);
    assert_int_equal(segment->keys[0].sequence % 2, 0);
    temporary_segment_remove(&segment);
}

TEST_MAIN
