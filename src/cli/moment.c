#include "cli/moment.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"

static bool ago_parse(const char *text, uint64_t now_ns, uint64_t *wall_ns)
{
    static const struct {
        const char *unit;
        uint64_t seconds;
    } units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 } };
    char *end;
    unsigned long count = strtoul(text, &end, 10);

    if (!isdigit((unsigned char)text[0]) || count > 1000000000)
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        uint64_t ago_s = count * units[i].seconds;

        if (strcmp(end, units[i].unit) != 0)
            continue;
        if (ago_s > now_ns / NS_PER_S)
            return false;
        *wall_ns = now_ns - ago_s * NS_PER_S;
        return true;
    }
    return false;
}

/* Up to three digits after the point, as milliseconds. */
static const char *fraction_parse(const char *at, uint64_t *ms)
{
    uint64_t unit_ms = 100;

    *ms = 0;
    if (*at != '.')
        return at;
    for (at++; isdigit((unsigned char)*at); at++, unit_ms /= 10)
        *ms += unit_ms * (uint64_t)(*at - '0');
    return at;
}

bool moment_parse(const char *text, uint64_t now_ns, uint64_t *wall_ns)
{
    static const char *const formats[] = { "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d" };

    if (ago_parse(text, now_ns, wall_ns))
        return true;
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct tm utc = { 0 };
        const char *end = strptime(text, formats[i], &utc);
        uint64_t ms = 0;
        time_t seconds;

        if (end == NULL)
            continue;
        if (i == 0)
            end = fraction_parse(end, &ms);
        end += *end == 'Z';
        seconds = timegm(&utc);
        if (*end != '\0' || seconds < 0)
            continue;
        *wall_ns = (uint64_t)seconds * NS_PER_S + ms * NS_PER_MS;
        return true;
    }
    return false;
}
