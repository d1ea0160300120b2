#include "trail/frame.h"

#include <string.h>

#include "../test.h"

static uint8_t bytes[FRAME_SIZE_MOST];

static struct slice sample(size_t size)
{
    static char record[RECORD_ENCODED_MOST];

    memset(record, 0x33, sizeof record);
    return (struct slice){ record, size };
}

TEST(a_frame_comes_back_as_it_was)
{
    static const size_t sizes[] = { RECORD_FIXED_SIZE, 129, 135, 136, 512, RECORD_ENCODED_MOST };

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct slice record = sample(sizes[i]);
        struct frame frame;

        log_frame_encode(77, 70, record, bytes);
        assert_int_equal(log_frame_decode((struct slice){ (char *)bytes, sizeof bytes }, &frame),
                         FRAME_GOOD);
        assert_int_equal(frame.index, 77);
        assert_int_equal(frame.batch, 70);
        assert_int_equal(frame.size, log_frame_size(sizes[i]));
        assert_int_equal(frame.size % FRAME_ALIGNMENT, 0);
        assert_true(slice_is(frame.record, record));
    }
}

TEST(no_bit_of_a_frame_can_flip_unnoticed)
{
    size_t size = log_frame_size(150);
    struct frame frame;

    log_frame_encode(77, 70, sample(150), bytes);
    for (size_t at = 0; at < size; at++)
        for (int bit = 0; bit < 8; bit++) {
            bytes[at] ^= (uint8_t)(1 << bit);
            assert_int_equal(log_frame_decode((struct slice){ (char *)bytes, size }, &frame),
                             FRAME_BAD);
            bytes[at] ^= (uint8_t)(1 << bit);
        }
    for (size_t cut = 1; cut < size; cut++)
        assert_int_equal(log_frame_decode((struct slice){ (char *)bytes, cut }, &frame),
                         cut < FRAME_HEADER_SIZE && bytes[0] == 0 ? FRAME_NONE : FRAME_BAD);
}

TEST(zeros_are_no_frame)
{
    struct frame frame;

    memset(bytes, 0, sizeof bytes);
    assert_int_equal(log_frame_decode((struct slice){ (char *)bytes, 200 }, &frame), FRAME_NONE);
    assert_int_equal(log_frame_decode((struct slice){ (char *)bytes, 8 }, &frame), FRAME_NONE);
    assert_int_equal(log_frame_decode(SLICE_EMPTY, &frame), FRAME_NONE);
}

TEST(a_file_header_carries_the_tree_before_it)
{
    struct frame_file file = { .number = 3, .file_bytes = 1 << 20 }, back;
    uint8_t header[FRAME_FILE_HEADER_SIZE];

    merkle_frontier_init(&file.tree);
    for (uint64_t i = 0; i < 1000; i++) {
        struct merkle_hash leaf;

        merkle_leaf((struct slice){ (char *)&i, sizeof i }, &leaf);
        merkle_append(&file.tree, &leaf);
    }
    file.first_index = file.tree.size;
    log_frame_file_encode(&file, header);
    assert_int_equal(log_frame_file_decode(header, &back), FRAME_GOOD);
    assert_int_equal(back.number, 3);
    assert_int_equal(back.first_index, 1000);
    assert_int_equal(back.file_bytes, 1 << 20);
    for (unsigned height = 0; height < MERKLE_HEIGHT_MOST; height++)
        if (file.tree.size >> height & 1)
            assert_true(merkle_equal(&file.tree.peak[height], &back.tree.peak[height]));
    for (size_t at = 0; at < sizeof header; at++) {
        header[at] ^= 0x40;
        assert_int_not_equal(log_frame_file_decode(header, &back), FRAME_GOOD);
        header[at] ^= 0x40;
    }
    header[8] = 2;
    assert_int_equal(log_frame_file_decode(header, &back), FRAME_NEWER);
    memset(header, 0, sizeof header);
    assert_int_equal(log_frame_file_decode(header, &back), FRAME_NONE);
}

TEST_MAIN
