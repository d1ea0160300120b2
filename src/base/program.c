#include "base/program.h"

#include <elf.h>
#include <link.h>
#include <string.h>

struct search {
    uint8_t *id;
    bool found;
};

static size_t padded(size_t size)
{
    return (size + 3) & ~(size_t)3;
}

static void notes_search(struct search *search, const char *at, size_t size)
{
    ElfW(Nhdr) note;

    while (size >= sizeof note) {
        size_t whole;

        memcpy(&note, at, sizeof note);
        whole = sizeof note + padded(note.n_namesz) + padded(note.n_descsz);
        if (whole > size)
            return;
        if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof ELF_NOTE_GNU &&
            memcmp(at + sizeof note, ELF_NOTE_GNU, sizeof ELF_NOTE_GNU) == 0 &&
            note.n_descsz == PROGRAM_ID_SIZE) {
            memcpy(search->id, at + sizeof note + padded(note.n_namesz), PROGRAM_ID_SIZE);
            search->found = true;
        }
        at += whole;
        size -= whole;
    }
}

/* The first that is told is the program itself. */
static int program_search(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    for (unsigned i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_NOTE)
            notes_search(context, (const char *)info->dlpi_addr + info->dlpi_phdr[i].p_vaddr,
                         info->dlpi_phdr[i].p_memsz);
    return 1;
}

bool program_id(uint8_t id[PROGRAM_ID_SIZE])
{
    struct search search = { .id = id };

    dl_iterate_phdr(program_search, &search);
    return search.found;
}
