// SPDX-License-Identifier: GPL-2.0
/* Handlers: identities, their steps and their history. */
#include <net/sock.h>

#include "history.h"
#include "identity.h"
#include "netlink.h"

static int put_step(struct sk_buff *skb, const struct hotid_step *step, u32 index, bool words)
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

static int put_identity(struct sk_buff *skb, const struct hotid_identity *identity)
{
	const struct hotid_claimant *claimant = hotid_identity_claimant(identity);

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
	    (claimant && nla_put(skb, HOTID_A_IDENTITY_HOLDER, HOTID_ID_LEN, claimant->id)) ||
	    nla_put_u8(skb, HOTID_A_IDENTITY_CLEAN, identity->machine.clean) ||
	    nla_put_u32(skb, HOTID_A_IDENTITY_ERRNO, identity->error) ||
	    nla_put_u64_64bit(skb, HOTID_A_IDENTITY_CHANGED_NS, identity->changed_ns,
			      HOTID_A_IDENTITY_PAD) ||
	    nla_put_u64_64bit(skb, HOTID_A_IDENTITY_CHANGED_REAL_NS, identity->changed_real_ns,
			      HOTID_A_IDENTITY_PAD))
		return -EMSGSIZE;
	return 0;
}

static int put_steps(struct sk_buff *skb, const struct hotid_identity *identity, bool words)
{
	u32 index;

	for (index = 0; index < identity->n_steps; index++)
		if (identity->steps[index].name[0] &&
		    put_step(skb, &identity->steps[index], index, words))
			return -EMSGSIZE;
	return 0;
}

static void send_event(struct hotid_node *node, const struct hotid_identity *identity,
		       u8 command)
{
	void *header;
	struct sk_buff *skb = hotid_netlink_event(node, command, &header);

	if (skb)
		hotid_netlink_multicast(node, skb, header,
					!header ? -EMSGSIZE : put_identity(skb, identity));
}

void hotid_netlink_identity_event(struct hotid_node *node,
				  const struct hotid_identity *identity)
{
	send_event(node, identity, HOTID_CMD_IDENTITY_NTF);
}

void hotid_netlink_identity_gone(struct hotid_node *node, const struct hotid_identity *identity)
{
	send_event(node, identity, HOTID_CMD_IDENTITY_DEL_NTF);
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
		put_step(skb, &identity->steps[index], index, true);
	hotid_netlink_multicast(node, skb, header, error);
}

/* How much is told of an identity; less, where more does not fit. */
enum detail { WITHOUT_STEPS, WITH_STEPS, WITH_WORDS };

/* One identity, or one record of it, as a message, with @cb as part of a dump. */
static int fill(struct sk_buff *skb, const struct hotid_identity *identity, u8 command,
		u32 portid, u32 seq, int flags, enum detail detail, struct netlink_callback *cb)
{
	void *header = genlmsg_put(skb, portid, seq, &hotid_nl_family, flags, command);

	if (!header)
		return -EMSGSIZE;
	if (put_identity(skb, identity) ||
	    (detail != WITHOUT_STEPS && put_steps(skb, identity, detail == WITH_WORDS)) ||
	    (detail != WITH_WORDS && identity->n_steps &&
	     nla_put_u32(skb, HOTID_A_IDENTITY_OMITTED, detail == WITH_STEPS ?
			 HOTID_OMISSION_MESSAGES : HOTID_OMISSION_STEPS))) {
		genlmsg_cancel(skb, header);
		return -EMSGSIZE;
	}
	if (cb)
		genl_dump_check_consistent(cb, header);
	genlmsg_end(skb, header);
	return 0;
}

static int fill_dump(struct sk_buff *skb, struct netlink_callback *cb,
		     const struct hotid_identity *identity, u8 command)
{
	u32 portid = NETLINK_CB(cb->skb).portid, seq = cb->nlh->nlmsg_seq;
	int detail = WITH_WORDS, error;

	/*
	 * The reader says how large a part may be. When a part of its own is not
	 * enough, better less than nothing, and it says so: a list without it would
	 * look complete.
	 */
	do
		error = fill(skb, identity, command, portid, seq, NLM_F_MULTI, detail, cb);
	while (error && !skb->len && detail-- > WITHOUT_STEPS);
	return error;
}

/* The identity that the request names, or an error with its reason given. */
static struct hotid_identity *named(struct genl_info *info)
{
	struct nlattr *name = info->attrs[HOTID_A_IDENTITY_NAME];
	struct hotid_identity *identity;

	if (!name)
		return ERR_PTR(hotid_netlink_missing(info, "name"));
	identity = hotid_identity_find(hotid_netlink_node(info), nla_data(name));
	return identity ?: ERR_PTR(hotid_netlink_refuse(info, -ENOENT,
							"name is no identity of this node; declare it first",
							name));
}

