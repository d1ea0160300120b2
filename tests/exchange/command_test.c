#include "../test.h"

#include <string.h>

#include "exchange/command.h"

static struct slice slice(const uint8_t *bytes, size_t size)
{
    return (struct slice){ (const char *)bytes, size };
}

static void assert_round_trip(const struct command *command)
{
    uint8_t bytes[COMMAND_ENCODED_SIZE];
    size_t size = command_encode(command, bytes);
    struct command back;

    assert_true(size <= COMMAND_ENCODED_SIZE);
    assert_true(command_decode(slice(bytes, size), &back));
    assert_memory_equal(command, &back, sizeof back);
    for (size_t cut = 0; cut < size; cut++)
        assert_false(command_decode(slice(bytes, cut), &back));
}

TEST(commands_come_back_as_they_went)
{
    struct command command = { 0 };

    assert_round_trip(&command);
    memset(&command, 0xff, sizeof command);
    assert_round_trip(&command);
    command = (struct command){ .time_ms = 1764000000000,
                                .kind = COMMAND_SUBMIT,
                                .account = 5,
                                .type = 2,
                                .amount = INT64_MIN,
                                .price = INT64_MAX,
                                .affiliate = "AAABBBCCC" };
    assert_round_trip(&command);
}

TEST(the_bytes_are_those_of_the_document)
{
    const struct command command = {
        .time_ms = 300, .kind = COMMAND_SUBMIT, .amount = -1, .affiliate = "A"
    };
    /* Bits 0, 1, 15 and 20; 300 is 0xac 0x02, -1 folds to 1, "A" is 0x41. */
    static const uint8_t expected[] = { 0x03, 0x80, 0x10, 0x00, 0xac, 0x02, 0x02, 0x01, 0x41 };
    uint8_t bytes[COMMAND_ENCODED_SIZE];

    assert_int_equal(command_encode(&command, bytes), sizeof expected);
    assert_memory_equal(bytes, expected, sizeof expected);
}

static const struct {
    const char *flaw;
    size_t size;
    uint8_t bytes[16];
} malformed[] = {
    { "nothing", 0, { 0 } },
    { "half a mask", 2, { 1, 0 } },
    { "a field that is zero", 5, { 1, 0, 0, 0, 0 } },
    { "a number longer than it needs to be", 6, { 1, 0, 0, 0, 0x81, 0x00 } },
    { "a number without an end", 5, { 1, 0, 0, 0, 0x81 } },
    { "a number of 65 bits",
      14,
      { 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02 } },
    { "bytes behind the last field", 6, { 1, 0, 0, 0, 1, 1 } },
    { "a field that does not exist", 5, { 0, 0, 0, 0x80, 1 } },
};

TEST(what_the_encoder_would_not_write_is_refused)
{
    for (size_t i = 0; i < sizeof malformed / sizeof *malformed; i++) {
        struct command command;

        if (command_decode(slice(malformed[i].bytes, malformed[i].size), &command))
            fail_msg("accepted %s", malformed[i].flaw);
    }
}

TEST_MAIN
