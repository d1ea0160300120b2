#include "authority/password.h"

#include <assert.h>
#include <sodium.h>

static_assert(ACCOUNT_PASSWORD_SIZE == crypto_pwhash_STRBYTES, "the store keeps the whole text");

enum err password_hash(struct slice password, char hash[ACCOUNT_PASSWORD_SIZE],
                       struct refusal *refusal)
{
    if (password.size < PASSWORD_LEAST || password.size > PASSWORD_MOST) {
        refusal_add_at(refusal, REFUSAL_INVALID, "password", "password-length",
                       "the password has %zu bytes: choose one of %d to %d", password.size,
                       PASSWORD_LEAST, PASSWORD_MOST);
        return OK;
    }
    return crypto_pwhash_str_alg(hash, password.at, password.size,
                                 crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                 crypto_pwhash_MEMLIMIT_INTERACTIVE,
                                 crypto_pwhash_ALG_ARGON2ID13) == 0
               ? OK
               : ERR_MEMORY;
}

/* Of random bytes that were not kept; the same cost as above, which a test checks. */
const char password_nobody[] =
    "$argon2id$v=19$m=65536,t=2,p=1$Fe1eWtDIzaaqQ21dlrdktA"
    "$5rYnPblELogygOgXUR9umoe9+XV8plIJRW3bvV4Zfmw";

bool password_is(const char *hash, struct slice password)
{
    return password.size <= PASSWORD_MOST &&
           crypto_pwhash_str_verify(hash, password.at, password.size) == 0;
}
