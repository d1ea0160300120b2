/* scanner/web.h: a page with its scripts and their source maps, as files in memory that can be
 * scanned
 *
 * What a page leads to is fetched with it (scanner/web_refs.h), from whatever host it is on, as a
 * browser would.  Everything has a bound: files, bytes, redirects and time.
 */
#ifndef SCANNER_WEB_H
#define SCANNER_WEB_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

enum {
    WEB_FILES_MOST = 300,
    WEB_REDIRECTS_MOST = 5,
    WEB_WAIT_S = 60, /* for one file */
    WEB_URL_SIZE = 2048,
    WEB_WHY_SIZE = 256,
};

#define WEB_BYTES_MOST ((size_t)256 << 20) /* of all of them */

struct web_file {
    char url[WEB_URL_SIZE]; /* as it was asked for */
    int fd;                 /* < 0: `why` it is not here */
    char why[WEB_WHY_SIZE];
};

struct web {
    struct web_file *files;
    size_t count;
    bool more; /* there were more than WEB_FILES_MOST */
};

/* Once.  `ca`: file with the certificate authorities to believe; NULL: the system's.  What could
 * not be fetched is in the list, too.  ERR_RANGE: the address is too long.  ERR_MEMORY. */
must_use enum err web_fetch(const char *url, const char *ca, struct web *web);
void web_wipe(struct web *web); /* closes */

/* The address that a reference in what is at `at` (scanner/web_refs.h) leads to, without its
 * fragment.  False: it is none of http or https, or too long. */
bool web_reference_resolve(const char *at, struct slice reference, char url[WEB_URL_SIZE]);

#endif
