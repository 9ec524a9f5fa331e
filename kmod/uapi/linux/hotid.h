/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	kmod/spec/hotid.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_HOTID_H
#define _UAPI_LINUX_HOTID_H

#define HOTID_FAMILY_NAME	"hotid"
#define HOTID_FAMILY_VERSION	1

#define HOTID_ID_LEN		16
#define HOTID_KEY_LEN		16
#define HOTID_NAME_MAX		63
#define HOTID_KIND_MAX		15
#define HOTID_MESSAGE_MAX	255
#define HOTID_MAX_PATHS		4
#define HOTID_MAX_STEPS		64
#define HOTID_MAX_VOTERS	16
#define HOTID_MAX_GUARDED_PORTS	16
#define HOTID_INTERVAL_MIN_US	250
#define HOTID_INTERVAL_MAX_US	10000000
#define HOTID_MULTIPLIER_MIN	2
#define HOTID_MULTIPLIER_MAX	255
#define HOTID_EPOCH_MAX		9223372036854775807
#define HOTID_EPOCH_JUMP	1048576
#define HOTID_GAP_BUCKETS	15
#define HOTID_GAP_SHIFT		16
#define HOTID_DEFAULT_PORT	7707

/**
 * enum hotid_identity_state - Where an identity stands on this node. Only the
 *   module changes it.
 * @HOTID_IDENTITY_STATE_OFFLINE: Nothing of the identity is on this node
 * @HOTID_IDENTITY_STATE_ARMING: The plan is being compiled and staged
 * @HOTID_IDENTITY_STATE_ARMED: A takeover only has to flip state; this node is
 *   a spare
 * @HOTID_IDENTITY_STATE_TAKING: The plan runs
 * @HOTID_IDENTITY_STATE_HELD: This node is the holder
 * @HOTID_IDENTITY_STATE_RELEASING: What was staged or taken is being undone
 * @HOTID_IDENTITY_STATE_FAILED: A step failed; reason and steps say which and
 *   why
 */
enum hotid_identity_state {
	HOTID_IDENTITY_STATE_OFFLINE,
	HOTID_IDENTITY_STATE_ARMING,
	HOTID_IDENTITY_STATE_ARMED,
	HOTID_IDENTITY_STATE_TAKING,
	HOTID_IDENTITY_STATE_HELD,
	HOTID_IDENTITY_STATE_RELEASING,
	HOTID_IDENTITY_STATE_FAILED,
};

/**
 * enum hotid_reason - Why a state changed.
 * @HOTID_REASON_NONE: No change happened yet
 * @HOTID_REASON_ADMIN: A command asked for it
 * @HOTID_REASON_STEPS_DONE: Every step of the plan succeeded
 * @HOTID_REASON_STEP_FAILED: A step failed and what was done is undone
 * @HOTID_REASON_UNDO_FAILED: A step failed and something is left behind
 * @HOTID_REASON_PEER_SILENT: No beat came within the deadline on any path
 * @HOTID_REASON_PEER_GASP: The peer said that it ends
 * @HOTID_REASON_PEER_REBOOTED: The peer came back with another boot id
 * @HOTID_REASON_BEAT: A beat came
 * @HOTID_REASON_SUPERSEDED: A higher epoch of the identity was seen
 * @HOTID_REASON_USER_SILENT: The peer's kernel lives and its daemon does not
 * @HOTID_REASON_PATH_SILENT: A path died and another one lives
 * @HOTID_REASON_PATH_BEAT: A path came back
 * @HOTID_REASON_UNFIT: The holder is down and this node does not take over, as
 *   its daemon gives no sign of life or it ends itself
 * @HOTID_REASON_ID_CONFLICT: Another node beats with the id of this peer
 */
enum hotid_reason {
	HOTID_REASON_NONE,
	HOTID_REASON_ADMIN,
	HOTID_REASON_STEPS_DONE,
	HOTID_REASON_STEP_FAILED,
	HOTID_REASON_UNDO_FAILED,
	HOTID_REASON_PEER_SILENT,
	HOTID_REASON_PEER_GASP,
	HOTID_REASON_PEER_REBOOTED,
	HOTID_REASON_BEAT,
	HOTID_REASON_SUPERSEDED,
	HOTID_REASON_USER_SILENT,
	HOTID_REASON_PATH_SILENT,
	HOTID_REASON_PATH_BEAT,
	HOTID_REASON_UNFIT,
	HOTID_REASON_ID_CONFLICT,
};

