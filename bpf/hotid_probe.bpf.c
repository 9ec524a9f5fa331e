// SPDX-License-Identifier: GPL-2.0
/*
 * The XDP heartbeat probe: what comes in for the beat port is judged here,
 * before the stack. A good beat stamps its peer's slot and is dropped; what
 * is malformed, unknown, forged or replayed is counted and dropped; what the
 * module must see (gasps, advertisements, new boot ids, changes) goes up. As long as
 * the module does not use these maps, or does not any more, it may know senders
 * that have no slot here, and they go up, too. All other traffic passes
 * untouched.
 *
 * It uses nothing of the kernel but the XDP context, so the one object runs
 * on every kernel; the maps carry BTF for whoever wants to read them.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "siphash24.h"
#include "slot.h"

/* Set before loading: the beat port, and the number of slots less one. */
const volatile __u16 beat_port = 7707;
const volatile __u32 slot_mask = 1023;

/*
 * Keys lie in the slots. Root can read maps, as it can the kernel's memory; the
 * netlink interface gives no key to anyone.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct hotid_slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);		/* set to the number of CPUs */
	__type(key, __u32);
	__type(value, struct hotid_counters);
} counters SEC(".maps");

/*
 * Words of a packet are read where they lie, aligned or not: byte by byte a
 * beat takes a fifth longer. Machines that cannot do that have a verifier that
 * says so.
 */
static __always_inline struct hotid_slot *slot_find(const __u8 *wire_id)
{
	const __u64 *words = (const void *)wire_id;
	const __u64 id[2] = { words[0], words[1] };
	const __u32 mask = slot_mask;
	__u32 place = hotid_slot_home(id, mask), i;

	for (i = 0; i < HOTID_SLOT_SPAN; i++, place = (place + 1) & mask) {
		struct hotid_slot *slot = bpf_map_lookup_elem(&slots, &place);

		if (slot && slot->live && slot->node_id[0] == id[0] && slot->node_id[1] == id[1])
			return slot;
	}
	return NULL;
}

static __always_inline int authentic(const struct hotid_slot *slot, const void *packet,
				     __u32 words)
{
	const __u64 *key = hotid_slot_key(slot, packet);
	const __u64 *message = packet;

	return key && siphash24_words(key, message, words) == message[words];
}

/*
 * The same for a beat. What all beats of its sender begin with was hashed ahead.
 * When that does not match, the module may have been hashing it anew just now.
 */
static __always_inline int authentic_beat(const struct hotid_slot *slot,
					  const struct hotid_wire_head *head)
{
	const __u64 *words = (const void *)head;
	__u16 primings = HOTID_READ(slot->primings);
	struct siphash24 state;
	__u32 i;

	if (hotid_slot_primed(slot, head)) {
		state = slot->primed_state;
#pragma unroll
		for (i = HOTID_PRIMED_WORDS; i < HOTID_BEAT_SIGNED / 8; i++)
			siphash24_add(&state, words[i]);
		if (siphash24_end(&state, HOTID_BEAT_SIGNED / 8) == words[HOTID_BEAT_SIGNED / 8])
			return 1;
		if (!(primings & 1) && primings == HOTID_READ(slot->primings))
			return 0;
	}
	return authentic(slot, head, HOTID_BEAT_SIGNED / 8);
}

