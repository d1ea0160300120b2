/* fuzz/signature_headers.c: three headers and a path, separated by line feeds, through the gate */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "gate/refusal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct slice line_next(struct slice *rest)
{
    const char *end = rest->size == 0 ? NULL : memchr(rest->at, '\n', rest->size);
    struct slice line = { rest->at, end == NULL ? rest->size : (size_t)(end - rest->at) };

    *rest = slice_from(*rest, end == NULL ? rest->size : line.size + 1);
    return line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct gate_settings settings = { .requests = { 1000, 15000 },
                                                   .failures = { 1000, 60000 } };
    struct slice rest = { (const char *)data, size };
    struct gate_request request = { .encrypted = true, .wall_ns = 1, .mono_ns = 1 };
    struct gate_address address = { 0 };
    struct gate_outcome outcome;
    struct gate_claim claim;
    struct refusal refusal;
    char decoded[PATH_MOST];
    size_t decoded_size = 0;

    request.key = line_next(&rest);
    request.nonce = line_next(&rest);
    request.signature = line_next(&rest);
    request.path = line_next(&rest);
    if (path_decode(request.path, decoded, &decoded_size))
        request.path_decoded = (struct slice){ decoded, decoded_size };
    request.method = size % 2 == 0 ? HTTP_METHOD_GET : HTTP_METHOD_POST;
    request.route = route_find(route_table_venue(), request.method, request.path_decoded);
    gate_claim_parse(&request, &claim);
    if (claim.state == CLAIM_COMPLETE &&
        gate_signature_is(&request, &claim, gate_dummy_midstate()))
        abort(); /* nobody can sign for the dummy */
    gate_decide(&request, &claim, NULL, false, NULL, &address, &settings, &outcome);
    if (outcome.authentic || (outcome.verdict == VERDICT_PASS && claim.state != CLAIM_NONE))
        abort();
    if (outcome.verdict != VERDICT_PASS) {
        refusal_format(&request, &outcome, SLICE("00"), &refusal);
        if (strlen(refusal.body) != refusal.body_size)
            abort();
    }
    return 0;
}