/**
 * enum hotid_peer_state - What the failure detector thinks of a peer.
 * @HOTID_PEER_STATE_UNKNOWN: No beat came yet; never accused
 * @HOTID_PEER_STATE_UP: Beats come in time
 * @HOTID_PEER_STATE_DOWN: Every path is silent
 * @HOTID_PEER_STATE_HUNG: Beats come in time and say that the daemon is dead
 * @HOTID_PEER_STATE_CONFLICT: Beats come in time, and those of another
 *   incarnation beside them; two nodes have this id
 */
enum hotid_peer_state {
	HOTID_PEER_STATE_UNKNOWN,
	HOTID_PEER_STATE_UP,
	HOTID_PEER_STATE_DOWN,
	HOTID_PEER_STATE_HUNG,
	HOTID_PEER_STATE_CONFLICT,
};

/**
 * enum hotid_gasp - Why a node says that it ends.
 * @HOTID_GASP_NONE: It did not say so
 * @HOTID_GASP_PANIC: Its kernel panics
 * @HOTID_GASP_REBOOT: It reboots, halts or powers off
 * @HOTID_GASP_UNLOAD: Its module is unloaded or its namespace ends
 */
enum hotid_gasp {
	HOTID_GASP_NONE,
	HOTID_GASP_PANIC,
	HOTID_GASP_REBOOT,
	HOTID_GASP_UNLOAD,
};

/**
 * enum hotid_stage - Part of a takeover that a step belongs to, in order.
 * @HOTID_STAGE_DETECT: From the last beat to the decision
 * @HOTID_STAGE_FENCE: Until the old holder provably cannot write
 * @HOTID_STAGE_NET: MACs, addresses and routes
 * @HOTID_STAGE_STORAGE: Block devices of the identity
 * @HOTID_STAGE_MOUNT: File systems
 * @HOTID_STAGE_UNITS: Services
 * @HOTID_STAGE_ANNOUNCE: Clients are told
 */
enum hotid_stage {
	HOTID_STAGE_DETECT,
	HOTID_STAGE_FENCE,
	HOTID_STAGE_NET,
	HOTID_STAGE_STORAGE,
	HOTID_STAGE_MOUNT,
	HOTID_STAGE_UNITS,
	HOTID_STAGE_ANNOUNCE,
};

/**
 * enum hotid_verb - What is done with a step.
 * @HOTID_VERB_VALIDATE: Check against the real hardware; changes nothing
 * @HOTID_VERB_STAGE: Do what may be done before the old holder is fenced
 * @HOTID_VERB_TAKE: Do it; doing it twice is doing it once
 * @HOTID_VERB_VERIFY: Read back that it is so
 * @HOTID_VERB_UNDO: Take it back
 */
enum hotid_verb {
	HOTID_VERB_VALIDATE,
	HOTID_VERB_STAGE,
	HOTID_VERB_TAKE,
	HOTID_VERB_VERIFY,
	HOTID_VERB_UNDO,
};

/**
 * enum hotid_step_status - How far a step got.
 * @HOTID_STEP_STATUS_PENDING: Its turn has not come
 * @HOTID_STEP_STATUS_RUNNING: It has begun and not ended
 * @HOTID_STEP_STATUS_DONE: It succeeded
 * @HOTID_STEP_STATUS_FAILED: It did not; errno and message say why
 */
enum hotid_step_status {
	HOTID_STEP_STATUS_PENDING,
	HOTID_STEP_STATUS_RUNNING,
	HOTID_STEP_STATUS_DONE,
	HOTID_STEP_STATUS_FAILED,
};

/**
 * enum hotid_omission - What is left out of an identity in a list that is read
 *   in small parts.
 * @HOTID_OMISSION_NONE: Nothing
 * @HOTID_OMISSION_MESSAGES: Those of its steps
 * @HOTID_OMISSION_STEPS: All of its steps
 */
