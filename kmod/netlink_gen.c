// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	kmod/spec/hotid.yaml */
/* YNL-GEN kernel source */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink_gen.h"

#include <uapi/linux/hotid.h>

/* Integer value ranges */
static struct netlink_range_validation hotid_a_node_interval_us_range = {
	.min	= HOTID_INTERVAL_MIN_US,
	.max	= HOTID_INTERVAL_MAX_US,
};

static struct netlink_range_validation hotid_a_node_user_limit_ms_range = {
	.min	= 10ULL,
	.max	= 600000ULL,
};

/* Common nested types */
const struct nla_policy hotid_guard_nl_policy[HOTID_A_GUARD_PORT + 1] = {
	[HOTID_A_GUARD_VOTER] = NLA_POLICY_NESTED(hotid_voter_nl_policy),
	[HOTID_A_GUARD_PORT] = NLA_POLICY_NESTED(hotid_guarded_port_nl_policy),
};

const struct nla_policy hotid_guarded_port_nl_policy[HOTID_A_GUARDED_PORT_IFINDEX + 1] = {
	[HOTID_A_GUARDED_PORT_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

const struct nla_policy hotid_path_nl_policy[HOTID_A_PATH_GAPS + 1] = {
	[HOTID_A_PATH_INDEX] = NLA_POLICY_MAX(NLA_U32, 3),
	[HOTID_A_PATH_REMOTE_IPV4] = { .type = NLA_U32, },
	[HOTID_A_PATH_REMOTE_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[HOTID_A_PATH_LOCAL_IPV4] = { .type = NLA_U32, },
	[HOTID_A_PATH_LOCAL_IPV6] = NLA_POLICY_EXACT_LEN(16),
	[HOTID_A_PATH_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[HOTID_A_PATH_IFINDEX] = { .type = NLA_U32, },
	[HOTID_A_PATH_LAST_NS] = { .type = NLA_U64, },
	[HOTID_A_PATH_SEQ] = { .type = NLA_U64, },
	[HOTID_A_PATH_STATE] = NLA_POLICY_MAX(NLA_U32, 4),
	[HOTID_A_PATH_DOWNS] = { .type = NLA_U32, },
	[HOTID_A_PATH_GASP] = NLA_POLICY_MAX(NLA_U32, 4),
	[HOTID_A_PATH_LONGEST_GAP_NS] = { .type = NLA_U64, },
	[HOTID_A_PATH_GAPS] = { .type = NLA_BINARY, },
};

const struct nla_policy hotid_step_nl_policy[HOTID_A_STEP_PAD + 1] = {
	[HOTID_A_STEP_INDEX] = NLA_POLICY_MAX(NLA_U32, 63),
	[HOTID_A_STEP_NAME] = { .type = NLA_NUL_STRING, .len = HOTID_NAME_MAX, },
	[HOTID_A_STEP_KIND] = { .type = NLA_NUL_STRING, .len = HOTID_KIND_MAX, },
	[HOTID_A_STEP_STAGE] = NLA_POLICY_MAX(NLA_U32, 6),
	[HOTID_A_STEP_VERB] = NLA_POLICY_MAX(NLA_U32, 4),
	[HOTID_A_STEP_STATUS] = NLA_POLICY_MAX(NLA_U32, 3),
	[HOTID_A_STEP_START_NS] = { .type = NLA_U64, },
	[HOTID_A_STEP_END_NS] = { .type = NLA_U64, },
	[HOTID_A_STEP_ERRNO] = { .type = NLA_U32, },
	[HOTID_A_STEP_MESSAGE] = { .type = NLA_NUL_STRING, .len = HOTID_MESSAGE_MAX, },
};

const struct nla_policy hotid_voter_nl_policy[HOTID_A_VOTER_ID + 1] = {
	[HOTID_A_VOTER_ID] = NLA_POLICY_EXACT_LEN(HOTID_ID_LEN),
};

/* HOTID_CMD_NODE_SET - do */
static const struct nla_policy hotid_node_set_nl_policy[HOTID_A_NODE_USER_LIMIT_MS + 1] = {
	[HOTID_A_NODE_ID] = NLA_POLICY_EXACT_LEN(HOTID_ID_LEN),
	[HOTID_A_NODE_NAME] = { .type = NLA_NUL_STRING, .len = HOTID_NAME_MAX, },
	[HOTID_A_NODE_KEY] = NLA_POLICY_EXACT_LEN(HOTID_KEY_LEN),
	[HOTID_A_NODE_KEY_GENERATION] = NLA_POLICY_MIN(NLA_U32, 1),
	[HOTID_A_NODE_KEY_USE] = NLA_POLICY_MIN(NLA_U32, 1),
	[HOTID_A_NODE_KEY_DROP] = NLA_POLICY_MIN(NLA_U32, 1),
	[HOTID_A_NODE_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[HOTID_A_NODE_INTERVAL_US] = NLA_POLICY_FULL_RANGE(NLA_U32, &hotid_a_node_interval_us_range),
	[HOTID_A_NODE_USER_LIMIT_MS] = NLA_POLICY_FULL_RANGE(NLA_U32, &hotid_a_node_user_limit_ms_range),
};

/* HOTID_CMD_KEEPALIVE - do */
static const struct nla_policy hotid_keepalive_nl_policy[HOTID_A_NODE_HEALTH + 1] = {
	[HOTID_A_NODE_HEALTH] = NLA_POLICY_MASK(NLA_U32, 0x3),
};

/* HOTID_CMD_PROBE_SET - do */
static const struct nla_policy hotid_probe_set_nl_policy[HOTID_A_PROBE_MODE + 1] = {
	[HOTID_A_PROBE_SLOTS_FD] = { .type = NLA_U32, },
	[HOTID_A_PROBE_COUNTERS_FD] = { .type = NLA_U32, },
	[HOTID_A_PROBE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
	[HOTID_A_PROBE_MODE] = NLA_POLICY_MAX(NLA_U32, 2),
};

/* HOTID_CMD_PROBE_DEL - do */
static const struct nla_policy hotid_probe_del_nl_policy[HOTID_A_PROBE_IFINDEX + 1] = {
	[HOTID_A_PROBE_IFINDEX] = NLA_POLICY_MIN(NLA_U32, 1),
};

/* HOTID_CMD_PEER_NEW - do */
static const struct nla_policy hotid_peer_new_nl_policy[HOTID_A_PEER_PATH + 1] = {
	[HOTID_A_PEER_ID] = NLA_POLICY_EXACT_LEN(HOTID_ID_LEN),
	[HOTID_A_PEER_NAME] = { .type = NLA_NUL_STRING, .len = HOTID_NAME_MAX, },
	[HOTID_A_PEER_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x3),
	[HOTID_A_PEER_MULTIPLIER] = NLA_POLICY_RANGE(NLA_U32, HOTID_MULTIPLIER_MIN, HOTID_MULTIPLIER_MAX),
	[HOTID_A_PEER_PATH] = NLA_POLICY_NESTED(hotid_path_nl_policy),
};

/* HOTID_CMD_PEER_DEL - do */
static const struct nla_policy hotid_peer_del_nl_policy[HOTID_A_PEER_ID + 1] = {
	[HOTID_A_PEER_ID] = NLA_POLICY_EXACT_LEN(HOTID_ID_LEN),
};

/* HOTID_CMD_PEER_GET - do */
static const struct nla_policy hotid_peer_get_nl_policy[HOTID_A_PEER_ID + 1] = {
	[HOTID_A_PEER_ID] = NLA_POLICY_EXACT_LEN(HOTID_ID_LEN),
};

/* HOTID_CMD_MARGINS_RESET - do */
static const struct nla_policy hotid_margins_reset_nl_policy[HOTID_A_PEER_ID + 1] = {
	[HOTID_A_PEER_ID] = NLA_POLICY_EXACT_LEN(HOTID_ID_LEN),
};

/* HOTID_CMD_IDENTITY_NEW - do */
static const struct nla_policy hotid_identity_new_nl_policy[HOTID_A_IDENTITY_GUARD + 1] = {
	[HOTID_A_IDENTITY_NAME] = { .type = NLA_NUL_STRING, .len = HOTID_NAME_MAX, },
	[HOTID_A_IDENTITY_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x3),
	[HOTID_A_IDENTITY_KNOWN_EPOCH] = { .type = NLA_U64, },
	[HOTID_A_IDENTITY_GUARD] = NLA_POLICY_NESTED(hotid_guard_nl_policy),
};

/* HOTID_CMD_IDENTITY_DEL - do */
static const struct nla_policy hotid_identity_del_nl_policy[HOTID_A_IDENTITY_NAME + 1] = {
	[HOTID_A_IDENTITY_NAME] = { .type = NLA_NUL_STRING, .len = HOTID_NAME_MAX, },
};

/* HOTID_CMD_IDENTITY_GET - do */
static const struct nla_policy hotid_identity_get_nl_policy[HOTID_A_IDENTITY_NAME + 1] = {
	[HOTID_A_IDENTITY_NAME] = { .type = NLA_NUL_STRING, .len = HOTID_NAME_MAX, },
};

/* HOTID_CMD_IDENTITY_ARM - do */
static const struct nla_policy hotid_identity_arm_nl_policy[HOTID_A_IDENTITY_NAME + 1] = {
	[HOTID_A_IDENTITY_NAME] = { .type = NLA_NUL_STRING, .len = HOTID_NAME_MAX, },
};

/* HOTID_CMD_IDENTITY_DISARM - do */
static const struct nla_policy hotid_identity_disarm_nl_policy[HOTID_A_IDENTITY_NAME + 1] = {
	[HOTID_A_IDENTITY_NAME] = { .type = NLA_NUL_STRING, .len = HOTID_NAME_MAX, },
};

/* HOTID_CMD_IDENTITY_TAKEOVER - do */
static const struct nla_policy hotid_identity_takeover_nl_policy[HOTID_A_IDENTITY_EPOCH + 1] = {
	[HOTID_A_IDENTITY_NAME] = { .type = NLA_NUL_STRING, .len = HOTID_NAME_MAX, },
	[HOTID_A_IDENTITY_EPOCH] = { .type = NLA_U64, },
};

/* HOTID_CMD_IDENTITY_RELEASE - do */
static const struct nla_policy hotid_identity_release_nl_policy[HOTID_A_IDENTITY_EPOCH + 1] = {
	[HOTID_A_IDENTITY_NAME] = { .type = NLA_NUL_STRING, .len = HOTID_NAME_MAX, },
	[HOTID_A_IDENTITY_EPOCH] = { .type = NLA_U64, },
};

/* HOTID_CMD_IDENTITY_REPORT - do */
static const struct nla_policy hotid_identity_report_nl_policy[HOTID_A_IDENTITY_ERRNO + 1] = {
	[HOTID_A_IDENTITY_NAME] = { .type = NLA_NUL_STRING, .len = HOTID_NAME_MAX, },
	[HOTID_A_IDENTITY_STATE] = NLA_POLICY_MAX(NLA_U32, 6),
	[HOTID_A_IDENTITY_EPOCH] = { .type = NLA_U64, },
	[HOTID_A_IDENTITY_ERRNO] = { .type = NLA_U32, },
	[HOTID_A_IDENTITY_CLEAN] = NLA_POLICY_MAX(NLA_U8, 1),
	[HOTID_A_IDENTITY_MESSAGE] = { .type = NLA_NUL_STRING, .len = HOTID_MESSAGE_MAX, },
};

/* HOTID_CMD_STEP_REPORT - do */
static const struct nla_policy hotid_step_report_nl_policy[HOTID_A_IDENTITY_STEP + 1] = {
	[HOTID_A_IDENTITY_NAME] = { .type = NLA_NUL_STRING, .len = HOTID_NAME_MAX, },
	[HOTID_A_IDENTITY_STATE] = NLA_POLICY_MAX(NLA_U32, 6),
	[HOTID_A_IDENTITY_EPOCH] = { .type = NLA_U64, },
	[HOTID_A_IDENTITY_STEP] = NLA_POLICY_NESTED(hotid_step_nl_policy),
};

/* By generate.py: 6.1 has no split operations. */
#include "netlink.h"

static const struct genl_ops hotid_nl_ops[] = {
	{
		.cmd = HOTID_CMD_NODE_GET,
		.doit = hotid_nl_node_get_doit,
	},
	{
		.cmd = HOTID_CMD_NODE_SET,
		.doit = hotid_nl_node_set_doit,
		.policy = hotid_node_set_nl_policy,
		.maxattr = HOTID_A_NODE_USER_LIMIT_MS,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_KEEPALIVE,
		.doit = hotid_nl_keepalive_doit,
		.policy = hotid_keepalive_nl_policy,
		.maxattr = HOTID_A_NODE_HEALTH,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_PROBE_SET,
		.doit = hotid_nl_probe_set_doit,
		.policy = hotid_probe_set_nl_policy,
		.maxattr = HOTID_A_PROBE_MODE,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_PROBE_DEL,
		.doit = hotid_nl_probe_del_doit,
		.policy = hotid_probe_del_nl_policy,
		.maxattr = HOTID_A_PROBE_IFINDEX,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_PEER_NEW,
		.doit = hotid_nl_peer_new_doit,
		.policy = hotid_peer_new_nl_policy,
		.maxattr = HOTID_A_PEER_PATH,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_PEER_DEL,
		.doit = hotid_nl_peer_del_doit,
		.policy = hotid_peer_del_nl_policy,
		.maxattr = HOTID_A_PEER_ID,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_PEER_GET,
		.doit = hotid_nl_peer_get_doit,
		.dumpit = hotid_nl_peer_get_dumpit,
		.policy = hotid_peer_get_nl_policy,
		.maxattr = HOTID_A_PEER_ID,
	},
	{
		.cmd = HOTID_CMD_MARGINS_RESET,
		.doit = hotid_nl_margins_reset_doit,
		.policy = hotid_margins_reset_nl_policy,
		.maxattr = HOTID_A_PEER_ID,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_IDENTITY_NEW,
		.doit = hotid_nl_identity_new_doit,
		.policy = hotid_identity_new_nl_policy,
		.maxattr = HOTID_A_IDENTITY_GUARD,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_IDENTITY_DEL,
		.doit = hotid_nl_identity_del_doit,
		.policy = hotid_identity_del_nl_policy,
		.maxattr = HOTID_A_IDENTITY_NAME,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_IDENTITY_GET,
		.doit = hotid_nl_identity_get_doit,
		.dumpit = hotid_nl_identity_get_dumpit,
		.policy = hotid_identity_get_nl_policy,
		.maxattr = HOTID_A_IDENTITY_NAME,
	},
	{
		.cmd = HOTID_CMD_IDENTITY_ARM,
		.doit = hotid_nl_identity_arm_doit,
		.policy = hotid_identity_arm_nl_policy,
		.maxattr = HOTID_A_IDENTITY_NAME,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_IDENTITY_DISARM,
		.doit = hotid_nl_identity_disarm_doit,
		.policy = hotid_identity_disarm_nl_policy,
		.maxattr = HOTID_A_IDENTITY_NAME,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_IDENTITY_TAKEOVER,
		.doit = hotid_nl_identity_takeover_doit,
		.policy = hotid_identity_takeover_nl_policy,
		.maxattr = HOTID_A_IDENTITY_EPOCH,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_IDENTITY_RELEASE,
		.doit = hotid_nl_identity_release_doit,
		.policy = hotid_identity_release_nl_policy,
		.maxattr = HOTID_A_IDENTITY_EPOCH,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_IDENTITY_REPORT,
		.doit = hotid_nl_identity_report_doit,
		.policy = hotid_identity_report_nl_policy,
		.maxattr = HOTID_A_IDENTITY_ERRNO,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_STEP_REPORT,
		.doit = hotid_nl_step_report_doit,
		.policy = hotid_step_report_nl_policy,
		.maxattr = HOTID_A_IDENTITY_STEP,
		.flags = GENL_ADMIN_PERM,
	},
	{
		.cmd = HOTID_CMD_HISTORY_GET,
		.dumpit = hotid_nl_history_get_dumpit,
	},
};

static const struct genl_multicast_group hotid_nl_groups[] = {
	[HOTID_NLGRP_EVENTS] = { .name = "events", .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family hotid_nl_family __ro_after_init = {
	.name = HOTID_FAMILY_NAME,
	.version = HOTID_FAMILY_VERSION,
	.module = THIS_MODULE,
	.netnsok = true,
	.parallel_ops = true,
	.pre_doit = hotid_nl_pre_doit,
	.post_doit = hotid_nl_post_doit,
	.ops = hotid_nl_ops,
	.n_ops = ARRAY_SIZE(hotid_nl_ops),
	.resv_start_op = HOTID_CMD_NODE_GET,
	.mcgrps = hotid_nl_groups,
	.n_mcgrps = ARRAY_SIZE(hotid_nl_groups),
};
