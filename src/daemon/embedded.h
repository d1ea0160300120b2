/* daemon/embedded.h: files that travel inside the executable, put there by tools/embed */
#ifndef DAEMON_EMBEDDED_H
#define DAEMON_EMBEDDED_H

#include "base/slice.h"

extern const struct slice embedded_nginx_conf;  /* packaging/nginx.conf.in */
extern const struct slice embedded_about_html;  /* web/about/index.html */
extern const struct slice embedded_about_style; /* web/about/style.css */

#endif
