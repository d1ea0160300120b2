#include "nginx/latchkey.h"

static void *main_conf_make(ngx_conf_t *cf)
{
    return ngx_pcalloc(cf->pool, sizeof(struct main_conf));
}

static void *location_conf_make(ngx_conf_t *cf)
{
    struct location_conf *conf = ngx_pcalloc(cf->pool, sizeof *conf);

    if (conf != NULL)
        conf->mode = NGX_CONF_UNSET_UINT;
    return conf;
}

static char *location_conf_merge(ngx_conf_t *cf, void *parent, void *child)
{
    struct location_conf *outer = parent, *inner = child;

    (void)cf;
    ngx_conf_merge_uint_value(inner->mode, outer->mode, MODE_OFF);
    return NGX_CONF_OK;
}

/* latchkey_segment live|sandbox PATH; */
static char *segment_set(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
    struct main_conf *main_conf = conf;
    ngx_str_t *value = cf->args->elts;
    enum environment environment;

    (void)command;
    if (!environment_parse((struct slice){ (char *)value[1].data, value[1].len }, &environment)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" is neither \"live\" nor \"sandbox\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }
    if (main_conf->segments[environment].len != 0)
        return "is given twice for the same environment";
    if (value[2].len == 0 || value[2].data[0] != '/') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" is not an absolute path", &value[2]);
        return NGX_CONF_ERROR;
    }
    main_conf->segments[environment] = value[2];
    return NGX_CONF_OK;
}

static ngx_conf_enum_t modes[] = {
    { ngx_string("off"), MODE_OFF },
    { ngx_string("live"), MODE_LIVE },
    { ngx_string("sandbox"), MODE_SANDBOX },
    { ngx_string("tripwire"), MODE_TRIPWIRE },
    { ngx_null_string, 0 },
};

static ngx_command_t commands[] = {
    { ngx_string("latchkey"), NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot, NGX_HTTP_LOC_CONF_OFFSET, offsetof(struct location_conf, mode),
      modes },
    { ngx_string("latchkey_segment"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE2, segment_set,
      NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL },
    { ngx_string("latchkey_gateway_key"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE1, signer_key_add,
      NGX_HTTP_MAIN_CONF_OFFSET, 0, NULL },
    { ngx_string("latchkey_key_directory"), NGX_HTTP_LOC_CONF | NGX_CONF_NOARGS, directory_set,
      NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    ngx_null_command,
};

static ngx_int_t phase_hook(ngx_http_core_main_conf_t *core, ngx_uint_t phase,
                            ngx_http_handler_pt handler)
{
    ngx_http_handler_pt *place = ngx_array_push(&core->phases[phase].handlers);

    if (place == NULL)
        return NGX_ERROR;
    *place = handler;
    return NGX_OK;
}

static ngx_int_t phases_hook(ngx_conf_t *cf)
{
    const struct main_conf *conf = ngx_http_conf_get_module_main_conf(cf, ngx_http_latchkey_module);
    ngx_http_core_main_conf_t *core = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    facts_init();
    identity_init();
    if (conf->signer == NULL && (conf->segments[0].len != 0 || conf->segments[1].len != 0))
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "latchkey: 401s go out unsigned, and clients cannot prove who refused "
                           "them: make a key with \"latchkey gateway-key create FILE\" and name it "
                           "in latchkey_gateway_key");
    farewell_hook();
    if (phase_hook(core, NGX_HTTP_POST_READ_PHASE, journal_handler) != NGX_OK ||
        phase_hook(core, NGX_HTTP_ACCESS_PHASE, access_handler) != NGX_OK ||
        phase_hook(core, NGX_HTTP_LOG_PHASE, farewell_handler) != NGX_OK)
        return NGX_ERROR;
    return phase_hook(core, NGX_HTTP_LOG_PHASE, log_handler);
}

static ngx_int_t worker_begin(ngx_cycle_t *cycle)
{
    door_wait_all(cycle);
    return farewell_prepare(cycle);
}

static ngx_http_module_t hooks = {
    .postconfiguration = phases_hook,
    .create_main_conf = main_conf_make,
    .create_loc_conf = location_conf_make,
    .merge_loc_conf = location_conf_merge,
};

ngx_module_t ngx_http_latchkey_module = {
    NGX_MODULE_V1,
    .ctx = &hooks,
    .commands = commands,
    .type = NGX_HTTP_MODULE,
    .init_process = worker_begin,
    .exit_process = door_close_all,
    NGX_MODULE_V1_PADDING,
};
