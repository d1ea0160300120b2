/* scanner/excerpt.h: what stands around a key, without the key (E1)
 *
 * Sixty-four bytes to either side, as far as there are so many, for people who are to recognise the
 * place.  Every key in there is masked, also one that is only half in it: whoever cuts an excerpt
 * has to have EXCERPT_BACK bytes before the key and EXCERPT_AHEAD from its first byte on at hand,
 * or all that there is.
 */
#ifndef SCANNER_EXCERPT_H
#define SCANNER_EXCERPT_H

#include "scanner/matcher.h"
#include "scanner/object_part.h"

enum {
    EXCERPT_AROUND = 64,
    EXCERPT_BACK = EXCERPT_AROUND + MATCHER_OVERLAP,
    EXCERPT_AHEAD = EXCERPT_BACK + MATCHER_OVERLAP,
    EXCERPT_SIZE = 321,
};

/* Of a key inside of the part.  A key becomes what match_show makes of it; line feeds and tabs
 * become spaces, other bytes that are no printable ASCII become dots.  "" when there are so many
 * keys that not all can be masked.  The matcher is not at work: no callback of its own calls this.
 */
void excerpt_cut(struct matcher *matcher, const struct object_part *part, const struct match *match,
                 char text[EXCERPT_SIZE]);

/* A text such as a name, with every key in it masked, in place; "" as above. */
void excerpt_mask(struct matcher *matcher, char *text);

#endif
