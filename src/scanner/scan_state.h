/* scanner/scan_state.h: what the parts of a scan share; only scan.c, unpack.c,
 * objects.c, pack_scan.c and loose.c see it
 */
#ifndef SCANNER_SCAN_STATE_H
#define SCANNER_SCAN_STATE_H

#include "base/slice.h"
#include "scanner/feed.h"
#include "scanner/pack_index.h"
#include "scanner/object_id.h"
#include "scanner/scan.h"

enum { SEEN_HASH_SIZE = 16 };

struct scan {
    struct scan_listener listener;
    struct scan_limits limits;
    struct scan_totals totals;
    struct matcher *matcher;
    struct matcher *around; /* another one, for what stands around a key that the first has found */
    char *block;                 /* of the one feed that runs */
    char *map_block;             /* of one over a source map, which is best whole; NULL: none yet */
    uint64_t map_bytes;          /* looked through for names of original files */
    uint64_t progress_at;        /* totals.bytes at the next call of progress */
    char place[SCAN_PLACE_SIZE]; /* where the scan is now */
    size_t place_size;
    char object[2 * OBJECT_ID_MOST + 1]; /* of git, that is looked at; "": none */
    const char *object_type;             /* "": none, or not known yet */
    /* Keys that members of the present archive have had, when its own bytes are looked at after
     * them: a member that is not compressed would be told twice. */
    struct seen {
        uint8_t (*hashes)[SEEN_HASH_SIZE];
        size_t count, capacity;
        bool notes, leaves_out;
    } seen;
};

/* Adds to the place; returns what to give to place_leave.  A place that is too long is cut.  The
 * name is looked at, too: a secret in it is told and stands in the place as match_show writes it,
 * so that no report has it.  Control characters become "?". */
size_t place_enter(struct scan *scan, const char *between, struct slice name);
void place_leave(struct scan *scan, size_t size);

/* What is looked at is no object of git any more. */
static inline void object_leave(struct scan *scan)
{
    scan->object[0] = '\0';
    scan->object_type = "";
}

/* What is at the present place has not been looked at, or not all of it. */
void incomplete_say(struct scan *scan, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Bytes were looked at. */
void bytes_count(struct scan *scan, size_t size);

/* Tells a finding at the present place; line 0 and no part: in the name.  Fits matches of a feed.
 */
bool key_found(void *scan, const struct match *match, uint64_t line, struct object_part *part);

/* Begins a feed whose findings are told with the present place. */
void place_feed(struct scan *scan, struct feed *feed);

/* unpack.c: whether bytes begin as an archive or something compressed does. */
enum { UNPACK_PEEK = 512 };
bool unpack_is(struct slice start);

/* Looks at everything in an archive; does nothing when it is none after all.  The descriptor can
 * seek. */
void unpack_file(struct scan *scan, int fd, uint64_t size);

/* loose.c: the loose object of git in this file. */
void loose_scan(struct scan *scan, int folder, const char *name);

/* pack_scan.c: the objects of a pack, with its index or without one; whether bytes begin as a pack
 * does, and a file of them. */
void pack_scan(struct scan *scan, struct slice pack, const struct pack_index *index);
void bare_pack_scan(struct scan *scan, struct slice pack, size_t id_bytes);
bool pack_is(struct slice start);
void pack_file_scan(struct scan *scan, int fd, uint64_t size);

/* objects.c: every object of a git repository, reachable or not.  `folder`: what holds "objects".
 */
bool objects_are(int folder);
void objects_scan(struct scan *scan, int folder);

#endif
