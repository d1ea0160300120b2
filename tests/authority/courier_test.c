#include "test.h"

#include "authority/courier.h"

TEST(without_a_courier_nobody_is_woken)
{
    courier_wake(NULL);
}

TEST_MAIN
