/* cli/account_change.h: what the commands that change one account share */
#ifndef CLI_ACCOUNT_CHANGE_H
#define CLI_ACCOUNT_CHANGE_H

#include "cli/client.h"

/* POST /accounts/ACCOUNT/VERB with `body` (taken over), then prints the account.  Exit code. */
must_use int account_change(const struct client *c, const char *account, const char *verb,
                            json_t *body);

#endif
