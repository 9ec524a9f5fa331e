// SPDX-License-Identifier: GPL-2.0
/* Handlers: identities, their steps and their history. */
#include <net/sock.h>

#include "dispatch.h"
#include "guard.h"
#include "identity.h"
#include "netlink.h"
#include "netlink_event.h"

static int put_steps(struct sk_buff *skb, const struct hotid_identity *identity, bool words)
{
	u32 index;

	for (index = 0; index < identity->n_steps; index++)
		if (identity->steps[index].name[0] &&
		    hotid_netlink_put_step(skb, &identity->steps[index], index, words))
			return -EMSGSIZE;
	return 0;
}

/* How much an answer has of an identity; less, where more does not fit. */
enum detail { WITHOUT_STEPS, WITH_STEPS, WITH_WORDS };

static int put_identity(struct sk_buff *skb, const struct hotid_identity *identity,
			enum detail detail)
{
	if (hotid_netlink_put_identity(skb, identity) ||
	    (detail != WITHOUT_STEPS && put_steps(skb, identity, detail == WITH_WORDS)) ||
	    (detail != WITH_WORDS && identity->n_steps &&
	     nla_put_u32(skb, HOTID_A_IDENTITY_OMITTED, detail == WITH_STEPS ?
			 HOTID_OMISSION_MESSAGES : HOTID_OMISSION_STEPS)))
		return -EMSGSIZE;
	return 0;
}

/* One identity, or one record of it. */
static int dump_identity(struct sk_buff *skb, struct netlink_callback *cb,
			 const struct hotid_identity *identity, u8 command)
{
	int detail = WITH_WORDS, error;
	void *header;

	/*
	 * The reader says how large a part may be. When a part of its own is not
	 * enough, better less than nothing, and it says so: a list without it would
	 * look complete.
	 */
	do {
		header = hotid_netlink_dump_begin(skb, cb, command);
		error = hotid_netlink_dump_end(skb, cb, header, !header ||
					       put_identity(skb, identity, detail));
	} while (error && !skb->len && detail-- > WITHOUT_STEPS);
	return error;
}

/* The identity that the request names, or an error with its reason given. */
static struct hotid_identity *identity_named(struct genl_info *info)
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
	struct hotid_identity *identity = identity_named(info);
	struct hotid_node *node = hotid_netlink_node(info);
	struct sk_buff *skb;
	bool error;

	if (IS_ERR(identity))
		return PTR_ERR(identity);
	skb = hotid_netlink_answer(info, HOTID_MAX_STEPS * 512);
	spin_lock_bh(&node->lock);
	error = !skb || put_identity(skb, identity, WITH_WORDS);
	spin_unlock_bh(&node->lock);
	return hotid_netlink_answer_send(info, skb, error);
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
		if (dump_identity(skb, cb, identity, HOTID_CMD_IDENTITY_GET))
			break;
		cb->args[0] = place;
	}
	spin_unlock_bh(&node->lock);
	return skb->len;
}

int hotid_nl_history_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct hotid_node *node = hotid_node_of(sock_net(skb->sk));
	const struct hotid_identity *record;

	spin_lock_bh(&node->lock);
	cb->seq = node->identities_seq;
	while ((record = hotid_identity_record(node, cb->args[0]))) {
		if (dump_identity(skb, cb, record, HOTID_CMD_HISTORY_GET))
			break;
		cb->args[0]++;
	}
	spin_unlock_bh(&node->lock);
	return skb->len;
}

static bool has_voter(const struct hotid_guard_config *config, const u8 *id)
{
	u32 i;

	for (i = 0; i < config->n_voters; i++)
		if (!memcmp(config->voters[i], id, HOTID_ID_LEN))
			return true;
	return false;
}

static int parse_voter(struct genl_info *info, struct nlattr *nest,
		       struct hotid_guard_config *config)
{
	struct nlattr *given[HOTID_A_VOTER_MAX + 1], *id;
	int error = nla_parse_nested(given, HOTID_A_VOTER_MAX, nest, hotid_voter_nl_policy,
				     info->extack);

	if (error)
		return error;
	id = given[HOTID_A_VOTER_ID];
	if (!id)
		return hotid_netlink_refuse(info, -EINVAL, "voter needs an id; give it", nest);
	if (has_voter(config, nla_data(id)))
		return hotid_netlink_refuse(info, -EINVAL, "id is that of another voter, too", id);
	if (config->n_voters == HOTID_MAX_VOTERS)
		return hotid_netlink_refuse(info, -E2BIG, "voters are too many; give at most 16",
					    nest);
	memcpy(config->voters[config->n_voters++], nla_data(id), HOTID_ID_LEN);
	return 0;
}

static bool has_port(const struct hotid_guard_config *config, u32 ifindex)
{
	u32 i;

	for (i = 0; i < config->n_ports; i++)
		if (config->ports[i] == ifindex)
			return true;
	return false;
}

static int parse_port(struct genl_info *info, struct nlattr *nest,
		      struct hotid_guard_config *config)
{
	struct nlattr *given[HOTID_A_GUARDED_PORT_MAX + 1], *ifindex;
	int error = nla_parse_nested(given, HOTID_A_GUARDED_PORT_MAX, nest,
				     hotid_guarded_port_nl_policy, info->extack);

