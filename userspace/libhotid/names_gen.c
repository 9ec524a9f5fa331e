// SPDX-License-Identifier: LGPL-2.1-or-later
/* Generated from kmod/spec/hotid.yaml by "make generate". Do not edit. */
#include "names_gen.h"

#include "hotid.h"

#define ENTRY(table, index) \
	((index) < sizeof(table) / sizeof((table)[0]) && (table)[index] ? (table)[index] : "?")

const char *hotid_state_name(uint32_t value)
{
	static const char *const names[] = { "offline", "arming", "armed",
		"taking", "held", "releasing", "failed" };

	return ENTRY(names, value);
}

const char *hotid_reason_name(uint32_t value)
{
	static const char *const names[] = { "none", "admin", "steps-done",
		"step-failed", "undo-failed", "peer-silent", "peer-gasp", "peer-rebooted",
		"beat", "superseded", "user-silent", "path-silent", "path-beat", "unfit",
		"id-conflict" };

	return ENTRY(names, value);
}

const char *hotid_peer_state_name(uint32_t value)
{
	static const char *const names[] = { "unknown", "up", "down", "hung",
		"conflict" };

	return ENTRY(names, value);
}

const char *hotid_gasp_name(uint32_t value)
{
	static const char *const names[] = { "none", "panic", "reboot", "unload" };

	return ENTRY(names, value);
}

const char *hotid_stage_name(uint32_t value)
{
	static const char *const names[] = { "detect", "fence", "net", "storage",
		"mount", "units", "announce" };

	return ENTRY(names, value);
}

const char *hotid_verb_name(uint32_t value)
{
	static const char *const names[] = { "validate", "stage", "take", "verify",
		"undo" };

	return ENTRY(names, value);
}

const char *hotid_status_name(uint32_t value)
{
	static const char *const names[] = { "pending", "running", "done", "failed"
		};

	return ENTRY(names, value);
}

const char *hotid_peer_flag_name(uint32_t value)
{
	static const char *const names[] = { "watch", "tell" };

	return ENTRY(names, value);
}

const char *hotid_egress_name(uint32_t value)
{
	static const char *const names[] = { "unguarded", "blocked", "open" };

	return ENTRY(names, value);
}

const char *hotid_identity_flag_name(uint32_t value)
{
	static const char *const names[] = { "auto", "auto-hung" };

	return ENTRY(names, value);
}

const char *hotid_health_name(uint32_t value)
{
	static const char *const names[] = { "userspace", "audit" };

	return ENTRY(names, value);
}

const char *hotid_probe_mode_name(uint32_t value)
{
	static const char *const names[] = { "none", "generic", "native" };

	return ENTRY(names, value);
}

const char *hotid_gasp_state_name(uint32_t value)
{
	static const char *const names[] = { "none", "ready", "no-route",
		"no-neighbour", "no-netpoll" };

	return ENTRY(names, value);
}

static const char *const node_attributes[] = {
	[HOTID_A_NODE_ID] = "id",
	[HOTID_A_NODE_NAME] = "name",
	[HOTID_A_NODE_BOOT_ID] = "boot-id",
	[HOTID_A_NODE_KEY] = "key",
	[HOTID_A_NODE_KEY_GENERATION] = "key-generation",
	[HOTID_A_NODE_KEY_USE] = "key-use",
	[HOTID_A_NODE_KEY_DROP] = "key-drop",
	[HOTID_A_NODE_KEY_SET] = "key-set",
	[HOTID_A_NODE_PORT] = "port",
	[HOTID_A_NODE_INTERVAL_US] = "interval-us",
	[HOTID_A_NODE_USER_LIMIT_MS] = "user-limit-ms",
	[HOTID_A_NODE_HEALTH] = "health",
	[HOTID_A_NODE_BEATS_SENT] = "beats-sent",
	[HOTID_A_NODE_SEND_ERRORS] = "send-errors",
	[HOTID_A_NODE_COUNTERS] = "counters",
	[HOTID_A_NODE_PROBE] = "probe",
	[HOTID_A_NODE_VERSION] = "version",
	[HOTID_A_NODE_NOW_NS] = "now-ns",
	[HOTID_A_NODE_PAD] = "pad",
	[HOTID_A_NODE_KEY_OTHER] = "key-other",
	[HOTID_A_NODE_PENDING_CPUS] = "pending-cpus",
	[HOTID_A_NODE_PENDING_ROUNDS] = "pending-rounds",
};

