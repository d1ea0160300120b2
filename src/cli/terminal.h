/* cli/terminal.h: what only matters when a person sits there */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"
#include "base/slice.h"

enum tone { TONE_PLAIN, TONE_GOOD, TONE_WARN, TONE_BAD, TONE_DIM, TONE_BOLD };

/* Colours only on a terminal that wants them: not with NO_COLOR (no-color.org) or TERM=dumb. */
bool terminal_colours(FILE *out);

/* The escape sequences around a tone; empty strings without colours.  Static. */
const char *tone_begin(enum tone tone, bool colours);
const char *tone_end(enum tone tone, bool colours);

enum { SECRET_LINE_SIZE = 1025 };

/* A password of 1 to 1024 bytes: the first line of standard input (`from_stdin`), or asked for on
 * the terminal without echo, twice.  ERR_MISSING: no terminal to ask on, or nothing given.
 * ERR_CONFLICT: the two differ.  ERR_FULL: too long.  The caller wipes `line`. */
must_use enum err secret_line_read(const char *prompt, bool from_stdin,
                                   char line[SECRET_LINE_SIZE]);

/* A QR code (ISO/IEC 18004) in half blocks, quiet zone included, dark on light whatever the
 * terminal's own colours when `colours`, else as dark modules for a light background.
 * ERR_RANGE: text too long for a code. */
must_use enum err qr_print(const char *text, bool colours, FILE *out);

#endif
