/* tests/scanner/desk.h: a folder to scan, and what the scan says of it */
#ifndef TESTS_SCANNER_DESK_H
#define TESTS_SCANNER_DESK_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "encoded.h"
#include "scanner/scan.h"

enum { PATH_SIZE = 160 };

struct desk {
    char folder[32], path[PATH_SIZE];
    char secret[SECRET_TEXT_SIZE + 1];
    size_t found_count, incomplete_count;
    char place[SCAN_PLACE_SIZE], why[256]; /* of the last finding, and of what was incomplete */
    uint64_t line;
};

static inline void desk_found(void *context, const struct scan_finding *finding)
{
    struct desk *d = context;

    assert_string_equal(finding->match.text, d->secret);
    d->found_count++;
    d->line = finding->line;
    snprintf(d->place, sizeof d->place, "%s", finding->place);
}

static inline void desk_incomplete(void *context, const char *place, const char *why)
{
    struct desk *d = context;

    (void)place;
    d->incomplete_count++;
    snprintf(d->why, sizeof d->why, "%s", why);
}

static inline struct desk *desk_open(void)
{
    struct desk *d = calloc(1, sizeof *d);

    assert_non_null(d);
    snprintf(d->folder, sizeof d->folder, "/tmp/latchkey-scan-XXXXXX");
    assert_non_null(mkdtemp(d->folder));
    secret_text(d->secret, ENVIRONMENT_LIVE);
    return d;
}

/* Below the folder; valid until the next call. */
static inline const char *desk_path(struct desk *d, const char *name)
{
    snprintf(d->path, sizeof d->path, "%s/%s", d->folder, name);
    return d->path;
}

static inline void desk_write(struct desk *d, const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(desk_path(d, name), "w");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Scans with `limits`, or the usual ones when NULL, and counts anew. */
static inline struct scan_totals desk_scan(struct desk *d, const char *name,
                                           const struct scan_limits *limits)
{
    const struct scan_listener listener = { .found = desk_found, .incomplete = desk_incomplete,
                                            .context = d };
    struct scan_totals totals;
    struct scan *scan;

    d->found_count = d->incomplete_count = 0;
    assert_int_equal(scan_open(&listener, limits != NULL ? limits : &scan_limits_default, &scan),
                     OK);
    scan_path(scan, desk_path(d, name));
    totals = scan_totals(scan);
    assert_int_equal(totals.finding_count, d->found_count);
    assert_int_equal(totals.incomplete_count, d->incomplete_count);
    scan_close(&scan);
    return totals;
}

static inline int desk_remove(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about, (void)kind, (void)at;
    return remove(path);
}

static inline void desk_close(struct desk *d)
{
    assert_int_equal(nftw(d->folder, desk_remove, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(d);
}

#endif
