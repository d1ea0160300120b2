/* fuzz/gateway_key.c: whatever is taken for a key file is what would be written for that key */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "keys/gateway_key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char written[GATEWAY_KEY_FILE_SIZE];
    struct gateway_key key;
    size_t written_size;

    if (!gateway_key_parse((struct slice){ (const char *)data, size }, &key))
        return 0;
    written_size = gateway_key_format(&key, written);
    if ((size != written_size && size != written_size - 1) || memcmp(written, data, size) != 0)
        abort();
    return 0;
}
