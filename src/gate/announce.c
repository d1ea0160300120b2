#include "gate/announce.h"

#include <stdio.h>
#include <time.h>

/* IMF-fixdate of RFC 9110, section 5.6.7, whose names are English in every locale. */
static void fixdate_format(uint64_t at_s, char text[ANNOUNCE_VALUE_SIZE])
{
    static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
    static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    time_t seconds = (time_t)at_s;
    struct tm utc;

    gmtime_r(&seconds, &utc);
    snprintf(text, ANNOUNCE_VALUE_SIZE, "%s, %02d %s %d %02d:%02d:%02d GMT", days[utc.tm_wday],
             utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min,
             utc.tm_sec);
}

size_t announce_format(const struct route *route, struct announce_line lines[ANNOUNCE_LINES_MOST])
{
    size_t count = 0;

    if (route->deprecated_at_s != 0) {
        lines[count].name = "Deprecation";
        snprintf(lines[count++].value, ANNOUNCE_VALUE_SIZE, "@%llu",
                 (unsigned long long)route->deprecated_at_s);
    }
    if (route->sunset_at_s != 0) {
        lines[count].name = "Sunset";
        fixdate_format(route->sunset_at_s, lines[count++].value);
    }
    if (route->successor != NULL) {
        lines[count].name = "Link";
        snprintf(lines[count++].value, ANNOUNCE_VALUE_SIZE, "<%.*s>; rel=\"successor-version\"",
                 ROUTE_SUCCESSOR_MOST, route->successor);
    }
    return count;
}
