/* authority/about.h: what sealed bytes belong to
 *
 * The associated data of each seal (authority/vault.h), so that bytes that were copied onto another
 * row do not open.  What is sealed depends on these texts: they never change.
 */
#ifndef AUTHORITY_ABOUT_H
#define AUTHORITY_ABOUT_H

#include <stdint.h>

#include "base/slice.h"
#include "keys/environment.h"

enum { ABOUT_SIZE = 80 };

/* Each writes into `text` and returns it.  `random`: the KEY_RANDOM_SIZE characters of a key id. */
struct slice about_key(enum environment environment, const char *random, char text[ABOUT_SIZE]);
struct slice about_totp(uint64_t account, char text[ABOUT_SIZE]);
struct slice about_webhook(uint64_t id, char text[ABOUT_SIZE]);
struct slice about_mail(uint64_t id, char text[ABOUT_SIZE]);
struct slice about_alert(uint64_t id, char text[ABOUT_SIZE]);
struct slice about_leak_object(uint64_t leak, char text[ABOUT_SIZE]);
struct slice about_document(const char *id, uint64_t account, char text[ABOUT_SIZE]);

#endif
