/* fuzz/scan: any bytes as a file that is scanned, archives of every kind among them */
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scanner/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const struct scan_listener nobody;
    static const struct scan_limits limits = {
        .nesting = 3, .member_count = 100, .bytes = 1 << 20, .ratio = 200, .time_ns = UINT64_MAX,
    };
    static struct scan *scan;
    int fd = memfd_create("input", MFD_CLOEXEC);

    if (scan == NULL && scan_open(&nobody, &limits, &scan) != OK)
        abort();
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0)
        abort();
    scan_descriptor(scan, "input", fd);
    close(fd);
    return 0;
}
