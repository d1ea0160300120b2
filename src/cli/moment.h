/* cli/moment.h: a moment as an operator types it
 *
 *     2026-11-23              midnight, UTC like everything
 *     2026-11-23T10:00[:05[.123]][Z]
 *     90s  15m  2h  3d        so long ago
 */
#ifndef CLI_MOMENT_H
#define CLI_MOMENT_H

#include <stdbool.h>
#include <stdint.h>

/* False when it is none of the above, or before 1970; `*wall_ns` untouched. */
bool moment_parse(const char *text, uint64_t now_ns, uint64_t *wall_ns);

#endif
