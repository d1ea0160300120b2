#include "audit/cosignature.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_MOST = 64 + CHECKPOINT_TEXT_MOST };

/* The two lines of the witness, then those of the log. */
static struct slice message_format(struct slice body, uint64_t at_s, char message[MESSAGE_MOST])
{
    size_t size =
        (size_t)snprintf(message, MESSAGE_MOST, "cosignature/v1\ntime %" PRIu64 "\n", at_s);

    memcpy(message + size, body.at, body.size);
    return (struct slice){ message, size + body.size };
}

/* The first line that `key` signed, as it stands. */
static bool line_find(struct slice signatures, const struct note_key *key, struct slice *line)
{
    uint8_t signature[NOTE_SIGNATURE_SIZE];
    bool mine = false;

    while (signatures.size > 0 && !mine) {
        const char *start = signatures.at;

        if (!note_line_parse(&signatures, key, signature, sizeof signature, &mine))
            return false;
        *line = (struct slice){ start, (size_t)(signatures.at - start) };
    }
    return mine;
}

size_t cosignature_format(struct slice checkpoint, const struct note_key *log,
                          const struct note_key *witness, const uint8_t seed[NOTE_SEED_SIZE],
                          uint64_t at_s, char text[CHECKPOINT_TEXT_MOST])
{
    uint8_t bytes[COSIGNATURE_SIZE];
    char message[MESSAGE_MOST];
    struct checkpoint head;
    struct slice body, signatures, line;
    size_t size, added;

    if (checkpoint_parse(checkpoint, log, &head) != CHECKPOINT_SIGNED ||
        !checkpoint_split(checkpoint, &head, &body, &signatures) ||
        !line_find(signatures, log, &line))
        return 0;
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(at_s >> (56 - 8 * i));
    note_sign(message_format(body, at_s, message), seed, bytes + 8);
    size = body.size + 1;
    memcpy(text, checkpoint.at, size); /* with the blank line */
    memcpy(text + size, line.at, line.size);
    size += line.size;
    added = note_line_format(witness, bytes, sizeof bytes, text + size,
                             CHECKPOINT_TEXT_MOST - size);
    return added == 0 ? 0 : size + added;
}

bool cosignature_verify(struct slice checkpoint, const struct note_key *witness, uint64_t *at_s)
{
    char message[MESSAGE_MOST];
    struct checkpoint head;
    struct slice body, signatures;
    bool verified = false;

    *at_s = 0;
    if (!checkpoint_split(checkpoint, &head, &body, &signatures))
        return false;
    while (signatures.size > 0) {
        uint8_t bytes[COSIGNATURE_SIZE];
        uint64_t time_s = 0;
        bool mine;

        if (!note_line_parse(&signatures, witness, bytes, sizeof bytes, &mine))
            return false;
        if (!mine)
            continue;
        for (int i = 0; i < 8; i++)
            time_s = time_s << 8 | bytes[i];
        if (!note_signature_is_right(message_format(body, time_s, message), witness, bytes + 8))
            return false;
        *at_s = time_s;
        verified = true;
    }
    return verified;
}
