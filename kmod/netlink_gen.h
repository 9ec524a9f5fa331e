/* SPDX-License-Identifier: GPL-2.0 */
/* Generated from kmod/spec/hotid.yaml by "make generate". Do not edit. */
#ifndef HOTID_NETLINK_GEN_H
#define HOTID_NETLINK_GEN_H

#include <net/genetlink.h>
#include <net/netlink.h>
#include "uapi/linux/hotid.h"

extern const struct nla_policy hotid_path_nl_policy[HOTID_A_PATH_MAX + 1];
extern const struct nla_policy hotid_step_nl_policy[HOTID_A_STEP_MAX + 1];

int hotid_nl_node_get_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_node_set_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_kick_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_probe_set_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_probe_del_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_peer_new_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_peer_del_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_peer_get_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_peer_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int hotid_nl_identity_new_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_del_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_get_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int hotid_nl_identity_arm_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_disarm_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_takeover_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_release_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_identity_report_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_step_report_doit(struct sk_buff *skb, struct genl_info *info);
int hotid_nl_history_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

enum {
	HOTID_NLGRP_EVENTS,
};

extern struct genl_family hotid_nl_family;

#endif /* HOTID_NETLINK_GEN_H */
