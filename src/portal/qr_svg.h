/* portal/qr_svg.h: a text as QR code that a browser draws */
#ifndef PORTAL_QR_SVG_H
#define PORTAL_QR_SVG_H

#include "base/buffer.h"
#include "base/err.h"

/* Appends an SVG of one path, dark on light whatever the page's colours, with the quiet zone of
 * four modules that readers want.  ERR_FULL: the text is longer than a code holds.  ERR_MEMORY. */
must_use enum err qr_svg_format(const char *text, struct buffer *svg);

#endif
