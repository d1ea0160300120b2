#include "base/bytes.h"

#include "../test.h"

TEST(numbers_lie_with_their_least_significant_byte_first)
{
    uint8_t at[9] = { 0 };

    bytes_put(at, UINT64_C(0x1122334455667788), 8);
    assert_memory_equal(at, "\x88\x77\x66\x55\x44\x33\x22\x11\x00", 9);
    assert_true(bytes_take(at, 8) == UINT64_C(0x1122334455667788));
    assert_int_equal(bytes_take(at, 2), 0x7788);
    bytes_put(at, 0xabcdef, 2);
    assert_int_equal(bytes_take(at, 3), 0x66cdef);
}

TEST_MAIN
