#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"

enum { MESSAGE_SIZE = 1024, LINE_SIZE = 2 * MESSAGE_SIZE + 128 };

static enum log_level level_most = LOG_INFO;
static atomic_int format_chosen = LOG_FORMAT_UNDECIDED;

void log_level_set(enum log_level most)
{
    level_most = most;
}

void log_format_set(enum log_format format)
{
    atomic_store(&format_chosen, format);
}

static enum log_format format_of_environment(void)
{
    const char *wanted = getenv("LATCHKEY_JOURNAL");

    if (wanted != NULL && strcmp(wanted, "json") == 0)
        return LOG_FORMAT_JSON;
    if (wanted != NULL && strcmp(wanted, "text") == 0)
        return LOG_FORMAT_TEXT;
    if ((wanted != NULL && strcmp(wanted, "systemd") == 0) || getenv("JOURNAL_STREAM") != NULL)
        return LOG_FORMAT_SYSTEMD;
    return LOG_FORMAT_TEXT;
}

/* Threads that ask at the same time come to the same answer. */
static enum log_format format_get(void)
{
    enum log_format format = (enum log_format)atomic_load(&format_chosen);

    if (format == LOG_FORMAT_UNDECIDED) {
        format = format_of_environment();
        atomic_store(&format_chosen, format);
    }
    return format;
}

/* The message with nothing in it that a line or a JSON string cannot hold. */
static void message_clean(const char *raw, bool json, char text[LINE_SIZE])
{
    size_t size = 0;

    for (; *raw != '\0' && size < LINE_SIZE - 128; raw++) {
        if (json && (*raw == '"' || *raw == '\\'))
            text[size++] = '\\';
        text[size++] = (unsigned char)*raw < ' ' || *raw == 0x7f ? '?' : *raw;
    }
    text[size] = '\0';
}

static int line_compose(enum log_level level, const char *part, const char *raw,
                        char line[LINE_SIZE])
{
    static const char *const names[] = { "error", "warn", "info", "debug" };
    static const int severities[] = { 3, 4, 6, 7 };
    enum log_format format = format_get();
    char when[CLOCK_TEXT_SIZE], text[LINE_SIZE];

    clock_format(clock_wall_ns(), when);
    message_clean(raw, format == LOG_FORMAT_JSON, text);
    switch (format) {
    case LOG_FORMAT_JSON:
        return snprintf(line, LINE_SIZE,
                        "{\"at\":\"%s\",\"level\":\"%s\",\"part\":\"%s\",\"message\":\"%s\"}\n",
                        when, names[level], part, text);
    case LOG_FORMAT_SYSTEMD:
        return snprintf(line, LINE_SIZE, "<%d>%s: %s\n", severities[level], part, text);
    default:
        return snprintf(line, LINE_SIZE, "%s %s %s: %s\n", when, names[level], part, text);
    }
}

void log_line(enum log_level level, const char *part, const char *format, ...)
{
    char message[MESSAGE_SIZE], line[LINE_SIZE];
    va_list arguments;
    int size;

    if (level > level_most)
        return;
    va_start(arguments, format);
    size = vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (size < 0)
        return;
    size = line_compose(level, part, message, line);
    /* A journal that cannot be written must not stop the process that writes it. */
    if (size > 0 && size < LINE_SIZE && write(STDERR_FILENO, line, (size_t)size) < 0)
        return;
}
