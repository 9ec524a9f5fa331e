// SPDX-License-Identifier: GPL-2.0
/*
 * The guard of an identity's ports: see guard.h for what it is.
 *
 * Contexts: frames come in any context in which bottom halves are off, under RCU. Most of
 * them read guard->until and nothing else. The first one after that moment takes
 * guard->lock and computes it anew. hotid_guard_allow() writes it under the same lock, so
 * no frame that was being checked brings an older permission back.
 */
#include "guard.h"

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter_netdev.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "lease.h"
#include "node.h"
#include "peer.h"

/**
 * struct guarded_port - a hook on one device
 * @entry: in guarded_ports
 * @ops: of the hook; its device is NULL when it is not there (any more)
 * @tracker: of the reference to the device
 */
struct guarded_port {
	struct list_head entry;
	struct nf_hook_ops ops;
	netdevice_tracker tracker;
};

/**
 * struct hotid_guard - of one identity
 * @rcu: frames may still look at it when it is freed
 * @node: of the identity
 * @lock: protects @allowed, and changes of @until
 * @until: frames pass before this time without a further look
 * @allowed: by this node's state
 * @blocked: frames that did not pass
 * @config: what was asked for
 * @ports: as many as it says
 */
struct hotid_guard {
	struct rcu_head rcu;
	struct hotid_node *node;
	spinlock_t lock;	/* protects allowed, and changes of until */
	u64 until;
	bool allowed;
	atomic64_t blocked;
	struct hotid_guard_config config;
	struct guarded_port ports[];
};

/* Of all guards; needs rtnl. */
static LIST_HEAD(guarded_ports);

static u64 voter_lease(struct hotid_node *node, const u8 *id)
{
	const struct hotid_peer *peer;

	if (!memcmp(node->id, id, HOTID_ID_LEN))
		return U64_MAX;
	peer = hotid_peer_find(node, id);
	return peer ? hotid_lease_end(peer) : 0;
}

/* When fewer than a majority of the leases are left: the end of the one that makes it. */
static u64 majority_lease(const struct hotid_guard *guard)
{
	u32 n = guard->config.n_voters, i, place;
	u64 ends[HOTID_MAX_VOTERS], end;

	if (!n)
		return U64_MAX;
	for (i = 0; i < n; i++) {
		end = voter_lease(guard->node, guard->config.voters[i]);
		for (place = i; place && ends[place - 1] < end; place--)
			ends[place] = ends[place - 1];
		ends[place] = end;
	}
	return ends[n / 2];
}

u64 hotid_guard_lease_end(struct hotid_guard *guard)
{
	u64 end;

	rcu_read_lock();
	end = majority_lease(guard);
	rcu_read_unlock();
	return end == U64_MAX ? 0 : end;
}

static bool guard_passes(struct hotid_guard *guard)
{
	u64 until = 0;

	if (ktime_get_ns() < READ_ONCE(guard->until))
		return true;
	spin_lock(&guard->lock);
	if (guard->allowed) {
		rcu_read_lock();
		until = majority_lease(guard);
		rcu_read_unlock();
	}
	WRITE_ONCE(guard->until, until);
	spin_unlock(&guard->lock);
	/* The clock is read after the lease: what is computed takes time as well. */
	return ktime_get_ns() < until;
}

static unsigned int guard_frame(void *guard, struct sk_buff *skb,
				const struct nf_hook_state *state)
{
	if (likely(guard_passes(guard)))
		return NF_ACCEPT;
	atomic64_inc(&((struct hotid_guard *)guard)->blocked);
	return NF_DROP;
}

void hotid_guard_allow(struct hotid_guard *guard, bool allowed)
{
	spin_lock(&guard->lock);
	guard->allowed = allowed;
	WRITE_ONCE(guard->until, 0);
	spin_unlock(&guard->lock);
}

