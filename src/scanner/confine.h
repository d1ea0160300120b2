/* scanner/confine.h: a process that reads what strangers have written, and can do nothing else
 *
 * Parsers of archives and packs have faults.  Whoever finds one shall have a process that can read
 * what its user may read, and write to descriptors that are open already, and nothing more: no
 * network, no other programs, no files to write, no other processes to look into, no core dump with
 * secrets, and no more memory than is stated here.
 */
#ifndef SCANNER_CONFINE_H
#define SCANNER_CONFINE_H

#include "base/err.h"

/* Of the process's own memory: two threads at scanner/pack.h's most, an archive in memory and its
 * content, and room for the rest. */
#define CONFINE_MEMORY_MOST (UINT64_C(4) << 30)

/* For good, and for every thread that is made later.  What is not allowed ends the process with
 * SIGSYS, but opening a file to write and making one are ERR_DENIED to their caller (EPERM), for
 * libraries try that.  ERR_MISSING: this kernel cannot. */
must_use enum err confine(void);

#endif
