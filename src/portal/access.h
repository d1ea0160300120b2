/* portal/access.h: who may make a call, and what its body is */
#ifndef PORTAL_ACCESS_H
#define PORTAL_ACCESS_H

enum access {
    ANYONE,   /* without a session too, and hence without CSRF value; Origin is checked */
    ENTERING, /* any session, also one that still owes the second factor */
    PASSWORD, /* any session that does not: of an account without a factor, or a full one */
    FULL,     /* a second factor was given in this session (B1) */
    OPERATOR, /* the same, and the account is an operator's */
    ACCESS_LEVEL = 0x0f,

    /* Or-ed to one of the above: */
    HASHES = 0x10, /* runs on the hashing threads */
    UPLOAD = 0x20, /* the body is a file, not JSON: call.body is NULL */
    DOOR = 0x80,   /* programs of strangers call it: no Origin, no session, any body, as UPLOAD */
    ASKS = 0x100,  /* asks the sandbox exchange: runs on threads that may wait for it */
    TAILS = 0x40,  /* waits for the next audit records that are in reach; has no function */
};

#endif