enum hotid_omission {
	HOTID_OMISSION_NONE,
	HOTID_OMISSION_MESSAGES,
	HOTID_OMISSION_STEPS,
};

/**
 * enum hotid_peer_flags - What this node does with a peer.
 * @HOTID_PEER_FLAGS_WATCH: Detect its failure
 * @HOTID_PEER_FLAGS_TELL: Send it this node's beats
 */
enum hotid_peer_flags {
	HOTID_PEER_FLAGS_WATCH = 1,
	HOTID_PEER_FLAGS_TELL = 2,
};

/**
 * enum hotid_egress - Whether frames may leave the guarded ports of an
 *   identity.
 * @HOTID_EGRESS_UNGUARDED: No port is guarded
 * @HOTID_EGRESS_BLOCKED: This node does not hold the identity, or its lease is
 *   over
 * @HOTID_EGRESS_OPEN: This node holds it by the leases of a majority of the
 *   voters
 */
enum hotid_egress {
	HOTID_EGRESS_UNGUARDED,
	HOTID_EGRESS_BLOCKED,
	HOTID_EGRESS_OPEN,
};

/**
 * enum hotid_identity_flags - Policy of an identity that the module itself
 *   applies.
 * @HOTID_IDENTITY_FLAGS_AUTO: Take over when the holder is down and the
 *   identity is armed
 * @HOTID_IDENTITY_FLAGS_AUTO_HUNG: With auto - take over also when the holder
 *   is hung
 */
enum hotid_identity_flags {
	HOTID_IDENTITY_FLAGS_AUTO = 1,
	HOTID_IDENTITY_FLAGS_AUTO_HUNG = 2,
};

/**
 * enum hotid_health - What a beat says of its sender.
 * @HOTID_HEALTH_USERSPACE: The daemon sent a keepalive within its limit
 * @HOTID_HEALTH_AUDIT: The audits of the daemon found no fault
 */
enum hotid_health {
	HOTID_HEALTH_USERSPACE = 1,
	HOTID_HEALTH_AUDIT = 2,
};

/**
 * enum hotid_probe_mode - Where an XDP heartbeat probe runs.
 * @HOTID_PROBE_MODE_NONE: No probe runs
 * @HOTID_PROBE_MODE_GENERIC: In the network stack, for any device
 * @HOTID_PROBE_MODE_NATIVE: In the driver of the device
 */
enum hotid_probe_mode {
	HOTID_PROBE_MODE_NONE,
	HOTID_PROBE_MODE_GENERIC,
	HOTID_PROBE_MODE_NATIVE,
};

/**
 * enum hotid_gasp_state - Whether a panic can be reported on a path, as of the
 *   last keepalive.
 * @HOTID_GASP_STATE_NONE: No panic is reported on this path, or no keepalive
 *   came since it was set
 * @HOTID_GASP_STATE_READY: Packets are built and their device sends in a panic
 * @HOTID_GASP_STATE_NO_ROUTE: No route leads there through an Ethernet device
 *   that is up
 * @HOTID_GASP_STATE_NO_NEIGHBOUR: The link address of the next hop is not
 *   known
 * @HOTID_GASP_STATE_NO_NETPOLL: The device cannot send by netpoll
 */
enum hotid_gasp_state {
	HOTID_GASP_STATE_NONE,
	HOTID_GASP_STATE_READY,
	HOTID_GASP_STATE_NO_ROUTE,
	HOTID_GASP_STATE_NO_NEIGHBOUR,
	HOTID_GASP_STATE_NO_NETPOLL,
};

enum {
	HOTID_A_NODE_ID = 1,
	HOTID_A_NODE_NAME,
	HOTID_A_NODE_BOOT_ID,
	HOTID_A_NODE_KEY,
	HOTID_A_NODE_KEY_GENERATION,
	HOTID_A_NODE_KEY_USE,
	HOTID_A_NODE_KEY_DROP,
	HOTID_A_NODE_KEY_SET,
	HOTID_A_NODE_PORT,
	HOTID_A_NODE_INTERVAL_US,
	HOTID_A_NODE_USER_LIMIT_MS,
	HOTID_A_NODE_HEALTH,
	HOTID_A_NODE_BEATS_SENT,
	HOTID_A_NODE_SEND_ERRORS,
	HOTID_A_NODE_COUNTERS,
	HOTID_A_NODE_PROBE,
	HOTID_A_NODE_VERSION,
	HOTID_A_NODE_NOW_NS,
	HOTID_A_NODE_PAD,
	HOTID_A_NODE_KEY_OTHER,
	HOTID_A_NODE_PENDING_CPUS,
	HOTID_A_NODE_PENDING_ROUNDS,

