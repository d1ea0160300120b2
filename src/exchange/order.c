#include "exchange/order.h"

#include <assert.h>
#include <stdio.h>

#include "base/fixed.h"

static const char *const types[ORDER_TYPE_END] = {
#define ORDER_TYPE(number, name, words, wallet) [number] = words,
#include "exchange/order_type.def"
#undef ORDER_TYPE
};

enum { EXCHANGE, MARGIN };
#define ORDER_TYPE(number, name, words, wallet) \
    static_assert((number) % 2 == (wallet), "order_on_margin() tells them by their number");
#include "exchange/order_type.def"
#undef ORDER_TYPE

static const char *const states[ORDER_STATE_COUNT] = {
#define ORDER_STATE(number, name, words) [number] = words,
#include "exchange/order_state.def"
#undef ORDER_STATE
};

/* The longest text there can be, so that nothing below is ever cut short. */
static_assert(ORDER_STATUS_SIZE > 64 + (ORDER_FILLS_KEPT + 1) * (2 * FIXED_TEXT_SIZE + 28),
              "a status with all fills fits");

const char *order_type_text(unsigned type)
{
    return type < ORDER_TYPE_END ? types[type] : NULL;
}

const char *order_state_text(unsigned state)
{
    return state < ORDER_STATE_COUNT ? states[state] : NULL;
}

bool order_type_find(struct slice text, enum order_type *type)
{
    for (unsigned i = 0; i < ORDER_TYPE_END; i++) {
        if (types[i] != NULL && slice_is(text, slice_of(types[i]))) {
            *type = (enum order_type)i;
            return true;
        }
    }
    return false;
}

/* "PARTIALLY FILLED @ PRICE(AMOUNT)" of the kept fills from `first` on, latest first, parted by
 * commas: each with its words, as captures of the venue show it. */
static size_t fills_format(const struct order *order, uint32_t first, char *text, size_t room)
{
    uint32_t count = order->fill_count < ORDER_FILLS_KEPT ? order->fill_count : ORDER_FILLS_KEPT;
    size_t size = 0;

    for (uint32_t i = first; i < count; i++) {
        char price[FIXED_TEXT_SIZE], amount[FIXED_TEXT_SIZE];

        fixed_format(order->fills[i].price, price);
        fixed_format(order->fills[i].amount, amount);
        size += (size_t)snprintf(text + size, room - size, "%sPARTIALLY FILLED @ %s(%s)",
                                 i > first ? ", " : "", price, amount);
    }
    return size;
}

/* Seen live: "ACTIVE (note:POSCLOSE)". */
static const char *closes_note(const struct order *order)
{
    return order->flags & ORDER_CLOSE ? " (note:POSCLOSE)" : "";
}

size_t order_status_format(const struct order *order, char text[ORDER_STATUS_SIZE])
{
    const size_t room = ORDER_STATUS_SIZE;
    uint32_t fills_named = 0;
    size_t size;

    if (order->state == ORDER_STATE_ACTIVE && order->fill_count > 0)
        return fills_format(order, 0, text, room);
    size = (size_t)snprintf(text, room, "%s%s%s", order->flags & ORDER_FORCED ? "FORCED " : "",
                            states[order->state],
                            order->state == ORDER_STATE_ACTIVE ? closes_note(order) : "");
    if (order->state == ORDER_STATE_EXECUTED) {
        char price[FIXED_TEXT_SIZE], amount[FIXED_TEXT_SIZE];

        fixed_format(order->fills[0].price, price);
        fixed_format(order->fills[0].amount, amount);
        size += (size_t)snprintf(text + size, room - size, " @ %s(%s)", price, amount);
        fills_named = 1;
    }
    if (order->fill_count <= fills_named) {
        if (fills_named > 0 && (order->flags & ORDER_CLOSE))
            size += (size_t)snprintf(text + size, room - size, " was ACTIVE%s", closes_note(order));
        return size;
    }
    /* Seen live: "EXECUTED @ ...: was PARTIALLY", but "CANCELED was: PARTIALLY". */
    size += (size_t)snprintf(text + size, room - size, fills_named > 0 ? ": was " : " was: ");
    return size + fills_format(order, fills_named, text + size, room - size);
}
