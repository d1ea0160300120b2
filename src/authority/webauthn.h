/* authority/webauthn.h: whether what an authenticator and a browser say holds together (A2, B5)
 *
 * Three things are judged, none of which needs the store: the client data that the browser signs
 * for the page, the attestation object that comes with a new passkey, and the signature that a
 * passkey makes later.  libfido2 reads authenticator data and public keys and checks signatures;
 * libcbor takes the attestation object apart.
 *
 * Policy:
 *   - the origin is exactly ours, and the page was not framed by another one;
 *   - the user was present and verified (PIN, fingerprint, face): a passkey confirms keys that move
 *     money, so a stolen one has to be of no use;
 *   - ES256, EdDSA and RS256;
 *   - conveyance "none": what make an authenticator is does not matter here, so there are no roots
 *     to trust; a "packed" statement signed with the passkey itself passes, because browsers leave
 *     it in place.
 *
 * Source: Web Authentication Level 2, sections 5.8.1, 6.1, 6.5, 7.1 and 7.2.
 * Pure: no clock, no store, no network.
 */
#ifndef AUTHORITY_WEBAUTHN_H
#define AUTHORITY_WEBAUTHN_H

#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

enum {
    WEBAUTHN_HASH_SIZE = 32,
    WEBAUTHN_CHALLENGE_SIZE = 32,
    WEBAUTHN_ID_MOST = 1023,   /* 6.5.1 */
    WEBAUTHN_KEY_MOST = 512,   /* RS256 in libfido2's form has 259 */
    WEBAUTHN_CLIENT_DATA_MOST = 4096,
    WEBAUTHN_OBJECT_MOST = 16384,
};

enum webauthn_answer {
#define WEBAUTHN(name, code, words) WEBAUTHN_##name,
#include "authority/webauthn.def"
#undef WEBAUTHN
};

const char *webauthn_code(enum webauthn_answer answer);
const char *webauthn_words(enum webauthn_answer answer);

/* COSE numbers of what is taken, the preferred first; a zero ends it. */
extern const int webauthn_algorithms[];

enum webauthn_ceremony { WEBAUTHN_CREATE, WEBAUTHN_GET };

struct webauthn_client {
    uint8_t challenge[WEBAUTHN_CHALLENGE_SIZE];
    uint8_t sha256[WEBAUTHN_HASH_SIZE]; /* of the whole text: what is signed */
};

/* clientDataJSON, decoded.  `origin` is "https://host[:port]". */
enum webauthn_answer webauthn_client_read(struct slice text, enum webauthn_ceremony ceremony,
                                          const char *origin, struct webauthn_client *client);

struct webauthn_credential {
    uint8_t id[WEBAUTHN_ID_MOST];
    size_t id_size;
    int algorithm; /* COSE */
    uint8_t key[WEBAUTHN_KEY_MOST]; /* as libfido2 takes it */
    size_t key_size;
    uint32_t counter;
};

/* attestationObject, decoded. */
enum webauthn_answer webauthn_attestation_verify(const char *rp_id,
                                                 const struct webauthn_client *client,
                                                 struct slice object,
                                                 struct webauthn_credential *credential);

/* authenticatorData and signature, decoded.  *counter: what the authenticator says to have signed
 * so far, for the caller to compare. */
enum webauthn_answer webauthn_assertion_verify(const char *rp_id,
                                               const struct webauthn_client *client,
                                               struct slice authenticator_data,
                                               struct slice signature,
                                               const struct webauthn_credential *credential,
                                               uint32_t *counter);

#endif
