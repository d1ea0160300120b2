/* trail/frame.h: how records lie in a log file
 *
 * A file is a header and then frames, drawn in docs/formats/trail.md.  The header carries the tree
 * as it stood before the file's first record, so that opening reads the last file only.  A frame
 * says which batch it was written with: that is how a torn batch, which nobody was promised, is
 * told from damage to records that were on disk.
 *
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef TRAIL_FRAME_H
#define TRAIL_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "audit/merkle.h"
#include "audit/record.h"
#include "base/slice.h"

enum {
    FRAME_VERSION = 1,
    FRAME_FILE_HEADER_SIZE = 4096,
    FRAME_HEADER_SIZE = 24,
    FRAME_ALIGNMENT = 8,
    FRAME_SIZE_MOST = FRAME_HEADER_SIZE + RECORD_ENCODED_MOST,
};
static_assert(FRAME_SIZE_MOST % FRAME_ALIGNMENT == 0, "the longest frame needs no padding");

struct frame_file {
    uint32_t number;      /* from 1, as in the file's name */
    uint64_t first_index; /* equals tree.size */
    uint64_t file_bytes;
    struct merkle_frontier tree; /* over all records before this file */
};

struct frame {
    uint64_t index;      /* of the record in the log */
    uint64_t batch;      /* index of the first record that was synced together with it */
    struct slice record; /* borrowed from the bytes read */
    size_t size;         /* of the whole frame with its padding */
};

enum frame_answer {
    FRAME_GOOD,
    FRAME_NONE, /* zeros: nothing was written here */
    FRAME_BAD,
    FRAME_NEWER, /* file header of a later version */
};

void log_frame_file_encode(const struct frame_file *file, uint8_t out[FRAME_FILE_HEADER_SIZE]);
enum frame_answer log_frame_file_decode(const uint8_t bytes[FRAME_FILE_HEADER_SIZE],
                                        struct frame_file *file);

/* Bytes that a record takes in the file. */
size_t log_frame_size(size_t record_size);

/* Writes log_frame_size(record.size) bytes; a record has RECORD_FIXED_SIZE to RECORD_ENCODED_MOST.
 */
void log_frame_encode(uint64_t index, uint64_t batch, struct slice record, uint8_t *out);

/* Looks at the start of `bytes`, which may hold more than a frame or less. */
enum frame_answer log_frame_decode(struct slice bytes, struct frame *frame);

#endif
