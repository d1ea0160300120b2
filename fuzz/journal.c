/* Any bytes as a journal: reading never leaves them, and what is read writes back as it was. */
#include <assert.h>
#include <string.h>

#include "venue/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void command_check(struct slice before, const struct command *command, struct slice words)
{
    uint8_t bytes[FRAME_COMMAND_MOST];
    size_t size = frame_command_encode(command, words, bytes);

    assert(size <= before.size && memcmp(bytes, before.at, size) == 0);
}

static void payload_read(struct slice payload)
{
    struct command command;
    struct slice before = payload, words;

    for (; frame_command_decode(&payload, &command, &words); before = payload)
        command_check(before, &command, words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice bytes = { (const char *)data, size }, payload;
    struct journal_header header;
    uint64_t first;

    if (journal_header_decode(bytes, &header) == OK)
        bytes = slice_from(bytes, JOURNAL_HEADER_SIZE);
    while (frame_decode(bytes, &payload, &first)) {
        payload_read(payload);
        bytes = slice_from(bytes, FRAME_HEADER_SIZE + payload.size);
    }
    (void)frame_stands_in(bytes, 1);
    /* A checksum is hard to guess: read the bytes as a payload too. */
    payload_read((struct slice){ (const char *)data, size });
    return 0;
}
