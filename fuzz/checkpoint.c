/* fuzz/checkpoint.c: no text makes the readers of checkpoints and verifier keys stumble, nothing
 * that was not signed is believed, and a key that is understood is written back letter by letter.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/checkpoint.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const uint8_t seed[NOTE_SEED_SIZE] = { 7 };
    struct slice text = { (const char *)bytes, size };
    char again[NOTE_KEY_TEXT_SIZE];
    struct note_key key;
    struct checkpoint checkpoint;

    if (note_key_parse(text, NOTE_KEY_LOG, &key) &&
        (note_key_format(&key, again) != size || memcmp(again, bytes, size) != 0))
        abort();
    if (note_key_init(&key, NOTE_KEY_LOG, SLICE("example.com/audit"), seed) != OK)
        abort();
    if (checkpoint_parse(text, &key, &checkpoint) == CHECKPOINT_SIGNED)
        abort(); /* the fuzzer forged an Ed25519 signature */
    return 0;
}
