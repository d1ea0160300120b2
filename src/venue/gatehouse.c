#include "venue/gatehouse.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/record.h"
#include "base/clock.h"
#include "base/log.h"
#include "gate/refusal.h"
#include "shm/announced.h"
#include "shm/slots.h"

/* Without a segment, so long until the next look for one: these are system calls. */
#define LOOK_NS NS_PER_S

/* The authority answers within a disk's flush; after this it is taken for dead, as in nginx. */
#define KEEP_MOST_NS (5 * NS_PER_S)

/* Codes of the venue: docs/errors.md. */
enum {
    CODE_GENERIC = 10001,
    CODE_AUTH_PAYLOAD = 10111,
    CODE_AUTH_SIGNATURE = 10112,
    CODE_AUTH_NONCE = 10114,
    CODE_READY = 11000
};

/* Each delayed answer holds a slot of this process's slab, so their number is bounded; whoever
 * comes beyond is answered at once. */
#define PENALTIES_MOST 512

/* A segment that was replaced, and the slots this process had in it. */
struct left {
    struct segment *segment;
    struct slab *slab;
    struct left *next;
};

struct gatehouse {
    char *path; /* NULL: there is no gate to ask */
    enum environment environment;
    struct segment *segment; /* NULL: not there now */
    struct slab *slab;       /* likewise */
    uint64_t look_at_ns;
    bool missed; /* was said already */
    unsigned waiting_count, penalty_count;
    struct visit *ended; /* not released yet, latest first */
    struct left *left;   /* visits under way may still point into them */
};

/* ---- The segment ---- */

static void segment_take(struct gatehouse *house)
{
    enum err e = OK;

    if (house->segment == NULL)
        e = segment_open(house->path, &house->segment);
    if (e == OK && house->slab == NULL)
        e = slab_claim(house->segment, &house->slab);
    if (e != OK && !house->missed)
        log_warn("venue", "%s: %s: logins over WebSocket are refused until the authority runs",
                 house->path, err_text(e));
    else if (e == OK && house->missed)
        log_info("venue", "%s: logins over WebSocket are possible again", house->path);
    house->missed = e != OK;
}

/* The mapping stays until this process ends; without memory to note it in, it is just not noted. */
static void segment_leave(struct gatehouse *house)
{
    struct left *left = malloc(sizeof *left);

    if (left != NULL) {
        *left = (struct left){ house->segment, house->slab, house->left };
        house->left = left;
    }
    house->segment = NULL;
    house->slab = NULL;
}

static void segment_look(struct gatehouse *house)
{
    uint64_t now_ns = clock_mono_ns();

    if (house->path == NULL || (now_ns < house->look_at_ns &&
                                (house->segment == NULL || !segment_is_over(house->segment))))
        return;
    house->look_at_ns = now_ns + LOOK_NS;
    if (house->segment != NULL && !segment_is_current(house->segment, house->path)) {
        log_warn("venue", "%s was replaced, cut or damaged: looking for another", house->path);
        segment_leave(house);
    }
    if (house->segment == NULL || house->slab == NULL)
        segment_take(house);
}

/* ---- Words ---- */

/* The gate's words are those of the REST API: ["error", code, text], or an object. */
static void words_take(struct visit *visit, const struct gate_request *request)
{
    static const struct slice no_id = { "", 0 };
    struct refusal refusal;
    const json_t *text;
    json_t *body;

    visit->code = CODE_READY;
    snprintf(visit->text, sizeof visit->text, "temporarily_unavailable");
    switch (visit->outcome.verdict) {
    case VERDICT_PASS:
        visit->code = 0;
        visit->text[0] = '\0';
        return;
    case VERDICT_SEGMENT_MISSING:
    case VERDICT_UNRECORDED:
        return;
    default:
        break;
    }
    refusal_format(request, &visit->outcome, no_id, &refusal);
    body = json_loadb(refusal.body, refusal.body_size, 0, NULL);
    text = json_is_array(body) ? json_array_get(body, 2) : json_object_get(body, "message");
    visit->code = (int)json_integer_value(json_is_array(body) ? json_array_get(body, 1)
                                                              : json_object_get(body, "code"));
    if (visit->code == 0)
        visit->code = CODE_GENERIC;
    if (json_is_string(text))
        snprintf(visit->text, sizeof visit->text, "%s", json_string_value(text));
    json_decref(body);
}

static void words_set(struct visit *visit, int code, const char *text)
{
    visit->code = code;
    snprintf(visit->text, sizeof visit->text, "%s", text);
}

/* ---- A visit ---- */

static struct visit *visit_begin(struct gatehouse *house, const struct gate_request *request)
{
    struct visit *visit = calloc(1, sizeof *visit);
    struct audit_record *record;

