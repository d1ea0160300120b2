/* scanner/provenance.h: how an object of git came into its history (E1)
 *
 *     provenance_open(20, &p);
 *     provenance_want(p, id);                      the objects that a key stands in
 *     provenance_ref(p, SLICE("refs/heads/main"), tip);
 *     provenance_object(p, PACK_TREE, content);    of a pack, every object, in any order
 *     provenance_trace(p, id, &trace);
 *
 * A pack tells objects and not who has them: trees name blobs, commits name trees.  Only the names
 * are kept of them, so this is a second walk through a pack, after the first has found a key.
 *
 * What is not in the pack is not known.  That is no loss when the pack has all of a history, or all
 * that was not there before: then whatever has a new object is new itself.
 */
#ifndef SCANNER_PROVENANCE_H
#define SCANNER_PROVENANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "scanner/object_id.h"
#include "scanner/pack_entry.h"

enum {
    PROVENANCE_WANTED_MOST = 256,
    PROVENANCE_REFS_MOST = 100000,
    PROVENANCE_TEXT_SIZE = 513, /* a longer one is cut and ends in "..." */
    PROVENANCE_TIME_SIZE = 32,
};

/* Names and paths are as strangers wrote them, but for control characters, which are "?". */
struct provenance_trace {
    char commit[2 * OBJECT_ID_MOST + 1];    /* the first one that has it; "": none in the pack */
    char path[PROVENANCE_TEXT_SIZE];        /* there; "": it is the commit itself, or its root */
    char author[PROVENANCE_TEXT_SIZE];      /* "Ada <ada@example.com>" */
    char committer[PROVENANCE_TEXT_SIZE];   /* the same */
    char author_time[PROVENANCE_TIME_SIZE]; /* RFC 3339, UTC; "": none that can be */
    char commit_time[PROVENANCE_TIME_SIZE]; /* the same */
    char refs[PROVENANCE_TEXT_SIZE];        /* that lead to the commit, or to a tag; with spaces */
    char tips[PROVENANCE_TEXT_SIZE];        /* of these, those that have it still */
};

struct provenance;

/* `id_bytes`: 20 or 32.  ERR_MEMORY. */
must_use enum err provenance_open(size_t id_bytes, struct provenance **provenance);
void provenance_close(struct provenance **provenance);

/* Before the first object.  Beyond PROVENANCE_WANTED_MOST none is traced. */
void provenance_want(struct provenance *p, const uint8_t *id);

/* Beyond PROVENANCE_REFS_MOST none is named. */
void provenance_ref(struct provenance *p, struct slice name, const uint8_t *id);

/* Damaged ones lead nowhere. */
void provenance_object(struct provenance *p, enum pack_type type, struct slice content);

/* ERR_MISSING: nothing is known of how it came, or it was not wanted.  ERR_FULL: the history is too
 * large to be traced.  ERR_MEMORY. */
must_use enum err provenance_trace(struct provenance *p, const uint8_t *id,
                                   struct provenance_trace *trace);

#endif
