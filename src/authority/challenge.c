#include "authority/challenge.h"

#include <assert.h>
#include <openssl/sha.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "store/challenges.h"

static_assert(STORE_CHALLENGE_HASH_SIZE == SHA256_DIGEST_LENGTH, "the row holds the hash");

enum err challenge_make(struct authority *a, struct store_tx *tx, uint64_t account,
                        const char *session, const uint8_t operation[CHALLENGE_OPERATION_SIZE],
                        uint8_t challenge[CHALLENGE_SIZE])
{
    struct store_challenge row = { .account = account };
    uint64_t now_ns = a->now_ns();
    enum err e;

    assert(strlen(session) < sizeof row.session);
    randombytes_buf(challenge, CHALLENGE_SIZE);
    SHA256(challenge, CHALLENGE_SIZE, row.sha256);
    snprintf(row.session, sizeof row.session, "%s", session);
    memcpy(row.operation, operation, sizeof row.operation);
    row.expires_at_ns = now_ns + CHALLENGE_LIVES_S * NS_PER_S;
    TRY(store_challenges_thin(tx, account, session, now_ns, CHALLENGES_MOST - 1));
    TRY(store_challenge_insert(tx, &row));
out:
    return e;
}

enum err challenge_spend(struct authority *a, struct store_tx *tx, uint64_t account,
                         const char *session, const uint8_t operation[CHALLENGE_OPERATION_SIZE],
                         const uint8_t challenge[CHALLENGE_SIZE], struct refusal *refusal)
{
    uint8_t sha256[SHA256_DIGEST_LENGTH];
    struct store_challenge row;
    bool present;
    enum err e;

    SHA256(challenge, CHALLENGE_SIZE, sha256);
    TRY(store_challenge_take(tx, sha256, &row, &present));
    if (!present)
        refusal_add(refusal, REFUSAL_RULE, "challenge-unknown",
                    "this question was answered before, or never asked: start again");
    else if (row.account != account || strcmp(row.session, session) != 0)
        refusal_add(refusal, REFUSAL_RULE, "challenge-foreign",
                    "this question was asked in another session: start again in this one");
    else if (a->now_ns() >= row.expires_at_ns)
        refusal_add(refusal, REFUSAL_RULE, "challenge-expired",
                    "the answer took more than %d minutes: start again", CHALLENGE_LIVES_S / 60);
    else if (sodium_memcmp(row.operation, operation, sizeof row.operation) != 0)
        refusal_add(refusal, REFUSAL_RULE, "challenge-operation",
                    "the passkey confirmed something else than this: confirm this");
out:
    return e;
}
