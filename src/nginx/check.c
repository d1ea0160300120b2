#include "nginx/latchkey.h"

/* What the configuration as a whole must hold, once all of it is read.  nginx would point at the
 * end of the http block by then, so each "latchkey" has kept the line it stands on. */

static bool segment_is_named(const struct main_conf *conf, ngx_uint_t mode)
{
    if (mode == MODE_TRIPWIRE)
        return conf->segments[ENVIRONMENT_LIVE].len != 0 ||
               conf->segments[ENVIRONMENT_SANDBOX].len != 0;
    return conf->segments[mode == MODE_LIVE ? ENVIRONMENT_LIVE : ENVIRONMENT_SANDBOX].len != 0;
}

/* Some address that the server listens on is encrypted, or is not. */
static bool server_listens(ngx_http_core_main_conf_t *core, const ngx_http_core_srv_conf_t *server,
                           bool encrypted)
{
    ngx_http_conf_port_t *port = core->ports == NULL ? NULL : core->ports->elts;

    for (ngx_uint_t p = 0; port != NULL && p < core->ports->nelts; p++) {
        ngx_http_conf_addr_t *address = port[p].addrs.elts;

        for (ngx_uint_t a = 0; a < port[p].addrs.nelts; a++) {
            ngx_http_core_srv_conf_t **served = address[a].servers.elts;

            for (ngx_uint_t s = 0; s < address[a].servers.nelts; s++) {
                if (served[s] == server && (address[a].opt.ssl != 0) == encrypted)
                    return true;
            }
        }
    }
    return false;
}

static bool has_error_page(const ngx_http_core_srv_conf_t *server, ngx_int_t status)
{
    const ngx_http_core_loc_conf_t *location =
        server->ctx->loc_conf[ngx_http_core_module.ctx_index];
    const ngx_http_err_page_t *page =
        location->error_pages == NULL ? NULL : location->error_pages->elts;

    for (ngx_uint_t i = 0; page != NULL && i < location->error_pages->nelts; i++) {
        if (page[i].status == status)
            return true;
    }
    return false;
}

/* What nginx refuses by itself comes to the gate only by an error_page. */
static void error_pages_check(const ngx_conf_t *cf, const struct use *use, bool encrypted)
{
    static const ngx_int_t statuses[] = { 400, 413, 414, 497, 502, 503, 504 };
    u_char missing[8 * 4], *at = missing;

    for (size_t i = 0; i < sizeof statuses / sizeof statuses[0]; i++) {
        if ((statuses[i] == 497 && !encrypted) ||
            (statuses[i] > 500 && use->mode == MODE_TRIPWIRE) ||
            has_error_page(use->server, statuses[i]))
            continue;
        at = ngx_sprintf(at, " %i", statuses[i]);
    }
    if (at > missing)
        ngx_log_error(
            NGX_LOG_WARN, cf->log, 0,
            "no error_page for%*s in a server with \"latchkey %s\": nginx answers these in "
            "its own words; write \"error_page%*s /-refused;\" and an empty \"location = "
            "/-refused { }\" in %V:%ui",
            (size_t)(at - missing), missing, mode_words[use->mode], (size_t)(at - missing), missing,
            &use->file, use->line);
}

static void server_check(const ngx_conf_t *cf, ngx_http_core_main_conf_t *core,
                         const struct use *use)
{
    bool encrypted = server_listens(core, use->server, true);

    if (use->mode != MODE_TRIPWIRE && server_listens(core, use->server, false))
        ngx_log_error(
            NGX_LOG_WARN, cf->log, 0,
            "\"latchkey %s\" in a server that listens without \"ssl\": every request there "
            "is refused, and a signed one revokes its key; write \"listen ... ssl;\", or "
            "\"latchkey tripwire;\" if that is what is meant in %V:%ui",
            mode_words[use->mode], &use->file, use->line);
    if (use->mode == MODE_TRIPWIRE && encrypted)
        ngx_log_error(
            NGX_LOG_WARN, cf->log, 0,
            "\"latchkey tripwire\" in a server that listens with \"ssl\": it is for plain "
            "HTTP; write \"latchkey live;\" or \"latchkey sandbox;\" in %V:%ui",
            &use->file, use->line);
    error_pages_check(cf, use, encrypted);
}

ngx_int_t check_all(const ngx_conf_t *cf, const struct main_conf *conf,
                    ngx_http_core_main_conf_t *core)
{
    const struct use *uses = conf->uses.elts;

    for (ngx_uint_t i = 0; i < conf->uses.nelts; i++) {
        const struct use *use = &uses[i];
        ngx_uint_t earlier = 0;

        if (use->mode == MODE_OFF)
            continue;
        if (!segment_is_named(conf, use->mode)) {
            ngx_log_error(
                NGX_LOG_EMERG, cf->log, 0,
                "\"latchkey %s\" has no segment; write \"latchkey_segment %s PATH;\" in the "
                "http block, with the file that \"latchkey authority\" makes in %V:%ui",
                mode_words[use->mode], use->mode == MODE_TRIPWIRE ? "live" : mode_words[use->mode],
                &use->file, use->line);
            return NGX_ERROR;
        }
        /* Once a server is enough. */
        while (uses[earlier].server != use->server || uses[earlier].mode == MODE_OFF)
            earlier++;
        if (earlier == i)
            server_check(cf, core, use);
    }
    return NGX_OK;
}
