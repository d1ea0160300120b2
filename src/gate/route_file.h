/* gate/route_file.h: the routes of a venue with an API of its own
 *
 *     # What follows a number sign is a comment.
 *     signed-prefix  /api
 *     header-prefix  acme-
 *     1001 BALANCES    GET    /balances      private wallets:read  wallets
 *     1002 ORDER_NEW   POST   /orders        private orders:write  order
 *     1003 ORDER_DROP  DELETE /orders/{id}   private orders:write
 *     1004 QUOTES_OLD  GET    /quotes/{pair} public  none  sunset=2027-01-01 successor=/ticker
 *     1005 FORUM       *      /forum/{rest}  public  none  retired
 *
 * A row has a number (1000 to 65535, in audit records: never reused), a name, a method ("*": any),
 * a pattern, a class, a scope ("none": none is needed), and then words: "order" counts as an order,
 * "wallets" fulfils D1, "write" changes something though the scope does not say so, "retired";
 * deprecated=, sunset= (a day, or 2027-01-01T00:00:00Z) and successor= announce an end.  A
 * pattern's last segment may be "*", for all the rest.  The prefixes may be left out: "/api" is
 * signed before the path, and "bfx-" stands before the three headers' names.
 *
 * Pure: no clock, no allocation, no I/O.
 */
#ifndef GATE_ROUTE_FILE_H
#define GATE_ROUTE_FILE_H

#include "gate/route.h"

enum {
    ROUTE_FILE_MOST = 128 * 1024, /* bytes of text */
    ROUTE_PREFIX_MOST = 48,
    ROUTE_WORDS_SIZE = 200,
};

struct route_file {
    struct route_table table;
    struct route rows[ROUTE_TABLE_MOST];
    char signed_prefix[ROUTE_PREFIX_MOST + 2];
    char header_prefix[ROUTE_PREFIX_MOST + 1];
};

struct route_problem {
    unsigned line; /* from 1; 0: of the whole file */
    char words[ROUTE_WORDS_SIZE];
};

/* Parses `text`, which has size + 1 bytes and is cut into words in place: the rows point into it,
 * so it is kept as long as the file is used, and neither is moved.  False: `problem` says where and
 * what to do, `file` is undefined. */
bool route_file_parse(char *text, size_t size, struct route_file *file,
                      struct route_problem *problem);

#endif
