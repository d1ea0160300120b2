/* fuzz/segment_header.c: an accepted header describes exactly its file
 *
 * The checksum is put right first, so that what lies behind it is reached. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "shm/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static _Alignas(64) uint8_t bytes[SEGMENT_HEADER_SIZE];
    struct segment_layout *header = (void *)bytes;
    uint64_t slots;

    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, data, size < sizeof bytes ? size : sizeof bytes);
    if (size % 2 == 0)
        header->crc = (uint32_t)crc32(0, bytes, offsetof(struct segment_layout, crc));
    if (segment_header_check(bytes, header->file_size) != OK)
        return 0;
    slots = (uint64_t)header->slab_count * header->slab_slots;
    if (header->audit_at + slots * sizeof(struct audit_slot) > header->file_size ||
        header->keys_at + (uint64_t)header->key_capacity * sizeof(struct key_slot) >
            header->overflow_at ||
        header->windows_at + (uint64_t)header->key_capacity * sizeof(struct window) >
            header->tokens_at ||
        header->tokens_at + (uint64_t)header->token_sets * TOKEN_WAYS * sizeof(struct token_entry) >
            header->file_size ||
        header->index_count < 2 * (uint64_t)header->key_capacity)
        abort();
    return 0;
}
