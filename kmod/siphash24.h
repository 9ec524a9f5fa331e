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
 * siphash24_words() - SipHash-2-4 of a message of whole words
 * @key: the two halves of the key
 * @message: @words words, at most 31
 * @words: a constant, so that the loop unrolls
 */
static __attribute__((always_inline)) inline __u64
siphash24_words(const __u64 *key, const __u64 *message, unsigned int words)
{
	__u64 v0 = key[0] ^ 0x736f6d6570736575ULL;
	__u64 v1 = key[1] ^ 0x646f72616e646f6dULL;
	__u64 v2 = key[0] ^ 0x6c7967656e657261ULL;
	__u64 v3 = key[1] ^ 0x7465646279746573ULL;
	__u64 last = (__u64)(words * 8) << 56;
	unsigned int i;

#pragma GCC unroll 8
	for (i = 0; i < words; i++) {
		v3 ^= message[i];
		SIP_ROUND(v0, v1, v2, v3);
		SIP_ROUND(v0, v1, v2, v3);
		v0 ^= message[i];
	}
	v3 ^= last;
	SIP_ROUND(v0, v1, v2, v3);
	SIP_ROUND(v0, v1, v2, v3);
	v0 ^= last;
	v2 ^= 0xff;
	SIP_ROUND(v0, v1, v2, v3);
	SIP_ROUND(v0, v1, v2, v3);
	SIP_ROUND(v0, v1, v2, v3);
	SIP_ROUND(v0, v1, v2, v3);
	return v0 ^ v1 ^ v2 ^ v3;
}

#endif /* HOTID_SIPHASH24_H */
