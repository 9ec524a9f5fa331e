// SPDX-License-Identifier: GPL-2.0
/* An identity and a step of it, and the events of both. */
#include "netlink_event.h"

#include "identity.h"
#include "netlink_gen.h"
#include "node.h"

int hotid_netlink_put_step(struct sk_buff *skb, const struct hotid_step *step, u32 index,
			   bool words)
{
	struct nlattr *nest = nla_nest_start(skb, HOTID_A_IDENTITY_STEP);

	if (!nest || nla_put_u32(skb, HOTID_A_STEP_INDEX, index) ||
	    nla_put_string(skb, HOTID_A_STEP_NAME, step->name) ||
	    nla_put_string(skb, HOTID_A_STEP_KIND, step->kind) ||
	    nla_put_u32(skb, HOTID_A_STEP_STAGE, step->stage) ||
	    nla_put_u32(skb, HOTID_A_STEP_VERB, step->verb) ||
	    nla_put_u32(skb, HOTID_A_STEP_STATUS, step->status) ||
	    nla_put_u64_64bit(skb, HOTID_A_STEP_START_NS, step->start_ns, HOTID_A_STEP_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_STEP_END_NS, step->end_ns, HOTID_A_STEP_PAD) ||
	    nla_put_u32(skb, HOTID_A_STEP_ERRNO, step->error) ||
	    (words && nla_put_string(skb, HOTID_A_STEP_MESSAGE, step->message)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

int hotid_netlink_put_identity(struct sk_buff *skb, const struct hotid_identity *identity)
{
	const struct hotid_advertiser *advertiser = hotid_identity_advertiser(identity);

	if (nla_put_string(skb, HOTID_A_IDENTITY_NAME, identity->name) ||
	    nla_put_u32(skb, HOTID_A_IDENTITY_FLAGS, identity->flags) ||
	    nla_put_u32(skb, HOTID_A_IDENTITY_STATE, identity->machine.state) ||
	    nla_put_u32(skb, HOTID_A_IDENTITY_PREVIOUS, identity->previous) ||
	    nla_put_u64_64bit(skb, HOTID_A_IDENTITY_EPOCH, identity->machine.epoch,
			      HOTID_A_IDENTITY_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_IDENTITY_KNOWN_EPOCH, identity->machine.known,
			      HOTID_A_IDENTITY_PAD) ||
	    nla_put_u32(skb, HOTID_A_IDENTITY_REASON, identity->machine.reason) ||
	    nla_put_string(skb, HOTID_A_IDENTITY_MESSAGE, identity->message) ||
	    (advertiser && nla_put(skb, HOTID_A_IDENTITY_HOLDER, HOTID_ID_LEN, advertiser->id)) ||
	    nla_put_u8(skb, HOTID_A_IDENTITY_CLEAN, identity->machine.clean) ||
	    nla_put_u32(skb, HOTID_A_IDENTITY_ERRNO, identity->error) ||
	    nla_put_u64_64bit(skb, HOTID_A_IDENTITY_CHANGED_NS, identity->changed_ns,
			      HOTID_A_IDENTITY_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_IDENTITY_CHANGED_REAL_NS, identity->changed_real_ns,
			      HOTID_A_IDENTITY_PAD))
		return -EMSGSIZE;
	return 0;
}

static void send_identity_event(struct hotid_node *node, const struct hotid_identity *identity,
				u8 command)
{
	void *header;
	struct sk_buff *skb = hotid_netlink_event(node, command, &header);

	if (skb)
		hotid_netlink_multicast(node, skb, header,
					!header || hotid_netlink_put_identity(skb, identity));
}

void hotid_netlink_identity_event(struct hotid_node *node,
				  const struct hotid_identity *identity)
{
	send_identity_event(node, identity, HOTID_CMD_IDENTITY_NTF);
}

void hotid_netlink_identity_gone(struct hotid_node *node, const struct hotid_identity *identity)
{
	send_identity_event(node, identity, HOTID_CMD_IDENTITY_DEL_NTF);
}

void hotid_netlink_step_event(struct hotid_node *node, const struct hotid_identity *identity,
			      u32 index)
{
	void *header;
	struct sk_buff *skb = hotid_netlink_event(node, HOTID_CMD_STEP_NTF, &header);
	int error;

	if (!skb)
		return;
	error = !header || nla_put_string(skb, HOTID_A_IDENTITY_NAME, identity->name) ||
		nla_put_u32(skb, HOTID_A_IDENTITY_STATE, identity->machine.state) ||
		nla_put_u64_64bit(skb, HOTID_A_IDENTITY_EPOCH, identity->machine.epoch,
				  HOTID_A_IDENTITY_PAD) ||
		hotid_netlink_put_step(skb, &identity->steps[index], index, true);
	hotid_netlink_multicast(node, skb, header, error);
}
