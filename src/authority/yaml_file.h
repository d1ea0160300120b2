/* authority/yaml_file.h: a YAML file of settings, read by its schema
 *
 * Over libcyaml; its complaints, which say what is wrong and where, become one line for people.
 */
#ifndef AUTHORITY_YAML_FILE_H
#define AUTHORITY_YAML_FILE_H

#include <cyaml/cyaml.h>

#include "base/err.h"

enum { YAML_PROBLEM_SIZE = 512 };

/* *content gets what the schema says, or NULL for an empty file; yaml_file_free's.  `problem` gets
 * "" or why not, with the file's path in front.  ERR_MISSING: there is no such file; ERR_IO: it
 * cannot be read; ERR_MALFORMED: it does not fit the schema; ERR_MEMORY. */
must_use enum err yaml_file_read(const char *path, const cyaml_schema_value_t *schema,
                                 void **content, char problem[YAML_PROBLEM_SIZE]);

/* NULL does nothing. */
void yaml_file_free(const cyaml_schema_value_t *schema, void *content);

#endif
