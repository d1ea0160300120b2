/* base/log.h: the journal of a process, one line an event on standard error
 *
 *     2026-11-23T10:00:00.123Z warn authority: cannot write checkpoint: disk full
 *
 * Never a secret, a signature, a password or a code: lines end up in files that many can read.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* Lines above this level are dropped; LOG_INFO at start. */
void log_level_set(enum log_level most);

/* `part` names the module that speaks, e.g. "trail".  One write, so lines never mix. */
void log_line(enum log_level level, const char *part, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(part, ...) log_line(LOG_ERROR, part, __VA_ARGS__)
#define log_warn(part, ...) log_line(LOG_WARN, part, __VA_ARGS__)
#define log_info(part, ...) log_line(LOG_INFO, part, __VA_ARGS__)
#define log_debug(part, ...) log_line(LOG_DEBUG, part, __VA_ARGS__)

#endif
