/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Generated from kmod/spec/hotid.yaml by "make generate". Do not edit. */
#ifndef _UAPI_LINUX_HOTID_H
#define _UAPI_LINUX_HOTID_H

/*
 * Hot identity takeover: beats, peers, identities and their states.
 *
 * Each network namespace is a node of its own. Commands that change
 * anything need CAP_NET_ADMIN in the initial user namespace. Keys can be
 * set, never read. Every rejection carries an extended acknowledgement
 * that names the attribute and the mend. All times are CLOCK_MONOTONIC
 * nanoseconds of the node, unless an attribute says otherwise.
 */

#define HOTID_FAMILY_NAME	"hotid"
#define HOTID_FAMILY_VERSION	1
#define HOTID_MCGRP_EVENTS	"events"

/* Bytes in a node id */
#define HOTID_ID_LEN	16
/* Bytes in a cluster key */
#define HOTID_KEY_LEN	16
/* Longest name in bytes */
#define HOTID_NAME_MAX	63
/* Longest kind of a step */
#define HOTID_KIND_MAX	15
/* Longest message */
#define HOTID_MESSAGE_MAX	255
/* Paths to one peer */
#define HOTID_MAX_PATHS	4
/* Steps of one plan */
#define HOTID_MAX_STEPS	64
/* Shortest beat interval */
#define HOTID_INTERVAL_MIN_US	1000
/* Longest beat interval */
#define HOTID_INTERVAL_MAX_US	10000000
/* Fewest beats to wait for */
#define HOTID_MULTIPLIER_MIN	2
/* Most beats to wait for */
#define HOTID_MULTIPLIER_MAX	255
/* Highest epoch */
#define HOTID_EPOCH_MAX	0x7fffffffffffffffULL
/* UDP port of beats */
#define HOTID_DEFAULT_PORT	7707

/**
 * enum hotid_identity_state - Where an identity stands on this node. Only the module changes it.
 * @HOTID_IDENTITY_STATE_OFFLINE: Nothing of the identity is on this node
 * @HOTID_IDENTITY_STATE_ARMING: The plan is being compiled and staged
 * @HOTID_IDENTITY_STATE_ARMED: A takeover only has to flip state; this node is a spare
 * @HOTID_IDENTITY_STATE_TAKING: The plan runs
 * @HOTID_IDENTITY_STATE_HELD: This node is the holder
 * @HOTID_IDENTITY_STATE_RELEASING: What was staged or taken is being undone
 * @HOTID_IDENTITY_STATE_FAILED: A step failed; reason and steps say which and why
 */
