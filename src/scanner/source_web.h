/* scanner/source_web.h: a page with its scripts and source maps, again and again
 *
 * A round asks for the page and all that it leads to (scanner/web_refs.h), each file only if it has
 * changed, for scripts change where a page does not.  A file is looked at when its bytes are others
 * than they were.  Of a file that has not changed is known what it leads to.  A round that a
 * budget, the server or a crash interrupts goes on where it was.
 *
 * Of each file the checkpoint has in "files" its "etag", "modified", "sha256" and "refs"; of a
 * round that is not at its end it has in "round" which files are done.
 */
#ifndef SCANNER_SOURCE_WEB_H
#define SCANNER_SOURCE_WEB_H

#include "scanner/source.h"

/* As source_npm_turn. */
must_use enum err source_web_turn(struct source *source);

#endif