static __always_inline enum hotid_verdict judge(struct hotid_wire_head *head, void *end,
						__u32 length)
{
	enum hotid_verdict verdict;
	struct hotid_wire_tail tail = { 0 };
	struct hotid_slot *slot;

	if ((void *)head + sizeof(struct hotid_wire_gasp) > end)
		return HOTID_VERDICT_TRUNCATED;
	verdict = hotid_wire_form(head, length);
	if (verdict != HOTID_VERDICT_ACCEPTED)
		return verdict;
	slot = slot_find(head->node_id);
	if (!slot)
		return HOTID_VERDICT_UNKNOWN;
	if (head->type == HOTID_PACKET_ADVERT) {
		if ((void *)head + sizeof(struct hotid_wire_advert) > end)
			return HOTID_VERDICT_TRUNCATED;
		if (!authentic(slot, head, HOTID_ADVERT_SIGNED / 8))
			return HOTID_VERDICT_BAD_MAC;
	} else if (head->type == HOTID_PACKET_CHALLENGE || head->type == HOTID_PACKET_ANSWER) {
		const struct hotid_wire_proof *proof = (void *)head;

		if ((void *)(proof + 1) > end)
			return HOTID_VERDICT_TRUNCATED;
		if (!authentic(slot, head, HOTID_PROOF_SIGNED / 8))
			return HOTID_VERDICT_BAD_MAC;
		tail = hotid_wire_proof_tail(proof);
	} else if (head->type == HOTID_PACKET_GASP) {
		if (!authentic(slot, head, HOTID_GASP_SIGNED / 8))
			return HOTID_VERDICT_BAD_MAC;
	} else {
		const struct hotid_wire_beat *beat = (void *)head;

		if ((void *)(beat + 1) > end)
			return HOTID_VERDICT_TRUNCATED;
		if (!authentic_beat(slot, head))
			return HOTID_VERDICT_BAD_MAC;
		tail = hotid_wire_beat_tail(beat);
	}
	return hotid_slot_stamp(slot, head, &tail, bpf_ktime_get_ns());
}

static __always_inline int adopted(void)
{
	__u32 first = 0;
	struct hotid_slot *slot = bpf_map_lookup_elem(&slots, &first);

	return slot && slot->adopted;
}

static __always_inline void count(enum hotid_verdict verdict)
{
	__u32 cpu = bpf_get_smp_processor_id();
	struct hotid_counters *mine = bpf_map_lookup_elem(&counters, &cpu);

	if (mine && verdict < HOTID_VERDICTS)
		mine->kind[verdict]++;
}

/*
 * The UDP header of a whole, unfragmented datagram to the beat port, or NULL.
 * IPv6 extension headers and VLAN tags are left to the stack.
 */
static __always_inline struct udphdr *beat_udp(void *data, void *end)
{
	struct ethhdr *eth = data;
	struct udphdr *udp;

	if ((void *)(eth + 1) > end)
		return NULL;
	if (eth->h_proto == bpf_htons(ETH_P_IP)) {
		struct iphdr *ip = (void *)(eth + 1);

		if ((void *)(ip + 1) > end || ip->protocol != IPPROTO_UDP || ip->ihl != 5 ||
		    (ip->frag_off & bpf_htons(0x3fff)))
			return NULL;
		udp = (void *)(ip + 1);
	} else if (eth->h_proto == bpf_htons(ETH_P_IPV6)) {
		struct ipv6hdr *ip6 = (void *)(eth + 1);

		if ((void *)(ip6 + 1) > end || ip6->nexthdr != IPPROTO_UDP)
			return NULL;
		udp = (void *)(ip6 + 1);
	} else {
		return NULL;
	}
	if ((void *)(udp + 1) > end || udp->dest != bpf_htons(beat_port))
		return NULL;
	return udp;
}

SEC("xdp")
int hotid_probe(struct xdp_md *ctx)
{
	void *end = (void *)(long)ctx->data_end;
	struct udphdr *udp = beat_udp((void *)(long)ctx->data, end);
	enum hotid_verdict verdict;
	__u32 length;

	if (!udp)
		return XDP_PASS;
	length = bpf_ntohs(udp->len);
	length = length < sizeof(*udp) ? 0 : length - sizeof(*udp);
	verdict = judge((void *)(udp + 1), end, length);
	if (verdict == HOTID_VERDICT_CONTROL ||
	    (verdict == HOTID_VERDICT_UNKNOWN && !adopted()))
		return XDP_PASS;	/* the module counts it */
	count(verdict);
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
