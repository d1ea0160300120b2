#include "gate/refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define NS_PER_S UINT64_C(1000000000)

enum { MOMENT_SIZE = 32, JSON_NONCE_SIZE = 6 * REFUSAL_NONCE_MOST + 1 };

__attribute__((format(printf, 2, 3))) static void body_print(struct refusal *refusal,
                                                             const char *format, ...)
{
    va_list arguments;
    int size;

    va_start(arguments, format);
    size = vsnprintf(refusal->body, sizeof refusal->body, format, arguments);
    va_end(arguments);
    refusal->body_size = size < 0 ? 0 : (size_t)size;
    if (refusal->body_size >= sizeof refusal->body)
        refusal->body_size = sizeof refusal->body - 1;
}

__attribute__((format(printf, 3, 4))) static void header_add(struct refusal *refusal,
                                                             const char *name,
                                                             const char *format, ...)
{
    struct refusal_header *header = &refusal->headers[refusal->header_count++];
    va_list arguments;

    header->name = name;
    va_start(arguments, format);
    vsnprintf(header->value, sizeof header->value, format, arguments);
    va_end(arguments);
}

/* Whole seconds, rounded up: whoever waits so long is not refused again. */
static uint64_t seconds_up(uint64_t ns)
{
    return ns / NS_PER_S + (ns % NS_PER_S != 0);
}

static void retry_add(struct refusal *refusal, uint64_t retry_ns)
{
    uint64_t seconds = seconds_up(retry_ns);

    header_add(refusal, "Retry-After", "%llu", (unsigned long long)(seconds > 0 ? seconds : 1));
}

