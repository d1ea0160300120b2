#include "venue/arena.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/log.h"

/* Far from where kernels put programs, libraries, heaps and stacks, and from what AddressSanitizer
 * keeps for itself. */
#define HOME         ((void *)UINT64_C(0x200000000000))
#define STRETCH_SIZE ((size_t)1 << 38)

enum { CLASS_FIRST = 6, CLASS_COUNT = 39 };

/* A block that was given back. */
struct vacancy {
    struct vacancy *next;
};

/* At the start of the stretch. */
struct arena {
    size_t used_bytes;
    struct vacancy *vacancies[CLASS_COUNT]; /* [i]: of 2^i bytes */
};

enum { FIRST_AT = (sizeof(struct arena) + 63) / 64 * 64 };

static void begin(struct arena *arena)
{
    arena->used_bytes = FIRST_AT;
}

enum err arena_open(struct arena **arena)
{
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *home = HOME;
    void *at;

#ifdef __SANITIZE_THREAD__ /* which knows only some addresses */
    home = NULL;
#endif
    at = mmap(home, STRETCH_SIZE, PROT_READ | PROT_WRITE, flags, -1, 0);
    *arena = at == MAP_FAILED ? NULL : at;
    if (*arena == NULL) {
        log_error("venue", "no address space for %zu GB", STRETCH_SIZE >> 30);
        return ERR_MEMORY;
    }
    begin(*arena);
    return OK;
}

void arena_close(struct arena **arena)
{
    if (*arena != NULL)
        munmap(*arena, STRETCH_SIZE);
    *arena = NULL;
}

void arena_clear(struct arena *arena)
{
    if (madvise(arena, STRETCH_SIZE, MADV_DONTNEED) != 0) /* zeros, from now on */
        abort();
    begin(arena);
}

static unsigned class_of(size_t bytes)
{
    unsigned class = CLASS_FIRST;

    while ((size_t)1 << class < bytes)
        class ++;
    return class;
}

void *arena_take(struct arena *arena, size_t bytes)
{
    unsigned class = class_of(bytes);
    size_t size = (size_t)1 << class;
    struct vacancy *vacancy;
    void *block;

    if (class < CLASS_COUNT && arena->vacancies[class] != NULL) {
        vacancy = arena->vacancies[class];
        arena->vacancies[class] = vacancy->next;
        return memset(vacancy, 0, bytes);
    }
    if (size > STRETCH_SIZE - arena->used_bytes) {
        log_error("venue", "what happened at this exchange does not fit into %zu GB",
                  STRETCH_SIZE >> 30);
        abort();
    }
    block = (char *)arena + arena->used_bytes;
    arena->used_bytes += size;
    return block;
}

void arena_give(struct arena *arena, void *block, size_t bytes)
{
    struct vacancy *vacancy = block;
    unsigned class = class_of(bytes);

    if (block == NULL)
        return;
    vacancy->next = arena->vacancies[class];
    arena->vacancies[class] = vacancy;
}

void *arena_resize(struct arena *arena, void *block, size_t bytes, size_t bytes_wanted)
{
    void *larger;

    if (block != NULL && class_of(bytes) == class_of(bytes_wanted)) {
        if (bytes_wanted > bytes)
            memset((char *)block + bytes, 0, bytes_wanted - bytes);
        return block;
    }
    larger = arena_take(arena, bytes_wanted);
    if (block != NULL)
        memcpy(larger, block, bytes < bytes_wanted ? bytes : bytes_wanted);
    arena_give(arena, block, bytes);
    return larger;
}

void *arena_first(struct arena *arena)
{
    return (char *)arena + FIRST_AT;
}

bool arena_is_at_home(const struct arena *arena)
{
    return arena == HOME;
}

size_t arena_used_bytes(const struct arena *arena)
{
    return arena->used_bytes;
}

size_t arena_most_bytes(void)
{
    return STRETCH_SIZE;
}
