// Four CPU kernels for benchmarks: what a program costs inside against outside.
//
//   kernels KERNEL ROUNDS      KERNEL: hash, sort, matrix, parse
//
// More than a second each, natively: hash 300, sort 150, matrix 500, parse 5000.
//
// Each round does the same work on data made from a fixed seed, and the program prints one
// checksum, so that the inside and the outside run can be seen to have done the same.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state = 1;

static uint64_t next(void) { // splitmix64
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

// ---- hash: SHA-256 (FIPS 180-4) of 1 MiB a round ----

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void sha256_block(uint32_t *h, const uint8_t *block) {
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++)
        w[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 | (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
    for (int i = 16; i < 64; i++)
        w[i] = w[i - 16] + w[i - 7] + (rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18) ^ w[i - 15] >> 3) +
               (rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19) ^ w[i - 2] >> 10);
    memcpy(s, h, sizeof s);
    for (int i = 0; i < 64; i += 8) // eight steps: each letter moves one place on and the last comes first again
        for (int j = 0; j < 8; j++) {
#define S(n) s[(n - j) & 7]
            uint32_t t = S(7) + (rotate(S(4), 6) ^ rotate(S(4), 11) ^ rotate(S(4), 25)) + ((S(4) & S(5)) ^ (~S(4) & S(6))) + K[i + j] + w[i + j];
            S(3) += t;
            S(7) = t + (rotate(S(0), 2) ^ rotate(S(0), 13) ^ rotate(S(0), 22)) + ((S(0) & S(1)) ^ (S(0) & S(2)) ^ (S(1) & S(2)));
#undef S
        }
    for (int i = 0; i < 8; i++) h[i] += s[i];
}

static uint64_t hash(long rounds) {
    enum { BYTES = 1 << 20 };
    static uint8_t data[BYTES + 64];
    uint32_t h[8];
    for (int i = 0; i < BYTES; i++) data[i] = (uint8_t)next();
    memset(data + BYTES, 0, 64); // the padding block: 1 bit, zeros, length in bits
    data[BYTES] = 0x80;
    for (int i = 0; i < 8; i++) data[BYTES + 63 - i] = (uint8_t)((uint64_t)BYTES * 8 >> 8 * i);
    while (rounds--) {
        static const uint32_t FIRST[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
        memcpy(h, FIRST, sizeof h);
        for (int at = 0; at < BYTES + 64; at += 64) sha256_block(h, data + at);
        memcpy(data, h, sizeof h); // the next round hashes something else
    }
    return (uint64_t)h[0] << 32 | h[1];
}

// ---- sort: 100,000 numbers of 64 bits a round ----

static int order(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static uint64_t sort(long rounds) {
    enum { N = 100000 };
    static uint64_t value[N];
    uint64_t sum = 0;
    while (rounds--) {
        for (int i = 0; i < N; i++) value[i] = next();
        qsort(value, N, sizeof *value, order);
        for (int i = 0; i < N; i += 1000) sum = sum * 31 + value[i];
    }
    return sum;
}

// ---- matrix: a product of two 256 x 256 matrices of f64 a round ----

static uint64_t matrix(long rounds) {
    enum { N = 256 };
    static double a[N][N], b[N][N], c[N][N];
    uint64_t bits;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            a[i][j] = (double)(next() >> 11) / 9007199254740992.0;
            b[i][j] = (double)(next() >> 11) / 9007199254740992.0;
        }
    while (rounds--) {
        memset(c, 0, sizeof c);
        for (int i = 0; i < N; i++)
            for (int k = 0; k < N; k++)
                for (int j = 0; j < N; j++) c[i][j] += a[i][k] * b[k][j];
        for (int i = 0; i < N; i++) a[i][i] = c[i][N - 1 - i] / N;
    }
    memcpy(&bits, &c[N / 2][N / 3], sizeof bits);
    return bits;
}

// ---- parse: 20,000 lines of CSV with text, whole numbers and decimals a round ----

// The whole number after the separator that *at points to; *at moves to the next separator.
static uint64_t number(const char **at) {
    uint64_t value = 0;
    for (++*at; **at >= '0' && **at <= '9'; ++*at) value = value * 10 + (uint64_t)(**at - '0');
    return value;
}

static uint64_t parse(long rounds) {
    enum { LINES = 20000, WIDTH = 64 };
    static char text[LINES * WIDTH];
    size_t length = 0;
    uint64_t sum = 0;
    for (int i = 0; i < LINES; i++)
        length += (size_t)snprintf(text + length, WIDTH, "name-%u,%u,%u.%03u,%s\n", (unsigned)(next() % 1000), (unsigned)(next() % 100000),
                                   (unsigned)(next() % 1000), (unsigned)(next() % 1000), next() % 2 ? "yes" : "no");
    while (rounds--) {
        double decimals = 0;
        for (const char *at = text, *end = text + length; at < end;) {
            while (*at != ',') sum = sum * 31 + (uint8_t)*at++;
            sum += number(&at);
            uint64_t before = number(&at), after = number(&at);
            decimals += (double)before + (double)after / 1000;
            sum += at[1] == 'y';
            while (*at++ != '\n') {}
        }
        sum += (uint64_t)decimals;
    }
    return sum;
}

int main(int argc, char **argv) {
    static const struct { const char *name; uint64_t (*run)(long); } KERNEL[] = {
        {"hash", hash}, {"sort", sort}, {"matrix", matrix}, {"parse", parse}};
    long rounds = argc == 3 ? strtol(argv[2], NULL, 10) : 0;
    for (int i = 0; rounds > 0 && i < 4; i++)
        if (strcmp(argv[1], KERNEL[i].name) == 0) {
            printf("%s %ld %016llx\n", argv[1], rounds, (unsigned long long)KERNEL[i].run(rounds));
            return 0;
        }
    fputs("kernels hash|sort|matrix|parse ROUNDS\n", stderr);
    return 1;
}
