#include "audit/record.h"

#include <string.h>

#include "base/bytes.h"

/* Where the fields lie: docs/formats/record.md. */
enum {
    AT_VERSION = 0,
    AT_KIND = 1,
    AT_TEXT_SIZE = 2,
    AT_ENVIRONMENT = 4,
    AT_TRANSPORT = 5,
    AT_METHOD = 6,
    AT_FLAGS = 7,
    AT_RECEIVED = 8,
    AT_ACCOUNT = 16,
    AT_NONCE = 24,
    AT_LATENCY = 32,
    AT_BYTES_SENT = 36,
    AT_REQUEST_ID = 40,
    AT_KEY = 56,
    AT_ADDRESS = 72,
    AT_STATUS = 88,
    AT_VERDICT = 90,
    AT_ROUTE = 92,
    AT_ROUTE_FLAGS = 94,
    AT_RESERVED = 95,
};

static void fixed_encode(const struct audit_record *record, enum record_kind kind, size_t text_size,
                         uint8_t *out)
{
    memset(out, 0, RECORD_FIXED_SIZE);
    out[AT_VERSION] = RECORD_VERSION;
    out[AT_KIND] = (uint8_t)kind;
    bytes_put(out + AT_TEXT_SIZE, text_size, 2);
    out[AT_ENVIRONMENT] = record->environment;
    out[AT_TRANSPORT] = record->transport;
    out[AT_METHOD] = record->method;
    out[AT_FLAGS] = record->flags;
    bytes_put(out + AT_RECEIVED, record->received_at_us, 8);
    bytes_put(out + AT_ACCOUNT, record->account, 8);
    bytes_put(out + AT_NONCE, record->nonce, 8);
    bytes_put(out + AT_LATENCY, record->latency_us, 4);
    bytes_put(out + AT_BYTES_SENT, record->bytes_sent, 4);
    memcpy(out + AT_REQUEST_ID, record->request_id, sizeof record->request_id);
    memcpy(out + AT_KEY, record->key, sizeof record->key);
    memcpy(out + AT_ADDRESS, record->address, sizeof record->address);
    bytes_put(out + AT_STATUS, record->status, 2);
    bytes_put(out + AT_VERDICT, record->verdict, 2);
    bytes_put(out + AT_ROUTE, record->route, 2);
    out[AT_ROUTE_FLAGS] = record->route_flags;
}

static void fixed_decode(const uint8_t *at, struct audit_record *record)
{
    *record = (struct audit_record){
        .kind = at[AT_KIND],
        .environment = at[AT_ENVIRONMENT],
        .transport = at[AT_TRANSPORT],
        .method = at[AT_METHOD],
        .flags = at[AT_FLAGS],
        .received_at_us = bytes_take(at + AT_RECEIVED, 8),
        .account = bytes_take(at + AT_ACCOUNT, 8),
        .nonce = bytes_take(at + AT_NONCE, 8),
        .latency_us = (uint32_t)bytes_take(at + AT_LATENCY, 4),
        .bytes_sent = (uint32_t)bytes_take(at + AT_BYTES_SENT, 4),
        .status = (uint16_t)bytes_take(at + AT_STATUS, 2),
        .verdict = (uint16_t)bytes_take(at + AT_VERDICT, 2),
        .route = (uint16_t)bytes_take(at + AT_ROUTE, 2),
        .route_flags = at[AT_ROUTE_FLAGS],
    };
    memcpy(record->request_id, at + AT_REQUEST_ID, sizeof record->request_id);
    memcpy(record->key, at + AT_KEY, sizeof record->key);
    memcpy(record->address, at + AT_ADDRESS, sizeof record->address);
}

static bool is_zero(const uint8_t *at, size_t size)
{
    uint8_t seen = 0;

    for (size_t i = 0; i < size; i++)
        seen |= at[i];
    return seen == 0;
}

size_t record_encode(const struct audit_record *record, uint8_t *out)
{
    size_t path_size = record->path_size;

    /* The record may come from shared memory that a dying worker wrote: never read past the path.
     */
    if (path_size > RECORD_PATH_MOST)
        path_size = RECORD_PATH_MOST;
    fixed_encode(record, RECORD_REQUEST, path_size, out);
    memcpy(out + RECORD_FIXED_SIZE, record->path, path_size);
    return RECORD_FIXED_SIZE + path_size;
}

enum err record_encode_change(const struct audit_record *header, struct slice json, uint8_t *out,
                              size_t *size)
{
    if (json.size > RECORD_TEXT_MOST)
        return ERR_FULL;
    fixed_encode(header, RECORD_CHANGE, json.size, out);
    if (json.size > 0)
        memcpy(out + RECORD_FIXED_SIZE, json.at, json.size);
    *size = RECORD_FIXED_SIZE + json.size;
    return OK;
}

enum err record_decode(struct slice encoded, struct audit_record *record, struct slice *text)
{
    const uint8_t *at = (const uint8_t *)encoded.at;
    size_t text_size;

    *text = SLICE_EMPTY;
    if (encoded.size < 1)
        return ERR_MALFORMED;
    if (at[AT_VERSION] > RECORD_VERSION)
        return ERR_VERSION;
    if (at[AT_VERSION] != RECORD_VERSION || encoded.size < RECORD_FIXED_SIZE)
        return ERR_MALFORMED;
    text_size = bytes_take(at + AT_TEXT_SIZE, 2);
    if (text_size != encoded.size - RECORD_FIXED_SIZE ||
        !is_zero(at + AT_RESERVED, RECORD_FIXED_SIZE - AT_RESERVED))
        return ERR_MALFORMED;
    if (at[AT_KIND] == RECORD_REQUEST && text_size <= RECORD_PATH_MOST) {
        fixed_decode(at, record);
        record->path_size = (uint16_t)text_size;
        memcpy(record->path, encoded.at + RECORD_FIXED_SIZE, text_size);
        return OK;
    }
    if (at[AT_KIND] == RECORD_CHANGE && text_size <= RECORD_TEXT_MOST) {
        fixed_decode(at, record);
        *text = (struct slice){ encoded.at + RECORD_FIXED_SIZE, text_size };
        return OK;
    }
    return ERR_MALFORMED;
}
