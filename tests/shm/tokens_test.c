#include "shm/tokens.h"

#include <pthread.h>

#include "gate/token.h"
#include "temporary_segment.h"

#include "../test.h"

static struct token_entry_content content_of(uint32_t slot)
{
    return (struct token_entry_content){ .slot = slot, .scopes = 3, .ends_at_ns = 1000,
                                         .address = { 1, 2 } };
}

static void digest_of(unsigned number, uint64_t digest[2])
{
    char text[32];

    snprintf(text, sizeof text, "token %u", number);
    token_digest(slice_of(text), digest);
}

TEST(a_token_is_found_until_it_ends_or_is_dropped)
{
    struct segment *segment = temporary_segment(), *other = NULL;
    struct token_entry_content content = content_of(7), found;
    uint64_t digest[2], unknown[2];

    digest_of(1, digest);
    digest_of(2, unknown);
    assert_int_equal(tokens_add(segment, digest, &content, 1), OK);
    assert_int_equal(segment_open(path_, &other), OK);
    assert_true(tokens_find(other, digest, 999, &found));
    assert_int_equal(found.slot, 7);
    assert_int_equal(found.scopes, 3);
    assert_memory_equal(found.address, content.address, sizeof found.address);
    assert_false(tokens_find(other, unknown, 1, &found));
    assert_false(tokens_find(other, digest, 1000, &found));
    assert_false(tokens_drop(other, digest, 8)); /* another key's */
    assert_true(tokens_drop(other, digest, 7));
    assert_false(tokens_find(segment, digest, 1, &found));
    segment_close(&other);
    temporary_segment_remove(&segment);
}

TEST(a_full_table_refuses_and_ended_tokens_give_way)
{
    struct segment *segment = temporary_segment(); /* 16 entries */
    struct token_entry_content content;
    unsigned added = 0;
    uint64_t digest[2];

    for (unsigned i = 0; i < 100; i++) {
        content = content_of(i);
        digest_of(i, digest);
        added += tokens_add(segment, digest, &content, 1) == OK;
    }
    assert_int_equal(added, 16);
    content = content_of(1);
    content.ends_at_ns = 2000;
    digest_of(500, digest);
    assert_int_equal(tokens_add(segment, digest, &content, 1000), OK);
    assert_true(tokens_find(segment, digest, 1999, &content));
    temporary_segment_remove(&segment);
}

TEST(a_key_has_so_many_and_no_more)
{
    const struct segment_shape shape = { .key_capacity = 10 };
    struct token_entry_content content = content_of(1), other = content_of(2);
    struct segment *segment = NULL;
    uint64_t digest[2];

    folder_make();
    assert_int_equal(segment_create(path_, 0600, ENVIRONMENT_SANDBOX, &shape, &segment), OK);
    for (unsigned i = 0; i < TOKENS_OF_KEY_MOST; i++) {
        digest_of(i, digest);
        assert_int_equal(tokens_add(segment, digest, &content, 1), OK);
    }
    digest_of(1000, digest);
    assert_int_equal(tokens_add(segment, digest, &content, 1), ERR_FULL);
    assert_int_equal(tokens_add(segment, digest, &other, 1), OK);
    temporary_segment_remove(&segment);
}

/* ---- makers, users and droppers at once ---- */

enum { THREADS = 6, ROUNDS = 3000 };

struct user {
    struct segment *segment;
    unsigned number;
    bool torn;
};

static void *add_and_drop(void *argument)
{
    struct user *user = argument;

    for (unsigned i = 0; i < ROUNDS; i++) {
        struct token_entry_content content = content_of(user->number), found;
        unsigned name = i % 4;
        uint64_t digest[2];

        content.scopes = content.slot;
        digest_of(1000 * user->number + name, digest);
        if (tokens_add(user->segment, digest, &content, 1) == OK)
            tokens_drop(user->segment, digest, user->number);
        digest_of(1000 * ((user->number + 1) % THREADS) + name, digest);
        if (tokens_find(user->segment, digest, 1, &found))
            user->torn |= found.slot != found.scopes || found.slot != (user->number + 1) % THREADS;
    }
    return NULL;
}

TEST(nobody_sees_half_a_token)
{
    struct segment *segment = temporary_segment();
    struct user users[THREADS];
    pthread_t threads[THREADS];

    for (unsigned i = 0; i < THREADS; i++) {
        users[i] = (struct user){ segment, i, false };
        assert_int_equal(pthread_create(&threads[i], NULL, add_and_drop, &users[i]), 0);
    }
    for (unsigned i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_false(users[i].torn);
    }
    temporary_segment_remove(&segment);
}

TEST_MAIN
