#include <stdio.h>

int main(void)
{
    puts("latchkey " LATCHKEY_VERSION);
    return 0;
}
