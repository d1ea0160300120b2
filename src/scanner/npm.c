#include "scanner/npm.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/hex.h"
#include "http/fetch.h"

/* Popular packages have thousands of versions, each with its whole description. */
enum { DESCRIPTION_MOST = 128 << 20 };

/* ---- What is asked for ---- */

static bool is_word(struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+",
                   text.at[i]) == NULL ||
            text.at[i] == '\0')
            return false;
    return text.size > 0 && text.at[0] != '.';
}

/* What stands before the first `mark`, and what behind it; false: there is none. */
static bool part(struct slice text, char mark, struct slice *before, struct slice *behind)
{
    const char *at = text.size == 0 ? NULL : memchr(text.at, mark, text.size);

    if (at == NULL)
        return false;
    *before = (struct slice){ text.at, (size_t)(at - text.at) };
    *behind = slice_from(text, before->size + 1);
    return true;
}

bool npm_name_parse(struct slice text, struct npm_name *name)
{
    bool is_scoped = text.size > 0 && text.at[0] == '@';
    struct slice whole = slice_from(text, is_scoped), version = SLICE("latest"), scope, own;

    (void)part(whole, '@', &whole, &version);
    own = whole;
    if (is_scoped && (!part(whole, '/', &scope, &own) || !is_word(scope)))
        return false;
    if (!is_word(own) || !is_word(version) || whole.size + is_scoped >= sizeof name->name ||
        version.size >= sizeof name->version)
        return false;
    snprintf(name->name, sizeof name->name, "%s%.*s", is_scoped ? "@" : "", (int)whole.size,
             whole.at);
    snprintf(name->version, sizeof name->version, "%.*s", (int)version.size, version.at);
    return true;
}

/* "@scope/name" is one part of a path. */
static void path_of(const struct npm_name *name, char path[NPM_NAME_SIZE + 2])
{
    const char *slash = strchr(name->name, '/');

    if (slash == NULL)
        snprintf(path, NPM_NAME_SIZE + 2, "%s", name->name);
    else
        snprintf(path, NPM_NAME_SIZE + 2, "%.*s%%2f%s", (int)(slash - name->name), name->name,
                 slash + 1);
}

bool npm_address(const char *registry, const struct npm_name *name, char *address, size_t size)
{
    char path[NPM_NAME_SIZE + 2];
    size_t length = strlen(registry);

    path_of(name, path);
    return snprintf(address, size, "%s%s%s", registry,
                    length > 0 && registry[length - 1] == '/' ? "" : "/", path) < (int)size;
}

/* ---- What the registry says ---- */

/* The version's "dist"; borrowed.  NULL: there is no such version. */
static const json_t *dist_find(const json_t *description, const struct npm_name *name,
                               struct npm_name *found)
{
    const char *version = json_string_value(
        json_object_get(json_object_get(description, "dist-tags"), name->version));

    if (version == NULL)
        version = name->version;
    *found = *name;
    if (strlen(version) >= sizeof found->version || !is_word(slice_of(version)))
        return NULL;
    snprintf(found->version, sizeof found->version, "%s", version);
    return json_object_get(
        json_object_get(json_object_get(description, "versions"), found->version), "dist");
}

/* `integrity` as of W3C's Subresource Integrity, of which npm uses SHA-512. */
static bool sha512_is(struct slice bytes, const char *integrity)
{
    uint8_t wanted[crypto_hash_sha512_BYTES], is[crypto_hash_sha512_BYTES];
    size_t size;

    crypto_hash_sha512(is, (const uint8_t *)bytes.at, bytes.size);
    return sodium_base642bin(wanted, sizeof wanted, integrity, strcspn(integrity, " "), NULL, &size,
                             NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
           size == sizeof wanted && memcmp(wanted, is, sizeof is) == 0;
}

/* What packages have that are older than the other hash. */
static bool sha1_is(struct slice bytes, const char *digits)
{
    uint8_t wanted[20], is[EVP_MAX_MD_SIZE];

    return hex_parse(slice_of(digits), wanted, sizeof wanted) &&
           EVP_Q_digest(NULL, "SHA1", NULL, bytes.at, bytes.size, is, NULL) == 1 &&
           memcmp(wanted, is, sizeof wanted) == 0;
}

enum err npm_hash_check(const json_t *dist, struct slice bytes, bool *is_unproven)
{
    const char *integrity = json_string_value(json_object_get(dist, "integrity"));
    const char *shasum = json_string_value(json_object_get(dist, "shasum"));
    const char *sha512 = integrity == NULL ? NULL : strstr(integrity, "sha512-");

    *is_unproven = sha512 == NULL && shasum == NULL;
    if (*is_unproven)
        return OK;
    return (sha512 != NULL ? sha512_is(bytes, sha512 + 7) : sha1_is(bytes, shasum)) ? OK
                                                                                    : ERR_CRYPTO;
}

static enum err address_get(const char *address, const char *ca, size_t most, struct buffer *bytes)
{
    char etag[FETCH_ETAG_SIZE] = "";
    struct fetch *fetch = NULL;
    bool changed;
    enum err e;

    if (address == NULL || !fetch_is_address(address))
        return ERR_MALFORMED;
    TRY(fetch_open(address, ca, &fetch));
    fetch_wait_most(fetch, 300);
    e = fetch_get_newer(fetch, most, etag, bytes, &changed);
out:
    fetch_close(&fetch);
    return e;
}

static void why_say(enum err e, const char *what, const struct npm_name *name,
                    char why[NPM_WHY_SIZE])
{
    static const char *const words[] = {
        [ERR_MISSING] = "the registry has no such package or version",
        [ERR_CRYPTO] = "the package is not what the registry's hash says",
        [ERR_MALFORMED] = "the registry's answer is not that of a registry",
        [ERR_DENIED] = "the registry does not give it to everybody",
        [ERR_FULL] = "it is too large",
    };
    const char *text = (size_t)e < sizeof words / sizeof *words ? words[e] : NULL;

    snprintf(why, NPM_WHY_SIZE, "%s of %.100s@%.60s: %s", what, name->name, name->version,
             text == NULL ? err_text(e) : text);
}

enum err npm_fetch(const char *registry, const char *ca, const struct npm_name *name,
                   struct npm_package *package, char why[NPM_WHY_SIZE])
{
    char address[2048];
    const char *what = "the description";
    struct buffer text, bytes;
    json_t *description = NULL;
    const json_t *dist;
    enum err e;

    *package = (struct npm_package){ .name = *name, .fd = -1 };
    buffer_init(&text);
    buffer_init(&bytes);
    TRY(npm_address(registry, name, address, sizeof address) ? OK : ERR_RANGE);
    TRY(address_get(address, ca, DESCRIPTION_MOST, &text));
    description = json_loadb(text.at == NULL ? "" : text.at, text.size, 0, NULL);
    TRY(json_is_object(description) ? OK : ERR_MALFORMED);
    dist = dist_find(description, name, &package->name);
    TRY(dist == NULL ? ERR_MISSING : OK);
    what = "the package";
    TRY(address_get(json_string_value(json_object_get(dist, "tarball")), ca, NPM_PACKAGE_MOST,
                    &bytes));
    TRY(npm_hash_check(dist, buffer_slice(&bytes), &package->is_unproven));
    e = file_in_memory(buffer_slice(&bytes), &package->fd);
out:
    if (e != OK)
        why_say(e, what, &package->name, why);
    json_decref(description);
    buffer_wipe(&text);
    buffer_wipe(&bytes);
    return e;
}