	__HOTID_A_NODE_MAX,
	HOTID_A_NODE_MAX = (__HOTID_A_NODE_MAX - 1)
};

enum {
	HOTID_A_COUNTERS_ACCEPTED = 1,
	HOTID_A_COUNTERS_TRUNCATED,
	HOTID_A_COUNTERS_VERSION,
	HOTID_A_COUNTERS_UNKNOWN,
	HOTID_A_COUNTERS_BAD_MAC,
	HOTID_A_COUNTERS_REPLAYED,
	HOTID_A_COUNTERS_CONTROL,
	HOTID_A_COUNTERS_UNVERIFIED,
	HOTID_A_COUNTERS_PAD,

	__HOTID_A_COUNTERS_MAX,
	HOTID_A_COUNTERS_MAX = (__HOTID_A_COUNTERS_MAX - 1)
};

enum {
	HOTID_A_PROBE_SLOTS_FD = 1,
	HOTID_A_PROBE_COUNTERS_FD,
	HOTID_A_PROBE_IFINDEX,
	HOTID_A_PROBE_MODE,

	__HOTID_A_PROBE_MAX,
	HOTID_A_PROBE_MAX = (__HOTID_A_PROBE_MAX - 1)
};

enum {
	HOTID_A_PROBE_DEVICE_IFINDEX = 1,
	HOTID_A_PROBE_DEVICE_MODE,

	__HOTID_A_PROBE_DEVICE_MAX,
	HOTID_A_PROBE_DEVICE_MAX = (__HOTID_A_PROBE_DEVICE_MAX - 1)
};

enum {
	HOTID_A_PATH_INDEX = 1,
	HOTID_A_PATH_REMOTE_IPV4,
	HOTID_A_PATH_REMOTE_IPV6,
	HOTID_A_PATH_LOCAL_IPV4,
	HOTID_A_PATH_LOCAL_IPV6,
	HOTID_A_PATH_PORT,
	HOTID_A_PATH_IFINDEX,
	HOTID_A_PATH_LAST_NS,
	HOTID_A_PATH_SEQ,
	HOTID_A_PATH_STATE,
	HOTID_A_PATH_DOWNS,
	HOTID_A_PATH_PAD,
	HOTID_A_PATH_GASP,
	HOTID_A_PATH_LONGEST_GAP_NS,
	HOTID_A_PATH_GAPS,

	__HOTID_A_PATH_MAX,
	HOTID_A_PATH_MAX = (__HOTID_A_PATH_MAX - 1)
};

enum {
	HOTID_A_PEER_ID = 1,
	HOTID_A_PEER_NAME,
	HOTID_A_PEER_FLAGS,
	HOTID_A_PEER_MULTIPLIER,
	HOTID_A_PEER_PATH,
	HOTID_A_PEER_STATE,
	HOTID_A_PEER_REASON,
	HOTID_A_PEER_CHANGED_NS,
	HOTID_A_PEER_EVENT,
	HOTID_A_PEER_BOOT_ID,
	HOTID_A_PEER_GASP,
	HOTID_A_PEER_INTERVAL_US,
	HOTID_A_PEER_HEALTH,
	HOTID_A_PEER_DOWNS,
	HOTID_A_PEER_GRACES,
	HOTID_A_PEER_PAD,
	HOTID_A_PEER_ASKED_NS,
	HOTID_A_PEER_RIVAL_BOOT_ID,
	HOTID_A_PEER_GAPS_SINCE_NS,
	HOTID_A_PEER_LEASE_NS,

	__HOTID_A_PEER_MAX,
	HOTID_A_PEER_MAX = (__HOTID_A_PEER_MAX - 1)
};

