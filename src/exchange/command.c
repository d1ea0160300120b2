#include "exchange/command.h"

#include <assert.h>
#include <string.h>

/* Which fields of a command are written, in the order of their bits in the mask.  Numbers of money
 * may be negative: their sign moves to the lowest bit, so that small ones stay short. */
static const struct field {
    uint16_t offset;
    bool has_sign;
} fields[] = {
#define UNSIGNED(name)                        \
    {                                         \
        offsetof(struct command, name), false \
    }
#define SIGNED(name)                         \
    {                                        \
        offsetof(struct command, name), true \
    }
    UNSIGNED(time_ms),      UNSIGNED(kind),         UNSIGNED(account),       UNSIGNED(order),
    UNSIGNED(market),       UNSIGNED(type),         UNSIGNED(flags),         UNSIGNED(fields),
    UNSIGNED(wallet),       UNSIGNED(currency),     UNSIGNED(gid),           UNSIGNED(cid),
    UNSIGNED(tif_ms),       UNSIGNED(leverage),     UNSIGNED(cid_oco),       SIGNED(amount),
    SIGNED(price),          SIGNED(price_trailing), SIGNED(price_aux_limit), SIGNED(price_oco_stop),
    UNSIGNED(affiliate[0]), UNSIGNED(affiliate[8]), UNSIGNED(wallet_to),     SIGNED(fee),
    UNSIGNED(period),
};

enum { FIELD_COUNT = sizeof fields / sizeof *fields, NUMBER_SIZE_MOST = 10 };
static_assert(COMMAND_ENCODED_SIZE >= 4 + FIELD_COUNT * NUMBER_SIZE_MOST, "every command fits");
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "text is taken as numbers as it stands");
static_assert(sizeof(struct command) == FIELD_COUNT * sizeof(uint64_t), "no field is forgotten");

static uint64_t field_get(const struct command *command, size_t i)
{
    uint64_t value;

    memcpy(&value, (const char *)command + fields[i].offset, sizeof value);
    return fields[i].has_sign ? value << 1 ^ (uint64_t)((int64_t)value >> 63) : value;
}

static void field_set(struct command *command, size_t i, uint64_t value)
{
    if (fields[i].has_sign)
        value = value >> 1 ^ -(value & 1);
    memcpy((char *)command + fields[i].offset, &value, sizeof value);
}

static size_t number_encode(uint64_t value, uint8_t *bytes)
{
    size_t size = 0;

    for (; value >= 0x80; value >>= 7)
        bytes[size++] = (uint8_t)(value | 0x80);
    bytes[size++] = (uint8_t)value;
    return size;
}

/* Returns the size read, 0 when the number is cut off, too large or longer than it needs to be. */
static size_t number_decode(struct slice bytes, uint64_t *value)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < bytes.size && i < NUMBER_SIZE_MOST; i++) {
        uint8_t byte = (uint8_t)bytes.at[i];

        if (i == NUMBER_SIZE_MOST - 1 && byte > 1)
            return 0;
        sum |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *value = sum;
            return byte == 0 && i > 0 ? 0 : i + 1;
        }
    }
    return 0;
}

size_t command_encode(const struct command *command, uint8_t bytes[COMMAND_ENCODED_SIZE])
{
    uint32_t mask = 0;
    size_t size = 4;

    for (size_t i = 0; i < FIELD_COUNT; i++) {
        uint64_t value = field_get(command, i);

        if (value == 0)
            continue;
        mask |= UINT32_C(1) << i;
        size += number_encode(value, bytes + size);
    }
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(mask >> (8 * i));
    return size;
}

bool command_decode(struct slice bytes, struct command *command)
{
    uint32_t mask = 0;

    *command = (struct command){ 0 };
    if (bytes.size < 4)
        return false;
    for (int i = 0; i < 4; i++)
        mask |= (uint32_t)(uint8_t)bytes.at[i] << (8 * i);
    bytes = slice_from(bytes, 4);
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        uint64_t value;
        size_t size;

        if ((mask >> i & 1) == 0)
            continue;
        size = number_decode(bytes, &value);
        if (size == 0 || value == 0)
            return false;
        field_set(command, i, value);
        bytes = slice_from(bytes, size);
    }
    return bytes.size == 0 && mask >> FIELD_COUNT == 0;
}
