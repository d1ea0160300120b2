/* scanner/source_map.h: which original file a key in a source map comes from (E1)
 *
 * Bundlers keep the files that they were given in "sourcesContent" of a map.  A key is found there
 * without any of this; only the name of its file has to be looked up, behind a finding.
 *
 * Source: ECMA-426, sections 9 and 10.
 */
#ifndef SCANNER_SOURCE_MAP_H
#define SCANNER_SOURCE_MAP_H

#include <stdbool.h>

#include "base/slice.h"
#include "scanner/matcher.h"

enum {
    SOURCE_MAP_MOST = 32 << 20, /* bytes of one that is looked into */
    SOURCE_NAME_SIZE = 257,
};

/* The first file whose content has the key (match.text), with "sourceRoot" in front; a longer name
 * is cut.  False: the bytes are no map of which this could be told.  The matcher is not at work. */
bool source_map_name(struct matcher *matcher, struct slice bytes, const char *key,
                     char name[SOURCE_NAME_SIZE]);

#endif
