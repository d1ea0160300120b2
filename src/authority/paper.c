#include "authority/paper.h"

#include <stdint.h>
#include <strings.h>
#include <zlib.h>

enum {
    PDF_TAIL = 1024, /* the end of a PDF is looked for in here, as readers do */
    PNG_CHUNK_MIN = 12,
    PNG_HEADER_SIZE = 13,
    SIDE_MOST = 65535, /* pixels; more is a bomb for whoever opens it */
};

static const char *const types[] = {
    [DOCUMENT_PDF] = "application/pdf",
    [DOCUMENT_PNG] = "image/png",
    [DOCUMENT_JPEG] = "image/jpeg",
};

const char *paper_type_text(enum document_kind kind)
{
    return types[kind];
}

bool paper_type_parse(struct slice type, enum document_kind *kind)
{
    size_t size = 0;

    while (size < type.size && type.at[size] != ';' && type.at[size] != ' ')
        size++;
    for (unsigned i = DOCUMENT_PDF; i <= DOCUMENT_JPEG; i++) {
        if (size != strlen(types[i]) || strncasecmp(type.at, types[i], size) != 0)
            continue;
        *kind = (enum document_kind)i;
        return true;
    }
    return false;
}

static uint32_t big_endian(const char *at, size_t size)
{
    uint32_t value = 0;

    for (size_t i = 0; i < size; i++)
        value = value << 8 | (uint8_t)at[i];
    return value;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == '\0';
}

static bool is_pdf(struct slice b)
{
    static const struct slice end = SLICE("%%EOF");
    struct slice tail;

    if (!slice_starts(b, SLICE("%PDF-1.")) && !slice_starts(b, SLICE("%PDF-2.")))
        return false;
    while (b.size > 0 && is_blank(b.at[b.size - 1]))
        b.size--;
    if (b.size < end.size || !slice_starts(slice_from(b, b.size - end.size), end))
        return false;
    tail = slice_from(b, b.size > PDF_TAIL ? b.size - PDF_TAIL : 0);
    return memmem(tail.at, tail.size, "startxref", 9) != NULL;
}

static bool side_is_sane(uint32_t pixels)
{
    return pixels > 0 && pixels <= SIDE_MOST;
}

/* One chunk: length, name, data, CRC-32 of name and data. */
static bool is_png(struct slice b)
{
    static const char magic[8] = { '\x89', 'P', 'N', 'G', '\r', '\n', '\x1a', '\n' };
    bool has_data = false;

    if (!slice_starts(b, (struct slice){ magic, sizeof magic }))
        return false;
    b = slice_from(b, sizeof magic);
    for (bool first = true; b.size >= PNG_CHUNK_MIN; first = false) {
        uint32_t size = big_endian(b.at, 4);
        struct slice name = { b.at + 4, 4 };

        if (size > b.size - PNG_CHUNK_MIN ||
            crc32(0, (const Bytef *)name.at, (uInt)(4 + size)) !=
                big_endian(b.at + 8 + size, 4))
            return false;
        if (first && (!slice_is(name, SLICE("IHDR")) || size != PNG_HEADER_SIZE ||
                      !side_is_sane(big_endian(b.at + 8, 4)) ||
                      !side_is_sane(big_endian(b.at + 12, 4))))
            return false;
        if (slice_is(name, SLICE("IEND")))
            return has_data && size == 0 && b.size == PNG_CHUNK_MIN;
        has_data = has_data || slice_is(name, SLICE("IDAT"));
        b = slice_from(b, PNG_CHUNK_MIN + size);
    }
    return false;
}

static bool is_frame(uint8_t marker) /* SOF0 to SOF15 without DHT, JPG and DAC */
{
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

/* Behind a scan's header: its data up to the next marker that is not part of them. */
static struct slice scan_skip(struct slice b)
{
    while (b.size >= 2) {
        const char *at = memchr(b.at, 0xff, b.size - 1);
        uint8_t marker;

        if (at == NULL)
            break;
        b = slice_from(b, (size_t)(at - b.at));
        marker = (uint8_t)b.at[1];
        if (marker != 0 && marker != 0xff && (marker < 0xd0 || marker > 0xd7))
            return b;
        b = slice_from(b, marker == 0xff ? 1 : 2);
    }
    return SLICE_EMPTY;
}

/* Segments of a marker and, but for a few, a length and data. */
static bool is_jpeg(struct slice b)
{
    bool has_frame = false, has_scan = false;

    if (!slice_starts(b, (struct slice){ "\xff\xd8\xff", 3 }))
        return false;
    b = slice_from(b, 2);
    while (b.size >= 2 && (uint8_t)b.at[0] == 0xff) {
        uint8_t marker = (uint8_t)b.at[1];
        uint32_t size;

        if (marker == 0xff) { /* filling */
            b = slice_from(b, 1);
            continue;
        }
        if (marker == 0xd9)
            return has_frame && has_scan && b.size == 2;
        if (b.size < 4 || marker < 0xc0 || (marker >= 0xd0 && marker <= 0xd8))
            return false;
        size = big_endian(b.at + 2, 2);
        if (size < 2 || size > b.size - 2)
            return false;
        if (is_frame(marker)) {
            if (size < 8 || !side_is_sane(big_endian(b.at + 7, 2)))
                return false;
            has_frame = true;
        }
        b = slice_from(b, 2 + size);
        if (marker == 0xda) {
            has_scan = true;
            b = scan_skip(b);
        }
    }
    return false;
}

bool paper_find(struct slice bytes, enum document_kind *kind)
{
    if (is_pdf(bytes))
        *kind = DOCUMENT_PDF;
    else if (is_png(bytes))
        *kind = DOCUMENT_PNG;
    else if (is_jpeg(bytes))
        *kind = DOCUMENT_JPEG;
    else
        return false;
    return true;
}
