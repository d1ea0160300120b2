#include "gate/readiness.h"

#include "../test.h"

TEST(ready_only_when_nothing_is_missing)
{
    for (int bits = 0; bits < 8; bits++) {
        struct readiness readiness =
            readiness_decide((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0 ? 1000 : 1001, 1000);

        assert_int_equal(readiness.ready, bits == 7);
        assert_int_equal(readiness.cooling_left_ns, (bits & 4) != 0 ? 0 : 1);
    }
}

TEST_MAIN
