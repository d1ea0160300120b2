#include "daemon/gateway_user.h"

#include <pwd.h>
#include <stddef.h>

#include "base/log.h"

/* `words` says whose name it would be. */
static bool user_find(const char *name, const char *part, const char *words, uid_t *uid)
{
    const struct passwd *user;

    *uid = 0;
    if (name == NULL)
        return true;
    user = getpwnam(name);
    if (user == NULL) {
        log_error(part, "there is no user \"%s\": %s", name, words);
        return false;
    }
    *uid = user->pw_uid;
    return true;
}

bool gateway_user_find(const char *name, const char *part, uid_t *uid)
{
    return user_find(name, part,
                     "--gateway-user is the one that stands behind \"user\" in nginx.conf", uid);
}

bool console_user_find(const char *name, const char *part, uid_t *uid)
{
    return user_find(name, part, "--console-user is the one that runs latchkey authority", uid);
}

bool scanner_user_find(const char *name, const char *part, uid_t *uid)
{
    return user_find(name, part, "--scanner-user is the one that runs latchkey scanner", uid);
}