static const char *const probe_attributes[] = {
	[HOTID_A_PROBE_SLOTS_FD] = "slots-fd",
	[HOTID_A_PROBE_COUNTERS_FD] = "counters-fd",
	[HOTID_A_PROBE_IFINDEX] = "ifindex",
	[HOTID_A_PROBE_MODE] = "mode",
};

static const char *const path_attributes[] = {
	[HOTID_A_PATH_INDEX] = "index",
	[HOTID_A_PATH_REMOTE_IPV4] = "remote-ipv4",
	[HOTID_A_PATH_REMOTE_IPV6] = "remote-ipv6",
	[HOTID_A_PATH_LOCAL_IPV4] = "local-ipv4",
	[HOTID_A_PATH_LOCAL_IPV6] = "local-ipv6",
	[HOTID_A_PATH_PORT] = "port",
	[HOTID_A_PATH_IFINDEX] = "ifindex",
	[HOTID_A_PATH_LAST_NS] = "last-ns",
	[HOTID_A_PATH_SEQ] = "seq",
	[HOTID_A_PATH_STATE] = "state",
	[HOTID_A_PATH_DOWNS] = "downs",
	[HOTID_A_PATH_PAD] = "pad",
	[HOTID_A_PATH_GASP] = "gasp",
	[HOTID_A_PATH_LONGEST_GAP_NS] = "longest-gap-ns",
	[HOTID_A_PATH_GAPS] = "gaps",
};

static const char *const peer_attributes[] = {
	[HOTID_A_PEER_ID] = "id",
	[HOTID_A_PEER_NAME] = "name",
	[HOTID_A_PEER_FLAGS] = "flags",
	[HOTID_A_PEER_MULTIPLIER] = "multiplier",
	[HOTID_A_PEER_PATH] = "path",
	[HOTID_A_PEER_STATE] = "state",
	[HOTID_A_PEER_REASON] = "reason",
	[HOTID_A_PEER_CHANGED_NS] = "changed-ns",
	[HOTID_A_PEER_EVENT] = "event",
	[HOTID_A_PEER_BOOT_ID] = "boot-id",
	[HOTID_A_PEER_GASP] = "gasp",
	[HOTID_A_PEER_INTERVAL_US] = "interval-us",
	[HOTID_A_PEER_HEALTH] = "health",
	[HOTID_A_PEER_DOWNS] = "downs",
	[HOTID_A_PEER_GRACES] = "graces",
	[HOTID_A_PEER_PAD] = "pad",
	[HOTID_A_PEER_ASKED_NS] = "asked-ns",
	[HOTID_A_PEER_RIVAL_BOOT_ID] = "rival-boot-id",
	[HOTID_A_PEER_GAPS_SINCE_NS] = "gaps-since-ns",
	[HOTID_A_PEER_LEASE_NS] = "lease-ns",
};

static const char *const step_attributes[] = {
	[HOTID_A_STEP_INDEX] = "index",
	[HOTID_A_STEP_NAME] = "name",
	[HOTID_A_STEP_KIND] = "kind",
	[HOTID_A_STEP_STAGE] = "stage",
	[HOTID_A_STEP_VERB] = "verb",
	[HOTID_A_STEP_STATUS] = "status",
	[HOTID_A_STEP_START_NS] = "start-ns",
	[HOTID_A_STEP_END_NS] = "end-ns",
	[HOTID_A_STEP_ERRNO] = "errno",
	[HOTID_A_STEP_MESSAGE] = "message",
	[HOTID_A_STEP_PAD] = "pad",
};

