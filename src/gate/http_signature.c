#include "gate/http_signature.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    DIGEST_TEXT_SIZE = sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_ORIGINAL),
    SIGNATURE_TEXT_BYTES = sodium_base64_ENCODED_LEN(64, sodium_base64_VARIANT_ORIGINAL),
};

/* Text in a caller's array; once something did not fit, it stays overflowed. */
struct text {
    char *at;
    size_t size, room;
    bool overflowed;
};

__attribute__((format(printf, 2, 3))) static void text_print(struct text *text, const char *format,
                                                             ...)
{
    va_list arguments;
    int size;

    if (text->overflowed)
        return;
    va_start(arguments, format);
    size = vsnprintf(text->at + text->size, text->room - text->size, format, arguments);
    va_end(arguments);
    if (size < 0 || (size_t)size >= text->room - text->size)
        text->overflowed = true;
    else
        text->size += (size_t)size;
}

static size_t text_end(const struct text *text)
{
    return text->overflowed ? 0 : text->size;
}

/* The inside of a string of RFC 9651, section 3.3.3: visible ASCII and spaces. */
static void nonce_escape(struct slice nonce, char text[2 * HTTP_SIGNATURE_NONCE_MOST + 1])
{
    for (size_t i = 0; i < nonce.size && i < HTTP_SIGNATURE_NONCE_MOST; i++) {
        char c = nonce.at[i];

        if (c == '"' || c == '\\')
            *text++ = '\\';
        *text++ = c >= ' ' && c <= '~' ? c : '?';
    }
    *text = '\0';
}

void content_digest_format(struct slice content, char text[CONTENT_DIGEST_SIZE])
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    char base64[DIGEST_TEXT_SIZE];

    crypto_hash_sha256(digest, (const uint8_t *)content.at, content.size);
    sodium_bin2base64(base64, sizeof base64, digest, sizeof digest, sodium_base64_VARIANT_ORIGINAL);
    snprintf(text, CONTENT_DIGEST_SIZE, "sha-256=:%s:", base64);
}

size_t http_signature_input_format(const struct http_signature *signature,
                                   char input[HTTP_SIGNATURE_INPUT_SIZE])
{
    struct text text = { .at = input, .room = HTTP_SIGNATURE_INPUT_SIZE };
    char nonce[2 * HTTP_SIGNATURE_NONCE_MOST + 1];

    text_print(&text, "%s=(", signature->label);
    for (size_t i = 0; i < signature->component_count; i++)
        text_print(&text, "%s%s", i == 0 ? "" : " ", signature->components[i].id);
    text_print(&text, ");created=%" PRIu64, signature->created_s);
    if (signature->expires_s != 0)
        text_print(&text, ";expires=%" PRIu64, signature->expires_s);
    if (signature->nonce.at != NULL) {
        nonce_escape(signature->nonce, nonce);
        text_print(&text, ";nonce=\"%s\"", nonce);
    }
    text_print(&text, ";keyid=\"%s\"", signature->keyid);
    if (signature->alg != NULL)
        text_print(&text, ";alg=\"%s\"", signature->alg);
    if (signature->tag != NULL)
        text_print(&text, ";tag=\"%s\"", signature->tag);
    return text_end(&text);
}

size_t http_signature_base_format(const struct http_signature *signature, const char *input,
                                  char base[HTTP_SIGNATURE_BASE_SIZE])
{
    struct text text = { .at = base, .room = HTTP_SIGNATURE_BASE_SIZE };

    for (size_t i = 0; i < signature->component_count; i++) {
        const struct http_component *c = &signature->components[i];

        text_print(&text, "%s: %.*s\n", c->id, (int)c->value.size, c->value.at);
    }
    text_print(&text, "\"@signature-params\": %s", input + strlen(signature->label) + 1);
    return text_end(&text);
}

bool http_signature_make(const struct http_signature *signature, const struct gateway_key *key,
                         char input[HTTP_SIGNATURE_INPUT_SIZE],
                         char text[HTTP_SIGNATURE_TEXT_SIZE])
{
    uint8_t bytes[GATEWAY_KEY_SIGNATURE_SIZE];
    char base[HTTP_SIGNATURE_BASE_SIZE], base64[SIGNATURE_TEXT_BYTES];
    size_t size;

    if (http_signature_input_format(signature, input) == 0)
        return false;
    size = http_signature_base_format(signature, input, base);
    if (size == 0)
        return false;
    gateway_key_sign(key, (struct slice){ base, size }, bytes);
    sodium_bin2base64(base64, sizeof base64, bytes, sizeof bytes, sodium_base64_VARIANT_ORIGINAL);
    return snprintf(text, HTTP_SIGNATURE_TEXT_SIZE, "%s=:%s:", signature->label, base64) <
           HTTP_SIGNATURE_TEXT_SIZE;
}