    if (visit == NULL)
        return NULL;
    segment_look(house);
    visit->house = house;
    visit->route = request->route;
    visit->started_ns = request->mono_ns;
    visit->slab = house->slab;
    visit->record = visit->slab == NULL ? NULL : slot_take(visit->slab);
    record = visit->record;
    if (record == NULL)
        return visit;
    record->received_at_us = request->wall_ns / NS_PER_US;
    record->environment = (uint8_t)request->environment;
    record->transport = request->encrypted ? RECORD_TRANSPORT_TLS : RECORD_TRANSPORT_PLAIN;
    record->method = HTTP_METHOD_WS;
    record->route = request->route->number;
    memcpy(record->address, request->address, sizeof record->address);
    record->path_size = (uint16_t)strlen(request->route->pattern);
    memcpy(record->path, request->route->pattern, record->path_size);
    /* Stands if this process dies before the decision: nothing was done. */
    record->verdict = VERDICT_MALFORMED_REQUEST;
    return visit;
}

static void visit_note(struct visit *visit)
{
    const struct gate_outcome *outcome = &visit->outcome;
    struct audit_record *record = visit->record;

    if (record == NULL)
        return;
    record->verdict = (uint16_t)outcome->verdict;
    record->account = outcome->account;
    record->nonce = outcome->nonce;
    if (outcome->key_named) {
        record->flags |= RECORD_KEY_NAMED;
        if (outcome->key.environment != visit->house->environment)
            record->flags |= RECORD_KEY_FOREIGN;
        memcpy(record->key, outcome->key.random, sizeof record->key);
    }
    if (outcome->authentic)
        record->flags |= RECORD_AUTHENTIC;
    if (outcome->by_token)
        record->flags |= RECORD_BY_TOKEN;
}

static void visit_pause(struct visit *visit, enum visit_pause pause, uint64_t span_ns)
{
    visit->pause = pause;
    visit->due_ns = visit->started_ns + span_ns;
    visit->house->waiting_count++;
    if (pause == PAUSE_PENALTY)
        visit->house->penalty_count++;
}

static void visit_refuse(struct visit *visit, enum verdict verdict)
{
    visit->outcome.verdict = verdict;
    words_set(visit, CODE_READY, "temporarily_unavailable");
}

/* With durability `disk` nothing passes before its record is kept; whoever fails too often is
 * answered late. */
static void visit_settle(struct visit *visit)
{
    struct segment *segment = visit->house->segment;

    if (visit->outcome.verdict != VERDICT_PASS) {
        if (visit->outcome.delay_ns != 0 && visit->house->penalty_count < PENALTIES_MOST)
            visit_pause(visit, PAUSE_PENALTY, visit->outcome.delay_ns);
        return;
    }
    if (!segment_settings_get(segment).durable)
        return;
    if (!announced_may(segment)) {
        visit_refuse(visit, VERDICT_UNRECORDED);
        visit->record->verdict = VERDICT_UNRECORDED;
        return;
    }
    slot_announce(visit->slab, visit->record);
    visit->announced = true;
    visit_pause(visit, PAUSE_KEEPING, KEEP_MOST_NS);
}

/* `proof` NULL: the request brings its own. */
static void visit_decide(struct visit *visit, const struct gate_request *request,
                         const struct judge_proof *proof)
{
    struct gate_outcome *outcome = &visit->outcome;
    struct segment *segment = visit->house->segment;
    struct gate_claim claim;

    if (visit->record != NULL && proof == NULL) {
        judge_request(segment, request, outcome);
    } else if (visit->record != NULL) {
        judge_again(segment, request, proof, outcome);
    } else {
        gate_claim_parse(request, &claim);
        *outcome = (struct gate_outcome){
            .verdict = segment == NULL ? VERDICT_SEGMENT_MISSING : VERDICT_UNRECORDED,
            .key_named = proof != NULL || claim.key_named,
            .key = proof != NULL ? proof->key : claim.id,
            .slot = GATE_NO_SLOT,
            .scope = SCOPE_NONE,
        };
    }
    if (outcome->verdict == VERDICT_PASS)
        visit->proof = proof != NULL ? *proof : judge_proof_of(request, outcome);
    visit_note(visit);
    words_take(visit, request);
    visit_settle(visit);
}

static struct gate_request request_of(const struct gatehouse *house,
                                      const struct gatehouse_peer *peer, const struct route *route)
{
    struct gate_request request = { .environment = house->environment,
                                    .encrypted = peer->encrypted,
                                    .method = HTTP_METHOD_WS,
                                    .route = route,
                                    .path = slice_of(route->pattern),
                                    .path_decoded = slice_of(route->pattern),
                                    .wall_ns = clock_wall_ns(),
                                    .mono_ns = clock_mono_ns() };

    memcpy(request.address, peer->address, sizeof request.address);
    return request;
}

