/* base/clock.h: the two clocks
 *
 * Wall time may jump, in both directions; it stamps records and decides about days.  Monotonic time
 * counts since boot, is the same for all processes of the machine and never jumps; meters use it.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_US UINT64_C(1000)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

uint64_t clock_wall_ns(void); /* since 1970-01-01T00:00:00Z */
uint64_t clock_mono_ns(void); /* since boot */

#define CLOCK_TEXT_SIZE 25 /* "2026-11-23T10:00:00.123Z" and the zero */

/* RFC 3339 in UTC with milliseconds, for people and JSON. */
void clock_format(uint64_t wall_ns, char text[CLOCK_TEXT_SIZE]);

#endif
