/* scanner/cdn_listing.h: which versions and files a CDN has of a package
 *
 *   jsDelivr  API/v1/packages/npm/NAME                        {"versions":[{"version":"1.0.0"}]}
 *             API/v1/packages/npm/NAME@V?structure=flat       {"files":[{"name":"/a.js"}]}
 *             FILES/npm/NAME@V/a.js
 *   unpkg     FILES/NAME/package.json (the latest)            {"version":"1.0.0"}
 *             FILES/NAME@V/?meta                              {"files":[{"path":"/a.js"}]}, or a
 *                                                             tree of {"type":"directory","files"}
 *             FILES/NAME@V/a.js
 *   cdnjs     API/libraries/NAME?fields=versions              {"versions":["1.0.0"]}
 *             API/libraries/NAME/V?fields=files               {"files":["a.js"]}
 *             FILES/ajax/libs/NAME/V/a.js
 *
 * Source: the CDNs' own documents.  Pure.
 */
#ifndef SCANNER_CDN_LISTING_H
#define SCANNER_CDN_LISTING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/slice.h"

enum cdn { CDN_JSDELIVR, CDN_UNPKG, CDN_CDNJS };
enum {
    CDN_URL_SIZE = 4096,
    CDN_VERSIONS_MOST = 100000,
    CDN_FILES_MOST = 100000, /* of a version */
    CDN_NAME_MOST = 1024,    /* of a file */
};

struct cdn_base {
    enum cdn cdn;
    const char *api, *files; /* addresses; unpkg asks for no `api` */
};

bool cdn_package_is_good(enum cdn cdn, const char *name);

/* Into `url`; false: it would be too long. */
bool cdn_versions_url(const struct cdn_base *base, const char *package, char url[CDN_URL_SIZE]);
bool cdn_files_url(const struct cdn_base *base, const char *package, const char *version,
                   char url[CDN_URL_SIZE]);
/* `file` as cdn_files_parse gives it; what may not stand in a URL is escaped. */
bool cdn_file_url(const struct cdn_base *base, const char *package, const char *version,
                  const char *file, char url[CDN_URL_SIZE]);

/* Arrays of texts, the caller's; files begin with a slash.  What can be no version, or no file, is
 * left out and counted.  ERR_MALFORMED: it is no such listing.  ERR_FULL: more than can be. */
must_use enum err cdn_versions_parse(enum cdn cdn, struct slice text, json_t **versions,
                                     size_t *left_out);
must_use enum err cdn_files_parse(enum cdn cdn, struct slice text, json_t **files,
                                  size_t *left_out);

#endif
