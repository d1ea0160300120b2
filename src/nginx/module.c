#include "nginx/latchkey.h"

static void *main_conf_make(ngx_conf_t *cf)
{
    struct main_conf *conf = ngx_pcalloc(cf->pool, sizeof *conf);

    if (conf == NULL || ngx_array_init(&conf->uses, cf->pool, 4, sizeof(struct use)) != NGX_OK)
        return NULL;
    return conf;
}

static void *location_conf_make(ngx_conf_t *cf)
{
    struct location_conf *conf = ngx_pcalloc(cf->pool, sizeof *conf);

    if (conf != NULL) {
        conf->mode = NGX_CONF_UNSET_UINT;
        conf->dry_run = NGX_CONF_UNSET;
        conf->retry_after_s = NGX_CONF_UNSET;
        conf->routes = NGX_CONF_UNSET_PTR;
    }
    return conf;
}

static char *location_conf_merge(ngx_conf_t *cf, void *parent, void *child)
{
    struct location_conf *outer = parent, *inner = child;

    (void)cf;
    ngx_conf_merge_uint_value(inner->mode, outer->mode, MODE_OFF);
    ngx_conf_merge_value(inner->dry_run, outer->dry_run, 0);
    ngx_conf_merge_sec_value(inner->retry_after_s, outer->retry_after_s, 1);
    ngx_conf_merge_ptr_value(inner->routes, outer->routes, route_table_venue());
    return NGX_CONF_OK;
}

static struct slice slice_of_value(const ngx_str_t *value)
{
    return (struct slice){ (const char *)value->data, value->len };
}

const char *const mode_words[MODE_COUNT] = {
    [MODE_OFF] = "off",
    [MODE_LIVE] = "live",
    [MODE_SANDBOX] = "sandbox",
    [MODE_TRIPWIRE] = "tripwire",
};

/* latchkey off|live|sandbox|tripwire; */
static char *mode_set(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
    struct main_conf *main_conf = ngx_http_conf_get_module_main_conf(cf, ngx_http_latchkey_module);
    struct location_conf *location = conf;
    const ngx_str_t *value = cf->args->elts;
    ngx_uint_t mode = 0;
    struct use *use;

    (void)command;
    if (location->mode != NGX_CONF_UNSET_UINT)
        return "is said twice here";
    while (mode < MODE_COUNT && !slice_is(slice_of_value(&value[1]), slice_of(mode_words[mode])))
        mode++;
    if (mode == MODE_COUNT) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"latchkey %V\" is none of off, live, sandbox and tripwire", &value[1]);
        return NGX_CONF_ERROR;
    }
    use = ngx_array_push(&main_conf->uses);
    if (use == NULL)
        return NGX_CONF_ERROR;
    use->mode = location->mode = mode;
    use->server = ngx_http_conf_get_module_srv_conf(cf, ngx_http_core_module);
    use->file = cf->conf_file->file.name;
    use->line = cf->conf_file->line;
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
    if (cf->args->nelts < 3) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"latchkey_segment %V\" lacks the path of the segment; write it "
                           "behind, from the root on", &value[1]);
        return NGX_CONF_ERROR;
    }
    if (value[2].len == 0 || value[2].data[0] != '/') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is not an absolute path; write it from the root on", &value[2]);
        return NGX_CONF_ERROR;
    }
    main_conf->segments[environment] = value[2];
    return NGX_CONF_OK;
}

/* The whole file, with one byte more; NULL when that was said in the log. */
static char *text_read(ngx_conf_t *cf, ngx_str_t *name, size_t *size)
{
    ngx_fd_t fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);
    ngx_file_info_t info;
    char *text = NULL;

    if (fd == NGX_INVALID_FILE || ngx_fd_info(fd, &info) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno, "the routes in \"%V\" cannot be read",
                           name);
    } else if (!ngx_is_file(&info) || ngx_file_size(&info) > ROUTE_FILE_MOST) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" is no file of at most %d bytes", name,
                           ROUTE_FILE_MOST);
    } else {
        *size = (size_t)ngx_file_size(&info);
        text = ngx_palloc(cf->pool, *size + 1);
    }
    if (text != NULL && ngx_read_fd(fd, text, *size) != (ssize_t)*size) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno, "the routes in \"%V\" cannot be read",
                           name);
        text = NULL;
    }
    if (fd != NGX_INVALID_FILE)
        (void)ngx_close_file(fd);
    return text;
}

/* latchkey_routes FILE; */
static char *routes_set(ngx_conf_t *cf, ngx_command_t *command, void *conf)
{
    struct location_conf *location = conf;
    ngx_str_t name = ((ngx_str_t *)cf->args->elts)[1];
    struct route_problem problem;
    struct route_file *file;
    char *text;
    size_t size;

    (void)command;
    if (location->routes != NGX_CONF_UNSET_PTR)
        return "is said twice here";
    if (ngx_conf_full_name(cf->cycle, &name, 1) != NGX_OK)
        return NGX_CONF_ERROR;
    text = text_read(cf, &name, &size);
    file = text == NULL ? NULL : ngx_palloc(cf->pool, sizeof *file);
    if (file == NULL)
        return NGX_CONF_ERROR;
    if (!route_file_parse(text, size, file, &problem)) {
        if (problem.line > 0)
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V:%ui: %s", &name,
                               (ngx_uint_t)problem.line, problem.words);
        else
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V: %s", &name, problem.words);
        return NGX_CONF_ERROR;
    }
    location->routes = &file->table;
    return NGX_CONF_OK;
}

static ngx_command_t commands[] = {
    { ngx_string("latchkey"), NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1,
      mode_set, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("latchkey_dry_run"),
      NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF | NGX_CONF_FLAG,
      ngx_conf_set_flag_slot, NGX_HTTP_LOC_CONF_OFFSET, offsetof(struct location_conf, dry_run),
      NULL },
    { ngx_string("latchkey_retry_after"),
      NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_HTTP_LOC_CONF | NGX_CONF_TAKE1,
      ngx_conf_set_sec_slot, NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(struct location_conf, retry_after_s), NULL },
    { ngx_string("latchkey_routes"), NGX_HTTP_MAIN_CONF | NGX_HTTP_SRV_CONF | NGX_CONF_TAKE1,
      routes_set, NGX_HTTP_LOC_CONF_OFFSET, 0, NULL },
    { ngx_string("latchkey_segment"), NGX_HTTP_MAIN_CONF | NGX_CONF_TAKE12, segment_set,
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
    bool is_used = conf->segments[ENVIRONMENT_LIVE].len != 0 ||
                   conf->segments[ENVIRONMENT_SANDBOX].len != 0;
    ngx_http_core_main_conf_t *core = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    facts_init();
    identity_init();
    if (conf->signer == NULL && is_used)
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "latchkey: 401s go out unsigned, and clients cannot prove who refused "
                           "them: make a key with \"latchkey gateway-key create FILE\" and name it "
                           "in latchkey_gateway_key");
    farewell_hook();
    if (check_all(cf, conf, core) != NGX_OK)
        return NGX_ERROR;
    if (is_used && phase_hook(core, NGX_HTTP_POST_READ_PHASE, journal_handler) != NGX_OK)
        return NGX_ERROR;
    if (phase_hook(core, NGX_HTTP_ACCESS_PHASE, access_handler) != NGX_OK ||
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
