/* venue/journal.h: every command of an exchange, on disk before it is acknowledged
 *
 * The exchange's state is a fold of this file.  Commands are appended to a batch; journal_flush
 * writes the batch as one frame and waits until the disk has it.  What was flushed survives kill -9
 * and a power cut; a batch that was not is there wholly or not at all.
 *
 * Layout: docs/formats/journal.md.  One process owns the folder, one thread calls.
 */
#ifndef VENUE_JOURNAL_H
#define VENUE_JOURNAL_H

#include <stdint.h>

#include "base/err.h"
#include "exchange/command.h"
#include "keys/environment.h"

struct journal;

/* A place behind a frame, by what tells it from the same place of another journal. */
struct journal_mark {
    uint64_t command_count, end_bytes;
    uint32_t frame_bytes, frame_checksum; /* of the frame that ends there */
};

/* Told each command of the file in order, with its words, while it is opened. */
struct journal_replay {
    void (*take)(void *context, const struct command *command, struct slice words);
    void *context;
};

/* Opens FOLDER/journal, creates both if they are missing, and replays.  The cause of a failure is
 * logged in a sentence that says what to do.
 *
 *   seed  in: seed of a new journal; out: seed of the one on disk
 *   from  replays what stands behind this place only; NULL: all
 *
 * ERR_MISSING   this journal has no such place; nothing was replayed
 * ERR_DENIED    another process has the folder
 * ERR_VERSION   written by another version, or by the other environment
 * ERR_CORRUPT   damaged in the middle: nothing was changed
 * ERR_FULL      no space for a new journal
 * ERR_IO, ERR_MEMORY */
must_use enum err journal_open(const char *folder, enum environment environment, uint64_t *seed,
                               const struct journal_mark *from, struct journal_replay replay,
                               struct journal **journal);

/* Set aside in the file for journal_append_reserved: tens of thousands of cancels. */
#define JOURNAL_RESERVE_BYTES (1024 * 1024)

/* Adds a command to the batch; it is on disk once journal_flush has said OK.
 *
 * ERR_FULL  no space on the disk: nothing was added, the caller refuses the command and may try the
 *           next one; it works again as soon as there is space
 * ERR_IO    as journal_flush */
must_use enum err journal_append(struct journal *journal, const struct command *command);

/* The same with text that the command brings along, at most FRAME_WORDS_MOST bytes; nothing can
 * part the two. */
must_use enum err journal_append_words(struct journal *journal, const struct command *command,
                                       struct slice words);

/* The same for what must get through while the disk is full: it may use up what is set aside.
 * ERR_FULL: that is used up, too. */
must_use enum err journal_append_reserved(struct journal *journal, const struct command *command);

/* Returns when everything appended is on disk; at once when nothing was.  ERR_IO is final: the disk
 * may have lost pages that the kernel believes written, so every later call fails too and the
 * process should end; opening again tells what is there. */
must_use enum err journal_flush(struct journal *journal);

/* ---- Beginning anew: another file takes the journal's place at once, or not at all. ---- */

/* Opens FOLDER/journal.next: empty, with this seed, or a copy of the journal `source` (NULL: none),
 * which is read to its end, so a damaged one never takes a place.  Errors as journal_open, and
 * ERR_MISSING: there is no `source`. */
must_use enum err journal_next_open(const char *folder, enum environment environment,
                                    uint64_t *seed, const char *source, struct journal **next);

/* `next`, flushed, takes the place of `journal`, whose file stays as FOLDER/journal.before.
 * ERR_IO: as long as `*next` is not NULL nothing has changed. */
must_use enum err journal_install(struct journal **journal, struct journal **next);

/* Tells all that was flushed from the first command on. */
must_use enum err journal_replay_all(struct journal *journal, struct journal_replay replay);

/* Writes what was flushed into a file of its own, wholly or not at all.  ERR_FULL, ERR_IO,
 * ERR_RANGE: the path is too long. */
must_use enum err journal_copy(const struct journal *journal, const char *path);

/* The end of what is on disk. */
struct journal_mark journal_mark(const struct journal *journal);

uint64_t journal_command_count(const struct journal *journal); /* appended, ever */
uint64_t journal_bytes(const struct journal *journal);         /* of frames and header, flushed */

/* Flushes nothing: what was not flushed was not acknowledged. */
void journal_close(struct journal **journal);

#endif