bool gatehouse_payload_is(struct slice payload, struct slice nonce)
{
    size_t size = nonce.size;

    if (size == 0 || !slice_starts(payload, SLICE("AUTH")))
        return false;
    payload = slice_from(payload, 4);
    if (payload.size != size && payload.size != 2 * size)
        return false;
    return memcmp(payload.at, nonce.at, size) == 0 &&
           (payload.size == size || memcmp(payload.at + size, nonce.at, size) == 0);
}

/* What is malformed in itself has words of its own. */
static void claim_words(struct visit *visit, const struct gatehouse_claim *claim)
{
    uint8_t signature[SIGNATURE_SIZE];

    if (visit->outcome.verdict != VERDICT_HEADERS_MALFORMED)
        return;
    if (!gatehouse_payload_is(claim->payload, claim->nonce))
        words_set(visit, CODE_AUTH_PAYLOAD, "auth: payload");
    else if (!signature_parse(claim->signature, signature))
        words_set(visit, CODE_AUTH_SIGNATURE, "auth: sig");
    else if (visit->outcome.nonce == 0)
        words_set(visit, CODE_AUTH_NONCE, "nonce: invalid");
}

struct visit *gatehouse_prove(struct gatehouse *house, const struct gatehouse_peer *peer,
                              const struct gatehouse_claim *claim)
{
    struct gate_request request = request_of(house, peer, route_get(ROUTE_NUMBER_WS_AUTH));
    bool is_payload = gatehouse_payload_is(claim->payload, claim->nonce);
    struct visit *visit;

    request.token = claim->token;
    request.key = claim->key;
    request.nonce = claim->nonce;
    request.payload = claim->payload;
    /* Without the right payload a signature proves nothing, whatever it signs. */
    request.signature = is_payload ? claim->signature : SLICE_EMPTY;
    if (request.token.at == NULL && request.signature.at == NULL)
        request.signature = SLICE("");
    visit = visit_begin(house, &request);
    if (visit == NULL)
        return NULL;
    visit_decide(visit, &request, NULL);
    if (claim->token.at == NULL)
        claim_words(visit, claim);
    return visit;
}

struct visit *gatehouse_ask(struct gatehouse *house, const struct gatehouse_peer *peer,
                            const struct judge_proof *proof, const struct route *route)
{
    struct gate_request request = request_of(house, peer, route);
    struct visit *visit = visit_begin(house, &request);

    if (visit != NULL)
        visit_decide(visit, &request, proof);
    return visit;
}

static void pause_over(struct visit *visit)
{
    visit->house->waiting_count--;
    if (visit->pause == PAUSE_PENALTY)
        visit->house->penalty_count--;
    visit->pause = PAUSE_NONE;
}

bool visit_is_due(struct visit *visit)
{
    bool is_late;

    if (visit->pause == PAUSE_NONE)
        return true;
    is_late = clock_mono_ns() >= visit->due_ns;
    if (visit->pause == PAUSE_KEEPING && slot_is_kept(visit->slab, visit->record)) {
        pause_over(visit);
        return true;
    }
    if (!is_late)
        return false;
    if (visit->pause == PAUSE_KEEPING)
        visit_refuse(visit, VERDICT_UNRECORDED);
    pause_over(visit);
    return true;
}

bool visit_ends_session(const struct visit *visit)
{
    switch (visit->outcome.verdict) {
    case VERDICT_KEY_UNKNOWN:
    case VERDICT_KEY_REVOKED:
    case VERDICT_KEY_EXPIRED:
    case VERDICT_KEY_SUSPENDED:
    case VERDICT_ADDRESS_REFUSED:
    case VERDICT_TOKEN_INVALID:
        return true;
    default:
        return false;
    }
}

