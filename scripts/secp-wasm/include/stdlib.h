/* Declared for libsecp256k1's sake. Nothing of ours allocates: malloc always fails, abort traps (see shim.c). */
#ifndef TALLY_STDLIB_H
#define TALLY_STDLIB_H
#include <stddef.h>
void *malloc(size_t size);
void free(void *pointer);
void abort(void) __attribute__((noreturn));
#endif