static void moment_format(uint64_t wall_ns, char text[MOMENT_SIZE])
{
    time_t seconds = (time_t)(wall_ns / NS_PER_S);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    strftime(text, MOMENT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* The client's nonce as the inside of a JSON string; what is not plain ASCII is escaped byte by
 * byte. */
static void nonce_escape(struct slice nonce, char text[JSON_NONCE_SIZE])
{
    size_t size = 0;

    for (size_t i = 0; i < nonce.size && i < REFUSAL_NONCE_MOST; i++) {
        unsigned char c = (unsigned char)nonce.at[i];

        if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
            size += (size_t)snprintf(text + size, 7, "\\u%04x", c);
        else
            text[size++] = (char)c;
    }
    text[size] = '\0';
}

static void unauthorized_print(const struct gate_request *request, struct slice request_id,
                               struct refusal *refusal)
{
    char nonce[JSON_NONCE_SIZE];

    nonce_escape(request->nonce, nonce);
    body_print(refusal,
               "{\"message\":\"%s\",\"code\":10100,\"timestamp\":%llu,"
               "\"nonce\":\"%s\",\"request_id\":\"%.*s\"}",
               request->token.at != NULL ? "token: invalid" : "apikey: digest invalid",
               (unsigned long long)(request->wall_ns / 1000000), nonce, (int)request_id.size,
               request_id.at);
}

static void message_print(struct refusal *refusal, const char *message)
{
    body_print(refusal, "{\"message\":\"%s\"}", message);
}

/* "RateLimit-Policy" and "RateLimit" as structured fields; 0 without a rate, else 2. */
static size_t rate_headers(const struct gate_outcome *outcome, struct refusal_header headers[2])
{
    const char *policy = outcome->verdict == VERDICT_FAILURES_EXCEEDED ? "failures"
                         : outcome->rate_public                        ? "public"
                                                                       : "private";

    if (outcome->rate_limit == 0)
        return 0;
    headers[0].name = "RateLimit-Policy";
    snprintf(headers[0].value, sizeof headers[0].value, "\"%s\";q=%u;w=1", policy,
             outcome->rate_limit);
    headers[1].name = "RateLimit";
    snprintf(headers[1].value, sizeof headers[1].value, "\"%s\";r=%u;t=%llu", policy,
             outcome->rate_remaining,
             (unsigned long long)(outcome->rate_remaining > 0 ? 1 : seconds_up(outcome->retry_ns)));
    return 2;
}

static void rate_print(const struct gate_outcome *outcome, struct refusal *refusal)
{
    body_print(refusal, "[\"error\",11010,\"ratelimit: error\"]");
    retry_add(refusal, outcome->retry_ns);
    refusal->header_count +=
        rate_headers(outcome, &refusal->headers[refusal->header_count]);
}

static void scope_print(const struct gate_outcome *outcome, struct refusal *refusal)
{
    const char *text = scope_get((enum scope)outcome->scope)->text;
    const char *mail = outcome->mail_hint[0] != '\0' ? outcome->mail_hint : "your address";

    if (outcome->verdict == VERDICT_SCOPE_UNCONFIRMED)
        body_print(refusal,
                   "[\"error\",10001,\"api_key: permission invalid: confirm withdrawals by the "
                   "link sent to %.*s\"]",
                   GATE_MAIL_HINT_SIZE, mail);
    else if (outcome->verdict == VERDICT_SCOPE_ELEVATED)
        body_print(refusal, "[\"error\",10001,\"api_key: permission invalid: needs %.*s "
                   "(elevated)\"]", (int)strcspn(text, ":"), text);
    else
        body_print(refusal, "[\"error\",10001,\"api_key: permission invalid: needs %s\"]", text);
}

static void cooling_print(const struct gate_outcome *outcome, struct refusal *refusal)
{
    unsigned long long minutes = (seconds_up(outcome->retry_ns) + 59) / 60;
    char moment[MOMENT_SIZE];

    moment_format(outcome->cooling_until_ns, moment);
    body_print(refusal,
               "[\"error\",10001,\"order: not ready: cooling-off ends in %lluh %llum (%s)\"]",
               minutes / 60, minutes % 60, moment);
    retry_add(refusal, outcome->retry_ns);
}

/* Keys that have ended, or are not for here: 10100. */
static void key_print(const struct gate_request *request, const struct gate_outcome *outcome,
                      struct refusal *refusal)
{
    char moment[MOMENT_SIZE];
    char address[IP_ADDRESS_TEXT_SIZE];

    switch (outcome->verdict) {
    case VERDICT_KEY_REVOKED:
        moment_format(outcome->ended_at_ns, moment);
        body_print(refusal, "[\"error\",10100,\"apikey: revoked: %s, %s\"]",
                   key_reason_words((enum key_reason)outcome->reason), moment);
        break;
    case VERDICT_KEY_EXPIRED:
        body_print(refusal, "[\"error\",10100,\"apikey: expired: unused for 90 days; generate a "
                            "new key\"]");
        break;
    case VERDICT_KEY_SUSPENDED:
        body_print(refusal, "[\"error\",10100,\"apikey: suspended: contact support\"]");
        break;
    case VERDICT_WRONG_ENVIRONMENT:
        body_print(refusal, "[\"error\",10100,\"apikey: %s\"]",
                   request->environment == ENVIRONMENT_SANDBOX
                       ? "live key refused in the sandbox"
                       : "sandbox key refused on the live venue");
        break;
    default:
        ip_address_format(request->address, address);
        body_print(refusal, "[\"error\",10100,\"apikey: ip not allowed: %s\"]", address);
    }
}

/* The link to the successor is on every reply of the route: gate/announce.h. */
static void retired_print(const struct route *route, struct refusal *refusal)
{
    if (route->successor == NULL)
        message_print(refusal, "endpoint retired");
    else
        body_print(refusal, "{\"message\":\"endpoint retired: use %s\"}", route->successor);
}

static void other_print(const struct gate_request *request, const struct gate_outcome *outcome,
                        struct refusal *refusal)
{
    switch (outcome->verdict) {
    case VERDICT_PLAINTEXT_REVOKED:
        message_print(refusal, "apikey: revoked: used over an unencrypted connection");
        break;
    case VERDICT_PLAINTEXT:
        message_print(refusal, "use https");
        break;
    case VERDICT_MALFORMED_REQUEST:
        message_print(refusal, "malformed request");
        break;
    case VERDICT_BODY_TOO_LARGE:
        message_print(refusal, "body too large");
        break;
    case VERDICT_ROUTE_UNKNOWN:
        message_print(refusal, "unknown path or method");
        break;
    case VERDICT_ROUTE_RETIRED:
        retired_print(request->route, refusal);
        break;
    default:
        message_print(refusal, "temporarily_unavailable");
        header_add(refusal, "Retry-After", "1");
    }
}

void refusal_format(const struct gate_request *request, const struct gate_outcome *outcome,
                    struct slice request_id, struct refusal *refusal)
{
    refusal->header_count = 0;
    refusal->status = verdict_status(outcome->verdict);
    switch (outcome->verdict) {
    case VERDICT_HEADERS_MALFORMED:
    case VERDICT_KEY_UNKNOWN:
    case VERDICT_SIGNATURE_WRONG:
    case VERDICT_TOKEN_INVALID:
        unauthorized_print(request, request_id, refusal);
        break;
    case VERDICT_KEY_REVOKED:
    case VERDICT_KEY_EXPIRED:
    case VERDICT_KEY_SUSPENDED:
    case VERDICT_WRONG_ENVIRONMENT:
    case VERDICT_ADDRESS_REFUSED:
        key_print(request, outcome, refusal);
        break;
    case VERDICT_NONCE_SMALL:
        body_print(refusal, "[\"error\",10114,\"nonce: small: last %llu, got %llu\"]",
                   (unsigned long long)outcome->last_nonce, (unsigned long long)outcome->nonce);
        break;
    case VERDICT_RATE_EXCEEDED:
    case VERDICT_ADDRESS_RATE_EXCEEDED:
    case VERDICT_REFUSALS_EXCEEDED:
    case VERDICT_FAILURES_EXCEEDED:
        rate_print(outcome, refusal);
        break;
    case VERDICT_SCOPE_MISSING:
    case VERDICT_SCOPE_UNCONFIRMED:
    case VERDICT_SCOPE_ELEVATED:
        scope_print(outcome, refusal);
        break;
    case VERDICT_WALLETS_FIRST:
        body_print(refusal, "[\"error\",10001,\"order: not ready: call %s first\"]",
                   request->routes != NULL ? request->routes->wallets
                                           : route_table_venue()->wallets);
        break;
    case VERDICT_SANDBOX_FIRST:
        body_print(refusal, "[\"error\",10001,\"order: not ready: place an order in the sandbox "
                            "first\"]");
        break;
    case VERDICT_COOLING_OFF:
        cooling_print(outcome, refusal);
        break;
    default:
        other_print(request, outcome, refusal);
    }
}
