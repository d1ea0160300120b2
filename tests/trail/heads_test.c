#include "trail/heads.h"

#include "fixture.h"

static struct note_key key;

static void publish(const char *folder, uint64_t size)
{
    struct checkpoint head = { .origin = ORIGIN, .size = size };
    char text[CHECKPOINT_TEXT_MOST];

    assert_int_equal(note_key_init(&key, NOTE_KEY_LOG, SLICE(ORIGIN), fixture_seed), OK);
    assert_int_equal(
        heads_publish(folder,
                      (struct slice){ text, checkpoint_format(&head, &key, fixture_seed, text) }),
        OK);
}

static void sizes_check(void *context, struct slice text)
{
    uint64_t *count = context;
    struct checkpoint head;

    assert_int_equal(checkpoint_parse(text, &key, &head), CHECKPOINT_SIGNED);
    assert_int_equal(head.size, ++*count * 10);
}

TEST(newest_and_list_hold_what_was_published)
{
    const char *folder = fixture_folder();
    struct checkpoint head;
    uint64_t count = 0;

    assert_int_equal(heads_newest(folder, &key, &head), ERR_MISSING);
    assert_int_equal(heads_each(folder, sizes_check, &count), ERR_MISSING);
    for (uint64_t size = 10; size <= 6000; size += 10)
        publish(folder, size);
    assert_int_equal(heads_newest(folder, &key, &head), OK);
    assert_int_equal(head.size, 6000);
    assert_int_equal(heads_each(folder, sizes_check, &count), OK);
    assert_int_equal(count, 600);
    /* The list is longer than what recovery reads of it. */
    assert_int_equal(heads_recover(folder, &key, &head), OK);
    assert_int_equal(head.size, 6000);
    fixture_remove(folder);
}

TEST(an_entry_that_a_power_cut_left_unfinished_is_cut_off)
{
    const char *folder = fixture_folder();
    char path[256];
    struct checkpoint head;
    struct stat whole, status;
    uint64_t count;

    snprintf(path, sizeof path, "%s/checkpoints", folder);
    for (uint64_t size = 10; size <= 100; size += 10)
        publish(folder, size);
    assert_int_equal(stat(path, &whole), 0);
    publish(folder, 110);
    assert_int_equal(stat(path, &status), 0);
    for (off_t cut = status.st_size - 1; cut > whole.st_size; cut -= 7) {
        assert_int_equal(truncate(path, cut), 0);
        assert_int_equal(heads_recover(folder, &key, &head), OK);
        assert_int_equal(head.size, 100);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_size, whole.st_size);
        count = 0;
        assert_int_equal(heads_each(folder, sizes_check, &count), OK);
        assert_int_equal(count, 10);
        publish(folder, 110);
    }
    fixture_remove(folder);
}

TEST_MAIN
