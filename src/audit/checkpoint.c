#include "audit/checkpoint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void merkle_root_format(const struct merkle_hash *root, char text[MERKLE_ROOT_TEXT_SIZE])
{
    note_base64_format(root->bytes, MERKLE_HASH_SIZE, text);
}

size_t checkpoint_format(const struct checkpoint *checkpoint, const struct note_key *key,
                         const uint8_t seed[NOTE_SEED_SIZE], char text[CHECKPOINT_TEXT_MOST])
{
    uint8_t signature[NOTE_SIGNATURE_SIZE];
    char root[MERKLE_ROOT_TEXT_SIZE];
    size_t body;

    merkle_root_format(&checkpoint->root, root);
    body = (size_t)snprintf(text, CHECKPOINT_TEXT_MOST, "%s\n%" PRIu64 "\n%s\n",
                            checkpoint->origin, checkpoint->size, root);
    note_sign((struct slice){ text, body }, seed, signature);
    text[body] = '\n';
    return body + 1 + note_line_format(key, signature, sizeof signature, text + body + 1,
                                       CHECKPOINT_TEXT_MOST - body - 1);
}

/* The three lines; extension lines, which the specification allows after them, are passed over. */
static bool body_parse(struct slice *rest, struct checkpoint *checkpoint)
{
    struct slice origin, size, root, line;

    *checkpoint = (struct checkpoint){ 0 };
    if (!note_take(rest, &origin) || !note_take(rest, &size) || !note_take(rest, &root) ||
        !note_name_is_fine(origin) || !note_number_parse(size, &checkpoint->size) ||
        checkpoint->size >= UINT64_C(1) << MERKLE_HEIGHT_MOST ||
        !note_base64_parse(root, checkpoint->root.bytes, MERKLE_HASH_SIZE))
        return false;
    memcpy(checkpoint->origin, origin.at, origin.size);
    do {
        if (!note_take(rest, &line))
            return false;
    } while (line.size > 0);
    return true;
}

bool checkpoint_split(struct slice text, struct checkpoint *checkpoint, struct slice *body,
                      struct slice *signatures)
{
    *signatures = text;
    if (text.size > CHECKPOINT_TEXT_MOST || !body_parse(signatures, checkpoint))
        return false;
    /* What is signed ends before the blank line. */
    *body = (struct slice){ text.at, (size_t)(signatures->at - text.at) - 1 };
    return true;
}

enum checkpoint_answer checkpoint_parse(struct slice text, const struct note_key *key,
                                        struct checkpoint *checkpoint)
{
    struct slice rest, body;
    bool verified = false;

    if (!checkpoint_split(text, checkpoint, &body, &rest) || rest.size == 0)
        return CHECKPOINT_MALFORMED;
    while (rest.size > 0) {
        uint8_t signature[NOTE_SIGNATURE_SIZE];
        bool mine;

        if (!note_line_parse(&rest, key, signature, sizeof signature, &mine))
            return CHECKPOINT_MALFORMED;
        if (!mine)
            continue;
        if (!note_signature_is_right(body, key, signature))
            return CHECKPOINT_FORGED;
        verified = true;
    }
    return verified && strcmp(checkpoint->origin, key->name) == 0 ? CHECKPOINT_SIGNED
                                                                  : CHECKPOINT_FORGED;
}
