/* base/log.h: the journal of a process, one line an event on standard error
 *
 *     text     2026-11-23T10:00:00.123Z warn authority: cannot write checkpoint: disk full
 *     json     {"at":"2026-11-23T10:00:00.123Z","level":"warn","part":"authority","message":"…"}
 *     systemd  <4>authority: cannot write checkpoint: disk full
 *
 * $LATCHKEY_JOURNAL chooses; without it systemd's form where systemd reads standard error
 * ($JOURNAL_STREAM), else text.  Control characters are shown as "?", so that nobody who is quoted
 * can write lines of his own.
 *
 * Never a secret, a signature, a password or a code: lines end up in files that many can read.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

/* In the order of syslog's severities, which systemd's form needs. */
enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

enum log_format { LOG_FORMAT_UNDECIDED, LOG_FORMAT_TEXT, LOG_FORMAT_JSON, LOG_FORMAT_SYSTEMD };

/* Lines above this level are dropped; LOG_INFO at start. */
void log_level_set(enum log_level most);

/* Overrides the environment; LOG_FORMAT_UNDECIDED asks it again. */
void log_format_set(enum log_format format);

/* `part` names the module that speaks, e.g. "trail".  One write, so lines never mix. */
void log_line(enum log_level level, const char *part, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(part, ...) log_line(LOG_ERROR, part, __VA_ARGS__)
#define log_warn(part, ...) log_line(LOG_WARN, part, __VA_ARGS__)
#define log_info(part, ...) log_line(LOG_INFO, part, __VA_ARGS__)
#define log_debug(part, ...) log_line(LOG_DEBUG, part, __VA_ARGS__)

#endif
