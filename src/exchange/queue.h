/* exchange/queue.h: which order is next to do something by itself
 *
 * A binary heap of places of orders, least key first and of equal keys the older order.  Each order
 * knows its slot in it, so one that ends early leaves it in O(log n).  What the key is depends on
 * what the queue waits for; an order's key does not change while it is in the queue.
 *
 * For the files of this folder only.
 */
#ifndef EXCHANGE_QUEUE_H
#define EXCHANGE_QUEUE_H

#include "exchange/state.h"

/* The order is not in the queue. */
void queue_insert(struct engine *engine, struct queue *queue, struct order *order);

/* Does nothing for an order that is not in the queue. */
void queue_remove(struct engine *engine, struct queue *queue, struct order *order);

/* The order with the least key; NULL when the queue is empty. */
struct order *queue_first(const struct engine *engine, const struct queue *queue);

/* NULL, or what is wrong; static. */
const char *queue_check(const struct engine *engine, const struct queue *queue);

#endif
