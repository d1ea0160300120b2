#include "scanner/source_turn.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "scanner/source_cdn.h"
#include "scanner/source_folder.h"
#include "scanner/source_git.h"
#include "scanner/source_hosting.h"
#include "scanner/source_npm.h"
#include "scanner/source_web.h"

static enum err (*const turns[])(struct source *source) = {
    [SOURCE_NPM] = source_npm_turn,
    [SOURCE_WEB] = source_web_turn,
    [SOURCE_FOLDER] = source_folder_turn,
    [SOURCE_GIT] = source_git_turn,
    [SOURCE_JSDELIVR] = source_cdn_turn,
    [SOURCE_UNPKG] = source_cdn_turn,
    [SOURCE_CDNJS] = source_cdn_turn,
    [SOURCE_GITHUB] = source_hosting_turn,
    [SOURCE_GITLAB] = source_hosting_turn,
};

struct source *source_next(struct source *sources, size_t count)
{
    struct source *next = sources;

    for (size_t i = 1; i < count; i++)
        if (sources[i].due_ns < next->due_ns)
            next = &sources[i];
    return next;
}

/* The journal hears of a change, not of every turn. */
static void news_say(const struct source *s, const char *before)
{
    if (strcmp(s->error, before) == 0)
        return;
    if (s->error[0] != '\0')
        log_warn("scanner", "%s: %s", s->settings->name, s->error);
    else
        log_info("scanner", "%s: up to date again", s->settings->name);
}

void source_turn(struct source *source)
{
    struct source *s = source;
    char before[SOURCE_ERROR_SIZE];
    uint64_t now_ns;
    enum err e;

    memcpy(before, s->error, sizeof before);
    s->error[0] = '\0';
    s->turn_at_ns = clock_wall_ns();
    e = turns[s->settings->kind](s);
    now_ns = clock_mono_ns();
    s->failures = e == OK ? 0 : e == ERR_CONFLICT ? s->failures : s->failures + 1;
    if (e == OK)
        s->caught_up_at_ns = clock_wall_ns();
    else if (e != ERR_CONFLICT && s->error[0] == '\0')
        source_error(s, "%s", err_text(e));
    if (s->manners.not_before_ns > now_ns)
        s->due_ns = s->manners.not_before_ns;
    else
        s->due_ns =
            now_ns + (e == OK ? s->settings->every_s * NS_PER_S : manners_pause_ns(s->failures));
    news_say(s, before);
}

static json_t *moment(uint64_t wall_ns)
{
    char text[CLOCK_TEXT_SIZE];

    if (wall_ns == 0)
        return json_null();
    clock_format(wall_ns, text);
    return json_string(text);
}

json_t *source_status_json(const struct source *source)
{
    const struct source *s = source;
    uint64_t mono_ns = clock_mono_ns();
    uint64_t wait_ns = s->due_ns > mono_ns ? s->due_ns - mono_ns : 0;

    return json_pack(
        "{s:s, s:s, s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I}", "name", s->settings->name,
        "kind", source_kind_text(s->settings->kind), "error", s->error, "turn_at",
        moment(s->turn_at_ns), "caught_up_at", moment(s->caught_up_at_ns), "next_at",
        moment(clock_wall_ns() + wait_ns), "looked", (json_int_t)s->looked_count, "found",
        (json_int_t)s->found_count, "missed", (json_int_t)s->missed_count, "requests",
        (json_int_t)s->manners.requests_all, "bytes", (json_int_t)s->manners.bytes_all);
}
