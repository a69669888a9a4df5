/* libsecp256k1 as one freestanding WebAssembly module: this file includes the library whole, adds the few memory
 * functions it needs, and exports one function per operation of the Secp256k1 interface (src/kernel/crypto/secp256k1.ts).
 *
 * Arguments and results lie in one fixed block, `io`, whose address `io_address` returns; the offsets below are repeated in
 * src/kernel/crypto/secp256k1-wasm.ts. No operation allocates. Functions return 1 for yes or success, 0 otherwise.
 * After work with a secret the caller calls `wipe`.
 */

#define USE_EXTERNAL_DEFAULT_CALLBACKS 1
#define ENABLE_MODULE_ECDH 1
#define ENABLE_MODULE_EXTRAKEYS 1
#define ENABLE_MODULE_SCHNORRSIG 1
#ifndef ECMULT_WINDOW_SIZE
#define ECMULT_WINDOW_SIZE 15
#endif

#include "secp256k1.c"
#include "precomputed_ecmult.c"
#include "precomputed_ecmult_gen.c"

#define EXPORT(name) __attribute__((export_name(#name))) name

/* ---- what the library expects from its surroundings ---- */

#undef memcpy
#undef memmove
#undef memset

__attribute__((no_builtin)) void *memcpy(void *target, const void *source, size_t length) {
    unsigned char *to = target;
    const unsigned char *from = source;
    while (length-- > 0) *to++ = *from++;
    return target;
}

__attribute__((no_builtin)) void *memmove(void *target, const void *source, size_t length) {
    unsigned char *to = target;
    const unsigned char *from = source;
    if (to < from) return memcpy(target, source, length);
    while (length-- > 0) to[length] = from[length];
    return target;
}

__attribute__((no_builtin)) void *memset(void *target, int value, size_t length) {
    unsigned char *to = target;
    while (length-- > 0) *to++ = (unsigned char)value;
    return target;
}

__attribute__((no_builtin)) int memcmp(const void *left, const void *right, size_t length) {
    const unsigned char *a = left;
    const unsigned char *b = right;
    for (; length > 0; length--, a++, b++) {
        if (*a != *b) return *a < *b ? -1 : 1;
    }
    return 0;
}

__attribute__((no_builtin)) size_t strlen(const char *text) {
    size_t length = 0;
    while (text[length] != 0) length++;
    return length;
}

void *malloc(size_t size) {
    (void)size;
    return NULL;
}

void free(void *pointer) { (void)pointer; }

void abort(void) { __builtin_trap(); }

/* A broken precondition of the library is refused by a zero result; a broken invariant stops the module. */
void secp256k1_default_illegal_callback_fn(const char *message, void *data) {
    (void)message;
    (void)data;
}

void secp256k1_default_error_callback_fn(const char *message, void *data) {
    (void)message;
    (void)data;
    __builtin_trap();
}

/* ---- the block through which bytes come and go ---- */

static struct {
    unsigned char signature[64]; /*   0 signature r||s, or R.x||s */
    unsigned char digest[32];    /*  64 message digest, or an output key's x */
    unsigned char scalar[32];    /*  96 secret key or tweak */
    unsigned char extra[32];     /* 128 a second scalar: tweak of a secret, auxiliary randomness, seed */
    unsigned char key[68];       /* 160 public key: 33 or 65 bytes, or 32 bytes of x; results come back here too */
} io;

static struct {
    secp256k1_ecdsa_signature signature;
    secp256k1_pubkey key;
    secp256k1_xonly_pubkey xonly;
    secp256k1_keypair keypair;
} work;

/* Enough for any version's context; `start` checks. */
static unsigned char context_memory[512] __attribute__((aligned(16)));
static secp256k1_context *signing;

/* Schnorr messages lie behind everything else; the caller grows the memory when one needs more. */
extern unsigned char __heap_base;

unsigned char *EXPORT(io_address)(void) { return io.signature; }
unsigned char *EXPORT(message_address)(void) { return &__heap_base; }

/* Once, before anything else. */
int EXPORT(start)(void) {
    secp256k1_selftest();
    if (secp256k1_context_preallocated_size(SECP256K1_CONTEXT_NONE) > sizeof(context_memory)) return 0;
    signing = secp256k1_context_preallocated_create(context_memory, SECP256K1_CONTEXT_NONE);
    return signing != NULL;
}

/* Blinds the signing context with the 32 random bytes in `extra`. */
int EXPORT(randomize)(void) { return secp256k1_context_randomize(signing, io.extra); }

/* Forgets every secret that passed through. */
void EXPORT(wipe)(void) {
    volatile unsigned char *bytes = (volatile unsigned char *)&io;
    size_t i;
    for (i = 0; i < sizeof(io); i++) bytes[i] = 0;
    bytes = (volatile unsigned char *)&work;
    for (i = 0; i < sizeof(work); i++) bytes[i] = 0;
}

