/* venue/deriv.h: what everybody may know of a contract
 *
 * Price, index, mark, funding and open interest in one row, as REST and the status channel tell it.
 *
 * Source: reference of the venue's REST API, 7.10; of its WebSocket API, 6.6.
 */
#ifndef VENUE_DERIV_H
#define VENUE_DERIV_H

#include "http/json_write.h"
#include "venue/history.h"

/* 23 places; `with_key` 24: the symbol stands in front. */
void deriv_put(struct json_writer *w, enum market market, const struct contract_row *row,
               bool with_key);

/* As it is now. */
void deriv_put_now(struct json_writer *w, const struct engine *engine, enum market market,
                   uint64_t time_ms, bool with_key);

#endif
