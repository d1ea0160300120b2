/* daemon/gateway_user.h: the users that nginx's workers and the authority run as
 *
 * In a try-out everything belongs to one user.  In production the gateway has one of its own, and
 * --gateway-user tells the processes behind it whom to answer; --console-user does so for the
 * authority, and --scanner-user for who tells it of leaks.
 */
#ifndef DAEMON_GATEWAY_USER_H
#define DAEMON_GATEWAY_USER_H

#include <stdbool.h>
#include <sys/types.h>

#define GATEWAY_USER_OPTION(name_)                                                            \
    { .name = "gateway-user", .kind = OPTION_TEXT, .value = "NAME", .into = &(name_),         \
      .help = "the user of nginx's workers, if it is not the one that runs this" }

#define CONSOLE_USER_OPTION(name_)                                                            \
    { .name = "console-user", .kind = OPTION_TEXT, .value = "NAME", .into = &(name_),         \
      .help = "the user of the authority, if it is another one and its console may show a "   \
              "sandbox" }

#define SCANNER_OPTIONS(name_, socket_)                                                       \
    { .name = "scanner-user", .kind = OPTION_TEXT, .value = "NAME", .into = &(name_),         \
      .help = "the user of latchkey scanner, who may tell of leaks and nothing else" },       \
    { .name = "scanner-socket", .kind = OPTION_TEXT, .value = "PATH", .into = &(socket_),     \
      .help = "where that user tells of them [none]" }

/* NULL: nobody beside the user that runs this, which `*uid` 0 says.  False: there is no such user,
 * said in the journal of `part`. */
bool gateway_user_find(const char *name, const char *part, uid_t *uid);
bool console_user_find(const char *name, const char *part, uid_t *uid);
bool scanner_user_find(const char *name, const char *part, uid_t *uid);

#endif
