/* fuzz/alert.c: what strangers post as alerts about leaked keys: bodies, signatures, PEMs
 *
 * The first byte says how the rest is parted.  Invariants: an answer is JSON with as many entries
 * as have a token; no signature holds.
 */
#include <stdint.h>
#include <stdlib.h>

#include "authority/alert_body.h"
#include "authority/alert_signature.h"

static const char signer[] = "-----BEGIN PUBLIC KEY-----\n"
                             "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEsz9ugWDj5jK5ELBK42ynytbo38gP\n"
                             "HzZFI03Exwz8Lh/tCfL3YxwMdLjB+bMznsanlhK0RwcGP3IDb34kQDIo3Q==\n"
                             "-----END PUBLIC KEY-----\n";

static void body_try(struct slice text)
{
    bool too_many;
    json_t *body = alert_body_parse(text, &too_many), *answer;
    struct alert_entry entry;
    struct buffer reply;
    size_t count = 0;

    buffer_init(&reply);
    for (size_t i = 0; i < json_array_size(body); i++)
        if (alert_entry_get(body, i, &entry)) {
            alert_answer_append(&reply, &entry, i % 2 == 0);
            count++;
        }
    alert_answer_end(&reply);
    answer = json_loadb(reply.at, reply.size, 0, NULL);
    if (json_array_size(answer) != count || !json_is_array(answer))
        abort();
    json_decref(answer);
    json_decref(body);
    buffer_wipe(&reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct slice rest = { (const char *)bytes + 1, size - 1 };

    if (size == 0)
        return 0;
    if (bytes[0] < 128)
        body_try(rest);
    else if (bytes[0] < 192 && alert_signature_holds(slice_of(signer), SLICE("[]"), rest))
        abort(); /* the fuzzer forged a signature */
    else
        (void)alert_signature_holds(rest, SLICE("[]"), SLICE("MAYCAQECAQE="));
    return 0;
}
