/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A node: what one network namespace has of hotid.
 *
 * Three kinds of context meet here.
 *
 *   commands   process context, one at a time under node->commands; they
 *              alone add, replace and free peers, targets, identities,
 *              sockets and slot tables, and what such a list holds does not
 *              go while they read it. The family runs commands in parallel,
 *              so one that waits (for a grace period, for a round of the
 *              detector) keeps no other family and no other node waiting;
 *              and a keepalive waits for none, see hotid_nl_keepalive_doit()
 *   softirq    the beat and detector tasklets, the advertisement timer, packets;
 *              they read under RCU and change state under node->lock
 *   hard irq   the hrtimers; they read slots, and schedule tasklets
 *
 * node->commands is taken first, before rtnl and all else. node->lock is taken
 * with bottom halves off and nests inside the mutex alone.
 */
#ifndef HOTID_NODE_H
#define HOTID_NODE_H

#include <linux/hashtable.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/workqueue.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "detector.h"
#include "key.h"
#include "lease.h"
#include "table.h"
#include "uapi/linux/hotid.h"

#define HOTID_MAX_PROBES	16
#define HOTID_HISTORY		32
#define HOTID_PEER_BITS		10

struct hotid_identity;

/**
 * struct hotid_probe - one device on which an XDP probe runs
 * @ifindex: the device, 0 for a free place
 * @mode: enum hotid_probe_mode
 */
struct hotid_probe {
	u32 ifindex;
	u32 mode;
};

/**
 * struct hotid_node - one network namespace
 * @net: the namespace
 * @commands: held by a command, see above
 * @lock: protects what says so below, and the fields of peers and identities
 *	that theirs say
 * @id: node id; all zero until it is set (lock)
 * @name: for people (lock)
 * @ended: gasped; does not beat any more
 * @boot_id: random per namespace and load of the module
 * @key: the cluster keys that are accepted (lock)
 * @own_key: what this node signs with, derived from each and @id (lock)
 * @signing: index of the one that is signed with (lock)
 * @port: UDP port on which beats are received
 * @interval_us: between two beats, as they announce it (lock)
 * @pace_us: between two beats in fact; shorter while a longer one is announced
 *	(lock, read by the timer)
 * @announced: beats that announced @interval_us (lock)
 * @announced_ns: since when they do (lock)
 * @user_limit_ms: longest time between two keepalives (lock)
 * @keepalive_health: as the last keepalive said (lock)
 * @keepalive_ns: when the last keepalive came, 0 for never (lock)
 * @sequence: of the last packet sent, over all paths; begins with a random number
 * @sent_ns: when the last packets were sent, by their sequence; see lease.h
 * @beats_sent: datagrams given to the stack
 * @send_errors: datagrams the stack refused
 * @beat_timer: every interval, while there is a target
 * @user_timer: when the daemon has been silent for too long
 * @beat_tasklet: sends what @beat_timer and @user_timer ask for
 * @targets: where beats go (RCU)
 * @receive: sockets of the beat port, IPv4 and IPv6
 * @control: sockets that challenges and answers leave from, IPv4 and IPv6; NULL
 *	until needed (@proof_work)
 * @table: slots of the peers (RCU inside)
 * @probes: devices with an XDP probe
 * @peers: by node id (RCU)
 * @proofs: peers that are to be challenged or answered (lock)
 * @proof_work: does that
 * @detector: judges them
 * @peers_seq: counts peers added and removed, for dumps
 * @identities_seq: the same for identities and their history
 * @expected: how many peers live and are watched (lock)
 * @conflicts: how many peers have a rival with their id (lock)
 * @identities: (RCU)
 * @advertisement_timer: repeats the advertisements of what is taken or held here
 * @history: ring of the last changes of state (lock)
 * @history_next: place of the next record (lock)
 */
struct hotid_node {
	struct net *net;
	struct mutex commands;	/* held by a command, see above */
	spinlock_t lock;	/* protects what says (lock) above */
	bool ended;

	u8 id[HOTID_ID_LEN];
	char name[HOTID_NAME_MAX + 1];
	u64 boot_id;
	struct hotid_key key[HOTID_KEYS];
	siphash_key_t own_key[HOTID_KEYS];
	u32 signing;
	u16 port;
	u32 interval_us;
	u32 pace_us;
	u32 announced;
	u64 announced_ns;
	u32 user_limit_ms;
	u32 keepalive_health;
	u64 keepalive_ns;

	atomic64_t sequence;
	u64 sent_ns[HOTID_SENT];
	atomic64_t beats_sent;
	atomic64_t send_errors;
	struct hrtimer beat_timer;
	struct hrtimer user_timer;
	struct tasklet_struct beat_tasklet;
	struct list_head targets;

	struct socket *receive[2];
	struct socket *control[2];
	struct hotid_table table;
	struct hotid_probe probes[HOTID_MAX_PROBES];
	DECLARE_HASHTABLE(peers, HOTID_PEER_BITS);
	struct list_head proofs;
	struct work_struct proof_work;
	struct hotid_detector detector;
	u32 expected;
	u32 conflicts;
	u32 peers_seq;
	u32 identities_seq;

	struct list_head identities;
	struct timer_list advertisement_timer;
	struct hotid_identity *history[HOTID_HISTORY];
	u32 history_next;
};

/* Of the node in a network namespace; see netns.c. */
extern unsigned int hotid_node_net_id;

/* From here on each network namespace has a node; once for the module. */
int hotid_netns_init(void);
void hotid_netns_exit(void);

/* The node of a namespace; never NULL while the family is registered. */
static inline struct hotid_node *hotid_node_of(struct net *net)
{
	return net_generic(net, hotid_node_net_id);
}

/* What the next beat says of this node's health. Needs node->lock. */
static inline u32 hotid_node_health(struct hotid_node *node)
{
	u64 limit = (u64)node->user_limit_ms * NSEC_PER_MSEC;

	lockdep_assert_held(&node->lock);
	if (!node->keepalive_ns || ktime_get_ns() - node->keepalive_ns > limit)
		return 0;
	return HOTID_HEALTH_USERSPACE | node->keepalive_health;
}

#endif /* HOTID_NODE_H */
