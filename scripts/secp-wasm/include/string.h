/* The four memory functions that libsecp256k1 uses; shim.c has their bodies. */
#ifndef TALLY_STRING_H
#define TALLY_STRING_H
#include <stddef.h>
void *memcpy(void *target, const void *source, size_t length);
void *memmove(void *target, const void *source, size_t length);
void *memset(void *target, int value, size_t length);
int memcmp(const void *left, const void *right, size_t length);
size_t strlen(const char *text);
/* A freestanding compiler does not know these names; told so, it turns copies of known length into plain moves. */
#define memcpy __builtin_memcpy
#define memmove __builtin_memmove
#define memset __builtin_memset
#endif
