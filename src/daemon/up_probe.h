/* daemon/up_probe.h: does it answer yet? */
#ifndef DAEMON_UP_PROBE_H
#define DAEMON_UP_PROBE_H

#include <stdbool.h>

/* Whether somebody accepts connections on the Unix socket. */
bool probe_socket(const char *path);

/* Whether the URL answers 200 over TLS 1.3 with a certificate of this CA. */
bool probe_https(const char *url, const char *ca);

#endif
