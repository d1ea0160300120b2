/* tests/authority/papers.h: small whole documents of each kind */
#ifndef TESTS_AUTHORITY_PAPERS_H
#define TESTS_AUTHORITY_PAPERS_H

#include "base/slice.h"

#define PAPER_PDF \
    SLICE("%PDF-1.7\n1 0 obj<<>>endobj\nxref\n0 1\ntrailer<<>>\nstartxref\n31\n%%EOF\n")

/* One white pixel. */
#define PAPER_PNG \
    SLICE("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55" \
          "\0\0\0\x0aIDAT\x78\x9c\x63\xf8\x0f\0\x01\x01\x01\0\xb1\x38\xf6\x14" \
          "\0\0\0\0IEND\xae\x42\x60\x82")

/* Frame, scan and end; the scan has a stuffed zero and a restart marker. */
#define PAPER_JPEG \
    SLICE("\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0" \
          "\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0" \
          "\xff\xda\0\x08\x01\x01\0\0\x3f\0\x12\xff\0\x34\xff\xd0\x56\xff\xd9")

#endif
