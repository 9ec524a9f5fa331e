/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libhotid: the generic netlink family "hotid" as a small C API.
 *
 * One struct hotid is one connection; it is not thread-safe, but many may be
 * open at once. Calls that talk to the module block until it answers and
 * return 0 or a negative errno; after a failure hotid_strerror() gives one
 * sentence that names the attribute and the fix, as the module put it.
 *
 * Names, enums and limits come from <linux/hotid.h>, which is generated from
 * the netlink specification. All times are nanoseconds on CLOCK_MONOTONIC of
 * the node unless said otherwise. Strings are always terminated.
 */
#ifndef HOTID_H
#define HOTID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/hotid.h>

#ifdef __cplusplus
extern "C" {
#endif

struct hotid;

struct hotid_probe {
	uint32_t ifindex;
	uint32_t mode;			/* enum hotid_probe_mode */
};

/* Packets received on the beat port, by what became of them. */
struct hotid_counts {
	uint64_t accepted, truncated, version, unknown, bad_mac, replayed, control, unbelieved;
};

struct hotid_node {
	uint8_t id[HOTID_ID_LEN];
	char name[HOTID_NAME_MAX + 1];
	uint64_t boot_id;
	bool key_set;
	uint32_t key_generation;	/* beats are signed with; 0 for no key */
	uint32_t key_other;		/* accepted too, while a key is rotated; 0 for none */
	uint16_t port;
	uint32_t interval_us;
	uint32_t user_limit_ms;
	uint32_t health;		/* HOTID_HEALTH_* */
	uint64_t beats_sent, send_errors;
	struct hotid_counts counters;
	struct hotid_probe *probes;
	size_t n_probes;
	char version[32];
	uint64_t now_ns;
	/* CPUs that do not receive, like "2,5-7", and judgements made without them. */
	char deaf_cpus[HOTID_MESSAGE_MAX + 1];
	uint64_t deaf_rounds;
};

struct hotid_path {
	uint32_t index;			/* below HOTID_MAX_PATHS */
	uint8_t address[16], local[16];
	uint8_t address_len;		/* 4 or 16 */
	uint8_t local_len;		/* 0 when the kernel chooses, else as address_len */
	uint16_t port;			/* 0 means HOTID_DEFAULT_PORT */
	uint32_t ifindex;		/* 0 when the routes choose */
	/* read only */
	uint64_t last_ns, seq;		/* of the last accepted beat */
	uint32_t state;			/* enum hotid_peer_state, of this path alone */
	uint32_t downs;			/* how often it died while another one lived */
	uint64_t longest_gap_ns;	/* between two of its beats, since gaps_since_ns of the peer */
	/* Gaps by length: bucket n > 0 begins at 2^(HOTID_GAP_SHIFT + n) ns, the last is open. */
	uint32_t gaps[HOTID_GAP_BUCKETS];
	uint32_t lastword;		/* enum hotid_lastword_state: can a panic of this node be told on it */
};

struct hotid_peer {
	uint8_t id[HOTID_ID_LEN];
	char name[HOTID_NAME_MAX + 1];
	uint32_t flags;			/* HOTID_PEER_FLAGS_* */
	uint32_t multiplier;
	struct hotid_path paths[HOTID_MAX_PATHS];
	size_t n_paths;
	/* read only */
	uint32_t state, reason;		/* reason of the last change of state */
	uint32_t event;			/* enum hotid_reason an event is about; none elsewhere */
	uint64_t changed_ns, boot_id;
	uint32_t gasp;			/* enum hotid_gasp, the last of that boot id */
	uint32_t interval_us, health, downs, graces;
	uint64_t asked_ns;		/* last challenge, while none was answered; else 0 */
	uint64_t rival_boot_id;		/* of another node with this id; 0 for none */
	uint64_t gaps_since_ns;		/* when the gaps of its paths began to be counted */
};

struct hotid_step {
	uint32_t index;
	char name[HOTID_NAME_MAX + 1];
	char kind[HOTID_KIND_MAX + 1];
	uint32_t stage, verb, status;
	uint64_t start_ns, end_ns;
	uint32_t error;			/* positive errno, 0 for none */
	char message[HOTID_MESSAGE_MAX + 1];
};

struct hotid_identity {
	char name[HOTID_NAME_MAX + 1];
	uint32_t flags;			/* HOTID_IDENTITY_FLAGS_* */
	uint32_t state, previous, reason;
	uint64_t epoch;
	char message[HOTID_MESSAGE_MAX + 1];
	bool has_holder;
	uint8_t holder[HOTID_ID_LEN];
	bool clean;
	uint32_t error;
	uint64_t changed_ns, changed_real_ns;
	struct hotid_step *steps;
	size_t n_steps;
	uint64_t known_epoch;		/* the highest one, of whichever node */
	uint32_t omitted;		/* enum hotid_omission: what the list had no room for */
};

/**
 * hotid_open() - connect to the module of this network namespace
 * @h: where to put the handle
 *
 * Return: 0, -ENOENT when hotid.ko is not loaded, or another negative errno.
 * hotid_strerror(NULL, error) words it.
 */
int hotid_open(struct hotid **h);
void hotid_close(struct hotid *h);

/* The last failure of @h in one sentence; with a NULL @h, @error in words. */
const char *hotid_strerror(const struct hotid *h, int error);

/* The node. hotid_node_set() sends only what @fields names. */
#define HOTID_SET_ID		(1u << 0)
#define HOTID_SET_NAME		(1u << 1)
#define HOTID_SET_PORT		(1u << 2)
#define HOTID_SET_INTERVAL	(1u << 3)
#define HOTID_SET_USER_LIMIT	(1u << 4)
int hotid_node_get(struct hotid *h, struct hotid_node *node);
int hotid_node_set(struct hotid *h, const struct hotid_node *node, unsigned int fields);
void hotid_node_clear(struct hotid_node *node);	/* frees what a get allocated */

/*
 * The cluster key. hotid_node_set_key() replaces all keys by this one, as
 * generation 1. To rotate without a gap do each on all nodes before the next:
 * add the new key as a higher generation, sign with it, drop the old one.
 */
int hotid_node_set_key(struct hotid *h, const uint8_t key[HOTID_KEY_LEN]);
int hotid_node_add_key(struct hotid *h, uint32_t generation, const uint8_t key[HOTID_KEY_LEN]);
int hotid_node_use_key(struct hotid *h, uint32_t generation);
int hotid_node_drop_key(struct hotid *h, uint32_t generation);

/* The daemon lives; @health is HOTID_HEALTH_*. */
int hotid_kick(struct hotid *h, uint32_t health);

/* The XDP probe. Mode is enum hotid_probe_mode; ifindex 0 in del means all. */
int hotid_probe_set(struct hotid *h, int slots_fd, int counters_fd,
		    uint32_t ifindex, uint32_t mode);
int hotid_probe_del(struct hotid *h, uint32_t ifindex);

/*
 * Peers. A dump calls @fn once per peer; non-zero from @fn ends it and is
 * returned. The list is read whole before the first call, again when it
 * changed meanwhile, so it is consistent and @fn may make requests itself.
 */
typedef int (*hotid_peer_fn)(const struct hotid_peer *peer, void *data);
int hotid_peer_new(struct hotid *h, const struct hotid_peer *peer);
/*
 * The same for @n peers, many to a message. What the module refuses keeps none
 * of the others out: the return value is the error of the first refused, whose
 * place among @peers is in *@first then.
 */
int hotid_peer_new_many(struct hotid *h, const struct hotid_peer *peers, size_t n, size_t *first);
int hotid_peer_del(struct hotid *h, const uint8_t id[HOTID_ID_LEN]);
int hotid_peer_get(struct hotid *h, const uint8_t id[HOTID_ID_LEN], struct hotid_peer *peer);
int hotid_peer_dump(struct hotid *h, hotid_peer_fn fn, void *data);
/* Begin to count the gaps of a peer anew, of all peers where @id is NULL. */
int hotid_margins_reset(struct hotid *h, const uint8_t *id);

/* Identities: what a person or an orchestrator asks for. */
typedef int (*hotid_identity_fn)(const struct hotid_identity *identity, void *data);
int hotid_identity_new(struct hotid *h, const char *name, uint32_t flags);
/* @epoch was given before, as a disk tells: the next takeover goes beyond it. */
int hotid_identity_know(struct hotid *h, const char *name, uint64_t epoch);
int hotid_identity_del(struct hotid *h, const char *name);
int hotid_identity_get(struct hotid *h, const char *name, struct hotid_identity *identity);
int hotid_identity_dump(struct hotid *h, hotid_identity_fn fn, void *data);
int hotid_identity_arm(struct hotid *h, const char *name);
int hotid_identity_disarm(struct hotid *h, const char *name);
/* @epoch 0 means the next one (takeover), or whatever is current (release). */
int hotid_identity_takeover(struct hotid *h, const char *name, uint64_t epoch);
int hotid_identity_release(struct hotid *h, const char *name, uint64_t epoch);
int hotid_history_dump(struct hotid *h, hotid_identity_fn fn, void *data);
void hotid_identity_clear(struct hotid_identity *identity);

/* Identities: what the daemon answers. Messages of more than HOTID_MESSAGE_MAX bytes are cut. */
int hotid_step_report(struct hotid *h, const char *name, uint32_t state,
		      uint64_t epoch, const struct hotid_step *step);
int hotid_identity_report(struct hotid *h, const char *name, uint32_t state,
			  uint64_t epoch, uint32_t error, bool clean,
			  const char *message);

/*
 * Events. hotid_subscribe() joins the multicast group; from then on
 * hotid_event_fd() turns readable when something happened and
 * hotid_dispatch() calls @fn for each event without blocking. When events
 * were lost (the socket overran), @fn is called once with type
 * HOTID_EVENT_LOST, after what was still there: dump again. For a step event
 * @identity carries name, state, epoch and that one step; for a node event,
 * @node carries its settings and deaf CPUs, and no counters or probes. @fn may make
 * requests on the same handle, but not close it. What an event points to is
 * gone when @fn returns.
 */
enum hotid_event_type {
	HOTID_EVENT_PEER,
	HOTID_EVENT_IDENTITY,
	HOTID_EVENT_STEP,
	HOTID_EVENT_LOST,
	HOTID_EVENT_PEER_DEL,		/* @peer as it last was */
	HOTID_EVENT_IDENTITY_DEL,	/* @identity as it last was */
	HOTID_EVENT_NODE,
};

struct hotid_event {
	enum hotid_event_type type;
	const struct hotid_peer *peer;
	const struct hotid_identity *identity;
	const struct hotid_node *node;
};

typedef void (*hotid_event_fn)(const struct hotid_event *event, void *data);
int hotid_subscribe(struct hotid *h, hotid_event_fn fn, void *data);
int hotid_event_fd(const struct hotid *h);
int hotid_dispatch(struct hotid *h);

/* Enum values as the specification spells them; "?" for one that is unknown. */
const char *hotid_state_name(uint32_t identity_state);
const char *hotid_reason_name(uint32_t reason);
const char *hotid_peer_state_name(uint32_t peer_state);
const char *hotid_gasp_name(uint32_t gasp);
const char *hotid_stage_name(uint32_t stage);
const char *hotid_verb_name(uint32_t verb);
const char *hotid_status_name(uint32_t step_status);
const char *hotid_probe_mode_name(uint32_t mode);
const char *hotid_lastword_state_name(uint32_t lastword_state);
/* Flags by the number of their bit: 0 for the lowest. */
const char *hotid_peer_flag_name(unsigned int bit);
const char *hotid_identity_flag_name(unsigned int bit);
const char *hotid_health_name(unsigned int bit);

/* A node id as 32 hex digits; parse also takes a UUID with dashes. */
void hotid_id_format(const uint8_t id[HOTID_ID_LEN], char text[33]);
int hotid_id_parse(const char *text, uint8_t id[HOTID_ID_LEN]);

#ifdef __cplusplus
}
#endif
#endif /* HOTID_H */
