/* daemon/up.h: what a try-out is made of
 *
 * `latchkey up` runs the whole system in the foreground.  Its parts share this one description;
 * every path in it is absolute.
 */
#ifndef DAEMON_UP_H
#define DAEMON_UP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/file.h"

struct up {
    char data[FILE_PATH_SIZE];
    char run[FILE_PATH_SIZE];
    char segments[FILE_PATH_SIZE];
    char module[FILE_PATH_SIZE];     /* ngx_http_latchkey_module.so */
    char executable[FILE_PATH_SIZE]; /* ourselves */
    char console[FILE_PATH_SIZE];    /* the console's pages as npm built them; "": not built */
    char countries[FILE_PATH_SIZE];  /* MaxMind database; "": addresses are in no country */
    const char *nginx;
    const char *bind;                /* IPv4 or IPv6 address */
    const char *durability;          /* of the authority: memory or disk */
    uint16_t live_port, sandbox_port, tripwire_port;
    bool fresh;
};

/* "https://127.0.0.1:8443", an IPv6 address in brackets. */
enum { UP_URL_SIZE = 96 };
void up_url(const struct up *up, const char *scheme, uint16_t port, char url[UP_URL_SIZE]);

/* Joins a folder and a name; the buffer has FILE_PATH_SIZE bytes.  Too long a path is cut, and
 * opening it fails: up_check refuses folders that leave no room. */
void up_path(char path[FILE_PATH_SIZE], const char *folder, const char *name);

#endif
