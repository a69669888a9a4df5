/* libsecp256k1 called in a bare loop: the limit that every backend is measured against. Run by secp-raw.ts:
 *
 *   secp-raw LIBRARY FILE ROUNDS
 *
 * FILE holds records of 225 bytes: an ECDSA signature r||s, its digest, its compressed key; a Schnorr signature of the same
 * digest, its x-only key. Prints verifications per second of processor time, ECDSA and Schnorr. The declarations are the
 * library's public interface, spelled out here because its header may not be installed.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RECORD 225

typedef struct { unsigned char data[64]; } object;

static void *load(void *library, const char *name) {
    void *symbol = dlsym(library, name);
    if (symbol == NULL) {
        fprintf(stderr, "%s is missing\n", name);
        exit(2);
    }
    return symbol;
}

static double processor_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
    static unsigned char records[RECORD * 4096];
    if (argc != 4) return 2;
    void *library = dlopen(argv[1], RTLD_NOW);
    FILE *file = fopen(argv[2], "rb");
    if (library == NULL || file == NULL) return 2;
    long count = (long)(fread(records, 1, sizeof(records), file) / RECORD);
    long rounds = atol(argv[3]);
    long good = 0;

    void *(*create)(unsigned int) = load(library, "secp256k1_context_create");
    int (*parse_key)(void *, object *, const unsigned char *, size_t) = load(library, "secp256k1_ec_pubkey_parse");
    int (*parse_signature)(void *, object *, const unsigned char *) = load(library, "secp256k1_ecdsa_signature_parse_compact");
    int (*verify)(void *, const object *, const unsigned char *, const object *) = load(library, "secp256k1_ecdsa_verify");
    int (*parse_xonly)(void *, object *, const unsigned char *) = load(library, "secp256k1_xonly_pubkey_parse");
    int (*verify_schnorr)(void *, const unsigned char *, const unsigned char *, size_t, const object *) =
        load(library, "secp256k1_schnorrsig_verify");
    void *context = create(1);

    double start = processor_seconds();
    for (long i = 0; i < rounds * count; i++) {
        const unsigned char *record = records + RECORD * (i % count);
        object key, signature;
        good += parse_key(context, &key, record + 96, 33) && parse_signature(context, &signature, record) &&
                verify(context, &signature, record + 64, &key);
    }
    double ecdsa = processor_seconds() - start;

    start = processor_seconds();
    for (long i = 0; i < rounds * count; i++) {
        const unsigned char *record = records + RECORD * (i % count);
        object key;
        good += parse_xonly(context, &key, record + 193) && verify_schnorr(context, record + 129, record + 64, 32, &key);
    }
    double schnorr = processor_seconds() - start;

    if (good != 2 * rounds * count) return 3;
    printf("%f %f\n", (double)(rounds * count) / ecdsa, (double)(rounds * count) / schnorr);
    return 0;
}
