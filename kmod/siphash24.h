/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SipHash-2-4 over whole 64-bit words, as the XDP probe needs it: no calls,
 * no byte tail, unrolled by the compiler. The module computes the same with
 * the kernel's siphash(); tests hold the two against each other and against
 * the vectors of the paper (Aumasson and Bernstein, "SipHash: a fast
 * short-input PRF", 2012).
 *
 * Words are read as little-endian, so a big-endian host would have to swap;
 * the build refuses one.
 */
#ifndef HOTID_SIPHASH24_H
#define HOTID_SIPHASH24_H

#include <linux/types.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "siphash24.h reads words as little-endian"
#endif

#define SIP_ROTL(x, b)	(((x) << (b)) | ((x) >> (64 - (b))))

#define SIP_ROUND(v0, v1, v2, v3)					\
	do {								\
		v0 += v1; v1 = SIP_ROTL(v1, 13); v1 ^= v0;		\
		v0 = SIP_ROTL(v0, 32);					\
		v2 += v3; v3 = SIP_ROTL(v3, 16); v3 ^= v2;		\
		v0 += v3; v3 = SIP_ROTL(v3, 21); v3 ^= v0;		\
		v2 += v1; v1 = SIP_ROTL(v1, 17); v1 ^= v2;		\
		v2 = SIP_ROTL(v2, 32);					\
	} while (0)

/**
 * struct siphash24 - the state between the words of a message
 * @v: as the paper names them
 */
struct siphash24 {
	__u64 v[4];
};

static __attribute__((always_inline)) inline struct siphash24
siphash24_begin(const __u64 *key)
{
	struct siphash24 state = { {
		key[0] ^ 0x736f6d6570736575ULL,
		key[1] ^ 0x646f72616e646f6dULL,
		key[0] ^ 0x6c7967656e657261ULL,
		key[1] ^ 0x7465646279746573ULL,
	} };

	return state;
}

static __attribute__((always_inline)) inline void
siphash24_add(struct siphash24 *state, __u64 word)
{
	state->v[3] ^= word;
	SIP_ROUND(state->v[0], state->v[1], state->v[2], state->v[3]);
	SIP_ROUND(state->v[0], state->v[1], state->v[2], state->v[3]);
	state->v[0] ^= word;
}

/* The hash of a message of @words words, at most 31, that were all added. */
static __attribute__((always_inline)) inline __u64
siphash24_end(struct siphash24 *state, unsigned int words)
{
	siphash24_add(state, (__u64)(words * 8) << 56);
	state->v[2] ^= 0xff;
	SIP_ROUND(state->v[0], state->v[1], state->v[2], state->v[3]);
	SIP_ROUND(state->v[0], state->v[1], state->v[2], state->v[3]);
	SIP_ROUND(state->v[0], state->v[1], state->v[2], state->v[3]);
	SIP_ROUND(state->v[0], state->v[1], state->v[2], state->v[3]);
	return state->v[0] ^ state->v[1] ^ state->v[2] ^ state->v[3];
}

/**
 * siphash24_words() - SipHash-2-4 of a message of whole words
 * @key: the two halves of the key
 * @message: @words words, at most 31
 * @words: a constant, so that the loop unrolls
 *
 * Return: the code.
 */
static __attribute__((always_inline)) inline __u64
siphash24_words(const __u64 *key, const __u64 *message, unsigned int words)
{
	struct siphash24 state = siphash24_begin(key);
	unsigned int i;

#pragma GCC unroll 8
	for (i = 0; i < words; i++)
		siphash24_add(&state, message[i]);
	return siphash24_end(&state, words);
}

#endif /* HOTID_SIPHASH24_H */
