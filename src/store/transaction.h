/* store/transaction.h: how the typed statements reach their connection; only store/ includes it */
#ifndef STORE_TRANSACTION_H
#define STORE_TRANSACTION_H

#include <stdbool.h>

#include "store/driver.h"
#include "store/store.h"

/* The connection of an open transaction. */
struct driver *store_tx_driver(struct store_tx *tx);

#endif
