/* scanner/finding_batch.h: findings on their way to the authority, with the objects they stand in
 *
 * The authority asks for the objects of some findings only, after it has acted on all of them;
 * until then they are held here.  A batch has an end: FINDING_BATCH_MOST findings, or
 * FINDING_OBJECTS_MOST objects of a megabyte.
 */
#ifndef SCANNER_FINDING_BATCH_H
#define SCANNER_FINDING_BATCH_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buffer.h"
#include "base/slice.h"
#include "scanner/finding_pipe.h"

enum { FINDING_BATCH_MOST = 100, FINDING_OBJECTS_MOST = 16 };

struct finding_batch {
    json_t *findings; /* as POST /leaks takes them */
    struct finding_object {
        char sha256[FINDING_SHA256_SIZE];
        struct buffer bytes;
    } objects[FINDING_OBJECTS_MOST];
    size_t object_count;
};

/* ERR_MEMORY. */
must_use enum err finding_batch_init(struct finding_batch *batch);
void finding_batch_wipe(struct finding_batch *batch);

/* Takes the finding over, and the object's bytes when they came with the line.  The batch is not
 * full. */
void finding_batch_add(struct finding_batch *batch, const struct finding_line *line,
                       struct buffer *object, json_t *finding);
/* Gives the findings in it that stand in the object of git what is known of that. */
void finding_batch_trace(struct finding_batch *batch, const char *object, struct slice text);

bool finding_batch_is_full(const struct finding_batch *batch);

/* Empty: it is not held. */
struct slice finding_batch_object(const struct finding_batch *batch, const char *sha256);

/* All were told.  The last objects stay, for the next findings may stand in them, and each comes
 * once. */
void finding_batch_next(struct finding_batch *batch);

#endif
