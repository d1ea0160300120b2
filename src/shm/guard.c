#include "shm/guard.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

enum { PAGE_SIZE = 4096 };

/* Read by the handler, so each place is one word. */
static _Atomic(struct segment *) guarded[GUARDED_MOST];
static struct sigaction previous;
static pthread_mutex_t installing = PTHREAD_MUTEX_INITIALIZER;

/* What was cut is the end, so all from this page on is gone. */
static bool replace(struct segment *segment, uintptr_t address)
{
    uintptr_t base = (uintptr_t)segment->shared;
    uintptr_t page = address - address % PAGE_SIZE;
    uintptr_t end = (base + segment->size + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;

    /* First the mark: when another thread finds zeros, it is there. */
    atomic_store_explicit(&segment->lost, true, memory_order_seq_cst);
    return mmap((char *)segment->shared + (page - base), end - page, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED;
}

/* Only what a handler may: words, and system calls. */
static void bus_error_handle(int number, siginfo_t *info, void *context)
{
    uintptr_t address = (uintptr_t)info->si_addr;
    int saved = errno;

    (void)number;
    (void)context;
    for (size_t i = 0; i < GUARDED_MOST; i++) {
        /* Acquire: pairs with guard_add; the mapping's bounds are there. */
        struct segment *s = atomic_load_explicit(&guarded[i], memory_order_acquire);

        if (s == NULL || address < (uintptr_t)s->shared ||
            address >= (uintptr_t)s->shared + s->size)
            continue;
        if (!replace(s, address))
            break;
        errno = saved;
        return;
    }
    /* Not ours: the instruction runs again and meets the one who was there before. */
    (void)sigaction(SIGBUS, &previous, NULL);
    errno = saved;
}

/* With each mapping anew, should somebody have taken the signal meanwhile. */
static void handler_install(void)
{
    struct sigaction action = { .sa_sigaction = bus_error_handle,
                                .sa_flags = SA_SIGINFO | SA_RESTART };
    struct sigaction found;

    sigemptyset(&action.sa_mask);
    pthread_mutex_lock(&installing);
    if (sigaction(SIGBUS, NULL, &found) == 0 && found.sa_sigaction != bus_error_handle &&
        sigaction(SIGBUS, &action, NULL) == 0)
        previous = found;
    pthread_mutex_unlock(&installing);
}

void guard_add(struct segment *segment)
{
    handler_install();
    for (size_t i = 0; i < GUARDED_MOST; i++) {
        struct segment *nobody = NULL;

        /* Release: see the handler. */
        if (atomic_compare_exchange_strong_explicit(&guarded[i], &nobody, segment,
                                                    memory_order_release, memory_order_relaxed))
            return;
    }
}

void guard_remove(struct segment *segment)
{
    for (size_t i = 0; i < GUARDED_MOST; i++) {
        struct segment *it = segment;

        /* Relaxed: nobody touches a mapping that its owner is about to unmap. */
        (void)atomic_compare_exchange_strong_explicit(&guarded[i], &it, NULL, memory_order_relaxed,
                                                      memory_order_relaxed);
    }
}
