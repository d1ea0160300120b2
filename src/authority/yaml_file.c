#include "authority/yaml_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The library tells a fault in several lines; the first ones say what and where. */
static void problem_add(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    char *problem = context;
    size_t size = strlen(problem);

    (void)level;
    vsnprintf(problem + size, YAML_PROBLEM_SIZE - size, format, arguments);
    for (char *at = problem + size; *at != '\0'; at++)
        if (*at == '\n')
            *at = ' ';
}

static cyaml_config_t config_of(char problem[YAML_PROBLEM_SIZE])
{
    return (cyaml_config_t){ .log_fn = problem_add,
                             .log_ctx = problem,
                             .log_level = CYAML_LOG_ERROR,
                             .mem_fn = cyaml_mem,
                             .flags = CYAML_CFG_NO_ALIAS };
}

enum err yaml_file_read(const char *path, const cyaml_schema_value_t *schema, void **content,
                        char problem[YAML_PROBLEM_SIZE])
{
    const cyaml_config_t config = config_of(problem);
    size_t size;

    if (access(path, R_OK) != 0) {
        snprintf(problem, YAML_PROBLEM_SIZE, "%s: %s", path, strerror(errno));
        return errno == ENOENT ? ERR_MISSING : ERR_IO;
    }
    snprintf(problem, YAML_PROBLEM_SIZE, "%s: ", path);
    size = strlen(problem);
    switch (cyaml_load_file(path, &config, schema, content, NULL)) {
    case CYAML_OK:
        break;
    case CYAML_ERR_OOM:
        return ERR_MEMORY;
    default:
        if (problem[size] == '\0')
            snprintf(problem + size, YAML_PROBLEM_SIZE - size, "is no YAML");
        return ERR_MALFORMED;
    }
    problem[0] = '\0';
    return OK;
}

void yaml_file_free(const cyaml_schema_value_t *schema, void *content)
{
    char problem[YAML_PROBLEM_SIZE] = "";
    const cyaml_config_t config = config_of(problem);

    if (content != NULL)
        cyaml_free(&config, schema, content, 0);
}