enum hotid_identity_state {
	HOTID_IDENTITY_STATE_OFFLINE = 0,
	HOTID_IDENTITY_STATE_ARMING = 1,
	HOTID_IDENTITY_STATE_ARMED = 2,
	HOTID_IDENTITY_STATE_TAKING = 3,
	HOTID_IDENTITY_STATE_HELD = 4,
	HOTID_IDENTITY_STATE_RELEASING = 5,
	HOTID_IDENTITY_STATE_FAILED = 6,
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
 */
enum hotid_reason {
	HOTID_REASON_NONE = 0,
	HOTID_REASON_ADMIN = 1,
	HOTID_REASON_STEPS_DONE = 2,
	HOTID_REASON_STEP_FAILED = 3,
	HOTID_REASON_UNDO_FAILED = 4,
	HOTID_REASON_PEER_SILENT = 5,
	HOTID_REASON_PEER_GASP = 6,
	HOTID_REASON_PEER_REBOOTED = 7,
	HOTID_REASON_BEAT = 8,
	HOTID_REASON_SUPERSEDED = 9,
	HOTID_REASON_USER_SILENT = 10,
	HOTID_REASON_PATH_SILENT = 11,
	HOTID_REASON_PATH_BEAT = 12,
};

/**
 * enum hotid_peer_state - What the failure detector thinks of a peer.
 * @HOTID_PEER_STATE_UNKNOWN: No beat came yet; never accused
 * @HOTID_PEER_STATE_UP: Beats come in time
 * @HOTID_PEER_STATE_DOWN: Every path is silent
 * @HOTID_PEER_STATE_HUNG: Beats come in time and say that the daemon is dead
 */
enum hotid_peer_state {
	HOTID_PEER_STATE_UNKNOWN = 0,
	HOTID_PEER_STATE_UP = 1,
	HOTID_PEER_STATE_DOWN = 2,
	HOTID_PEER_STATE_HUNG = 3,
};

/**
 * enum hotid_gasp - Why a node says that it ends.
 * @HOTID_GASP_PANIC: Its kernel panics
 * @HOTID_GASP_REBOOT: It reboots
 * @HOTID_GASP_UNLOAD: Its module is unloaded or its namespace ends
 */
enum hotid_gasp {
	HOTID_GASP_NONE = 0,
	HOTID_GASP_PANIC = 1,
	HOTID_GASP_REBOOT = 2,
	HOTID_GASP_UNLOAD = 3,
};

/**
 * enum hotid_stage - Part of a takeover that a step belongs to, in order.
 * @HOTID_STAGE_DETECT: From the last beat to the decision
 * @HOTID_STAGE_FENCE: Until the old holder provably cannot write
 * @HOTID_STAGE_NET: MACs
 * @HOTID_STAGE_STORAGE: Block devices of the identity
 * @HOTID_STAGE_MOUNT: File systems
 * @HOTID_STAGE_UNITS: Services
 * @HOTID_STAGE_ANNOUNCE: Clients are told
 */
enum hotid_stage {
	HOTID_STAGE_DETECT = 0,
	HOTID_STAGE_FENCE = 1,
	HOTID_STAGE_NET = 2,
	HOTID_STAGE_STORAGE = 3,
	HOTID_STAGE_MOUNT = 4,
	HOTID_STAGE_UNITS = 5,
	HOTID_STAGE_ANNOUNCE = 6,
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
	HOTID_VERB_VALIDATE = 0,
	HOTID_VERB_STAGE = 1,
	HOTID_VERB_TAKE = 2,
	HOTID_VERB_VERIFY = 3,
	HOTID_VERB_UNDO = 4,
};

/**
 * enum hotid_step_status
 */
enum hotid_step_status {
	HOTID_STEP_STATUS_PENDING = 0,
	HOTID_STEP_STATUS_RUNNING = 1,
	HOTID_STEP_STATUS_DONE = 2,
	HOTID_STEP_STATUS_FAILED = 3,
};

/**
 * enum hotid_peer_flags - What this node does with a peer.
 * @HOTID_PEER_FLAGS_WATCH: Detect its failure
 * @HOTID_PEER_FLAGS_TELL: Send it this node's beats
 */
enum hotid_peer_flags {
	HOTID_PEER_FLAGS_WATCH = 1 << 0,
	HOTID_PEER_FLAGS_TELL = 1 << 1,
};

/**
 * enum hotid_identity_flags - Policy of an identity that the module itself applies.
 * @HOTID_IDENTITY_FLAGS_AUTO: Take over when the holder is down and the identity is armed
 * @HOTID_IDENTITY_FLAGS_AUTO_HUNG: With auto - take over also when the holder is hung
 */
enum hotid_identity_flags {
	HOTID_IDENTITY_FLAGS_AUTO = 1 << 0,
	HOTID_IDENTITY_FLAGS_AUTO_HUNG = 1 << 1,
};

/**
 * enum hotid_health - What a beat says of its sender.
 * @HOTID_HEALTH_USERSPACE: The daemon kicked the module within its limit
 * @HOTID_HEALTH_AUDIT: The audits of the daemon found no fault
 */
enum hotid_health {
	HOTID_HEALTH_USERSPACE = 1 << 0,
	HOTID_HEALTH_AUDIT = 1 << 1,
};

/**
 * enum hotid_probe_mode - Where an XDP heartbeat probe runs.
 */
enum hotid_probe_mode {
	HOTID_PROBE_MODE_NONE = 0,
	HOTID_PROBE_MODE_GENERIC = 1,
	HOTID_PROBE_MODE_NATIVE = 2,
};

/**
 * enum hotid_lastword_state - Whether a panic can be told on a path, as it was at the last kick.
 * @HOTID_LASTWORD_STATE_NONE: Nobody is told on this path or no daemon kicked since it was set
 * @HOTID_LASTWORD_STATE_READY: Packets are built and their device sends in a panic
 * @HOTID_LASTWORD_STATE_NO_ROUTE: No route leads there through an Ethernet device that is up
 * @HOTID_LASTWORD_STATE_NO_NEIGHBOUR: The link address of the next hop is not known
 * @HOTID_LASTWORD_STATE_NO_NETPOLL: The device cannot send by netpoll
 */
enum hotid_lastword_state {
	HOTID_LASTWORD_STATE_NONE = 0,
	HOTID_LASTWORD_STATE_READY = 1,
	HOTID_LASTWORD_STATE_NO_ROUTE = 2,
	HOTID_LASTWORD_STATE_NO_NEIGHBOUR = 3,
	HOTID_LASTWORD_STATE_NO_NETPOLL = 4,
};

/**
 * enum hotid_a_node - Attributes of the set.
 * @HOTID_A_NODE_ID: (binary) Node id; must not be all zero
 * @HOTID_A_NODE_NAME: (string)
 * @HOTID_A_NODE_BOOT_ID: (u64) Incarnation of the module in this namespace; random
 * @HOTID_A_NODE_KEY: (binary) Cluster key; write-only. Without key-generation it replaces all keys and is used as generation 1
 * @HOTID_A_NODE_KEY_GENERATION: (u32) In a request the generation of the key given
 * @HOTID_A_NODE_KEY_USE: (u32) Sign with this generation from now on
 * @HOTID_A_NODE_KEY_DROP: (u32) Accept this generation no more
 * @HOTID_A_NODE_KEY_SET: (u8) 1 when a key is set
 * @HOTID_A_NODE_PORT: (u16) UDP port on which beats are received
 * @HOTID_A_NODE_INTERVAL_US: (u32) Between two beats
 * @HOTID_A_NODE_USER_LIMIT_MS: (u32) Longest time between two kicks of a living daemon
 * @HOTID_A_NODE_HEALTH: (u32) As the next beat will say it
 * @HOTID_A_NODE_BEATS_SENT: (u64)
 * @HOTID_A_NODE_SEND_ERRORS: (u64)
 * @HOTID_A_NODE_COUNTERS: (nest)
 * @HOTID_A_NODE_PROBE: (nest)
 * @HOTID_A_NODE_VERSION: (string) Version of the module
 * @HOTID_A_NODE_NOW_NS: (u64) CLOCK_MONOTONIC at the answer
 * @HOTID_A_NODE_PAD: (pad)
 * @HOTID_A_NODE_KEY_OTHER: (u32) The other generation that is accepted; absent when there is none
 */
enum hotid_a_node {
	HOTID_A_NODE_ID = 1,
	HOTID_A_NODE_NAME = 2,
	HOTID_A_NODE_BOOT_ID = 3,
	HOTID_A_NODE_KEY = 4,
	HOTID_A_NODE_KEY_GENERATION = 5,
	HOTID_A_NODE_KEY_USE = 6,
	HOTID_A_NODE_KEY_DROP = 7,
	HOTID_A_NODE_KEY_SET = 8,
	HOTID_A_NODE_PORT = 9,
	HOTID_A_NODE_INTERVAL_US = 10,
	HOTID_A_NODE_USER_LIMIT_MS = 11,
	HOTID_A_NODE_HEALTH = 12,
	HOTID_A_NODE_BEATS_SENT = 13,
	HOTID_A_NODE_SEND_ERRORS = 14,
	HOTID_A_NODE_COUNTERS = 15,
	HOTID_A_NODE_PROBE = 16,
	HOTID_A_NODE_VERSION = 17,
	HOTID_A_NODE_NOW_NS = 18,
	HOTID_A_NODE_PAD = 19,
	HOTID_A_NODE_KEY_OTHER = 20,
};
#define HOTID_A_NODE_MAX	HOTID_A_NODE_KEY_OTHER

/**
 * enum hotid_a_counters - Packets received on the beat port, by what became of them.
 * @HOTID_A_COUNTERS_ACCEPTED: (u64) Stamped a peer's slot
 * @HOTID_A_COUNTERS_TRUNCATED: (u64) Shorter or longer than its type
 * @HOTID_A_COUNTERS_VERSION: (u64) Of another protocol or version or type
 * @HOTID_A_COUNTERS_UNKNOWN: (u64) From a node that is no peer
 * @HOTID_A_COUNTERS_BAD_MAC: (u64) MAC does not match
 * @HOTID_A_COUNTERS_REPLAYED: (u64) Old sequence on its path
 * @HOTID_A_COUNTERS_CONTROL: (u64) Authentic and more than a stamp - new boot ids
 * @HOTID_A_COUNTERS_UNBELIEVED: (u64) Authentic
 * @HOTID_A_COUNTERS_PAD: (pad)
 */
enum hotid_a_counters {
	HOTID_A_COUNTERS_ACCEPTED = 1,
	HOTID_A_COUNTERS_TRUNCATED = 2,
	HOTID_A_COUNTERS_VERSION = 3,
	HOTID_A_COUNTERS_UNKNOWN = 4,
	HOTID_A_COUNTERS_BAD_MAC = 5,
	HOTID_A_COUNTERS_REPLAYED = 6,
	HOTID_A_COUNTERS_CONTROL = 7,
	HOTID_A_COUNTERS_UNBELIEVED = 8,
	HOTID_A_COUNTERS_PAD = 9,
};
#define HOTID_A_COUNTERS_MAX	HOTID_A_COUNTERS_PAD

/**
 * enum hotid_a_probe - Attributes of the set.
 * @HOTID_A_PROBE_SLOTS_FD: (u32) BPF array map of struct hotid_slot
 * @HOTID_A_PROBE_COUNTERS_FD: (u32) BPF array map of struct hotid_counters
 * @HOTID_A_PROBE_IFINDEX: (u32)
 * @HOTID_A_PROBE_MODE: (u32)
 */
enum hotid_a_probe {
	HOTID_A_PROBE_SLOTS_FD = 1,
	HOTID_A_PROBE_COUNTERS_FD = 2,
	HOTID_A_PROBE_IFINDEX = 3,
	HOTID_A_PROBE_MODE = 4,
};
#define HOTID_A_PROBE_MAX	HOTID_A_PROBE_MODE

/**
 * enum hotid_a_path - Attributes of the set.
 * @HOTID_A_PATH_INDEX: (u32)
 * @HOTID_A_PATH_ADDRESS: (binary) IPv4 (4 bytes) or IPv6 (16 bytes) of the peer
 * @HOTID_A_PATH_LOCAL: (binary) Own address to send from; same family
 * @HOTID_A_PATH_PORT: (u16) UDP port of the peer; default-port when absent
 * @HOTID_A_PATH_IFINDEX: (u32) Device to send through; 0 lets the routes choose. Needed for link-local addresses
 * @HOTID_A_PATH_LAST_NS: (u64) Time of the last accepted beat; 0 for none
 * @HOTID_A_PATH_SEQ: (u64) Sequence of the last accepted beat
 * @HOTID_A_PATH_STATE: (u32) Of this path alone
 * @HOTID_A_PATH_DOWNS: (u32) How often the path died while another one lived
 * @HOTID_A_PATH_PAD: (pad)
 * @HOTID_A_PATH_LASTWORD: (u32) Whether a panic of this node can be told on it
 */
enum hotid_a_path {
	HOTID_A_PATH_INDEX = 1,
	HOTID_A_PATH_ADDRESS = 2,
	HOTID_A_PATH_LOCAL = 3,
	HOTID_A_PATH_PORT = 4,
	HOTID_A_PATH_IFINDEX = 5,
	HOTID_A_PATH_LAST_NS = 6,
	HOTID_A_PATH_SEQ = 7,
	HOTID_A_PATH_STATE = 8,
	HOTID_A_PATH_DOWNS = 9,
	HOTID_A_PATH_PAD = 10,
	HOTID_A_PATH_LASTWORD = 11,
};
#define HOTID_A_PATH_MAX	HOTID_A_PATH_LASTWORD

/**
 * enum hotid_a_peer - Attributes of the set.
 * @HOTID_A_PEER_ID: (binary)
 * @HOTID_A_PEER_NAME: (string)
 * @HOTID_A_PEER_FLAGS: (u32)
 * @HOTID_A_PEER_MULTIPLIER: (u32) Beats to wait for before the peer is down; 3 when absent
 * @HOTID_A_PEER_PATH: (nest)
 * @HOTID_A_PEER_STATE: (u32)
 * @HOTID_A_PEER_REASON: (u32) Of the last change of state
 * @HOTID_A_PEER_CHANGED_NS: (u64) Time of the last change of state
 * @HOTID_A_PEER_EVENT: (u32) What a notification is about; beside the reasons of a change of state also path-silent
 * @HOTID_A_PEER_BOOT_ID: (u64) The incarnation that is believed or was last
 * @HOTID_A_PEER_GASP: (u32) Of the last gasp of that incarnation
 * @HOTID_A_PEER_INTERVAL_US: (u32) As the peer announces it
 * @HOTID_A_PEER_HEALTH: (u32) As the peer announces it
 * @HOTID_A_PEER_DOWNS: (u32) How often the peer went down
 * @HOTID_A_PEER_GRACES: (u32) How often a deadline was put off because this node had stalled
 * @HOTID_A_PEER_PAD: (pad)
 * @HOTID_A_PEER_ASKED_NS: (u64) When the peer was last challenged in vain; 0 when no challenge waits for an answer
 */
enum hotid_a_peer {
	HOTID_A_PEER_ID = 1,
	HOTID_A_PEER_NAME = 2,
	HOTID_A_PEER_FLAGS = 3,
	HOTID_A_PEER_MULTIPLIER = 4,
	HOTID_A_PEER_PATH = 5,
	HOTID_A_PEER_STATE = 6,
	HOTID_A_PEER_REASON = 7,
	HOTID_A_PEER_CHANGED_NS = 8,
	HOTID_A_PEER_EVENT = 9,
	HOTID_A_PEER_BOOT_ID = 10,
	HOTID_A_PEER_GASP = 11,
	HOTID_A_PEER_INTERVAL_US = 12,
	HOTID_A_PEER_HEALTH = 13,
	HOTID_A_PEER_DOWNS = 14,
	HOTID_A_PEER_GRACES = 15,
	HOTID_A_PEER_PAD = 16,
	HOTID_A_PEER_ASKED_NS = 17,
};
#define HOTID_A_PEER_MAX	HOTID_A_PEER_ASKED_NS

/**
 * enum hotid_a_step - Attributes of the set.
 * @HOTID_A_STEP_INDEX: (u32)
 * @HOTID_A_STEP_NAME: (string)
 * @HOTID_A_STEP_KIND: (string)
 * @HOTID_A_STEP_STAGE: (u32)
 * @HOTID_A_STEP_VERB: (u32)
 * @HOTID_A_STEP_STATUS: (u32)
 * @HOTID_A_STEP_START_NS: (u64)
 * @HOTID_A_STEP_END_NS: (u64) 0 while it runs
 * @HOTID_A_STEP_ERRNO: (u32) Positive errno of a failed step
 * @HOTID_A_STEP_MESSAGE: (string) What it did or why it failed
 * @HOTID_A_STEP_PAD: (pad)
 */
enum hotid_a_step {
	HOTID_A_STEP_INDEX = 1,
	HOTID_A_STEP_NAME = 2,
	HOTID_A_STEP_KIND = 3,
	HOTID_A_STEP_STAGE = 4,
	HOTID_A_STEP_VERB = 5,
	HOTID_A_STEP_STATUS = 6,
	HOTID_A_STEP_START_NS = 7,
	HOTID_A_STEP_END_NS = 8,
	HOTID_A_STEP_ERRNO = 9,
	HOTID_A_STEP_MESSAGE = 10,
	HOTID_A_STEP_PAD = 11,
};
#define HOTID_A_STEP_MAX	HOTID_A_STEP_PAD

/**
 * enum hotid_a_identity - Attributes of the set.
 * @HOTID_A_IDENTITY_NAME: (string)
 * @HOTID_A_IDENTITY_FLAGS: (u32)
 * @HOTID_A_IDENTITY_STATE: (u32)
 * @HOTID_A_IDENTITY_PREVIOUS: (u32) State before the change
 * @HOTID_A_IDENTITY_EPOCH: (u64) Highest epoch known here
 * @HOTID_A_IDENTITY_REASON: (u32)
 * @HOTID_A_IDENTITY_MESSAGE: (string)
 * @HOTID_A_IDENTITY_HOLDER: (binary) Node that claims the highest epoch; absent when none is known
 * @HOTID_A_IDENTITY_CLEAN: (u8) 1 when nothing of the identity was left behind by a failure
 * @HOTID_A_IDENTITY_ERRNO: (u32) Positive errno of the step that failed; 0 for success
 * @HOTID_A_IDENTITY_CHANGED_NS: (u64)
 * @HOTID_A_IDENTITY_CHANGED_REAL_NS: (u64) The same moment on CLOCK_REALTIME
 * @HOTID_A_IDENTITY_STEP: (nest)
 * @HOTID_A_IDENTITY_PAD: (pad)
 */
enum hotid_a_identity {
	HOTID_A_IDENTITY_NAME = 1,
	HOTID_A_IDENTITY_FLAGS = 2,
	HOTID_A_IDENTITY_STATE = 3,
	HOTID_A_IDENTITY_PREVIOUS = 4,
	HOTID_A_IDENTITY_EPOCH = 5,
	HOTID_A_IDENTITY_REASON = 6,
	HOTID_A_IDENTITY_MESSAGE = 7,
	HOTID_A_IDENTITY_HOLDER = 8,
	HOTID_A_IDENTITY_CLEAN = 9,
	HOTID_A_IDENTITY_ERRNO = 10,
	HOTID_A_IDENTITY_CHANGED_NS = 11,
	HOTID_A_IDENTITY_CHANGED_REAL_NS = 12,
	HOTID_A_IDENTITY_STEP = 13,
	HOTID_A_IDENTITY_PAD = 14,
};
#define HOTID_A_IDENTITY_MAX	HOTID_A_IDENTITY_PAD

/**
 * enum hotid_cmd - Commands and notifications.
 * @HOTID_CMD_NODE_GET: Read this node's settings and counters.
 * @HOTID_CMD_NODE_SET: Change what is given; the rest stays. A node beats when it has an id, a key and a peer to tell. Keys are rotated in three steps, each on all nodes before the next: give the new key with its key-generation, then key-use, then key-drop of the old one.
 * @HOTID_CMD_KICK: The daemon lives; its health is given. Must come again within user-limit-ms.
 * @HOTID_CMD_PROBE_SET: Read beats from the maps of an XDP probe, attached to ifindex. The maps are taken over with all peers; further devices are added by further calls with the same maps.
 * @HOTID_CMD_PROBE_DEL: The probe left ifindex; without ifindex, go back to the module's own slots.
 * @HOTID_CMD_PEER_NEW: Add a peer, or replace the settings of one with the same id. Its state is kept. It needs at least one path, in both directions: a new boot id is believed only after it has answered a challenge.
 * @HOTID_CMD_PEER_NTF: A peer's state, boot id or health changed.
 * @HOTID_CMD_IDENTITY_NEW: Declare an identity to this node, or change its flags. It is offline at first.
 * @HOTID_CMD_IDENTITY_DEL: Forget an identity that is offline, or failed and clean.
 * @HOTID_CMD_IDENTITY_ARM: From offline, or failed and clean, to arming. The daemon does the rest.
 * @HOTID_CMD_IDENTITY_DISARM: From arming, armed or failed to releasing.
 * @HOTID_CMD_IDENTITY_TAKEOVER: From armed to taking. The epoch must be higher than the one known; the next one when absent.
 * @HOTID_CMD_IDENTITY_RELEASE: From taking or held to releasing. An epoch, when given, must be the current one.
 * @HOTID_CMD_IDENTITY_REPORT: The daemon ends what state (arming, taking, releasing) asked of it, for epoch. Without errno, or with errno 0, it went well. With one, clean says whether everything was undone.
 * @HOTID_CMD_STEP_REPORT: The daemon tells of one step of the plan, in the state and for the epoch given. A new plan begins with index 1; index 0 is the module's own detect step.
 * @HOTID_CMD_IDENTITY_NTF: An identity's state, epoch or holder changed.
 * @HOTID_CMD_STEP_NTF: A step of an identity made progress; it carries name, state, epoch and that step.
 * @HOTID_CMD_HISTORY_GET: The last changes of state of all identities on this node, oldest first, with their steps.
 */
enum hotid_cmd {
	HOTID_CMD_NODE_GET = 1,
	HOTID_CMD_NODE_SET = 2,
	HOTID_CMD_KICK = 3,
	HOTID_CMD_PROBE_SET = 4,
	HOTID_CMD_PROBE_DEL = 5,
	HOTID_CMD_PEER_NEW = 6,
	HOTID_CMD_PEER_DEL = 7,
	HOTID_CMD_PEER_GET = 8,
	HOTID_CMD_PEER_NTF = 9,
	HOTID_CMD_IDENTITY_NEW = 10,
	HOTID_CMD_IDENTITY_DEL = 11,
	HOTID_CMD_IDENTITY_GET = 12,
	HOTID_CMD_IDENTITY_ARM = 13,
	HOTID_CMD_IDENTITY_DISARM = 14,
	HOTID_CMD_IDENTITY_TAKEOVER = 15,
	HOTID_CMD_IDENTITY_RELEASE = 16,
	HOTID_CMD_IDENTITY_REPORT = 17,
	HOTID_CMD_STEP_REPORT = 18,
	HOTID_CMD_IDENTITY_NTF = 19,
	HOTID_CMD_STEP_NTF = 20,
	HOTID_CMD_HISTORY_GET = 21,
};

#endif /* _UAPI_LINUX_HOTID_H */
