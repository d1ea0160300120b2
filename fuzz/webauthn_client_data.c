/* fuzz/webauthn_client_data.c: client data that are fine name our origin and hold a challenge */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "authority/webauthn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char origin[] = "https://localhost:8443";
    struct slice text = { (const char *)data, size };
    struct webauthn_client client;

    for (enum webauthn_ceremony c = WEBAUTHN_CREATE; c <= WEBAUTHN_GET; c++)
        if (webauthn_client_read(text, c, origin, &client) == WEBAUTHN_FINE &&
            memmem(data, size, "challenge", 9) == NULL &&
            memmem(data, size, "\\u", 2) == NULL) /* a name may be written in escapes */
            abort();
    return 0;
}
