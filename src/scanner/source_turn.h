/* scanner/source_turn.h: whose turn it is, and what becomes of one
 *
 * A source that is up to date has its next turn after its own pause; one whose budget is used up,
 * or whose server asked to wait, when that is over; one that failed after a pause that grows.
 */
#ifndef SCANNER_SOURCE_TURN_H
#define SCANNER_SOURCE_TURN_H

#include "scanner/source.h"

/* The one that is due first. */
struct source *source_next(struct source *sources, size_t count);

/* Sets due_ns and what people hear. */
void source_turn(struct source *source);

/* As PUT /leaks/sources takes it. */
json_t *source_status_json(const struct source *source);

#endif
