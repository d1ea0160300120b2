/* scanner/source_cdn.h: packages as a CDN hands them out: jsDelivr, unpkg, cdnjs
 *
 * What pages load comes from there, and stays there after a registry has taken it back.  Of each
 * named package the versions are asked for (with the ETag of the last time); of a version that is
 * new, each file is fetched and looked at.  How far a version has got is noted as it goes on.
 */
#ifndef SCANNER_SOURCE_CDN_H
#define SCANNER_SOURCE_CDN_H

#include "scanner/source.h"

/* As source_npm_turn. */
must_use enum err source_cdn_turn(struct source *source);

#endif
