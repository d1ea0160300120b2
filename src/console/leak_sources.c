#include "console/leak_sources.h"

#include <string.h>

#include "authority/source_board.h"
#include "base/clock.h"

enum { SOURCES_MOST = 256, NAME_MOST = 64 };

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
    json_t *sources = json_object_get(c->body, "sources");
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
    c->reply = json_object();
    return c->reply == NULL ? ERR_MEMORY
                            : source_board_set(c->authority->sources, sources,
                                               c->authority->now_ns());
}

enum err leak_sources_get(struct call *c)
{
    uint64_t heard_at_ns;
    json_t *sources = source_board_get(c->authority->sources, &heard_at_ns);

    c->reply = json_pack("{s:o, s:o}", "heard_at", moment_json(heard_at_ns), "sources", sources);
    return c->reply == NULL ? ERR_MEMORY : OK;
}

/* Seconds since it was up to date; of one that never was, since 1970. */
static uint64_t lag_s(const json_t *source, uint64_t now_us)
{
    const char *text = json_string_value(json_object_get(source, "caught_up_at"));
    uint64_t at_us = 0;

    if (text == NULL || !moment_of_text(text, &at_us))
        at_us = 0;
    return at_us < now_us ? (now_us - at_us) / 1000000 : 0;
}

void leak_sources_metrics(const struct authority *a, struct buffer *out)
{
    uint64_t now_us = a->now_ns() / NS_PER_US, heard_at_ns;
    json_t *sources = source_board_get(a->sources, &heard_at_ns);
    const json_t *each;
    size_t i;

    buffer_append(out, SLICE("# HELP latchkey_source_lag_seconds Since a scanner's source was up "
                             "to date.\n# TYPE latchkey_source_lag_seconds gauge\n"));
    json_array_foreach(sources, i, each)
        buffer_printf(out, "latchkey_source_lag_seconds{source=\"%s\"} %llu\n",
                      json_string_value(json_object_get(each, "name")),
                      (unsigned long long)lag_s(each, now_us));
    buffer_append(out, SLICE("# HELP latchkey_source_failing Whether its last turn failed.\n"
                             "# TYPE latchkey_source_failing gauge\n"));
    json_array_foreach(sources, i, each)
        buffer_printf(out, "latchkey_source_failing{source=\"%s\"} %d\n",
                      json_string_value(json_object_get(each, "name")),
                      json_string_length(json_object_get(each, "error")) > 0);
    json_decref(sources);
}
