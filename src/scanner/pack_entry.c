#include "scanner/pack_entry.h"

/* Four bits of the first byte, then seven a byte, the lowest first. */
static bool size_read(struct slice *bytes, uint64_t *size)
{
    uint8_t byte = (uint8_t)*bytes->at;
    unsigned shift = 4;

    *size = byte & 0x0f;
    *bytes = slice_from(*bytes, 1);
    while ((byte & 0x80) != 0) {
        if (bytes->size == 0 || shift > 56)
            return false;
        byte = (uint8_t)*bytes->at;
        *size |= (uint64_t)(byte & 0x7f) << shift;
        *bytes = slice_from(*bytes, 1);
        shift += 7;
    }
    return true;
}

/* The highest bits first, and one more for each further byte, so that each number has one form. */
static bool distance_read(struct slice *bytes, uint64_t *distance)
{
    uint8_t byte = 0x80;
    uint64_t value = 0;

    for (bool first = true; (byte & 0x80) != 0; first = false) {
        if (bytes->size == 0 || value >= UINT64_MAX >> 8)
            return false;
        byte = (uint8_t)*bytes->at;
        value = first ? byte & 0x7f : (value + 1) << 7 | (byte & 0x7f);
        *bytes = slice_from(*bytes, 1);
    }
    *distance = value;
    return value > 0;
}

bool pack_entry_read(struct slice bytes, size_t id_bytes, struct pack_entry *entry)
{
    size_t before = bytes.size;

    if (bytes.size == 0)
        return false;
    *entry = (struct pack_entry){ .type = (uint8_t)*bytes.at >> 4 & 7 };
    if (!size_read(&bytes, &entry->size))
        return false;
    switch (entry->type) {
    case PACK_COMMIT:
    case PACK_TREE:
    case PACK_BLOB:
    case PACK_TAG:
        break;
    case PACK_OFS_DELTA:
        if (!distance_read(&bytes, &entry->distance))
            return false;
        break;
    case PACK_REF_DELTA:
        if (bytes.size < id_bytes)
            return false;
        entry->base = (const uint8_t *)bytes.at;
        bytes = slice_from(bytes, id_bytes);
        break;
    default:
        return false;
    }
    entry->head_bytes = before - bytes.size;
    return true;
}

const char *pack_type_text(enum pack_type type)
{
    switch (type) {
    case PACK_COMMIT:
        return "commit";
    case PACK_TREE:
        return "tree";
    case PACK_TAG:
        return "tag";
    default:
        return "blob";
    }
}
