/* SPDX-License-Identifier: GPL-2.0 */
/*
 * SipHash-2-4 a second time, written from the paper byte by byte and as plain
 * as can be, to hold the other implementations against. Any length.
 */
#ifndef HOTID_SIPHASH_REFERENCE_H
#define HOTID_SIPHASH_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t siphash_reference_word(const uint8_t *bytes)
{
	uint64_t word = 0;
	int i;

	for (i = 7; i >= 0; i--)
		word = word << 8 | bytes[i];
	return word;
}

static inline uint64_t siphash_reference_turn(uint64_t word, int bits)
{
	return word << bits | word >> (64 - bits);
}

static inline void siphash_reference_rounds(uint64_t v[4], int rounds)
{
	while (rounds--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = siphash_reference_turn(v[1], 13) ^ v[0];
		v[3] = siphash_reference_turn(v[3], 16) ^ v[2];
		v[0] = siphash_reference_turn(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = siphash_reference_turn(v[1], 17) ^ v[2];
		v[3] = siphash_reference_turn(v[3], 21) ^ v[0];
		v[2] = siphash_reference_turn(v[2], 32);
	}
}

static inline uint64_t siphash_reference(const uint8_t key[16], const void *message, size_t length)
{
	static const char constant[] = "somepseudorandomlygeneratedbytes";
	const uint8_t *bytes = message;
	uint64_t v[4], word;
	size_t i, whole = length / 8;

	/* The constants are the text's words, most significant byte first. */
	for (i = 0; i < 4; i++) {
		int byte;

		v[i] = 0;
		for (byte = 0; byte < 8; byte++)
			v[i] = v[i] << 8 | (uint8_t)constant[8 * i + byte];
		v[i] ^= siphash_reference_word(key + 8 * (i & 1));
	}
	for (i = 0; i <= whole; i++) {
		if (i < whole) {
			word = siphash_reference_word(bytes + 8 * i);
		} else {
			size_t rest = length % 8;

			word = (uint64_t)(length & 0xff) << 56;
			while (rest--)
				word |= (uint64_t)bytes[8 * i + rest] << (8 * rest);
		}
		v[3] ^= word;
		siphash_reference_rounds(v, 2);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	siphash_reference_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif /* HOTID_SIPHASH_REFERENCE_H */
