#include "../test.h"

#include "fixture.h"

TEST_MAIN
