#include "trail/frame.h"

#include <string.h>

#include "base/bytes.h"
#include "base/crc32c.h"

static const char MAGIC[8] = "LKAUDIT\n";

enum {
    AT_VERSION = 8,
    AT_HEADER_SIZE = 12,
    AT_NUMBER = 16,
    AT_FIRST_INDEX = 24,
    AT_FILE_BYTES = 32,
    AT_PEAKS = 64,
    AT_HEADER_CRC = FRAME_FILE_HEADER_SIZE - 4,
};

enum {
    AT_FRAME_RECORD_SIZE = 0,
    AT_FRAME_CRC = 4,
    AT_FRAME_INDEX = 8,
    AT_FRAME_BATCH = 16,
};

static bool is_zero(const uint8_t *at, size_t size)
{
    return size == 0 || (at[0] == 0 && memcmp(at, at + 1, size - 1) == 0);
}

void log_frame_file_encode(const struct frame_file *file, uint8_t out[FRAME_FILE_HEADER_SIZE])
{
    memset(out, 0, FRAME_FILE_HEADER_SIZE);
    memcpy(out, MAGIC, sizeof MAGIC);
    bytes_put(out + AT_VERSION, FRAME_VERSION, 4);
    bytes_put(out + AT_HEADER_SIZE, FRAME_FILE_HEADER_SIZE, 4);
    bytes_put(out + AT_NUMBER, file->number, 4);
    bytes_put(out + AT_FIRST_INDEX, file->first_index, 8);
    bytes_put(out + AT_FILE_BYTES, file->file_bytes, 8);
    for (unsigned height = 0; height < MERKLE_HEIGHT_MOST; height++)
        if (file->tree.size >> height & 1)
            memcpy(out + AT_PEAKS + height * MERKLE_HASH_SIZE, file->tree.peak[height].bytes,
                   MERKLE_HASH_SIZE);
    bytes_put(out + AT_HEADER_CRC, crc32c(0, out, AT_HEADER_CRC), 4);
}

enum frame_answer log_frame_file_decode(const uint8_t bytes[FRAME_FILE_HEADER_SIZE],
                                        struct frame_file *file)
{
    if (is_zero(bytes, FRAME_FILE_HEADER_SIZE))
        return FRAME_NONE;
    if (memcmp(bytes, MAGIC, sizeof MAGIC) != 0)
        return FRAME_BAD;
    if (bytes_take(bytes + AT_VERSION, 4) > FRAME_VERSION)
        return FRAME_NEWER;
    if (bytes_take(bytes + AT_HEADER_CRC, 4) != crc32c(0, bytes, AT_HEADER_CRC) ||
        bytes_take(bytes + AT_VERSION, 4) != FRAME_VERSION ||
        bytes_take(bytes + AT_HEADER_SIZE, 4) != FRAME_FILE_HEADER_SIZE)
        return FRAME_BAD;
    *file = (struct frame_file){
        .number = (uint32_t)bytes_take(bytes + AT_NUMBER, 4),
        .first_index = bytes_take(bytes + AT_FIRST_INDEX, 8),
        .file_bytes = bytes_take(bytes + AT_FILE_BYTES, 8),
    };
    if (file->first_index >> MERKLE_HEIGHT_MOST != 0)
        return FRAME_BAD;
    file->tree.size = file->first_index;
    memcpy(file->tree.peak, bytes + AT_PEAKS, sizeof file->tree.peak);
    return FRAME_GOOD;
}

size_t log_frame_size(size_t record_size)
{
    return (FRAME_HEADER_SIZE + record_size + FRAME_ALIGNMENT - 1) & ~(size_t)(FRAME_ALIGNMENT - 1);
}

/* Over everything but itself, the padding too. */
static uint32_t frame_crc(const uint8_t *frame, size_t size)
{
    uint32_t crc = crc32c(0, frame, AT_FRAME_CRC);

    return crc32c(crc, frame + AT_FRAME_INDEX, size - AT_FRAME_INDEX);
}

void log_frame_encode(uint64_t index, uint64_t batch, struct slice record, uint8_t *out)
{
    size_t size = log_frame_size(record.size);

    bytes_put(out + AT_FRAME_RECORD_SIZE, record.size, 4);
    bytes_put(out + AT_FRAME_INDEX, index, 8);
    bytes_put(out + AT_FRAME_BATCH, batch, 8);
    memcpy(out + FRAME_HEADER_SIZE, record.at, record.size);
    memset(out + FRAME_HEADER_SIZE + record.size, 0, size - FRAME_HEADER_SIZE - record.size);
    bytes_put(out + AT_FRAME_CRC, frame_crc(out, size), 4);
}

enum frame_answer log_frame_decode(struct slice bytes, struct frame *frame)
{
    const uint8_t *at = (const uint8_t *)bytes.at;
    uint64_t record_size;

    if (bytes.size < FRAME_HEADER_SIZE)
        return is_zero(at, bytes.size) ? FRAME_NONE : FRAME_BAD;
    record_size = bytes_take(at + AT_FRAME_RECORD_SIZE, 4);
    if (record_size == 0 && is_zero(at, FRAME_HEADER_SIZE))
        return FRAME_NONE;
    if (record_size < RECORD_FIXED_SIZE || record_size > RECORD_ENCODED_MOST ||
        log_frame_size(record_size) > bytes.size)
        return FRAME_BAD;
    frame->size = log_frame_size(record_size);
    if (bytes_take(at + AT_FRAME_CRC, 4) != frame_crc(at, frame->size))
        return FRAME_BAD;
    if (!is_zero(at + FRAME_HEADER_SIZE + record_size,
                 frame->size - FRAME_HEADER_SIZE - record_size))
        return FRAME_BAD;
    frame->index = bytes_take(at + AT_FRAME_INDEX, 8);
    frame->batch = bytes_take(at + AT_FRAME_BATCH, 8);
    frame->record = (struct slice){ bytes.at + FRAME_HEADER_SIZE, record_size };
    return FRAME_GOOD;
}