u32 hotid_guard_egress(struct hotid_guard *guard)
{
	if (!guard)
		return HOTID_EGRESS_UNGUARDED;
	return guard_passes(guard) ? HOTID_EGRESS_OPEN : HOTID_EGRESS_BLOCKED;
}

const struct hotid_guard_config *hotid_guard_config(const struct hotid_guard *guard)
{
	return &guard->config;
}

u64 hotid_guard_blocked(const struct hotid_guard *guard)
{
	return atomic64_read(&guard->blocked);
}

static void port_drop(struct guarded_port *port, struct net *net)
{
	ASSERT_RTNL();
	if (!port->ops.dev)
		return;
	list_del(&port->entry);
	nf_unregister_net_hook(net, &port->ops);
	netdev_put(port->ops.dev, &port->tracker);
	port->ops.dev = NULL;
}

static int port_guard(struct hotid_guard *guard, u32 index, struct netlink_ext_ack *extack)
{
	struct guarded_port *port = &guard->ports[index];
	struct net *net = guard->node->net;
	struct net_device *dev = __dev_get_by_index(net, guard->config.ports[index]);
	int error;

	ASSERT_RTNL();
	if (!dev) {
		NL_SET_ERR_MSG(extack, "port is no device of this network namespace; see ip link");
		return -ENODEV;
	}
	port->ops = (struct nf_hook_ops) {
		.hook = guard_frame,
		.priv = guard,
		.dev = dev,
		.pf = NFPROTO_NETDEV,
		.hooknum = NF_NETDEV_EGRESS,
		/* Last: nothing that a later hook sends instead is missed. */
		.priority = INT_MAX,
	};
	error = nf_register_net_hook(net, &port->ops);
	if (error) {
		port->ops.dev = NULL;
		if (error == -EOPNOTSUPP)
			NL_SET_ERR_MSG(extack, "the kernel has no egress hook; it needs CONFIG_NETFILTER_EGRESS");
		return error;
	}
	netdev_hold(dev, &port->tracker, GFP_KERNEL);
	list_add(&port->entry, &guarded_ports);
	return 0;
}

static void drop_ports(struct hotid_guard *guard)
{
	u32 i;

	rtnl_lock();
	for (i = 0; i < guard->config.n_ports; i++)
		port_drop(&guard->ports[i], guard->node->net);
	rtnl_unlock();
}

struct hotid_guard *hotid_guard_new(struct hotid_node *node,
				    const struct hotid_guard_config *config, bool allowed,
				    struct netlink_ext_ack *extack)
{
	struct hotid_guard *guard = kzalloc(struct_size(guard, ports, config->n_ports), GFP_KERNEL);
	int error = 0;
	u32 i;

	if (!guard)
		return ERR_PTR(-ENOMEM);
	guard->node = node;
	spin_lock_init(&guard->lock);
	guard->config = *config;
	guard->allowed = allowed;
	rtnl_lock();
	for (i = 0; i < config->n_ports && !error; i++)
		error = port_guard(guard, i, extack);
	rtnl_unlock();
	if (error) {
		hotid_guard_free(guard);
		return ERR_PTR(error);
	}
	return guard;
}

void hotid_guard_free(struct hotid_guard *guard)
{
	if (!guard)
		return;
	drop_ports(guard);
	kfree_rcu(guard, rcu);
}

static int netdev_event(struct notifier_block *block, unsigned long event, void *data)
{
	struct net_device *dev = netdev_notifier_info_to_dev(data);
	struct guarded_port *port, *next;

	if (event == NETDEV_UNREGISTER)
		list_for_each_entry_safe(port, next, &guarded_ports, entry)
			if (port->ops.dev == dev)
				port_drop(port, dev_net(dev));
	return NOTIFY_DONE;
}

static struct notifier_block device_block = { .notifier_call = netdev_event };

int hotid_guard_init(void)
{
	return register_netdevice_notifier(&device_block);
}

void hotid_guard_exit(void)
{
	unregister_netdevice_notifier(&device_block);
}
