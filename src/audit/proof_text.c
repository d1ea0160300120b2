#include "audit/proof_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "audit/cosignature.h"

static const struct slice HEADER = { "c2sp.org/tlog-proof@v1", 22 };

size_t proof_text_format(const struct proof_text *proof, char text[PROOF_TEXT_MOST])
{
    char *at = text, *end = text + PROOF_TEXT_MOST;

    at += snprintf(at, (size_t)(end - at), "%s\n", HEADER.at);
    if (proof->record_size > 0) {
        at += snprintf(at, (size_t)(end - at), "extra ");
        note_base64_format(proof->record, proof->record_size, at);
        at += NOTE_BASE64_SIZE(proof->record_size) - 1;
        *at++ = '\n';
    }
    at += snprintf(at, (size_t)(end - at), "index %" PRIu64 "\n", proof->index);
    for (size_t i = 0; i < proof->proof.count; i++) {
        merkle_root_format(&proof->proof.hash[i], at);
        at += MERKLE_ROOT_TEXT_SIZE - 1;
        *at++ = '\n';
    }
    *at++ = '\n';
    memcpy(at, proof->checkpoint.at, proof->checkpoint.size);
    return (size_t)(at - text) + proof->checkpoint.size;
}

/* "word value": the value, when the line begins so. */
static bool field_take(struct slice line, struct slice word, struct slice *value)
{
    if (!slice_starts(line, word))
        return false;
    *value = slice_from(line, word.size);
    return true;
}

bool proof_text_parse(struct slice text, struct proof_text *proof)
{
    struct slice line, value;

    proof->record_size = proof->proof.count = 0;
    if (text.size > PROOF_TEXT_MOST || !note_take(&text, &line) || !slice_is(line, HEADER) ||
        !note_take(&text, &line))
        return false;
    if (field_take(line, SLICE("extra "), &value) &&
        (!note_base64_parse_some(value, proof->record, sizeof proof->record,
                                 &proof->record_size) ||
         proof->record_size == 0 || !note_take(&text, &line)))
        return false;
    if (!field_take(line, SLICE("index "), &value) || !note_number_parse(value, &proof->index))
        return false;
    while (note_take(&text, &line) && line.size > 0)
        if (proof->proof.count == PROOF_HASHES_MOST ||
            !note_base64_parse(line, proof->proof.hash[proof->proof.count++].bytes,
                               MERKLE_HASH_SIZE))
            return false;
    proof->checkpoint = text;
    return line.size == 0 && text.size > 0 && text.size <= CHECKPOINT_TEXT_MOST;
}

enum proof_answer proof_text_check(const struct proof_text *proof, const struct note_key *log,
                                   const struct note_key *witness, struct slice record,
                                   struct checkpoint *head, uint64_t *at_s)
{
    struct slice held = { (const char *)proof->record, proof->record_size };
    struct merkle_hash leaf;

    *at_s = 0;
    *head = (struct checkpoint){ 0 };
    if (checkpoint_parse(proof->checkpoint, log, head) != CHECKPOINT_SIGNED)
        return PROOF_UNSIGNED;
    if (witness != NULL && !cosignature_verify(proof->checkpoint, witness, at_s))
        return PROOF_UNCOSIGNED;
    if (held.size == 0)
        held = record;
    if (held.size == 0)
        return PROOF_RECORD_MISSING;
    if (record.size > 0 && !slice_is(record, held))
        return PROOF_BROKEN;
    merkle_leaf(held, &leaf);
    return proof_includes(&proof->proof, proof->index, &leaf, head->size, &head->root)
               ? PROOF_HOLDS
               : PROOF_BROKEN;
}
