#include "base/crc32c.h"

#include <string.h>

#include "../test.h"

TEST(the_vectors_of_rfc_3720_come_out)
{
    uint8_t bytes[32] = { 0 };

    assert_int_equal(crc32c(0, bytes, 32), 0x8A9136AA);
    memset(bytes, 0xFF, sizeof bytes);
    assert_int_equal(crc32c(0, bytes, 32), 0x62A8AB43);
    for (uint8_t i = 0; i < 32; i++)
        bytes[i] = i;
    assert_int_equal(crc32c(0, bytes, 32), 0x46DD794E);
    assert_int_equal(crc32c(0, "123456789", 9), 0xE3069283);
}

TEST(pieces_give_the_checksum_of_the_whole)
{
    const char *text = "a frame is checked in pieces of any size";
    size_t size = strlen(text);

    for (size_t cut = 0; cut <= size; cut++)
        assert_int_equal(crc32c(crc32c(0, text, cut), text + cut, size - cut),
                         crc32c(0, text, size));
}

TEST_MAIN
