#include "portal/qr_svg.h"

#include <errno.h>
#include <qrencode.h>

enum { QUIET = 4 };

enum err qr_svg_format(const char *text, struct buffer *svg)
{
    QRcode *code = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_M);
    int side;

    if (code == NULL)
        return errno == ERANGE ? ERR_FULL : ERR_MEMORY;
    side = code->width + 2 * QUIET;
    buffer_printf(svg,
                  "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\" "
                  "aria-label=\"QR code\" shape-rendering=\"crispEdges\">"
                  "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
                  side, side, side, side);
    for (int y = 0; y < code->width; y++)
        for (int x = 0; x < code->width; x++)
            if ((code->data[y * code->width + x] & 1) != 0)
                buffer_printf(svg, "M%d %dh1v1h-1z", x + QUIET, y + QUIET);
    buffer_append(svg, SLICE("\"/></svg>"));
    QRcode_free(code);
    return svg->failed ? ERR_MEMORY : OK;
}
