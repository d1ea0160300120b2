#include "console/leak_sources.h"

#include <pthread.h>
#include <string.h>

#include "base/clock.h"

enum { SOURCES_MOST = 256, NAME_MOST = 64 };

/* Of this process: doors, console and metrics have threads of their own. */
static struct {
    pthread_mutex_t lock;
    json_t *sources; /* NULL: no scanner has said anything */
    uint64_t heard_at_ns;
} board = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* The name becomes a label of /metrics. */
static bool source_is_good(const json_t *source)
{
    const char *name = json_string_value(json_object_get(source, "name"));

    return name != NULL && *name != '\0' && strlen(name) <= NAME_MOST &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == strlen(name) &&
           json_is_string(json_object_get(source, "kind")) &&
           json_is_string(json_object_get(source, "error"));
}

enum err leak_sources_put(struct call *c)
{
    json_t *sources = json_object_get(c->body, "sources"), *copy;
    const json_t *each;
    bool good = json_is_array(sources) && json_array_size(sources) <= SOURCES_MOST;
    size_t i;

    json_array_foreach(sources, i, each) good = good && source_is_good(each);
    if (!good) {
        refusal_add_at(&c->refusal, REFUSAL_INVALID, "sources", "sources-malformed",
                       "\"sources\" has to be a list of at most %d objects with \"name\" (a-z, "
                       "0-9, - and .), \"kind\" and \"error\"",
                       SOURCES_MOST);
        return OK;
    }
    copy = json_deep_copy(sources);
    if (copy == NULL)
        return ERR_MEMORY;
    pthread_mutex_lock(&board.lock);
    json_decref(board.sources);
    board.sources = copy;
    board.heard_at_ns = clock_wall_ns();
    pthread_mutex_unlock(&board.lock);
    c->reply = json_object();
    return c->reply == NULL ? ERR_MEMORY : OK;
}

enum err leak_sources_get(struct call *c)
{
    pthread_mutex_lock(&board.lock);
    c->reply = json_pack("{s:o, s:o}", "heard_at", moment_json(board.heard_at_ns), "sources",
                         board.sources == NULL ? json_array() : json_deep_copy(board.sources));
    pthread_mutex_unlock(&board.lock);
    return c->reply == NULL ? ERR_MEMORY : OK;
}

/* Seconds since it was up to date; of one that never was, since 1970. */
static uint64_t lag_s(const json_t *source)
{
    const char *text = json_string_value(json_object_get(source, "caught_up_at"));
    uint64_t at_us = 0, now_us = clock_wall_ns() / NS_PER_US;

    if (text == NULL || !moment_of_text(text, &at_us))
        at_us = 0;
    return at_us < now_us ? (now_us - at_us) / 1000000 : 0;
}

void leak_sources_metrics(struct buffer *out)
{
    const json_t *each;
    size_t i;

    pthread_mutex_lock(&board.lock);
    buffer_append(out, SLICE("# HELP latchkey_source_lag_seconds Since a scanner's source was up "
                             "to date.\n# TYPE latchkey_source_lag_seconds gauge\n"));
    json_array_foreach(board.sources, i, each) buffer_printf(
        out, "latchkey_source_lag_seconds{source=\"%s\"} %llu\n",
        json_string_value(json_object_get(each, "name")), (unsigned long long)lag_s(each));
    buffer_append(out, SLICE("# HELP latchkey_source_failing Whether its last turn failed.\n"
                             "# TYPE latchkey_source_failing gauge\n"));
    json_array_foreach(board.sources, i, each)
        buffer_printf(out, "latchkey_source_failing{source=\"%s\"} %d\n",
                      json_string_value(json_object_get(each, "name")),
                      json_string_length(json_object_get(each, "error")) > 0);
    pthread_mutex_unlock(&board.lock);
}
