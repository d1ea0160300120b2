#include "base/cleared.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void cleared_free(void *memory)
{
    if (memory != NULL)
        explicit_bzero(memory, malloc_usable_size(memory));
    free(memory);
}
