/* venue/tempo.h: how an exchange's time follows the wall clock
 *
 * One straight line: it passes through (wall_ms, time_ms) and climbs `rate_milli` thousandths as
 * fast as the wall clock does.  So it needs no ticking, and after a restart it stands where it
 * would have stood.  It never goes back, not even when somebody sets the wall clock back.
 *
 * Pure.
 */
#ifndef VENUE_TEMPO_H
#define VENUE_TEMPO_H

#include <stdint.h>

#define TEMPO_RATE_REAL 1000
#define TEMPO_RATE_MOST 1000000 /* a thousand times as fast */

struct tempo {
    uint64_t wall_ms, time_ms;
    uint64_t rate_milli; /* 0: it stands still; at most TEMPO_RATE_MOST */
};

/* The wall clock itself. */
struct tempo tempo_real(void);

uint64_t tempo_time_ms(struct tempo tempo, uint64_t wall_ms);

/* The first millisecond of the wall clock at which `time_ms` is reached; UINT64_MAX: never. */
uint64_t tempo_wall_ms(struct tempo tempo, uint64_t time_ms);

#endif
