/* gate/nonce_window.h: nonces that may come out of order
 *
 * A bot with several requests under way sends rising nonces that arrive in any order.  A key with a
 * window remembers its last NONCE_WINDOW_SIZE nonces: any other one above the floor passes, once.
 * When the window is full, the smallest gives way and becomes the floor.
 *
 * IPsec (RFC 4303, section 3.4.3) and WireGuard keep a bitmap instead.  Their numbers are counted
 * one by one; a nonce here is a clock in milliseconds or microseconds, so the bitmap of one second
 * would have a million bits.
 *
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef GATE_NONCE_WINDOW_H
#define GATE_NONCE_WINDOW_H

#include <stdbool.h>
#include <stdint.h>

enum { NONCE_WINDOW_SIZE = 127 }; /* with the floor, 1 KiB a key */

struct nonce_window {
    uint64_t floor;                   /* nothing up to here passes */
    uint64_t seen[NONCE_WINDOW_SIZE]; /* in no order; 0: empty */
};

/* True if the nonce may pass.  Then it belongs into seen[*place] after the floor was raised to what
 * stood there. */
bool nonce_window_admits(const struct nonce_window *window, uint64_t nonce, unsigned *place);

#endif
