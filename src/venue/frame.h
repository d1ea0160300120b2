/* venue/frame.h: the bytes of a journal
 *
 * Layout: docs/formats/journal.md.  Pure; reading from disk and writing to it is journal.c.
 */
#ifndef VENUE_FRAME_H
#define VENUE_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/slice.h"
#include "exchange/command.h"

#define JOURNAL_VERSION     1
#define JOURNAL_HEADER_SIZE 64
#define FRAME_HEADER_SIZE   16
#define FRAME_PAYLOAD_MOST  (1024 * 1024)
#define FRAME_WORDS_MOST    4096 /* bytes of text that a command brings along */
#define FRAME_COMMAND_MOST  (3 + FRAME_WORDS_MOST + 1 + COMMAND_ENCODED_SIZE) /* in a payload */

struct journal_header {
    uint32_t version;
    uint32_t environment;
    uint64_t seed;
};

void journal_header_encode(const struct journal_header *header, uint8_t bytes[JOURNAL_HEADER_SIZE]);

/* ERR_MALFORMED: not a journal, or its header is damaged.  ERR_VERSION: of another version, which
 * `header->version` tells. */
must_use enum err journal_header_decode(struct slice bytes, struct journal_header *header);

/* Fills the FRAME_HEADER_SIZE bytes in front of the payload, which stands there already. */
void frame_seal(uint8_t *frame, uint32_t payload_size, uint64_t first);

/* Is there a frame at the start of `bytes` whose checksum is right?  Then its payload, borrowed
 * from `bytes`, and the number of its first command. */
bool frame_decode(struct slice bytes, struct slice *payload, uint64_t *first);

/* Appends a command to a payload, with words that belong to it (at most FRAME_WORDS_MOST bytes, may
 * be none); returns the size written, at most FRAME_COMMAND_MOST. */
size_t frame_command_encode(const struct command *command, struct slice words, uint8_t *payload);

/* Takes the next command and its words, borrowed, off the payload; false when none is readable
 * there. */
bool frame_command_decode(struct slice *payload, struct command *command, struct slice *words);

/* Does a frame of a number > `after` stand anywhere in these bytes? */
bool frame_stands_in(struct slice bytes, uint64_t after);

#endif
