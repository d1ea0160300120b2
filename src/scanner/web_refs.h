/* scanner/web_refs.h: what a page or a script leads to: scripts, modules, source maps
 *
 * Looks for the few forms that tools write, and wants no page to be well-formed: <script src>,
 * <link href> of scripts, import, export … from, and sourceMappingURL (ECMA-426).  Addresses that a
 * script puts together while it runs are not found.
 *
 * Pure; whatever the bytes are.
 */
#ifndef SCANNER_WEB_REFS_H
#define SCANNER_WEB_REFS_H

#include <stdbool.h>

#include "base/slice.h"

enum { WEB_REF_MOST = 2000 };

/* Calls `each` with every reference as it stands there, borrowed, until it returns false. */
void web_refs_each(struct slice content, bool is_page,
                   bool (*each)(void *context, struct slice reference), void *context);

/* Does it begin as a page does? */
bool web_is_page(struct slice content);

#endif
