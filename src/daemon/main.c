/* The one executable: authority, exchange and command line are its subcommands. */
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        puts("latchkey " LATCHKEY_VERSION);
        return 0;
    }
    fputs("latchkey: unknown command; try latchkey --help\n", stderr);
    return 2;
}
