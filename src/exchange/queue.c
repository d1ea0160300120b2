#include "exchange/queue.h"

#include <assert.h>

/* Slots run from 1, so that slot i has the children 2i and 2i + 1 and an order's 0 says "not in".
 */

static uint32_t *slot_of(const struct queue *queue, struct order *order)
{
    return &order->queue_slots[queue->waits_for];
}

static uint64_t key_of(const struct queue *queue, const struct order *order)
{
    int64_t price = order->price;

    if (queue->waits_for == QUEUE_TIF)
        return order->tif_ms;
    /* Who buys is reached from below and taken along from above. */
    if (queue->waits_for == QUEUE_PRICE)
        return order_is_buy(order) ? (uint64_t)price : UINT64_MAX - (uint64_t)price;
    return order_is_buy(order) ? UINT64_MAX - (uint64_t)(price - order->price_trailing)
                               : (uint64_t)(price + order->price_trailing);
}

static bool stands_before(const struct engine *engine, const struct queue *queue, uint32_t one,
                          uint32_t other)
{
    const struct order *a = &engine->orders[one], *b = &engine->orders[other];
    uint64_t key_a = key_of(queue, a), key_b = key_of(queue, b);

    return key_a != key_b ? key_a < key_b : a->id < b->id;
}

static void slot_set(struct engine *engine, struct queue *queue, uint32_t slot, uint32_t place)
{
    queue->places[slot] = place;
    *slot_of(queue, &engine->orders[place]) = slot;
}

/* Lets the order that belongs into `slot` rise or sink to where it may stay. */
static void settle(struct engine *engine, struct queue *queue, uint32_t slot, uint32_t place)
{
    const uint32_t *places = queue->places;

    while (slot > 1 && stands_before(engine, queue, place, places[slot / 2])) {
        slot_set(engine, queue, slot, places[slot / 2]);
        slot /= 2;
    }
    for (uint32_t child = 2 * slot; child <= queue->count; child = 2 * slot) {
        if (child < queue->count && stands_before(engine, queue, places[child + 1], places[child]))
            child++;
        if (!stands_before(engine, queue, places[child], place))
            break;
        slot_set(engine, queue, slot, places[child]);
        slot = child;
    }
    slot_set(engine, queue, slot, place);
}

void queue_insert(struct engine *engine, struct queue *queue, struct order *order)
{
    assert(*slot_of(queue, order) == 0 && queue->count < engine->limits.orders);
    settle(engine, queue, ++queue->count, order_place(engine, order));
}

void queue_remove(struct engine *engine, struct queue *queue, struct order *order)
{
    uint32_t slot = *slot_of(queue, order), last;

    if (slot == 0)
        return;
    *slot_of(queue, order) = 0;
    last = queue->places[queue->count--];
    if (slot <= queue->count)
        settle(engine, queue, slot, last);
}

struct order *queue_first(const struct engine *engine, const struct queue *queue)
{
    return queue->count == 0 ? NULL : &engine->orders[queue->places[1]];
}

const char *queue_check(const struct engine *engine, const struct queue *queue)
{
    for (uint32_t slot = 1; slot <= queue->count; slot++) {
        uint32_t place = queue->places[slot];

        if (*slot_of(queue, &engine->orders[place]) != slot)
            return "an order is not where it thinks it waits";
        if (slot > 1 && stands_before(engine, queue, place, queue->places[slot / 2]))
            return "an order waits behind one that comes later";
    }
    return NULL;
}
