#include "shm/segment.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "temporary_segment.h"

#include "../test.h"

TEST(a_missing_segment_is_missing)
{
    struct segment *segment = (void *)1;

    assert_int_equal(segment_open("/tmp/latchkey-no-such.seg", &segment), ERR_MISSING);
    assert_null(segment);
}

TEST(a_segment_is_created_once_and_taken_over_afterwards)
{
    struct segment *first = temporary_segment(), *second = NULL, *third = NULL;
    struct segment_shape other = { .key_capacity = 9999 };
    struct stat file;

    assert_int_equal(stat(path_, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    assert_int_equal(segment_create(path_, 0600, ENVIRONMENT_SANDBOX, &other, &second), OK);
    assert_int_equal(segment_open(path_, &third), OK);
    assert_true(segment_instance(first) == segment_instance(second));
    assert_true(segment_instance(first) == segment_instance(third));
    assert_int_equal(segment_shape_get(second).key_capacity, 300);
    assert_int_equal(segment_environment(third), ENVIRONMENT_SANDBOX);
    segment_close(&second);
    segment_close(&third);
    segment_close(&third);
    temporary_segment_remove(&first);
}

TEST(another_environment_is_refused)
{
    struct segment *segment = temporary_segment(), *other = NULL;

    assert_int_equal(segment_create(path_, 0600, ENVIRONMENT_LIVE, &small_shape, &other),
                     ERR_VERSION);
    assert_null(other);
    temporary_segment_remove(&segment);
}

static void byte_change(off_t at, uint8_t by)
{
    int fd = open(path_, O_RDWR);
    uint8_t byte;

    assert_int_equal(pread(fd, &byte, 1, at), 1);
    byte ^= by;
    assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    close(fd);
}

TEST(a_header_changed_anywhere_is_refused)
{
    struct segment *segment = temporary_segment(), *other = NULL;

    for (off_t at = 0; at < 160; at++) {
        enum err e;

        byte_change(at, 0x10);
        e = segment_open(path_, &other);
        assert_int_equal(e, at >= 8 && at < 12 ? ERR_VERSION : ERR_CORRUPT);
        byte_change(at, 0x10);
    }
    assert_int_equal(segment_open(path_, &other), OK);
    segment_close(&other);
    temporary_segment_remove(&segment);
}

TEST(a_file_of_another_size_is_refused)
{
    struct segment *segment = temporary_segment(), *other = NULL;
    struct stat file;

    assert_int_equal(stat(path_, &file), 0);
    assert_int_equal(truncate(path_, file.st_size - 4096), 0);
    assert_int_equal(segment_open(path_, &other), ERR_CORRUPT);
    assert_int_equal(truncate(path_, 100), 0);
    assert_int_equal(segment_open(path_, &other), ERR_CORRUPT);
    temporary_segment_remove(&segment);
}

TEST(a_replaced_file_is_noticed)
{
    struct segment *segment = temporary_segment(), *other = NULL;

    assert_true(segment_is_current(segment, path_));
    assert_int_equal(unlink(path_), 0);
    assert_false(segment_is_current(segment, path_));
    assert_int_equal(segment_create(path_, 0600, ENVIRONMENT_SANDBOX, &small_shape, &other), OK);
    assert_false(segment_is_current(segment, path_));
    assert_true(segment_is_current(other, path_));
    assert_true(segment_instance(segment) != segment_instance(other));
    segment_close(&other);
    temporary_segment_remove(&segment);
}

TEST(a_copy_is_nobodys)
{
    struct segment *segment = temporary_segment(), *other = NULL;
    char copy[128], command[600];

    snprintf(copy, sizeof copy, "%s.copy", path_);
    snprintf(command, sizeof command, "cp %s %s && mv %s %s", path_, copy, copy, path_);
    assert_int_equal(system(command), 0); /* NOLINT: paths of our own */
    assert_false(segment_is_current(segment, path_));
    assert_int_equal(segment_open(path_, &other), ERR_CORRUPT);
    assert_int_equal(segment_create(path_, 0600, ENVIRONMENT_SANDBOX, &small_shape, &other),
                     ERR_CORRUPT);
    assert_null(other);
    temporary_segment_remove(&segment);
}

/* Its counts and offsets were read again with each request, so one flipped bit led out of the
 * mapping. */
TEST(a_header_that_changes_under_a_mapping_changes_nothing_for_it)
{
    struct segment *segment = temporary_segment();
    struct segment_shape before = segment_shape_get(segment), after;
    uint64_t instance = segment_instance(segment);
    struct signed_request s;
    struct key_entry entry;

    signed_request_init(&s, 1);
    entry = entry_of(&s);
    assert_int_equal(key_table_publish(segment, &entry), OK);
    for (off_t at = 0; at < 160; at++)
        byte_change(at, 0xff);
    after = segment_shape_get(segment);
    assert_memory_equal(&before, &after, sizeof before);
    assert_true(segment_instance(segment) == instance);
    assert_int_equal(key_table_find(segment, entry.random), 0);
    temporary_segment_remove(&segment);
}

TEST(rates_are_seen_by_every_mapping)
{
    struct segment *segment = temporary_segment(), *other = NULL;
    struct gate_settings settings = segment_settings_get(segment);

    assert_int_equal(settings.requests.step_ns, meter_rate_of(15, 15).step_ns);
    assert_int_equal(settings.failures.burst_ns, meter_rate_of(10, 60).burst_ns);
    assert_int_equal(segment_open(path_, &other), OK);
    assert_true(settings.depth_open); /* it is a sandbox */
    settings.failures = meter_rate_of(1, 2);
    settings.depth_open = false;
    settings.durable = true;
    segment_settings_set(segment, &settings);
    assert_int_equal(segment_settings_get(other).failures.burst_ns, 2000000000);
    assert_false(segment_settings_get(other).depth_open);
    assert_true(segment_settings_get(other).durable);
    settings.failures = settings.requests = (struct meter_rate){ 0, 0 };
    segment_settings_set(segment, &settings);
    assert_int_equal(segment_settings_get(other).failures.step_ns, 1000000000);
    assert_int_equal(segment_settings_get(other).requests.burst_ns, 1000000000);
    segment_signed_size_set(segment, 4711);
    assert_int_equal(segment_signed_size_get(other), 4711);
    assert_true(segment_touched_bytes(segment) >= 4096);
    segment_close(&other);
    temporary_segment_remove(&segment);
}

TEST_MAIN
