/* gate/http_signature.h: signatures over HTTP messages
 *
 * A signature is a member of two dictionaries.  Signature-Input lists what is covered and how,
 * Signature has the bytes; both under the same label:
 *
 *     Signature-Input: latchkey=("@status" "content-digest");created=1618884473;keyid="..."
 *     Signature: latchkey=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQ...:
 *
 * What is signed is the signature base: a line for each covered component, then the parameters.
 *
 * Sources: RFC 9421 (sections 2.3, 2.5, 3.1), RFC 9530 (Content-Digest), RFC 9651 (their syntax).
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef GATE_HTTP_SIGNATURE_H
#define GATE_HTTP_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"
#include "keys/gateway_key.h"

enum {
    CONTENT_DIGEST_SIZE = 55, /* "sha-256=:...:", with the zero */
    HTTP_SIGNATURE_NONCE_MOST = 32,
    /* Of one member, with the zero. */
    HTTP_SIGNATURE_INPUT_SIZE = 512,
    HTTP_SIGNATURE_TEXT_SIZE = 128,
    HTTP_SIGNATURE_BASE_SIZE = 1536,
};

/* What is covered: a field of the message, or what is derived from it. */
struct http_component {
    const char *id; /* as it is listed: "\"content-type\"", "\"@authority\";req" */
    struct slice value;
};

struct http_signature {
    const char *label; /* among other signatures of the message */
    const struct http_component *components;
    size_t component_count;
    uint64_t created_s, expires_s; /* expires_s 0: does not */
    struct slice nonce;            /* text of anybody's; `at` NULL: no such parameter */
    const char *keyid;
    const char *alg, *tag; /* NULL: no such parameter */
};

/* Value of Content-Digest. */
void content_digest_format(struct slice content, char text[CONTENT_DIGEST_SIZE]);

/* The member of Signature-Input.  Of the nonce at most HTTP_SIGNATURE_NONCE_MOST bytes are
 * repeated, and bytes that a structured field's string cannot hold as "?".  Returns its size, 0 if
 * it does not fit. */
size_t http_signature_input_format(const struct http_signature *signature,
                                   char input[HTTP_SIGNATURE_INPUT_SIZE]);

/* The signature base for that member; returns its size, 0 if it does not fit. */
size_t http_signature_base_format(const struct http_signature *signature, const char *input,
                                  char base[HTTP_SIGNATURE_BASE_SIZE]);

/* Both members, signed.  False: a covered value is too long. */
bool http_signature_make(const struct http_signature *signature, const struct gateway_key *key,
                         char input[HTTP_SIGNATURE_INPUT_SIZE],
                         char text[HTTP_SIGNATURE_TEXT_SIZE]);

#endif
