/* tests/scanner/encoded.h: keys as they may stand in a file, made the other way round */
#ifndef TESTS_SCANNER_ENCODED_H
#define TESTS_SCANNER_ENCODED_H

#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "keys/key_text.h"
#include "scanner/encoding.h"

enum { ENCODED_SIZE = 1024 };

/* With the zero behind it. */
static inline void secret_text(char *text, enum environment environment)
{
    struct secret secret;

    secret_draw(&secret, environment, randombytes_buf);
    memcpy(text, secret.bytes, SECRET_TEXT_SIZE);
    text[SECRET_TEXT_SIZE] = '\0';
}

static inline size_t base64_encode(unsigned offset, const char *text, char out[ENCODED_SIZE])
{
    char padded[128];
    size_t size = (size_t)snprintf(padded, sizeof padded, "%.*s%s", (int)offset, "?>", text);

    return (size_t)EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)padded, (int)size);
}

static inline size_t encode(enum encoding encoding, const char *text, char out[ENCODED_SIZE])
{
    static const char *const before[ENCODING_COUNT] = {
        [ENCODING_PLAIN] = "",           [ENCODING_HEX] = "",
        [ENCODING_PERCENT] = "%",        [ENCODING_BACKSLASH_U] = "\\u00",
        [ENCODING_BACKSLASH_X] = "\\x",  [ENCODING_HTML_HEX] = "&#X",
        [ENCODING_HTML_DECIMAL] = "&#",
    };
    size_t size = 0;

    if (encoding >= ENCODING_BASE64_0 && encoding <= ENCODING_BASE64_2)
        return base64_encode((unsigned)(encoding - ENCODING_BASE64_0), text, out);
    for (const char *at = text; *at != '\0'; at++) {
        const char *format = encoding == ENCODING_PLAIN          ? "%s%c"
                             : encoding == ENCODING_HTML_HEX     ? "%s%X;"
                             : encoding == ENCODING_HTML_DECIMAL ? "%s%u;"
                             : (at - text) % 2 == 0              ? "%s%02x"
                                                                 : "%s%02X";

        if (before[encoding] != NULL) {
            size += (size_t)snprintf(out + size, ENCODED_SIZE - size, format, before[encoding],
                                     *at);
            continue;
        }
        out[size + (encoding == ENCODING_UTF16_BE)] = *at;
        out[size + (encoding == ENCODING_UTF16_LE)] = '\0';
        size += 2;
    }
    return size;
}

#endif
