/* venue/outcome.h: what a sandbox's owner has scripted for an order
 *
 *   halt     of the order's market: refused
 *   reject   refused, in the words of a reason
 *   fill     what remains of it is filled as far as asked: somebody comes and trades through the
 *            book until he has
 *
 * For the doors of this folder only.
 */
#ifndef VENUE_OUTCOME_H
#define VENUE_OUTCOME_H

#include "venue/venue.h"

#define OUTCOME_TEXT_SIZE 192

/* True: the order shall be refused, with this code and text. */
bool outcome_refuses(struct venue *venue, const struct command *submit, struct slice label,
                     int *code, char text[OUTCOME_TEXT_SIZE]);

/* After the order was accepted.  Nothing happens to an order that does not rest, or while an order
 * of another person is in front of it. */
void outcome_fills(struct venue *venue, const struct command *submit, struct slice label,
                   uint64_t order);

#endif
