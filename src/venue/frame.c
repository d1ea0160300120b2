#include "venue/frame.h"

#include <assert.h>
#include <string.h>

#include "base/bytes.h"
#include "base/crc32c.h"

static const char magic[8] = { 'L', 'K', 'J', 'O', 'U', 'R', 'N', 'L' };

static_assert(COMMAND_ENCODED_SIZE <= 256, "sizes that occur fit one byte");

void journal_header_encode(const struct journal_header *header, uint8_t bytes[JOURNAL_HEADER_SIZE])
{
    memset(bytes, 0, JOURNAL_HEADER_SIZE);
    memcpy(bytes, magic, sizeof magic);
    bytes_put(bytes + 8, header->version, 4);
    bytes_put(bytes + 12, header->environment, 4);
    bytes_put(bytes + 16, header->seed, 8);
    bytes_put(bytes + 60, crc32c(0, bytes, 60), 4);
}

enum err journal_header_decode(struct slice bytes, struct journal_header *header)
{
    *header = (struct journal_header){ 0 };
    if (bytes.size < JOURNAL_HEADER_SIZE || memcmp(bytes.at, magic, sizeof magic) != 0 ||
        bytes_take(bytes.at + 60, 4) != crc32c(0, bytes.at, 60))
        return ERR_MALFORMED;
    header->version = (uint32_t)bytes_take(bytes.at + 8, 4);
    header->environment = (uint32_t)bytes_take(bytes.at + 12, 4);
    header->seed = bytes_take(bytes.at + 16, 8);
    return header->version == JOURNAL_VERSION ? OK : ERR_VERSION;
}

void frame_seal(uint8_t *frame, uint32_t payload_size, uint64_t first)
{
    bytes_put(frame + 4, payload_size, 4);
    bytes_put(frame + 8, first, 8);
    bytes_put(frame, crc32c(0, frame + 4, 12 + (size_t)payload_size), 4);
}

bool frame_decode(struct slice bytes, struct slice *payload, uint64_t *first)
{
    uint64_t size;

    if (bytes.size <= FRAME_HEADER_SIZE)
        return false;
    size = bytes_take(bytes.at + 4, 4);
    if (size == 0 || size > FRAME_PAYLOAD_MOST || size > bytes.size - FRAME_HEADER_SIZE)
        return false;
    *payload = (struct slice){ bytes.at + FRAME_HEADER_SIZE, size };
    *first = bytes_take(bytes.at + 8, 8);
    return bytes_take(bytes.at, 4) == crc32c(0, bytes.at + 4, 12 + size);
}

size_t frame_command_encode(const struct command *command, struct slice words, uint8_t *payload)
{
    uint8_t *at = payload;
    size_t size;

    assert(words.size <= FRAME_WORDS_MOST);
    if (words.size > 0) {
        *at++ = 0; /* no command is so short */
        bytes_put(at, words.size, 2);
        memcpy(at + 2, words.at, words.size);
        at += 2 + words.size;
    }
    size = command_encode(command, at + 1);
    assert(size <= UINT8_MAX);
    *at = (uint8_t)size;
    return (size_t)(at - payload) + 1 + size;
}

/* False: what stands there are no words that the encoder would write. */
static bool words_decode(struct slice *rest, struct slice *words)
{
    *words = SLICE_EMPTY;
    if (rest->size == 0 || rest->at[0] != 0)
        return true;
    if (rest->size < 3)
        return false;
    words->at = rest->at + 3;
    words->size = (size_t)bytes_take(rest->at + 1, 2);
    if (words->size == 0 || words->size > FRAME_WORDS_MOST || words->size > rest->size - 3)
        return false;
    *rest = slice_from(*rest, 3 + words->size);
    return true;
}

bool frame_command_decode(struct slice *payload, struct command *command, struct slice *words)
{
    struct slice rest = *payload;
    size_t size;

    if (!words_decode(&rest, words) || rest.size == 0)
        return false;
    size = (uint8_t)rest.at[0];
    if (size > rest.size - 1 || !command_decode((struct slice){ rest.at + 1, size }, command))
        return false;
    *payload = slice_from(rest, 1 + size);
    return true;
}

bool frame_stands_in(struct slice bytes, uint64_t after)
{
    for (; bytes.size > FRAME_HEADER_SIZE; bytes = slice_from(bytes, 1)) {
        struct slice payload;
        uint64_t first = bytes_take(bytes.at + 8, 8);

        /* Each command takes more than a byte, which bounds the numbers worth a checksum. */
        if (first > after && first - after < UINT32_MAX && frame_decode(bytes, &payload, &first))
            return true;
    }
    return false;
}
