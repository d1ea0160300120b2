/* scanner/source_folder.h: a folder into which archives and other files are put
 *
 * Everything below it is looked at whose size or time of change is another than it was; what begins
 * with a dot is being written.
 */
#ifndef SCANNER_SOURCE_FOLDER_H
#define SCANNER_SOURCE_FOLDER_H

#include "scanner/source.h"

/* As source_npm_turn. */
must_use enum err source_folder_turn(struct source *source);

#endif
