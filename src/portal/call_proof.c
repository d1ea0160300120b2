#include "portal/call_proof.h"

#include "http/server.h"

enum err call_proof(struct call *c, struct proof *proof, uint8_t operation[OPERATION_SIZE])
{
    const json_t *given = json_object_get(c->body, "proof");

    *proof = (struct proof){ .kind = PROOF_NONE };
    if (given != NULL && !json_is_null(given)) {
        if ((proof->code = call_text(c, given, "code")).size > 0)
            proof->kind = PROOF_CODE;
        else if ((proof->code = call_text(c, given, "recovery_code")).size > 0)
            proof->kind = PROOF_RECOVERY;
        else if ((proof->assertion = json_object_get(given, "assertion")) != NULL)
            proof->kind = PROOF_ASSERTION;
        else
            refusal_add_at(&c->refusal, REFUSAL_INVALID, "proof", "proof-malformed",
                           "\"proof\" has to be an object with code, assertion or recovery_code");
    }
    return operation_hash(http_request_method(c->request),
                          slice_of(http_request_path(c->request)), c->body, operation);
}
