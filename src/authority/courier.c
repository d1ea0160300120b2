#include "authority/courier.h"

void courier_wake(struct courier *courier)
{
    (void)courier;
}