enum {
	HOTID_A_STEP_INDEX = 1,
	HOTID_A_STEP_NAME,
	HOTID_A_STEP_KIND,
	HOTID_A_STEP_STAGE,
	HOTID_A_STEP_VERB,
	HOTID_A_STEP_STATUS,
	HOTID_A_STEP_START_NS,
	HOTID_A_STEP_END_NS,
	HOTID_A_STEP_ERRNO,
	HOTID_A_STEP_MESSAGE,
	HOTID_A_STEP_PAD,

	__HOTID_A_STEP_MAX,
	HOTID_A_STEP_MAX = (__HOTID_A_STEP_MAX - 1)
};

enum {
	HOTID_A_VOTER_ID = 1,

	__HOTID_A_VOTER_MAX,
	HOTID_A_VOTER_MAX = (__HOTID_A_VOTER_MAX - 1)
};

enum {
	HOTID_A_GUARDED_PORT_IFINDEX = 1,

	__HOTID_A_GUARDED_PORT_MAX,
	HOTID_A_GUARDED_PORT_MAX = (__HOTID_A_GUARDED_PORT_MAX - 1)
};

enum {
	HOTID_A_GUARD_VOTER = 1,
	HOTID_A_GUARD_PORT,

	__HOTID_A_GUARD_MAX,
	HOTID_A_GUARD_MAX = (__HOTID_A_GUARD_MAX - 1)
};

enum {
	HOTID_A_IDENTITY_NAME = 1,
	HOTID_A_IDENTITY_FLAGS,
	HOTID_A_IDENTITY_STATE,
	HOTID_A_IDENTITY_PREVIOUS,
	HOTID_A_IDENTITY_EPOCH,
	HOTID_A_IDENTITY_REASON,
	HOTID_A_IDENTITY_MESSAGE,
	HOTID_A_IDENTITY_HOLDER,
	HOTID_A_IDENTITY_CLEAN,
	HOTID_A_IDENTITY_ERRNO,
	HOTID_A_IDENTITY_CHANGED_NS,
	HOTID_A_IDENTITY_CHANGED_REAL_NS,
	HOTID_A_IDENTITY_STEP,
	HOTID_A_IDENTITY_PAD,
	HOTID_A_IDENTITY_OMITTED,
	HOTID_A_IDENTITY_KNOWN_EPOCH,
	HOTID_A_IDENTITY_GUARD,
	HOTID_A_IDENTITY_EGRESS,
	HOTID_A_IDENTITY_LEASE_NS,
	HOTID_A_IDENTITY_BLOCKED_FRAMES,

	__HOTID_A_IDENTITY_MAX,
	HOTID_A_IDENTITY_MAX = (__HOTID_A_IDENTITY_MAX - 1)
};

enum {
	HOTID_CMD_NODE_GET = 1,
	HOTID_CMD_NODE_SET,
	HOTID_CMD_KEEPALIVE,
	HOTID_CMD_PROBE_SET,
	HOTID_CMD_PROBE_DEL,
	HOTID_CMD_PEER_NEW,
	HOTID_CMD_PEER_DEL,
	HOTID_CMD_PEER_GET,
	HOTID_CMD_PEER_NTF,
	HOTID_CMD_PEER_DEL_NTF,
	HOTID_CMD_MARGINS_RESET,
	HOTID_CMD_IDENTITY_NEW,
	HOTID_CMD_IDENTITY_DEL,
	HOTID_CMD_IDENTITY_GET,
	HOTID_CMD_IDENTITY_ARM,
	HOTID_CMD_IDENTITY_DISARM,
	HOTID_CMD_IDENTITY_TAKEOVER,
	HOTID_CMD_IDENTITY_RELEASE,
	HOTID_CMD_IDENTITY_REPORT,
	HOTID_CMD_STEP_REPORT,
	HOTID_CMD_IDENTITY_NTF,
	HOTID_CMD_IDENTITY_DEL_NTF,
	HOTID_CMD_STEP_NTF,
	HOTID_CMD_HISTORY_GET,
	HOTID_CMD_NODE_NTF,

	__HOTID_CMD_MAX,
	HOTID_CMD_MAX = (__HOTID_CMD_MAX - 1)
};

#define HOTID_MCGRP_EVENTS	"events"

#endif /* _UAPI_LINUX_HOTID_H */
