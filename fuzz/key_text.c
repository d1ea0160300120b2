/* fuzz/key_text.c: whatever parses as a key id is exactly what would be written for it */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keys/key_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice text = { (const char *)data, size };
    enum environment environment;
    struct secret secret;
    struct key_id id;

    if (key_id_parse(text, &id)) {
        char written[KEY_ID_TEXT_SIZE];

        key_id_format(&id, written);
        if (size != KEY_ID_SIZE || memcmp(written, data, size) != 0)
            abort();
    }
    if (secret_parse(text, &environment, &secret) && secret.size != size)
        abort();
    return 0;
}
