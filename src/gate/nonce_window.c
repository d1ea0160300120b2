#include "gate/nonce_window.h"

bool nonce_window_admits(const struct nonce_window *window, uint64_t nonce, unsigned *place)
{
    *place = 0;
    if (nonce <= window->floor)
        return false;
    for (unsigned i = 0; i < NONCE_WINDOW_SIZE; i++) {
        if (window->seen[i] == nonce)
            return false;
        if (window->seen[i] < window->seen[*place])
            *place = i;
    }
    /* Smaller than everything that a full window remembers: nobody can tell whether it was used. */
    return nonce > window->seen[*place];
}
