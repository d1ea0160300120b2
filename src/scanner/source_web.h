/* scanner/source_web.h: a page with its scripts and source maps, again and again
 *
 * All of it is fetched each time, for scripts change where a page does not (scanner/web.h); it is
 * looked at when its bytes are others than they were.
 */
#ifndef SCANNER_SOURCE_WEB_H
#define SCANNER_SOURCE_WEB_H

#include "scanner/source.h"

/* As source_npm_turn. */
must_use enum err source_web_turn(struct source *source);

#endif