/* ---- verification ---- */

int EXPORT(verify_ecdsa)(int key_length) {
    return secp256k1_ec_pubkey_parse(secp256k1_context_static, &work.key, io.key, (size_t)key_length)
        && secp256k1_ecdsa_signature_parse_compact(secp256k1_context_static, &work.signature, io.signature)
        && secp256k1_ecdsa_verify(secp256k1_context_static, &work.signature, io.digest, &work.key);
}

int EXPORT(verify_schnorr)(int message_length) {
    const unsigned char *message = &__heap_base;
    return secp256k1_xonly_pubkey_parse(secp256k1_context_static, &work.xonly, io.key)
        && secp256k1_schnorrsig_verify(secp256k1_context_static, io.signature, message, (size_t)message_length, &work.xonly);
}

int EXPORT(check_xonly_tweak)(int parity) {
    return secp256k1_xonly_pubkey_parse(secp256k1_context_static, &work.xonly, io.key)
        && secp256k1_xonly_pubkey_tweak_add_check(secp256k1_context_static, io.digest, parity, &work.xonly, io.scalar);
}

/* ---- keys ---- */

static int put_key(int compressed) {
    size_t length = 65;
    return secp256k1_ec_pubkey_serialize(secp256k1_context_static, io.key, &length, &work.key,
                                         compressed ? SECP256K1_EC_COMPRESSED : SECP256K1_EC_UNCOMPRESSED);
}

int EXPORT(check_public_key)(int key_length) {
    return secp256k1_ec_pubkey_parse(secp256k1_context_static, &work.key, io.key, (size_t)key_length);
}

int EXPORT(check_xonly_public_key)(void) {
    return secp256k1_xonly_pubkey_parse(secp256k1_context_static, &work.xonly, io.key);
}

int EXPORT(convert_public_key)(int key_length, int compressed) {
    return secp256k1_ec_pubkey_parse(secp256k1_context_static, &work.key, io.key, (size_t)key_length) && put_key(compressed);
}

int EXPORT(tweak_public_key)(int key_length, int compressed) {
    return secp256k1_ec_pubkey_parse(secp256k1_context_static, &work.key, io.key, (size_t)key_length)
        && secp256k1_ec_pubkey_tweak_add(secp256k1_context_static, &work.key, io.scalar)
        && put_key(compressed);
}

/* The result is a compressed key, so its first byte tells the parity. */
int EXPORT(tweak_xonly)(void) {
    return secp256k1_xonly_pubkey_parse(secp256k1_context_static, &work.xonly, io.key)
        && secp256k1_xonly_pubkey_tweak_add(secp256k1_context_static, &work.key, &work.xonly, io.scalar)
        && put_key(1);
}

/* ---- secrets: always in `scalar` ---- */

int EXPORT(check_secret)(void) { return secp256k1_ec_seckey_verify(secp256k1_context_static, io.scalar); }

int EXPORT(create_public_key)(int compressed) {
    return secp256k1_ec_pubkey_create(signing, &work.key, io.scalar) && put_key(compressed);
}

int EXPORT(tweak_secret)(void) { return secp256k1_ec_seckey_tweak_add(secp256k1_context_static, io.scalar, io.extra); }

int EXPORT(tweak_xonly_secret)(void) {
    return secp256k1_keypair_create(signing, &work.keypair, io.scalar)
        && secp256k1_keypair_xonly_tweak_add(secp256k1_context_static, &work.keypair, io.extra)
        && secp256k1_keypair_sec(secp256k1_context_static, io.scalar, &work.keypair);
}

int EXPORT(sign_ecdsa)(int with_extra) {
    return secp256k1_ecdsa_sign(signing, &work.signature, io.digest, io.scalar, NULL, with_extra ? io.extra : NULL)
        && secp256k1_ecdsa_signature_serialize_compact(secp256k1_context_static, io.signature, &work.signature);
}

int EXPORT(sign_schnorr)(int message_length) {
    const unsigned char *message = &__heap_base;
    secp256k1_schnorrsig_extraparams extra = SECP256K1_SCHNORRSIG_EXTRAPARAMS_INIT;
    extra.ndata = io.extra;
    return secp256k1_keypair_create(signing, &work.keypair, io.scalar)
        && secp256k1_schnorrsig_sign_custom(signing, io.signature, message, (size_t)message_length, &work.keypair, &extra);
}

static int copy_x(unsigned char *output, const unsigned char *x, const unsigned char *y, void *data) {
    (void)y;
    (void)data;
    __builtin_memcpy(output, x, 32);
    return 1;
}

/* The x coordinate of scalar times key goes to `digest`. */
int EXPORT(ecdh)(int key_length) {
    return secp256k1_ec_pubkey_parse(secp256k1_context_static, &work.key, io.key, (size_t)key_length)
        && secp256k1_ecdh(secp256k1_context_static, io.digest, &work.key, io.scalar, copy_x, NULL);
}
