#include "shm/key_slot.h"

#include <pthread.h>

#include "temporary_segment.h"

#include "../test.h"

static struct segment *segment_;
static _Atomic bool finished_;

/* Every word of a published key is made from one number, so a mixture of two shows. */
static void key_fill(struct gate_key *key, uint8_t n)
{
    memset(key, n, sizeof *key);
    key->ip_rule_count = n % 2 == 0 ? 2 : IP_RULES_MOST;
}

static void *read_all(void *torn)
{
    while (!finished_) {
        struct gate_key key, expected;

        /* Under load the writer may be put to sleep in mid-write: unread is safe, torn is not. */
        if (!key_slot_read(segment_, 0, &key))
            continue;
        key_fill(&expected, (uint8_t)key.state);
        if (memcmp(&key, &expected, offsetof(struct gate_key, ip_rules)) != 0 ||
            memcmp(key.ip_rules, expected.ip_rules,
                   key.ip_rule_count * sizeof key.ip_rules[0]) != 0)
            *(bool *)torn = true;
    }
    return NULL;
}

TEST(a_reader_never_sees_a_mixture_of_two_publications)
{
    pthread_t readers[3];
    bool torn[3] = { false };
    struct gate_key key;

    segment_ = temporary_segment();
    key_fill(&key, 1);
    key_slot_write(segment_, 0, "0123456789abcdef", &key);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&readers[i], NULL, read_all, &torn[i]), 0);
    for (unsigned i = 0; i < 20000; i++) {
        key_fill(&key, (uint8_t)(i % 250 + 1));
        key_slot_write(segment_, 0, "0123456789abcdef", &key);
    }
    finished_ = true;
    for (size_t i = 0; i < 3; i++) {
        pthread_join(readers[i], NULL);
        assert_false(torn[i]);
    }
    temporary_segment_remove(&segment_);
}

TEST(a_slot_never_written_is_not_read)
{
    struct segment *segment = temporary_segment();
    struct gate_key key;

    assert_false(key_slot_read(segment, 5, &key));
    temporary_segment_remove(&segment);
}

TEST_MAIN
