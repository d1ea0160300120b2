#include "daemon/gateway_user.h"

#include <pwd.h>
#include <stddef.h>

#include "base/log.h"

bool gateway_user_find(const char *name, const char *part, uid_t *uid)
{
    const struct passwd *user;

    *uid = 0;
    if (name == NULL)
        return true;
    user = getpwnam(name);
    if (user == NULL) {
        log_error(part, "--gateway-user: there is no user \"%s\"; it is the one that stands behind "
                        "\"user\" in nginx.conf", name);
        return false;
    }
    *uid = user->pw_uid;
    return true;
}
