/* base/file.h: whole small files, written so that a power cut leaves the old or the new one */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdint.h>
#include <sys/types.h>

#include "base/buffer.h"
#include "base/err.h"
#include "base/slice.h"

#define FILE_PATH_SIZE 4096

/* Reads a file of at most `most` bytes into an initialised buffer.
 * ERR_MISSING: no such file.  ERR_FULL: larger than `most`.  ERR_IO, ERR_MEMORY. */
must_use enum err file_read(const char *path, size_t most, struct buffer *content);

/* Reads a secret into the caller's storage, which must hold more than the file has; nothing of it
 * is left elsewhere.  ERR_DENIED: group or others may read or write the file.  ERR_MISSING, ERR_IO.
 * ERR_FULL: it has `size` bytes or more. */
must_use enum err file_read_private(const char *path, void *bytes, size_t size, size_t *got);

/* Temporary file beside it, fsync, rename, fsync of the folder.  ERR_IO, ERR_FULL when the disk is,
 * and ERR_DENIED when nothing may be written there, leave the old content. */
must_use enum err file_write_atomic(const char *path, mode_t mode, struct slice content);

/* Creates the folder and its parents; an existing one is fine, its mode untouched. */
must_use enum err file_folder_make(const char *path, mode_t mode);

/* fsync of a folder, so that names created in it survive a power cut. */
must_use enum err file_folder_sync(const char *path);

/* The same for the folder that the file is in. */
must_use enum err file_parent_sync(const char *path);

/* Reads up to `size` bytes at `offset`, fewer only at the end of the file; < 0 with errno. */
ssize_t file_read_at(int fd, void *bytes, size_t size, uint64_t offset);

/* Writes all bytes at the descriptor's position, resuming after short writes and signals.
 * ERR_FULL: the disk is.  ERR_IO. */
must_use enum err file_write_all(int fd, struct slice content);

/* A file in memory, without a name, that is read from its start; *fd is the caller's, -1 after an
 * error.  ERR_MEMORY. */
must_use enum err file_in_memory(struct slice content, int *fd);

#endif
