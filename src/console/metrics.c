#include "console/metrics.h"

#include <stdarg.h>
#include <stdio.h>

#include "authority/collector.h"
#include "authority/publish.h"
#include "authority/reseal.h"
#include "console/leak_sources.h"
#include "shm/key_table.h"
#include "shm/slots.h"
#include "trail/trail.h"

__attribute__((format(printf, 2, 3))) static void line(struct buffer *out, const char *format, ...)
{
    char text[256];
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (size > 0)
        buffer_append(out, (struct slice){ text, (size_t)size });
}

static void family(struct buffer *out, const char *name, const char *type, const char *help)
{
    line(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Verdicts that never came are shown too: a rate can only be taken of a series that is there. */
static void decisions_write(struct buffer *out, const struct metrics *m)
{
    family(out, "latchkey_decisions_total", "counter", "Requests by environment and verdict.");
    for (unsigned v = 0; v < ENVIRONMENT_COUNT; v++)
        for (unsigned verdict = 0; verdict < VERDICT_COUNT; verdict++)
            line(out, "latchkey_decisions_total{environment=\"%s\",verdict=\"%s\"} %llu\n",
                 environment_text((enum environment)v), verdict_text(verdict),
                 (unsigned long long)m->decisions[v][verdict]);
    family(out, "latchkey_outcomes_unknown_total", "counter",
           "Requests whose worker died before the answer was complete.");
    for (unsigned v = 0; v < ENVIRONMENT_COUNT; v++)
        line(out, "latchkey_outcomes_unknown_total{environment=\"%s\"} %llu\n",
             environment_text((enum environment)v), (unsigned long long)m->unknown[v]);
}

static void histogram_write(struct buffer *out, const char *labels,
                            const struct metrics_latency *latency)
{
    static const char name[] = "latchkey_request_duration_seconds";
    unsigned long long count = 0;

    for (unsigned i = 0; i < METRICS_BUCKET_COUNT; i++) {
        count += latency->counts[i];
        line(out, "%s_bucket{%s,le=\"%g\"} %llu\n", name, labels, metrics_bounds_us[i] / 1e6,
             count);
    }
    count += latency->counts[METRICS_BUCKET_COUNT];
    line(out, "%s_bucket{%s,le=\"+Inf\"} %llu\n", name, labels, count);
    line(out, "%s_sum{%s} %.6f\n", name, labels, (double)latency->sum_us / 1e6);
    line(out, "%s_count{%s} %llu\n", name, labels, count);
}

static void latencies_write(struct buffer *out, const struct metrics *m)
{
    static const char *const outcomes[METRICS_OUTCOME_COUNT] = { "passed", "refused" };
    char labels[96];

    family(out, "latchkey_request_duration_seconds", "histogram",
           "From the request's last header to the last byte of its answer.");
    for (unsigned v = 0; v < ENVIRONMENT_COUNT; v++) {
        for (unsigned o = 0; o < METRICS_OUTCOME_COUNT; o++) {
            snprintf(labels, sizeof labels, "environment=\"%s\",outcome=\"%s\"",
                     environment_text((enum environment)v), outcomes[o]);
            histogram_write(out, labels, &m->latency[v][o]);
        }
    }
}

static void gauge(struct buffer *out, const char *name, const char *help, double value)
{
    family(out, name, "gauge", help);
    line(out, "%s %.15g\n", name, value);
}

static void segments_write(struct buffer *out, const struct publisher *p)
{
    struct slots_count slots[ENVIRONMENT_COUNT];

    family(out, "latchkey_audit_slots", "gauge", "Audit slots of the gateways' workers.");
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++) {
        slots[v] = slots_count_get(publish_segment(p, v));
        line(out, "latchkey_audit_slots{environment=\"%s\",state=\"free\"} %u\n",
             environment_text(v), slots[v].free);
        line(out, "latchkey_audit_slots{environment=\"%s\",state=\"taken\"} %u\n",
             environment_text(v), slots[v].total - slots[v].free);
    }
    family(out, "latchkey_gateway_workers", "gauge", "Workers that hold a slab of audit slots.");
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++)
        line(out, "latchkey_gateway_workers{environment=\"%s\"} %u\n", environment_text(v),
             slots[v].slabs_claimed);
    family(out, "latchkey_segment_keys", "gauge", "Published keys, ended ones too.");
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++)
        line(out, "latchkey_segment_keys{environment=\"%s\"} %u\n", environment_text(v),
             key_table_count(publish_segment(p, v)));
    family(out, "latchkey_segment_key_capacity", "gauge", "Keys that the segment has room for.");
    for (enum environment v = 0; v < ENVIRONMENT_COUNT; v++)
        line(out, "latchkey_segment_key_capacity{environment=\"%s\"} %u\n", environment_text(v),
             segment_shape_get(publish_segment(p, v)).key_capacity);
}

static void log_write(struct buffer *out, const struct authority *a, struct collector *c)
{
    char problem[TRAIL_PROBLEM_SIZE];
    struct collector_state collector;
    struct trail_state trail;

    trail_state_get(a->trail, &trail);
    collector_state_get(c, &collector);
    gauge(out, "latchkey_audit_records", "Records on disk.", (double)trail.size);
    gauge(out, "latchkey_audit_checkpoint_records", "Records under the last signed checkpoint.",
          (double)trail.checkpoint_size);
    gauge(out, "latchkey_audit_indexed_records", "Records that the search index knows.",
          (double)trail.indexed);
    gauge(out, "latchkey_audit_lag_seconds",
          "Age of the oldest record of the last batch when it was on disk.",
          (double)collector.lag_ms / 1e3);
    gauge(out, "latchkey_audit_failing", "1 while records cannot be kept and gateways refuse.",
          collector.failing_since_ns != 0 ||
              trail_problem(a->trail, problem) == TRAIL_STOPPED);
}

static void rotation_write(struct buffer *out, const struct authority *a)
{
    struct reseal_state state;

    reseal_state_get(a, a->reseal, &state);
    gauge(out, "latchkey_master_key_rotating", "1 while a new master key takes over.",
          state.rotating);
    gauge(out, "latchkey_master_key_resealed", "Rows and files that this passage went through.",
          (double)state.done);
    gauge(out, "latchkey_master_key_sealed", "Rows and files that it has to go through.",
          (double)state.total);
}

void metrics_write(const struct authority *a, struct collector *collector, struct buffer *out)
{
    struct metrics m;

    family(out, "latchkey_build_info", "gauge", "The version that runs.");
    line(out, "latchkey_build_info{version=\"%s\"} 1\n", LATCHKEY_VERSION);
    gauge(out, "latchkey_start_time_seconds", "When the authority started, since 1970.",
          (double)(a->started_at_ns / NS_PER_MS) / 1e3);
    collector_metrics_get(collector, &m);
    decisions_write(out, &m);
    latencies_write(out, &m);
    if (a->publisher != NULL)
        segments_write(out, a->publisher);
    log_write(out, a, collector);
    rotation_write(out, a);
    leak_sources_metrics(a, out);
}
