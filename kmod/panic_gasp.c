// SPDX-License-Identifier: GPL-2.0
/*
 * The gasp of a kernel that panics.
 *
 * While all is well, every keepalive refreshes the frames of all targets: the route's
 * device, the next hop's address, and all of the frame but the gasp itself. In a
 * panic that is written and netpoll hands the frames to the driver, which needs no
 * interrupt, no softirq and no lock that it would wait for.
 */
#include "panic_gasp.h"

#include <linux/udp.h>
#include <net/sock.h>

#include "gasp_frame.h"
#include "netpoll_target.h"
#include "node.h"
#include "packet.h"
#include "peer.h"
#include "target.h"

/*
 * A device whose queue is full takes a tick for each packet, and there may be
 * thousands of targets. A crash kernel, or the reboot after the panic, must not
 * wait for all of them. The first frame of every target goes before the second of
 * any.
 */
#define MOST_NS	(100 * NSEC_PER_MSEC)

static u8 refresh_target(struct hotid_target *target, u8 before)
{
	struct sock *sk = target->socket->sk;
	struct dst_entry *dst = target->connected ? sk_dst_get(sk) : NULL;
	u8 state;

	if (!dst)
		return HOTID_GASP_STATE_NO_ROUTE;
	state = hotid_gasp_frames_refresh(&target->frames, sk, dst, before);
	dst_release(dst);
	return state;
}

void hotid_panic_gasp_refresh(struct hotid_node *node)
{
	struct hotid_target *target;

	lockdep_assert_held(&node->commands);
	list_for_each_entry(target, &node->targets, entry) {
		struct hotid_peer *peer = hotid_peer_find(node, target->peer->id);
		u8 *state = &peer->gasp_frames[target->path];

		WRITE_ONCE(*state, refresh_target(target, *state));
	}
}

void hotid_panic_gasp_send(struct hotid_node *node, u8 reason)
{
	u64 end = ktime_get_mono_fast_ns() + MOST_NS;
	struct hotid_target *target;
	struct hotid_packet_template template;
	int i;

	/* The holder of the lock may have been stopped for good: do without. */
	if (node->ended || !hotid_packet_begin_unlocked(node, &template))
		return;
	node->ended = true;
	for (i = 0; i < HOTID_GASP_FRAMES; i++) {
		u64 seq = atomic64_inc_return(&node->sequence);

		list_for_each_entry(target, &node->targets, entry) {
			struct hotid_netpoll_target *netpoll = READ_ONCE(target->frames.netpoll);
			struct sk_buff *skb = target->frames.skb[i];

			if (!netpoll || !netpoll->np.dev || !skb)
				continue;
			if (ktime_get_mono_fast_ns() > end)
				return;
			target->frames.skb[i] = NULL;
			hotid_packet_beat(&template, HOTID_PACKET_GASP, reason, seq, target->path,
					  (void *)(udp_hdr(skb) + 1));
			hotid_gasp_frame_checksum(skb);
			netpoll_send_skb(&netpoll->np, skb);
		}
	}
}
