/* scanner/source_git.h: a repository of git, asked for what its refs lead to since the last turn
 *
 * The checkpoint has every ref with its id.  While none has moved, nothing is fetched; else the
 * pack of what is new (scanner/git_fetch.h), which is held in memory, GIT_SOURCE_BYTES_MOST at
 * most, and looked at whole.  Of a larger one what has come is looked at, and that is said.
 *
 * What was pushed and taken back between two turns is seen only when a note of the push has named
 * it (`overwritten`): otherwise a server hands out what its refs lead to.
 */
#ifndef SCANNER_SOURCE_GIT_H
#define SCANNER_SOURCE_GIT_H

#include "scanner/source.h"

#define GIT_SOURCE_BYTES_MOST (UINT64_C(1) << 30)

/* OK: it is up to date.  ERR_CONFLICT: the server asked to wait, or it was stopped.  Others:
 * source->error says why. */
must_use enum err source_git_turn(struct source *source);

/* One repository of many: `noted` is the object of the checkpoint with its refs. */
must_use enum err source_git_visit(struct source *source, const char *url, json_t *noted);

#endif
