/* venue/entry.h: commands of the journal that the engine does not know
 *
 * What people leave at an exchange beside their orders: deposits on their way, addresses, alerts,
 * settings.  They are commands like all others (exchange/command.h) and are folded by
 * venue/people.h.  Fields they use beside time_ms and account, and the words they bring along:
 *
 *   DEPOSIT            wallet, type (enum method), amount, order (the new movement's number)
 *   MOVEMENT_DONE      order: a withdrawal has been sent
 *   MOVEMENT_CANCELED  order: a deposit will never be credited
 *   ADDRESS            wallet, type (enum method); words: the address
 *   ALERT_SET          market, price, fields (how often it fires), flags (1: the price is above)
 *   ALERT_DEL          market, price
 *   SETTING_SET        words: key, a zero, value as JSON
 *   SETTING_DEL        words: key
 *
 * A WITHDRAW brings along its address, payment id and note, each but the last with a zero behind
 * it; its `type` is the method.
 */
#ifndef VENUE_ENTRY_H
#define VENUE_ENTRY_H

/* They go on where enum command_kind ends.  Written to the journal: never reused. */
enum entry_kind {
    ENTRY_DEPOSIT = 31,
    ENTRY_MOVEMENT_DONE = 32,
    ENTRY_MOVEMENT_CANCELED = 33,
    ENTRY_ADDRESS = 34,
    ENTRY_ALERT_SET = 35,
    ENTRY_ALERT_DEL = 36,
    ENTRY_SETTING_SET = 37,
    ENTRY_SETTING_DEL = 38,
    ENTRY_FIRST = ENTRY_DEPOSIT,
    ENTRY_LAST = 39
};

#endif
