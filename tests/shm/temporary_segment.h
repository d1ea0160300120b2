/* tests/shm/temporary_segment.h: a small segment in a folder of its own */
#ifndef TEMPORARY_SEGMENT_H
#define TEMPORARY_SEGMENT_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../gate/signed_request.h"
#include "shm/key_table.h"
#include "shm/segment.h"

static char folder_[64];
static char path_[96];

static const struct segment_shape small_shape = { 300, 64, 3, 16, 8 };

static inline void folder_make(void)
{
    snprintf(folder_, sizeof folder_, "/tmp/latchkey-segment-XXXXXX");
    if (mkdtemp(folder_) == NULL)
        abort();
    snprintf(path_, sizeof path_, "%s/sandbox.seg", folder_);
}

static inline struct segment *temporary_segment(void)
{
    struct segment *segment = NULL;

    folder_make();
    if (segment_create(path_, 0600, ENVIRONMENT_SANDBOX, &small_shape, &segment) != OK)
        abort();
    return segment;
}

static inline void temporary_segment_remove(struct segment **segment)
{
    segment_close(segment);
    unlink(path_);
    rmdir(folder_);
}

static inline struct key_entry entry_of(const struct signed_request *s)
{
    struct key_entry entry = { .fixed = s->key };

    memcpy(entry.random, s->id.random, sizeof entry.random);
    return entry;
}

/* A segment in which the key of a request that passes is published. */
static inline struct segment *published(struct signed_request *s)
{
    struct segment *segment = temporary_segment();
    struct key_entry entry;

    signed_request_init(s, 1);
    entry = entry_of(s);
    if (key_table_publish(segment, &entry) != OK)
        abort();
    return segment;
}

#endif
