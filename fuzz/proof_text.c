/* Proof files arrive from anybody: over none may the parser stumble, and what it understands is
 * written back letter by letter. */
#include <stdlib.h>
#include <string.h>

#include "audit/proof_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint8_t seed[NOTE_SEED_SIZE] = { 7 };
    static struct proof_text proof;
    static char again[PROOF_TEXT_MOST];
    struct note_key log, witness;
    struct checkpoint head;
    uint64_t at_s;

    if (!proof_text_parse((struct slice){ (const char *)bytes, size }, &proof))
        return 0;
    if (proof_text_format(&proof, again) != size || memcmp(again, bytes, size) != 0)
        abort();
    if (note_key_init(&log, NOTE_KEY_LOG, SLICE("example.com/audit"), seed) != OK ||
        note_key_init(&witness, NOTE_KEY_WITNESS, SLICE("example.com/witness"), seed) != OK)
        abort();
    if (proof_text_check(&proof, &log, &witness, SLICE_EMPTY, &head, &at_s) == PROOF_HOLDS)
        abort(); /* the fuzzer forged two Ed25519 signatures */
    return 0;
}