int hotid_nl_identity_get_doit(struct sk_buff *request, struct genl_info *info)
{
	struct hotid_identity *identity = named(info);
	struct hotid_node *node = hotid_netlink_node(info);
	struct sk_buff *skb;
	int error;

	if (IS_ERR(identity))
		return PTR_ERR(identity);
	skb = genlmsg_new(HOTID_MAX_STEPS * 512, GFP_KERNEL);
	if (!skb)
		return -ENOMEM;
	spin_lock_bh(&node->lock);
	error = fill(skb, identity, HOTID_CMD_IDENTITY_GET, info->snd_portid, info->snd_seq, 0,
		     WITH_WORDS, NULL);
	spin_unlock_bh(&node->lock);
	if (error) {
		nlmsg_free(skb);
		return error;
	}
	return genlmsg_reply(skb, info);
}

int hotid_nl_identity_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct hotid_node *node = hotid_node_of(sock_net(skb->sk));
	struct hotid_identity *identity;
	long place = 0;

	spin_lock_bh(&node->lock);
	cb->seq = node->identities_seq;
	list_for_each_entry(identity, &node->identities, entry) {
		if (place++ < cb->args[0])
			continue;
		if (fill_dump(skb, cb, identity, HOTID_CMD_IDENTITY_GET))
			break;
		cb->args[0] = place;
	}
	spin_unlock_bh(&node->lock);
	return skb->len;
}

int hotid_nl_history_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct hotid_node *node = hotid_node_of(sock_net(skb->sk));
	const struct hotid_record *record;

	spin_lock_bh(&node->lock);
	cb->seq = node->identities_seq;
	while ((record = hotid_history_get(node, cb->args[0]))) {
		if (fill_dump(skb, cb, &record->identity, HOTID_CMD_HISTORY_GET))
			break;
		cb->args[0]++;
	}
	spin_unlock_bh(&node->lock);
	return skb->len;
}

int hotid_nl_identity_new_doit(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr *name = info->attrs[HOTID_A_IDENTITY_NAME];
	struct nlattr *flags = info->attrs[HOTID_A_IDENTITY_FLAGS];
	struct nlattr *known = info->attrs[HOTID_A_IDENTITY_KNOWN_EPOCH];
	u64 epoch = known ? nla_get_u64(known) : 0;
	u32 given = flags ? nla_get_u32(flags) : 0;
	const char *why = NULL;
	int error;

	if (!name)
		return hotid_netlink_missing(info, "name");
	if (!*(char *)nla_data(name))
		return hotid_netlink_refuse(info, -EINVAL, "name must not be empty", name);
	if (epoch > HOTID_EPOCH_MAX)
		return hotid_netlink_refuse(info, -ERANGE,
					    "known-epoch is beyond the highest that there is; give a lower one",
					    known);
	error = hotid_identity_set(hotid_netlink_node(info), nla_data(name),
				   flags ? &given : NULL, epoch, &why);
	return error && why ? hotid_netlink_refuse(info, error, why, name) : error;
}

int hotid_nl_identity_del_doit(struct sk_buff *request, struct genl_info *info)
{
	struct hotid_identity *identity = named(info);
	const char *why = NULL;
	int error;

	if (IS_ERR(identity))
		return PTR_ERR(identity);
	error = hotid_identity_remove(hotid_netlink_node(info), identity, &why);
	if (error)
		return hotid_netlink_refuse(info, error, why, info->attrs[HOTID_A_IDENTITY_NAME]);
	return 0;
}

/* What is asked of an identity: under the lock, and refused with the reason. */
#define ASK(info, attribute, call)							\
({											\
	struct hotid_node *node = hotid_netlink_node(info);				\
	struct hotid_identity *identity = named(info);					\
	const char *why = NULL;								\
	int error;									\
											\
	if (IS_ERR(identity))								\
		return PTR_ERR(identity);						\
	spin_lock_bh(&node->lock);							\
	error = call;									\
	spin_unlock_bh(&node->lock);							\
	error ? hotid_netlink_refuse(info, error, why, (info)->attrs[attribute]) : 0;	\
})

static u64 epoch_of(struct genl_info *info)
{
	struct nlattr *epoch = info->attrs[HOTID_A_IDENTITY_EPOCH];

	return epoch ? nla_get_u64(epoch) : 0;
}

int hotid_nl_identity_arm_doit(struct sk_buff *request, struct genl_info *info)
{
	return ASK(info, HOTID_A_IDENTITY_NAME, hotid_identity_arm(node, identity, &why));
}

int hotid_nl_identity_disarm_doit(struct sk_buff *request, struct genl_info *info)
{
	return ASK(info, HOTID_A_IDENTITY_NAME, hotid_identity_disarm(node, identity, &why));
}