	if (error)
		return error;
	ifindex = given[HOTID_A_GUARDED_PORT_IFINDEX];
	if (!ifindex)
		return hotid_netlink_refuse(info, -EINVAL, "port needs an ifindex; give it", nest);
	if (has_port(config, nla_get_u32(ifindex)))
		return hotid_netlink_refuse(info, -EINVAL, "ifindex is that of another port, too",
					    ifindex);
	if (config->n_ports == HOTID_MAX_GUARDED_PORTS)
		return hotid_netlink_refuse(info, -E2BIG, "ports are too many; give at most 16",
					    nest);
	config->ports[config->n_ports++] = nla_get_u32(ifindex);
	return 0;
}

static int parse_guard(struct genl_info *info, struct nlattr *nest,
		       struct hotid_guard_config *config)
{
	int rest, error = nla_validate_nested(nest, HOTID_A_GUARD_MAX, hotid_guard_nl_policy,
					      info->extack);
	struct nlattr *item;

	if (error)
		return error;
	nla_for_each_nested(item, nest, rest) {
		error = nla_type(item) == HOTID_A_GUARD_VOTER ? parse_voter(info, item, config) :
			parse_port(info, item, config);
		if (error)
			return error;
	}
	if (config->n_voters && !config->n_ports)
		return hotid_netlink_refuse(info, -EINVAL,
					    "voters decide about ports; give a port, or neither",
					    nest);
	return 0;
}

/* The guard that the request asks for: NULL for none. It passes what the identity may say now. */
static struct hotid_guard *guard_asked(struct genl_info *info, struct nlattr *nest,
				       const struct hotid_guard_config *config)
{
	struct hotid_node *node = hotid_netlink_node(info);
	struct hotid_identity *identity;
	struct hotid_guard *guard;
	bool allowed;

	if (!config->n_ports)
		return NULL;
	identity = hotid_identity_find(node, nla_data(info->attrs[HOTID_A_IDENTITY_NAME]));
	spin_lock_bh(&node->lock);
	allowed = identity && hotid_identity_may_speak(identity);
	spin_unlock_bh(&node->lock);
	guard = hotid_guard_new(node, config, allowed, info->extack);
	if (IS_ERR(guard))
		NL_SET_BAD_ATTR(info->extack, nest);
	return guard;
}

int hotid_nl_identity_new_doit(struct sk_buff *request, struct genl_info *info)
{
	struct hotid_node *node = hotid_netlink_node(info);
	struct nlattr *nest = info->attrs[HOTID_A_IDENTITY_GUARD];
	struct hotid_guard_config config = {};
	struct hotid_guard *guard = NULL;
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
	if (nest) {
		error = parse_guard(info, nest, &config);
		if (error)
			return error;
		guard = guard_asked(info, nest, &config);
		if (IS_ERR(guard))
			return PTR_ERR(guard);
	}
	error = hotid_identity_set(node, nla_data(name), flags ? &given : NULL, epoch, &why);
	if (error) {
		hotid_guard_free(guard);
		return why ? hotid_netlink_refuse(info, error, why, name) : error;
	}
	spin_lock_bh(&node->lock);
	if (nest)
		guard = hotid_identity_set_guard(node, hotid_identity_find(node, nla_data(name)),
						 guard);
	hotid_dispatch_identities(node);
	spin_unlock_bh(&node->lock);
	hotid_guard_free(guard);
	return 0;
}

int hotid_nl_identity_del_doit(struct sk_buff *request, struct genl_info *info)
{
	struct hotid_node *node = hotid_netlink_node(info);
	struct hotid_identity *identity = identity_named(info);
	const char *why = NULL;
	int error;

	if (IS_ERR(identity))
		return PTR_ERR(identity);
	spin_lock_bh(&node->lock);
	error = hotid_identity_unlink(node, identity, &why);
	if (!error)
		hotid_netlink_identity_event(node, identity, HOTID_CMD_IDENTITY_DEL_NTF);
	spin_unlock_bh(&node->lock);
	if (error)
		return hotid_netlink_refuse(info, error, why, info->attrs[HOTID_A_IDENTITY_NAME]);
	hotid_identity_free(identity);
	return 0;
}

/*
 * Carry out @change of the identity that is named: under the lock, reported, and
 * refused with its reason, which is about @attribute, or else about the name.
 */
static int change_identity(struct genl_info *info, int attribute,
			   int (*change)(struct hotid_node *node, struct hotid_identity *identity,
					 struct genl_info *info, const char **why))
{
	struct hotid_node *node = hotid_netlink_node(info);
	struct hotid_identity *identity = identity_named(info);
	const char *why = NULL;
	int error;

	if (IS_ERR(identity))
		return PTR_ERR(identity);
	spin_lock_bh(&node->lock);
	error = change(node, identity, info, &why);
	hotid_dispatch_identities(node);
	spin_unlock_bh(&node->lock);
	if (error && why)
		return hotid_netlink_refuse(info, error, why, info->attrs[attribute] ?:
					    info->attrs[HOTID_A_IDENTITY_NAME]);
	return error;
}

