/* daemon/gateway_user.h: the user that nginx's workers run as
 *
 * In a try-out everything belongs to one user.  In production the gateway has one of its own, and
 * --gateway-user tells the processes behind it whom to answer.
 */
#ifndef DAEMON_GATEWAY_USER_H
#define DAEMON_GATEWAY_USER_H

#include <stdbool.h>
#include <sys/types.h>

#define GATEWAY_USER_OPTION(name_)                                                            \
    { .name = "gateway-user", .kind = OPTION_TEXT, .value = "NAME", .into = &(name_),         \
      .help = "the user of nginx's workers, if it is not the one that runs this" }

/* NULL: nobody beside the user that runs this, which `*uid` 0 says.  False: there is no such user,
 * said in the journal of `part`. */
bool gateway_user_find(const char *name, const char *part, uid_t *uid);

#endif