static const char *const guard_attributes[] = {
	[HOTID_A_GUARD_VOTER] = "voter",
	[HOTID_A_GUARD_PORT] = "port",
};

static const char *const identity_attributes[] = {
	[HOTID_A_IDENTITY_NAME] = "name",
	[HOTID_A_IDENTITY_FLAGS] = "flags",
	[HOTID_A_IDENTITY_STATE] = "state",
	[HOTID_A_IDENTITY_PREVIOUS] = "previous",
	[HOTID_A_IDENTITY_EPOCH] = "epoch",
	[HOTID_A_IDENTITY_REASON] = "reason",
	[HOTID_A_IDENTITY_MESSAGE] = "message",
	[HOTID_A_IDENTITY_HOLDER] = "holder",
	[HOTID_A_IDENTITY_CLEAN] = "clean",
	[HOTID_A_IDENTITY_ERRNO] = "errno",
	[HOTID_A_IDENTITY_CHANGED_NS] = "changed-ns",
	[HOTID_A_IDENTITY_CHANGED_REAL_NS] = "changed-real-ns",
	[HOTID_A_IDENTITY_STEP] = "step",
	[HOTID_A_IDENTITY_PAD] = "pad",
	[HOTID_A_IDENTITY_OMITTED] = "omitted",
	[HOTID_A_IDENTITY_KNOWN_EPOCH] = "known-epoch",
	[HOTID_A_IDENTITY_GUARD] = "guard",
	[HOTID_A_IDENTITY_EGRESS] = "egress",
	[HOTID_A_IDENTITY_LEASE_NS] = "lease-ns",
	[HOTID_A_IDENTITY_BLOCKED_FRAMES] = "blocked-frames",
};

const char *hotid_name_attribute(uint8_t cmd, uint16_t attribute)
{
	switch (cmd) {
	case HOTID_CMD_NODE_GET:
	case HOTID_CMD_NODE_SET:
	case HOTID_CMD_KEEPALIVE:
		return ENTRY(node_attributes, attribute);
	case HOTID_CMD_PROBE_SET:
	case HOTID_CMD_PROBE_DEL:
		return ENTRY(probe_attributes, attribute);
	case HOTID_CMD_PEER_NEW:
	case HOTID_CMD_PEER_DEL:
	case HOTID_CMD_PEER_GET:
	case HOTID_CMD_MARGINS_RESET:
		return ENTRY(peer_attributes, attribute);
	case HOTID_CMD_IDENTITY_NEW:
	case HOTID_CMD_IDENTITY_DEL:
	case HOTID_CMD_IDENTITY_GET:
	case HOTID_CMD_IDENTITY_ARM:
	case HOTID_CMD_IDENTITY_DISARM:
	case HOTID_CMD_IDENTITY_TAKEOVER:
	case HOTID_CMD_IDENTITY_RELEASE:
	case HOTID_CMD_IDENTITY_REPORT:
	case HOTID_CMD_STEP_REPORT:
	case HOTID_CMD_HISTORY_GET:
		return ENTRY(identity_attributes, attribute);
	}
	return "?";
}

const char *hotid_name_nested(uint8_t cmd, uint16_t nest, uint16_t attribute)
{
	if (cmd == HOTID_CMD_PEER_NEW && nest == HOTID_A_PEER_PATH)
		return ENTRY(path_attributes, attribute);
	if (cmd == HOTID_CMD_IDENTITY_NEW && nest == HOTID_A_IDENTITY_GUARD)
		return ENTRY(guard_attributes, attribute);
	if (cmd == HOTID_CMD_STEP_REPORT && nest == HOTID_A_IDENTITY_STEP)
		return ENTRY(step_attributes, attribute);
	return "?";
}