static uint32_t saturated(uint64_t value)
{
    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

void visit_end(struct visit **visit, unsigned status, size_t bytes_sent)
{
    struct visit *v = *visit;

    *visit = NULL;
    if (v == NULL)
        return;
    if (v->pause != PAUSE_NONE)
        pause_over(v); /* its client has gone */
    if (v->outcome.verdict != VERDICT_PASS)
        status = (unsigned)verdict_status(v->outcome.verdict);
    v->status = (uint16_t)status;
    v->bytes_sent = saturated(bytes_sent);
    v->next = v->house->ended;
    v->house->ended = v;
}

static void visit_release(struct visit *v)
{
    struct slot_end end = {
        .latency_us = saturated((clock_mono_ns() - v->started_ns) / NS_PER_US),
        .bytes_sent = v->bytes_sent,
        .status = v->status,
        .verdict = (uint16_t)v->outcome.verdict,
    };

    if (v->announced) {
        slot_leave(v->slab, v->record, &end);
    } else if (v->record != NULL) {
        v->record->latency_us = end.latency_us;
        v->record->bytes_sent = end.bytes_sent;
        v->record->status = end.status;
        slot_complete(v->slab, v->record);
    }
    free(v);
}

/* ---- The house ---- */

bool gatehouse_stands(struct gatehouse *house, const struct gatehouse_peer *peer,
                      const struct judge_proof *proof, uint32_t *scopes, int *code,
                      char text[VISIT_TEXT_SIZE])
{
    struct gate_request request = request_of(house, peer, route_get(ROUTE_NUMBER_WS_AUTH));
    struct visit probe = { 0 };

    segment_look(house);
    if (house->segment == NULL)
        return true;
    judge_look(house->segment, &request, proof, &probe.outcome);
    if (probe.outcome.verdict == VERDICT_SEGMENT_MISSING)
        return true;
    *scopes = probe.outcome.scopes;
    if (probe.outcome.verdict == VERDICT_PASS)
        return true;
    request.token = proof->by_token ? SLICE("") : SLICE_EMPTY; /* for the words alone */
    words_take(&probe, &request);
    *code = probe.code;
    snprintf(text, VISIT_TEXT_SIZE, "%s", probe.text);
    return false;
}

static enum verdict listening_judge(struct gatehouse *house, const struct gatehouse_peer *peer,
                                    const struct judge_proof *proof, const struct route *route,
                                    char text[VISIT_TEXT_SIZE])
{
    struct gate_request request = request_of(house, peer, route);
    struct visit probe = { .outcome.verdict = VERDICT_SEGMENT_MISSING };

    segment_look(house);
    if (route->scope == SCOPE_NONE && proof == NULL)
        return VERDICT_PASS;
    /* Without a gate, as gates are set up at first. */
    if (house->path == NULL && house->environment == ENVIRONMENT_SANDBOX)
        return VERDICT_PASS;
    if (house->segment != NULL && proof != NULL) {
        judge_look(house->segment, &request, proof, &probe.outcome);
    } else if (house->segment != NULL && !segment_is_over(house->segment)) {
        /* Who proves nothing has no scope: what is open without one is the authority's to say. */
        probe.outcome.verdict =
            route->scope == SCOPE_DEPTH_READ && segment_settings_get(house->segment).depth_open
                ? VERDICT_PASS
                : VERDICT_SCOPE_MISSING;
        probe.outcome.scope = route->scope;
    }
    words_take(&probe, &request);
    snprintf(text, VISIT_TEXT_SIZE, "%s", probe.text);
    return probe.outcome.verdict;
}

bool gatehouse_may(struct gatehouse *house, const struct gatehouse_peer *peer,
                   const struct judge_proof *proof, const struct route *route,
                   char text[VISIT_TEXT_SIZE])
{
    return listening_judge(house, peer, proof, route, text) == VERDICT_PASS;
}

bool gatehouse_keeps(struct gatehouse *house, const struct gatehouse_peer *peer,
                     const struct judge_proof *proof, const struct route *route,
                     char text[VISIT_TEXT_SIZE])
{
    switch (listening_judge(house, peer, proof, route, text)) {
    case VERDICT_SCOPE_MISSING:
    case VERDICT_SCOPE_UNCONFIRMED:
    case VERDICT_SCOPE_ELEVATED:
        return false;
    default:
        return true;
    }
}

void gatehouse_release(struct gatehouse *house)
{
    struct visit *oldest = NULL, *next;

    /* In the order in which they ended. */
    for (struct visit *v = house->ended; v != NULL; v = next) {
        next = v->next;
        v->next = oldest;
        oldest = v;
    }
    house->ended = NULL;
    for (; oldest != NULL; oldest = next) {
        next = oldest->next;
        visit_release(oldest);
    }
}

unsigned gatehouse_waiting_count(const struct gatehouse *house)
{
    return house->waiting_count;
}

enum err gatehouse_open(const char *segment_path, enum environment environment,
                        struct gatehouse **house)
{
    struct gatehouse *h = calloc(1, sizeof *h);

    *house = NULL;
    if (h == NULL)
        return ERR_MEMORY;
    h->environment = environment;
    if (segment_path != NULL) {
        h->path = strdup(segment_path);
        if (h->path == NULL) {
            free(h);
            return ERR_MEMORY;
        }
    }
    *house = h;
    return OK;
}

void gatehouse_close(struct gatehouse **house)
{
    struct gatehouse *h = *house;
    struct visit *next;

    if (h == NULL)
        return;
    for (struct visit *v = h->ended; v != NULL; v = next) {
        next = v->next;
        free(v);
    }
    segment_leave(h);
    for (struct left *left = h->left; left != NULL; left = h->left) {
        h->left = left->next;
        slab_close(&left->slab);
        segment_close(&left->segment);
        free(left);
    }
    free(h->path);
    free(h);
    *house = NULL;
}
