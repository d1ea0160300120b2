#include "nginx/latchkey.h"

#include "base/clock.h"

enum {
    UPGRADE_WAIT_MS = 60000,
    UPGRADE_LOOK_MS = 20,
};

/* A worker that has no segment refuses for so long before it looks again. */
#define LOOK_NS NS_PER_S

/* A worker is one thread; this is its own. */
static struct door {
    struct segment *segment;
    struct slab *slab;
    uint64_t look_at_ns; /* when to see whether the file has come, gone or been replaced */
} doors[ENVIRONMENT_COUNT];

static void door_shut(struct door *door)
{
    slab_close(&door->slab);
    segment_close(&door->segment);
}

/* Once a second at most: these are system calls. */
static void door_look(struct door *door, const char *path, ngx_log_t *log)
{
    enum err e;

    /* Replaced, cut or damaged: requests under way still point into the old mapping, which
     * therefore stays until this worker ends. */
    if (door->segment != NULL && !segment_is_current(door->segment, path)) {
        ngx_log_error(NGX_LOG_WARN, log, 0,
                      "latchkey: %s was replaced, cut or damaged: looking for another", path);
        door->segment = NULL;
        door->slab = NULL;
    }
    if (door->segment == NULL) {
        e = segment_open(path, &door->segment);
        if (e != OK) {
            ngx_log_error(NGX_LOG_ERR, log, 0,
                          "latchkey: no gate segment at %s (%s): all requests are refused until "
                          "the authority runs", path, err_text(e));
            return;
        }
    }
    if (door->slab == NULL) {
        e = slab_claim(door->segment, &door->slab);
        if (e != OK)
            ngx_log_error(NGX_LOG_ERR, log, 0,
                          "latchkey: no audit slab is free in %s (%s): all requests are refused",
                          path, err_text(e));
    }
}

/* Until the authority of this release has taken over what an earlier one left, connections wait
 * with the kernel and the workers of the earlier release serve theirs; a worker that went on would
 * refuse its share of them. */
static void door_wait(const char *path, ngx_log_t *log)
{
    uint64_t give_up_ns = clock_mono_ns() + UPGRADE_WAIT_MS * NS_PER_MS;

    if (segment_age_find(path) != SEGMENT_EARLIER)
        return;
    ngx_log_error(NGX_LOG_NOTICE, log, 0,
                  "latchkey: %s was made by an earlier release: waiting for the authority of this "
                  "release to take it over", path);
    while (segment_age_find(path) != SEGMENT_PRESENT && clock_mono_ns() < give_up_ns &&
           !ngx_terminate && !ngx_quit)
        ngx_msleep(UPGRADE_LOOK_MS);
}

void door_wait_all(ngx_cycle_t *cycle)
{
    struct main_conf *conf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_latchkey_module);

    for (int i = 0; conf != NULL && i < ENVIRONMENT_COUNT; i++)
        if (conf->segments[i].len != 0)
            door_wait((const char *)conf->segments[i].data, cycle->log);
}

struct segment *door_open(ngx_http_request_t *r, enum environment environment, struct slab **slab)
{
    struct main_conf *conf = ngx_http_get_module_main_conf(r, ngx_http_latchkey_module);
    struct door *door = &doors[environment];
    uint64_t now_ns = clock_mono_ns();

    *slab = NULL;
    if (conf->segments[environment].len == 0)
        return NULL;
    if (now_ns >= door->look_at_ns ||
        (door->segment != NULL && segment_is_over(door->segment))) {
        door->look_at_ns = now_ns + LOOK_NS;
        door_look(door, (const char *)conf->segments[environment].data, r->connection->log);
    }
    *slab = door->slab;
    return door->segment;
}

void door_close_all(ngx_cycle_t *cycle)
{
    (void)cycle;
    for (int i = 0; i < ENVIRONMENT_COUNT; i++)
        door_shut(&doors[i]);
}