int hotid_nl_identity_takeover_doit(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr *epoch = info->attrs[HOTID_A_IDENTITY_EPOCH];
	u64 known;
	int error = ASK(info, epoch ? HOTID_A_IDENTITY_EPOCH : HOTID_A_IDENTITY_NAME,
			(known = identity->machine.known,
			 hotid_identity_takeover(node, identity, epoch_of(info), &why)));

	if (error != -ERANGE || !epoch)
		return error;
	return hotid_netlink_refuse_with(info, error, epoch,
					 "the epoch is too far beyond the one known, %llu; the highest allowed now is %llu",
					 known, min_t(u64, known + HOTID_EPOCH_JUMP,
						      HOTID_EPOCH_MAX));
}

int hotid_nl_identity_release_doit(struct sk_buff *request, struct genl_info *info)
{
	return ASK(info, info->attrs[HOTID_A_IDENTITY_EPOCH] ? HOTID_A_IDENTITY_EPOCH :
		   HOTID_A_IDENTITY_NAME,
		   hotid_identity_release(node, identity, epoch_of(info), &why));
}

int hotid_nl_identity_report_doit(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr **given = info->attrs;
	struct nlattr *error_given = given[HOTID_A_IDENTITY_ERRNO];
	u32 failure = error_given ? nla_get_u32(error_given) : 0;
	bool clean = given[HOTID_A_IDENTITY_CLEAN] && nla_get_u8(given[HOTID_A_IDENTITY_CLEAN]);
	const char *message = given[HOTID_A_IDENTITY_MESSAGE] ?
			      nla_data(given[HOTID_A_IDENTITY_MESSAGE]) : "";

	if (!given[HOTID_A_IDENTITY_STATE])
		return hotid_netlink_missing(info, "state");
	if (!given[HOTID_A_IDENTITY_EPOCH])
		return hotid_netlink_missing(info, "epoch");
	return ASK(info, HOTID_A_IDENTITY_STATE,
		   hotid_identity_report(node, identity,
					 nla_get_u32(given[HOTID_A_IDENTITY_STATE]),
					 epoch_of(info), failure, clean, message, &why));
}

static int parse_step(struct genl_info *info, struct nlattr *nest, u32 *index,
		      struct hotid_step *step)
{
	struct nlattr *given[HOTID_A_STEP_MAX + 1];
	int error = nla_parse_nested(given, HOTID_A_STEP_MAX, nest, hotid_step_nl_policy,
				     info->extack);

	if (error)
		return error;
	if (!given[HOTID_A_STEP_INDEX] || !given[HOTID_A_STEP_NAME] || !given[HOTID_A_STEP_KIND] ||
	    !given[HOTID_A_STEP_STAGE] || !given[HOTID_A_STEP_VERB] || !given[HOTID_A_STEP_STATUS])
		return hotid_netlink_refuse(info, -EINVAL,
					    "step needs index, name, kind, stage, verb and status; give all",
					    nest);
	if (!*(char *)nla_data(given[HOTID_A_STEP_NAME]))
		return hotid_netlink_refuse(info, -EINVAL, "name must not be empty",
					    given[HOTID_A_STEP_NAME]);
	*index = nla_get_u32(given[HOTID_A_STEP_INDEX]);
	nla_strscpy(step->name, given[HOTID_A_STEP_NAME], sizeof(step->name));
	nla_strscpy(step->kind, given[HOTID_A_STEP_KIND], sizeof(step->kind));
	step->stage = nla_get_u32(given[HOTID_A_STEP_STAGE]);
	step->verb = nla_get_u32(given[HOTID_A_STEP_VERB]);
	step->status = nla_get_u32(given[HOTID_A_STEP_STATUS]);
	if (given[HOTID_A_STEP_START_NS])
		step->start_ns = nla_get_u64(given[HOTID_A_STEP_START_NS]);
	if (given[HOTID_A_STEP_END_NS])
		step->end_ns = nla_get_u64(given[HOTID_A_STEP_END_NS]);
	if (given[HOTID_A_STEP_ERRNO])
		step->error = nla_get_u32(given[HOTID_A_STEP_ERRNO]);
	if (given[HOTID_A_STEP_MESSAGE])
		nla_strscpy(step->message, given[HOTID_A_STEP_MESSAGE], sizeof(step->message));
	return 0;
}

int hotid_nl_step_report_doit(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr **given = info->attrs;
	struct hotid_step step = {};
	u32 index;
	int error;

	if (!given[HOTID_A_IDENTITY_STATE])
		return hotid_netlink_missing(info, "state");
	if (!given[HOTID_A_IDENTITY_EPOCH])
		return hotid_netlink_missing(info, "epoch");
	if (!given[HOTID_A_IDENTITY_STEP])
		return hotid_netlink_missing(info, "step");
	error = parse_step(info, given[HOTID_A_IDENTITY_STEP], &index, &step);
	if (error)
		return error;
	return ASK(info, HOTID_A_IDENTITY_STEP,
		   hotid_identity_step(node, identity, nla_get_u32(given[HOTID_A_IDENTITY_STATE]),
				       epoch_of(info), index, &step, &why));
}
