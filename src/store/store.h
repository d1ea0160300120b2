/* store/store.h: accounts, keys and proofs at rest
 *
 * One database behind typed statements: accounts.h, keys.h, totp.h, changes.h.  No SQL outside this
 * folder.  What the tables hold is said in docs/formats/store.md and in store/migrations.c.
 *
 * A transaction belongs to the thread that began it; another thread's store_begin waits until it
 * ends, first come first served, so nobody waits for a person or the network inside one.
 * Transactions may run twice: ERR_CONFLICT, from any statement or from the commit, asks the caller
 * to roll back and run the whole function again, and nothing outside the transaction changes before
 * the commit.
 *
 * After an error from a statement, ERR_MISSING apart, the transaction can only be rolled back.
 * Every statement may also return ERR_EXISTS (a unique value is taken), ERR_FULL (disk full),
 * ERR_IO, ERR_CORRUPT, ERR_MEMORY, ERR_STORE; the cause is in the journal.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/err.h"

enum { STORE_PROBLEM_SIZE = 512 };

struct store;
struct store_tx;

/* Opens or creates the database and brings its tables up to date.  `where`: a file, which SQLite
 * keeps, or "postgresql://..." (docs/operations.md).  `problem` tells a person why not.
 *   ERR_VERSION  a newer version of Latchkey wrote it
 *   ERR_EXISTS   another process holds the PostgreSQL database
 *   ERR_DENIED   what stands in `where` may not be
 *   ERR_CORRUPT, ERR_IO, ERR_STORE, ERR_MEMORY */
must_use enum err store_open(const char *where, struct store **store,
                             char problem[STORE_PROBLEM_SIZE]);

/* No transaction may be open.  Accepts NULL in *store and sets it. */
void store_close(struct store **store);

must_use enum err store_begin(struct store *store, struct store_tx **tx);

/* On OK everything is on disk and *tx is NULL; else roll back. */
must_use enum err store_commit(struct store_tx **tx);

/* Does nothing after a commit; accepts NULL in *tx and sets it. */
void store_rollback(struct store_tx **tx);

#endif
