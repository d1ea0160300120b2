/* scanner/npm.h: a package of an npm registry, as a file in memory that can be scanned
 *
 *     npm_name_parse(SLICE("@scope/name@1.2.3"), &name);
 *     npm_fetch("https://registry.example", NULL, &name, &package, why);
 *
 * What the registry describes is checked against its own hash of the package, so that what is
 * scanned is what others install.
 */
#ifndef SCANNER_NPM_H
#define SCANNER_NPM_H

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/slice.h"

enum {
    NPM_NAME_SIZE = 215, /* the registry's own limit, and the zero */
    NPM_VERSION_SIZE = 129,
    NPM_WHY_SIZE = 256,
    NPM_PACKAGE_MOST = 256 << 20,
};

struct npm_name {
    char name[NPM_NAME_SIZE];       /* "ccxt", "@scope/name" */
    char version[NPM_VERSION_SIZE]; /* or a tag, such as "latest" */
};

struct npm_package {
    struct npm_name name; /* with its version, never a tag */
    int fd;               /* the tarball; the caller's */
    bool is_unproven;     /* the registry gave no hash */
};

/* "name", "name@version", "@scope/name@tag"; without a version it is "latest".  False: no such
 * name can be. */
bool npm_name_parse(struct slice text, struct npm_name *name);

/* Where the registry describes the package.  False: the address is too long. */
bool npm_address(const char *registry, const struct npm_name *name, char *address, size_t size);

/* Compares with the hash in the "dist" of a version.  ERR_CRYPTO: they differ.  *is_unproven: there
 * is no hash. */
must_use enum err npm_hash_check(const json_t *dist, struct slice bytes, bool *is_unproven);

/* `ca`: file with the certificate authorities to believe; NULL: the system's.  Errors say why.
 * ERR_MISSING: no such package or version.  ERR_CRYPTO: it is not what its hash says.
 * ERR_MALFORMED: the registry's answer is none.  ERR_FULL: too large.  ERR_IO, ERR_DENIED,
 * ERR_MEMORY. */
must_use enum err npm_fetch(const char *registry, const char *ca, const struct npm_name *name,
                            struct npm_package *package, char why[NPM_WHY_SIZE]);

#endif
