/* trail/line.h: a record as others read it
 *
 * As the JSON object that docs/architecture.md calls RECORD, as one line of such JSON, and as one
 * line of CSV (RFC 4180) that a spreadsheet may open: ASCII only, no line break inside a field,
 * text in quotes, and a text that a spreadsheet would take for a formula behind an apostrophe
 * (OWASP, "CSV Injection").  What a client sent, its path, is percent-encoded again.
 */
#ifndef TRAIL_LINE_H
#define TRAIL_LINE_H

#include <jansson.h>

#include "base/buffer.h"
#include "trail/trail.h"

enum line_format { LINE_JSON, LINE_CSV };

/* NULL: out of memory. */
json_t *line_json(const struct trail_row *row);

/* What stands above the first line: the names of the columns, or nothing. */
void line_head_append(enum line_format format, struct buffer *text);

/* Appends the record with its end of line. */
void line_append(enum line_format format, const struct trail_row *row, struct buffer *text);

#endif
