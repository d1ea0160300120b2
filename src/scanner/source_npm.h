/* scanner/source_npm.h: packages of a registry, by their names or as its changes feed tells
 *
 * The feed is CouchDB's: FEED/_changes?since=S&limit=N answers {"results":[{"seq","id"}],
 * "last_seq"}.  A sequence that has gone back, or that the server does not know any more, begins
 * again from 0: nothing is looked at twice, for each version is noted with its hash.
 *
 * Where the feed is not narrowed to named packages, versions are not noted, there are too many: of
 * a package that has changed those are looked at that were published in the last `days`.
 */
#ifndef SCANNER_SOURCE_NPM_H
#define SCANNER_SOURCE_NPM_H

#include "scanner/source.h"

enum { NPM_SEQUENCE_SIZE = 256 };

/* A page of the feed: names, each once, and where the next one begins. */
struct npm_changes {
    json_t *names; /* array of strings */
    char next[NPM_SEQUENCE_SIZE];
    size_t count; /* of changes */
};

/* ERR_MALFORMED: it is no page of a feed.  ERR_MEMORY.  Names that no package can have are left
 * out. */
must_use enum err npm_changes_parse(struct slice text, struct npm_changes *changes);
void npm_changes_wipe(struct npm_changes *changes);

/* Whether `next` lies before `since`, as far as numbers can tell: the feed has begun anew. */
bool npm_sequence_is_reset(const char *since, const char *next);

/* OK: it is up to date.  ERR_CONFLICT: it goes on later, or was stopped.  Others: source->error
 * says why. */
must_use enum err source_npm_turn(struct source *source);

#endif
