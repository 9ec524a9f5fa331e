/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The packets between nodes. Kernel, XDP probe and host tests compile this
 * very file.
 *
 * Every packet is one UDP datagram: a head of 48 bytes, in a challenge or an
 * answer followed by 8 more, in a beat or an advertisement by 16, and always a MAC over
 * all bytes before it. The MAC is SipHash-2-4 (Aumasson and Bernstein, 2012) of 64 bits
 * under the sender's own key, which both ends derive from the cluster key and
 * the sender's node id. Multi-byte fields are in network order; the MAC is
 * little-endian, as SipHash defines it.
 *
 *    0       1       2       3       4                       8
 *   +---------------+-------+-------+-----------------------+
 *   | magic "Hi"    |version| type  | interval, us          |
 *   +---------------+-------+-------+-----------------------+
 *   | node id, 16 bytes                                     |
 *   |                                                       |
 *   +-------------------------------------------------------+
 *   | boot id                                               |
 *   +-------------------------------------------------------+
 *   | sequence                                              |
 *   +---------------+-------+-------+-----------------------+
 *   | health        | path  |reason | key generation        |
 *   +---------------+-------+-------+-----------------------+
 *   | beat: echo, promise in us, 4 bytes of 0               |
 *   | challenge and answer: nonce                           |
 *   | advertisement: identity (hash of its name), epoch             |
 *   +-------------------------------------------------------+
 *   | MAC                                                   |
 *   +-------------------------------------------------------+
 *
 * An incarnation has one sequence for all that it sends, of whatever type and
 * on all paths: a packet that goes out on several paths has the same one on
 * each of them, and every later packet a higher one. It begins with a random
 * number below 2^62, so that no two incarnations send the same ones.
 *
 * Echo and promise are what leases are made of, see lease.h: a beat to a peer carries
 * the newest sequence that its sender received from that peer, and how long after
 * that packet came in the sender will not act on the peer's silence.
 */
#ifndef HOTID_WIRE_H
#define HOTID_WIRE_H

#include <linux/types.h>

#define HOTID_WIRE_MAGIC	0x4869	/* "Hi" */
#define HOTID_WIRE_VERSION	3

/**
 * enum hotid_packet - what a packet is
 * @HOTID_PACKET_BEAT: the sender lives
 * @HOTID_PACKET_GASP: the sender ends, for the reason given
 * @HOTID_PACKET_CHALLENGE: an observer asks whether this boot id is real
 * @HOTID_PACKET_ANSWER: it is, and no packet of a lower sequence counts any
 *	more; repeats the nonce
 * @HOTID_PACKET_ADVERT: the sender takes or holds an identity; the reason
 *	says which of the two (enum hotid_identity_state). It is "held" from the
 *	moment at which the fence of the takeover is proven
 */
enum hotid_packet {
	HOTID_PACKET_BEAT = 1,
	HOTID_PACKET_GASP,
	HOTID_PACKET_CHALLENGE,
	HOTID_PACKET_ANSWER,
	HOTID_PACKET_ADVERT,
};

struct hotid_wire_head {
	__be16 magic;
	__u8 version;
	__u8 type;
	__be32 interval_us;
	__u8 node_id[16];
	__be64 boot_id;
	__be64 seq;
	__be16 health;
	__u8 path;
	__u8 reason;
	__be32 key_generation;
};

struct hotid_wire_beat {
	struct hotid_wire_head head;
	__be64 echo;
	__be32 promise_us;
	__be32 unused;
	__le64 mac;
};

struct hotid_wire_gasp {
	struct hotid_wire_head head;
	__le64 mac;
};

/* A challenge or its answer. */
struct hotid_wire_proof {
	struct hotid_wire_head head;
	__be64 nonce;
	__le64 mac;
};

struct hotid_wire_advert {
	struct hotid_wire_head head;
	__be64 identity;
	__be64 epoch;
	__le64 mac;
};

/* Bytes under the MAC. */
#define HOTID_GASP_SIGNED	48
#define HOTID_BEAT_SIGNED	64
#define HOTID_PROOF_SIGNED	56
#define HOTID_ADVERT_SIGNED	64

_Static_assert(sizeof(struct hotid_wire_gasp) == HOTID_GASP_SIGNED + 8, "gasp is 56 bytes");
_Static_assert(sizeof(struct hotid_wire_beat) == HOTID_BEAT_SIGNED + 8, "beat is 72 bytes");
_Static_assert(sizeof(struct hotid_wire_proof) == HOTID_PROOF_SIGNED + 8, "proof is 64 bytes");
_Static_assert(sizeof(struct hotid_wire_advert) == HOTID_ADVERT_SIGNED + 8, "advert is 72 bytes");
_Static_assert(HOTID_ADVERT_SIGNED == HOTID_BEAT_SIGNED, "see hotid_wire_signed()");

#endif /* HOTID_WIRE_H */
