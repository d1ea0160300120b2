#include "venue/alert.h"

#include <stdio.h>
#include <string.h>

#include "base/fixed.h"

static size_t alert_index(const struct alerts *alerts, enum market market, int64_t price)
{
    size_t i = 0;

    while (i < alerts->count && (alerts->at[i].market != market || alerts->at[i].price != price))
        i++;
    return i;
}

bool alert_set(struct alerts *alerts, struct alert alert)
{
    size_t i = alert_index(alerts, alert.market, alert.price);

    if (i == ALERTS_MOST)
        return false;
    alerts->at[i] = alert;
    if (i == alerts->count)
        alerts->count++;
    return true;
}

bool alert_delete(struct alerts *alerts, enum market market, int64_t price)
{
    size_t i = alert_index(alerts, market, price);

    if (i == alerts->count)
        return false;
    alerts->count--;
    memmove(&alerts->at[i], &alerts->at[i + 1], (alerts->count - i) * sizeof *alerts->at);
    return true;
}

const struct alert *alert_find(const struct alerts *alerts, enum market market, int64_t price)
{
    size_t i = alert_index(alerts, market, price);

    return i == alerts->count ? NULL : &alerts->at[i];
}

bool alert_sees(struct alert *alert, int64_t price)
{
    enum alert_side before = alert->side;

    alert->side = price < alert->price   ? ALERT_SEES_BELOW
                  : price > alert->price ? ALERT_SEES_ABOVE
                                         : ALERT_SEES_EQUAL;
    if (before == ALERT_SEES_EQUAL || before == alert->side)
        return false;
    alert->count--;
    return true;
}

void alert_format(const struct alert *alert, char text[ALERT_TEXT_SIZE])
{
    char price[FIXED_TEXT_SIZE];

    fixed_format(alert->price, price);
    snprintf(text, ALERT_TEXT_SIZE, "price:t%s:%s", market_facts(alert->market)->pair, price);
}
