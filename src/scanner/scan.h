/* scanner/scan.h: what there is in files, folders, archives and repositories
 *
 *     scan_open(&listener, &scan_limits_default, &scan);
 *     scan_path(scan, "dist/");
 *     totals = scan_totals(scan);
 *     scan_close(&scan);
 *
 * Findings come while the scan runs.  Whatever could not be looked at, or not all of it, is told as
 * incomplete, with the reason: silence means that everything was looked at.  Symbolic links are not
 * followed; devices, sockets and pipes are no content and are passed over.
 *
 * Nothing is unpacked on disk; names inside of archives are labels only.
 */
#ifndef SCANNER_SCAN_H
#define SCANNER_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "scanner/matcher.h"
#include "scanner/object_part.h"
#include "scanner/provenance.h"

enum { SCAN_PLACE_SIZE = 4096 };

struct scan_finding {
    struct match match;
    const char *place; /* "dist/app.tgz!package/index.js", "repo object 1234…(blob)" */
    uint64_t line;     /* from 1; 0: in the name */
    struct object_part *part; /* what it stands in, during the call; NULL: in the name */
    const char *object, *object_type; /* of git: its id in hex, "blob"; "": none, or not known */
    const char *source;       /* the original file, of a source map; "": it is none, or not told */
    const char *excerpt;      /* of that (scanner/excerpt.h), without the key; "": in the name */
};

/* Any may be NULL. */
struct scan_listener {
    void (*found)(void *context, const struct scan_finding *finding);
    void (*incomplete)(void *context, const char *place, const char *why);
    void (*progress)(void *context, uint64_t bytes, const char *place); /* every 16 MB or so */
    /* How an object of which a finding was told came into its history, after all of that was looked
     * at (scan_git only); no key stands in it. */
    void (*traced)(void *context, const char *object, const struct provenance_trace *trace);
    void *context;
};

/* Of one archive with everything in it. */
struct scan_limits {
    unsigned nesting; /* archives in archives */
    uint64_t member_count;
    uint64_t bytes;      /* unpacked */
    uint64_t ratio;      /* unpacked to packed, */
    uint64_t ratio_from; /* beyond so many bytes: a log of zeros is no bomb */
    uint64_t time_ns;    /* that unpacking may take, by the monotonic clock */
};

extern const struct scan_limits scan_limits_default; /* 5, 100,000, 2 GB, 200, 512 MB, 300 s */

struct scan_totals {
    uint64_t file_count, object_count, bytes, finding_count, incomplete_count;
};

struct scan;

/* ERR_MEMORY. */
must_use enum err scan_open(const struct scan_listener *listener, const struct scan_limits *limits,
                            struct scan **scan);
void scan_close(struct scan **scan);

/* A file or a folder with all that is in it.  What cannot be read is incomplete. */
void scan_path(struct scan *scan, const char *path);

/* Bytes at hand, such as standard input. */
void scan_descriptor(struct scan *scan, const char *place, int fd);

/* A repository that another process fetches, as it comes (scanner/git_pipe.h). */
void scan_git(struct scan *scan, const char *place, int fd);

/* Something was to be scanned and is not there. */
void scan_missing(struct scan *scan, const char *place, const char *why);

struct scan_totals scan_totals(const struct scan *scan);

#endif