static u64 epoch_of(struct genl_info *info)
{
	struct nlattr *epoch = info->attrs[HOTID_A_IDENTITY_EPOCH];

	return epoch ? nla_get_u64(epoch) : 0;
}

static int identity_arm(struct hotid_node *node, struct hotid_identity *identity,
			struct genl_info *info, const char **why)
{
	return hotid_identity_prepare(node, identity, hotid_machine_arm, why);
}

int hotid_nl_identity_arm_doit(struct sk_buff *request, struct genl_info *info)
{
	return change_identity(info, HOTID_A_IDENTITY_NAME, identity_arm);
}

static int identity_disarm(struct hotid_node *node, struct hotid_identity *identity,
			   struct genl_info *info, const char **why)
{
	return hotid_identity_prepare(node, identity, hotid_machine_disarm, why);
}

int hotid_nl_identity_disarm_doit(struct sk_buff *request, struct genl_info *info)
{
	return change_identity(info, HOTID_A_IDENTITY_NAME, identity_disarm);
}

static int identity_takeover(struct hotid_node *node, struct hotid_identity *identity,
			     struct genl_info *info, const char **why)
{
	struct nlattr *epoch = info->attrs[HOTID_A_IDENTITY_EPOCH];
	u64 known = identity->machine.known;
	int error = hotid_identity_takeover(node, identity, epoch_of(info), why);

	if (error != -ERANGE || !epoch)
		return error;
	*why = NULL;
	return hotid_netlink_refuse_with(info, error, epoch,
					 "the epoch is too far beyond the one known, %llu; the highest allowed now is %llu",
					 known, min_t(u64, known + HOTID_EPOCH_JUMP,
						      HOTID_EPOCH_MAX));
}

int hotid_nl_identity_takeover_doit(struct sk_buff *request, struct genl_info *info)
{
	return change_identity(info, HOTID_A_IDENTITY_EPOCH, identity_takeover);
}

static int identity_release(struct hotid_node *node, struct hotid_identity *identity,
			    struct genl_info *info, const char **why)
{
	return hotid_identity_release(node, identity, epoch_of(info), why);
}

int hotid_nl_identity_release_doit(struct sk_buff *request, struct genl_info *info)
{
	return change_identity(info, HOTID_A_IDENTITY_EPOCH, identity_release);
}

static int identity_report(struct hotid_node *node, struct hotid_identity *identity,
			   struct genl_info *info, const char **why)
{
	struct nlattr **given = info->attrs;
	u32 failure = given[HOTID_A_IDENTITY_ERRNO] ?
		      nla_get_u32(given[HOTID_A_IDENTITY_ERRNO]) : 0;
	bool clean = given[HOTID_A_IDENTITY_CLEAN] && nla_get_u8(given[HOTID_A_IDENTITY_CLEAN]);
	const char *message = given[HOTID_A_IDENTITY_MESSAGE] ?
			      nla_data(given[HOTID_A_IDENTITY_MESSAGE]) : "";

	return hotid_identity_report(node, identity, nla_get_u32(given[HOTID_A_IDENTITY_STATE]),
				     epoch_of(info), failure, clean, message, why);
}

int hotid_nl_identity_report_doit(struct sk_buff *request, struct genl_info *info)
{
	if (!info->attrs[HOTID_A_IDENTITY_STATE])
		return hotid_netlink_missing(info, "state");
	if (!info->attrs[HOTID_A_IDENTITY_EPOCH])
		return hotid_netlink_missing(info, "epoch");
	return change_identity(info, HOTID_A_IDENTITY_STATE, identity_report);
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

/**
 * struct reported - a step in a request, as info->user_ptr[0]
 * @index: of the step
 * @step: what is said of it
 */
struct reported {
	u32 index;
	struct hotid_step step;
};

static int report_step(struct hotid_node *node, struct hotid_identity *identity,
		       struct genl_info *info, const char **why)
{
	const struct reported *reported = info->user_ptr[0];

	return hotid_identity_step(node, identity,
				   nla_get_u32(info->attrs[HOTID_A_IDENTITY_STATE]),
				   epoch_of(info), reported->index, &reported->step, why);
}

int hotid_nl_step_report_doit(struct sk_buff *request, struct genl_info *info)
{
	struct nlattr **given = info->attrs;
	struct reported reported = {};
	int error;

	if (!given[HOTID_A_IDENTITY_STATE])
		return hotid_netlink_missing(info, "state");
	if (!given[HOTID_A_IDENTITY_EPOCH])
		return hotid_netlink_missing(info, "epoch");
	if (!given[HOTID_A_IDENTITY_STEP])
		return hotid_netlink_missing(info, "step");
	error = parse_step(info, given[HOTID_A_IDENTITY_STEP], &reported.index, &reported.step);
	if (error)
		return error;
	info->user_ptr[0] = &reported;
	return change_identity(info, HOTID_A_IDENTITY_STEP, report_step);
}
