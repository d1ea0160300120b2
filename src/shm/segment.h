/* shm/segment.h: the memory that gateways and authority share
 *
 * One file on tmpfs per environment, drawn in docs/formats/segment.md.  It outlives every process
 * that maps it: the authority creates it or takes it over, nginx workers and exchanges only map it.
 * Taking over never resets what gateways moved (nonces, meters, audit slots).  It holds offsets and
 * numbers, never pointers.
 */
#ifndef SHM_SEGMENT_H
#define SHM_SEGMENT_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "gate/gate.h"
#include "keys/environment.h"

/* Sizes chosen at creation; 0 means the default. */
struct segment_shape {
    uint32_t key_capacity;  /* 100000; keys ever published, ended ones included */
    uint32_t address_count; /* 65536; addresses that are metered at one time */
    uint32_t slab_count;    /* 64; workers that write audit records at one time, at most 255 */
    uint32_t token_count;   /* 16384; auth tokens that live at one time */
    uint32_t slab_slots;    /* 8192; requests in flight or not yet collected, per worker */
};

struct segment_shape segment_shape_default(void);

/* What stands at a path, by its first bytes alone. */
enum segment_age {
    SEGMENT_ABSENT,  /* no file, or one that cannot be read */
    SEGMENT_EARLIER, /* an earlier layout: the authority takes it over (shm/legacy.h) */
    SEGMENT_PRESENT,
    SEGMENT_LATER,   /* the layout of a release that is newer than this program */
    SEGMENT_FOREIGN, /* no segment */
};
enum segment_age segment_age_find(const char *path);

struct segment; /* one mapping in this process; safe to use from several threads */

/* For the authority: creates the file at `path`, or takes over the one that is there, whose shape
 * then stays as it was (a journal line says so if it differs).
 * ERR_VERSION: the file has another layout, or is another environment's; a journal line
 * says what to do.
 * ERR_FULL: tmpfs has no room.  ERR_CORRUPT: not a segment, damaged, or a copy of one.  ERR_IO,
 * ERR_MEMORY. */
must_use enum err segment_create(const char *path, mode_t mode, enum environment environment,
                                 const struct segment_shape *shape, struct segment **segment);

/* For everybody else.  ERR_MISSING: no such file yet.  Otherwise as above. */
must_use enum err segment_open(const char *path, struct segment **segment);

/* Accepts NULL in `*segment`, sets it to NULL; the file stays. */
void segment_close(struct segment **segment);

/* False once the file at `path` is gone, another one, cut, or changed in its header: then close and
 * open again.  System calls; for a timer, not for each request. */
bool segment_is_current(const struct segment *segment, const char *path);

/* True once nothing may be decided from this mapping any more: it was retired, or its file was cut.
 * Two loads; for each request, and again when it is decided. */
bool segment_is_over(const struct segment *segment);

/* For the authority, before it makes another file in place of this one: from here on no nonce that
 * is accepted in this one is missed by key_table_live_take, because its judge, who comes after,
 * finds the segment over. */
void segment_retire(struct segment *segment);

/* For the authority: moves a file that cannot be used out of the way, to `path`.damaged, in place
 * of an earlier one.  ERR_MISSING: there is none.  ERR_IO. */
must_use enum err segment_set_aside(const char *path);

enum environment segment_environment(const struct segment *segment);
struct segment_shape segment_shape_get(const struct segment *segment);

/* Random at creation; the first half of every request id drawn from this segment. */
uint64_t segment_instance(const struct segment *segment);

/* Rates per address and switches; the authority may set them at any time. */
void segment_settings_set(struct segment *segment, const struct gate_settings *settings);
struct gate_settings segment_settings_get(const struct segment *segment);

/* The same settings in another segment, unless those of `from` are damaged. */
void segment_carry_settings(const struct segment *from, struct segment *to);

/* Size of the audit log under its last signed checkpoint, which replies tell to clients: whoever
 * cuts the log's end later contradicts them.  The authority sets it after each checkpoint. */
void segment_signed_size_set(struct segment *segment, uint64_t size);
uint64_t segment_signed_size_get(const struct segment *segment);

/* Checks the first bytes of a segment file against this program's layout and `file_size`; what
 * open and create call, apart for tests and the fuzzer.  `bytes` has at least
 * SEGMENT_HEADER_SIZE. */
enum { SEGMENT_HEADER_SIZE = 4096 };
must_use enum err segment_header_check(const void *bytes, uint64_t file_size);

/* For the authority, once many keys are published: asks the kernel for huge pages under them, so
 * that a decision about a random key does not wait for page tables too (1,000,000 keys: 1.4 to 1.1
 * us).  Changes no content and cannot fail; other processes may use the segment meanwhile. */
void segment_compact(const struct segment *segment);

/* Memory that has been touched, in bytes, as far as the kernel tells; for `bench` and `status`. */
uint64_t segment_touched_bytes(const struct segment *segment);

#endif
