#include "scanner/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* End the process: nothing that scans asks for these. */
static const int forbidden[] = {
    SCMP_SYS(socket),
    SCMP_SYS(socketpair),
    SCMP_SYS(connect),
    SCMP_SYS(bind),
    SCMP_SYS(listen),
    SCMP_SYS(accept),
    SCMP_SYS(accept4),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(execve),
    SCMP_SYS(execveat),
    SCMP_SYS(fork),
    SCMP_SYS(vfork),
    SCMP_SYS(ptrace),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(kill),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(tkill),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(mount),
    SCMP_SYS(umount2),
    SCMP_SYS(setns),
    SCMP_SYS(unshare),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(init_module),
    SCMP_SYS(setuid),
    SCMP_SYS(setgid),
    SCMP_SYS(chroot),
    SCMP_SYS(pivot_root),
};

/* Are refused: they change what is on disk. */
static const int refused[] = {
    SCMP_SYS(creat),    SCMP_SYS(openat2),  SCMP_SYS(unlink),    SCMP_SYS(unlinkat),
    SCMP_SYS(rename),   SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(link),
    SCMP_SYS(linkat),   SCMP_SYS(symlink),  SCMP_SYS(symlinkat), SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat),  SCMP_SYS(mknod),    SCMP_SYS(mknodat),   SCMP_SYS(rmdir),
    SCMP_SYS(truncate), SCMP_SYS(chmod),    SCMP_SYS(fchmod),    SCMP_SYS(fchmodat),
    SCMP_SYS(chown),    SCMP_SYS(fchown),   SCMP_SYS(lchown),    SCMP_SYS(fchownat),
};

/* `flags_at`: which argument has the flags of open(2). */
static bool writing_refuse(scmp_filter_ctx filter, int call, unsigned flags_at)
{
    static const int flags[] = { O_WRONLY, O_RDWR, O_CREAT, O_TRUNC };

    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 1,
                             SCMP_CMP(flags_at, SCMP_CMP_MASKED_EQ, (scmp_datum_t)flags[i],
                                      (scmp_datum_t)flags[i])) != 0)
            return false;
    return true;
}

static enum err calls_confine(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    enum err e = ERR_MISSING;

    if (filter == NULL)
        return ERR_MISSING;
    for (size_t i = 0; i < sizeof forbidden / sizeof *forbidden; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, forbidden[i], 0) != 0)
            goto out;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0) != 0)
            goto out;
    if (writing_refuse(filter, SCMP_SYS(open), 1) && writing_refuse(filter, SCMP_SYS(openat), 2) &&
        seccomp_load(filter) == 0)
        e = OK;
out:
    seccomp_release(filter);
    return e;
}

enum err confine(void)
{
    const struct rlimit none = { 0, 0 };
    struct rlimit memory = { CONFINE_MEMORY_MOST, CONFINE_MEMORY_MOST };

    if (prctl(PR_SET_DUMPABLE, 0) != 0 || setrlimit(RLIMIT_CORE, &none) != 0)
        return ERR_MISSING;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) /* they take terabytes */
    if (setrlimit(RLIMIT_DATA, &memory) != 0)
        return ERR_MISSING;
#endif
    (void)memory;
    return calls_confine();
}
