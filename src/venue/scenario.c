#include "venue/scenario.h"

#include <cyaml/cyaml.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/fixed.h"

#define MS_PER_S 1000

enum { TEXT_MOST = 64 };

static const cyaml_schema_field_t step_fields[] = {
    CYAML_FIELD_STRING_PTR("do", CYAML_FLAG_POINTER, struct scenario_step, kind, 1, TEXT_MOST),
    CYAML_FIELD_STRING_PTR("symbol", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                           struct scenario_step, symbol, 1, TEXT_MOST),
    CYAML_FIELD_STRING_PTR("percent", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                           struct scenario_step, percent, 1, TEXT_MOST),
    CYAML_FIELD_STRING_PTR("reason", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                           struct scenario_step, reason, 1, TEXT_MOST),
    CYAML_FIELD_STRING_PTR("label", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct scenario_step,
                           label, 1, TEXT_MOST),
    CYAML_FIELD_UINT("after", CYAML_FLAG_OPTIONAL, struct scenario_step, after_s),
    CYAML_FIELD_UINT("for", CYAML_FLAG_OPTIONAL, struct scenario_step, for_s),
    CYAML_FIELD_UINT("ms", CYAML_FLAG_OPTIONAL, struct scenario_step, ms),
    CYAML_FIELD_UINT("status", CYAML_FLAG_OPTIONAL, struct scenario_step, status),
    CYAML_FIELD_UINT("uses", CYAML_FLAG_OPTIONAL, struct scenario_step, uses),
    CYAML_FIELD_UINT("cid", CYAML_FLAG_OPTIONAL, struct scenario_step, cid),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t step_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct scenario_step, step_fields),
};

static const cyaml_schema_field_t scenario_fields[] = {
    CYAML_FIELD_STRING_PTR("name", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct scenario, name,
                           0, TEXT_MOST),
    CYAML_FIELD_SEQUENCE("steps", CYAML_FLAG_POINTER, struct scenario, steps, &step_schema, 1,
                         SCENARIO_STEPS_MOST),
    CYAML_FIELD_END,
};

static const cyaml_schema_value_t scenario_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct scenario, scenario_fields),
};

/* The library tells what is wrong in one line and where it stands in the lines after it. */
static void complaint_take(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    char line[SCENARIO_WRONG_SIZE], *wrong = context, *at;
    size_t used = strlen(wrong);

    (void)level;
    vsnprintf(line, sizeof line, format, arguments);
    line[strcspn(line, "\n")] = '\0';
    at = strncmp(line, "Load: ", 6) == 0 ? line + 6 : line;
    at += strspn(at, " ");
    if (strncmp(at, "Backtrace", 9) != 0)
        snprintf(wrong + used, SCENARIO_WRONG_SIZE - used, "%s%s", used == 0 ? "yaml: " : ", ", at);
}

struct injection_ask scenario_ask(const struct scenario_step *step)
{
    struct injection_ask ask = { .kind = step->kind,
                                 .symbol = step->symbol,
                                 .reason = step->reason,
                                 .label = step->label,
                                 .ms = step->ms,
                                 .status = step->status,
                                 .uses = step->uses,
                                 .cid = step->cid,
                                 .after_ms = (uint64_t)step->after_s * MS_PER_S,
                                 .for_ms = (uint64_t)step->for_s * MS_PER_S };

    ask.has_percent =
        step->percent != NULL && fixed_parse(slice_of(step->percent), &ask.percent);
    return ask;
}

static bool steps_judge(const struct scenario *scenario, char wrong[SCENARIO_WRONG_SIZE])
{
    for (unsigned i = 0; i < scenario->steps_count; i++) {
        struct injection_ask ask = scenario_ask(&scenario->steps[i]);
        struct injection injection;
        const char *why = injection_make(&ask, 0, &injection);

        if (why == NULL && scenario->steps[i].percent != NULL && !ask.has_percent)
            why = "percent: invalid";
        if (why == NULL)
            continue;
        snprintf(wrong, SCENARIO_WRONG_SIZE, "yaml: step %u, %s", i + 1, why);
        return false;
    }
    return true;
}

bool scenario_parse(struct slice text, struct scenario **scenario, char wrong[SCENARIO_WRONG_SIZE])
{
    const cyaml_config_t config = {
        .log_fn = complaint_take,
        .log_ctx = wrong,
        .mem_fn = cyaml_mem,
        .log_level = CYAML_LOG_ERROR,
        .flags = CYAML_CFG_NO_ALIAS, /* a few of them nested would be a bomb */
    };
    cyaml_data_t *data = NULL;
    cyaml_err_t answer;

    *scenario = NULL;
    *wrong = '\0';
    if (text.size == 0 || text.size > SCENARIO_MOST_BYTES) {
        snprintf(wrong, SCENARIO_WRONG_SIZE, "yaml: 1 to %d bytes", SCENARIO_MOST_BYTES);
        return false;
    }
    answer = cyaml_load_data((const uint8_t *)text.at, text.size, &config, &scenario_schema, &data,
                             NULL);
    *scenario = (struct scenario *)data;
    if (answer != CYAML_OK) {
        if (*wrong == '\0')
            snprintf(wrong, SCENARIO_WRONG_SIZE, "yaml: %s", cyaml_strerror(answer));
        return false;
    }
    if (*scenario != NULL && steps_judge(*scenario, wrong))
        return true;
    if (*wrong == '\0')
        snprintf(wrong, SCENARIO_WRONG_SIZE, "yaml: no steps");
    scenario_free(scenario);
    return false;
}

void scenario_free(struct scenario **scenario)
{
    const cyaml_config_t config = { .mem_fn = cyaml_mem };

    if (*scenario != NULL)
        cyaml_free(&config, &scenario_schema, *scenario, 0);
    *scenario = NULL;
}
