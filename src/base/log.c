#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

static enum log_level level_most = LOG_INFO;

void log_level_set(enum log_level most)
{
    level_most = most;
}

void log_line(enum log_level level, const char *part, const char *format, ...)
{
    static const char *const names[] = { "error", "warn", "info", "debug" };
    char line[1024], when[CLOCK_TEXT_SIZE];
    va_list arguments;
    int size, more;

    if (level > level_most)
        return;
    clock_format(clock_wall_ns(), when);
    size = snprintf(line, sizeof line, "%s %s %s: ", when, names[level], part);
    if (size < 0 || size >= (int)sizeof line)
        return;
    va_start(arguments, format);
    more = vsnprintf(line + size, sizeof line - (size_t)size, format, arguments);
    va_end(arguments);
    if (more < 0)
        return;
    size += more;
    if (size > (int)sizeof line - 2)
        size = (int)sizeof line - 2;
    line[size++] = '\n';
    /* A journal that cannot be written must not stop the process that writes it. */
    if (write(STDERR_FILENO, line, (size_t)size) < 0)
        return;
}
