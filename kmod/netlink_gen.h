/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	kmod/spec/hotid.yaml */
/* YNL-GEN kernel header */

#ifndef _LINUX_HOTID_GEN_H
#define _LINUX_HOTID_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/hotid.h>

/* Common nested types */
extern const struct nla_policy hotid_guard_nl_policy[HOTID_A_GUARD_PORT + 1];
extern const struct nla_policy hotid_guarded_port_nl_policy[HOTID_A_GUARDED_PORT_IFINDEX + 1];
extern const struct nla_policy hotid_path_nl_policy[HOTID_A_PATH_GAPS + 1];
extern const struct nla_policy hotid_step_nl_policy[HOTID_A_STEP_PAD + 1];
extern const struct nla_policy hotid_voter_nl_policy[HOTID_A_VOTER_ID + 1];

int hotid_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_keepalive_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_probe_set_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_probe_del_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_peer_new_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int hotid_nl_margins_reset_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_new_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_del_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_get_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_get_dumpit(struct sk_buff *skb,
				 struct netlink_callback *cb);
int hotid_nl_identity_arm_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_disarm_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_takeover_doit(struct sk_buff *skb,
				    struct genl_info *info);
int hotid_nl_identity_release_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_report_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_step_report_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_history_get_dumpit(struct sk_buff *skb,
				struct netlink_callback *cb);

enum {
	HOTID_NLGRP_EVENTS,
};

extern struct genl_family hotid_nl_family;

#endif /* _LINUX_HOTID_GEN_H */
