/* fuzz/trail_log.c: bytes of a log file, whatever they are, are read as frames or refused; what is
 * read is written back byte by byte. */
#include <stdlib.h>
#include <string.h>

#include "trail/frame.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static uint8_t again[FRAME_SIZE_MOST];
    struct slice rest = { (const char *)bytes, size };
    struct frame_file file;
    struct frame frame;

    if (size >= FRAME_FILE_HEADER_SIZE) {
        if (log_frame_file_decode(bytes, &file) == FRAME_GOOD && file.tree.size != file.first_index)
            abort();
        rest = slice_from(rest, FRAME_FILE_HEADER_SIZE);
    }
    while (log_frame_decode(rest, &frame) == FRAME_GOOD) {
        log_frame_encode(frame.index, frame.batch, frame.record, again);
        if (frame.size > rest.size || memcmp(again, rest.at, frame.size) != 0)
            abort();
        rest = slice_from(rest, frame.size);
    }
    return 0;
}
