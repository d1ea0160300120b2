/* cli/master_key.h: what both commands about the master key say */
#ifndef CLI_MASTER_KEY_H
#define CLI_MASTER_KEY_H

#include <jansson.h>
#include <stdio.h>

void master_key_print(const json_t *reply, FILE *out);

#endif
