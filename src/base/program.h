/* base/program.h: which program this is, to the last byte of its code */
#ifndef BASE_PROGRAM_H
#define BASE_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

#define PROGRAM_ID_SIZE 20

/* The build id that the linker gave it (ELF note NT_GNU_BUILD_ID): another one for other code.
 * False: it has none. */
bool program_id(uint8_t id[PROGRAM_ID_SIZE]);

#endif
