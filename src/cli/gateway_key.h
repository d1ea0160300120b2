/* cli/gateway_key.h: the gateway's signing key as a file
 *
 * The one piece of the gateway that the command line makes: nginx only reads it.  The authority has
 * no part in it, so the commands work without one.
 */
#ifndef CLI_GATEWAY_KEY_H
#define CLI_GATEWAY_KEY_H

#include "base/err.h"
#include "keys/gateway_key.h"

/* Draws a key and writes it to a new file, mode 0600, on disk when this returns.  The secret half
 * of *key is wiped.  ERR_EXISTS: there is such a file; it is left alone.  ERR_MISSING: its folder
 * is not there.  ERR_IO. */
must_use enum err gateway_key_file_make(const char *path, struct gateway_key *key);

/* Reads it back.  ERR_MISSING, ERR_DENIED: open to group or others.  ERR_MALFORMED: another kind
 * of file.  ERR_IO.  The caller wipes the key. */
must_use enum err gateway_key_file_read(const char *path, struct gateway_key *key);

#endif
