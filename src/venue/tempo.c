#include "venue/tempo.h"

#define MILLI 1000

struct tempo tempo_real(void)
{
    return (struct tempo){ .rate_milli = TEMPO_RATE_REAL };
}

uint64_t tempo_time_ms(struct tempo tempo, uint64_t wall_ms)
{
    uint64_t past_ms = wall_ms > tempo.wall_ms ? wall_ms - tempo.wall_ms : 0;

    return tempo.time_ms + (uint64_t)((unsigned __int128)past_ms * tempo.rate_milli / MILLI);
}

uint64_t tempo_wall_ms(struct tempo tempo, uint64_t time_ms)
{
    unsigned __int128 ahead;

    if (time_ms <= tempo.time_ms)
        return tempo.wall_ms;
    if (tempo.rate_milli == 0 || time_ms == UINT64_MAX)
        return UINT64_MAX;
    ahead = (unsigned __int128)(time_ms - tempo.time_ms) * MILLI;
    return tempo.wall_ms + (uint64_t)((ahead + tempo.rate_milli - 1) / tempo.rate_milli);
}
