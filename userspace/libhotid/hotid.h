/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * libhotid: the generic netlink family "hotid" as a small C API.
 *
 * One struct hotid is one connection; it is not thread-safe, but many may be
 * open at once. Calls that talk to the module block until it answers, except
 * those that end in _async. They return 0 or a negative errno; after a failure
 * hotid_strerror() gives one sentence that names the attribute and the fix, as
 * the module put it.
 *
 * The ABI: struct hotid_node, hotid_peer, hotid_identity and hotid_event may get
 * new fields, at their end only. hotid_open() passes the sizes that the program
 * was compiled with. To an older program the library gives the fields it knows;
 * to a newer one it gives 0 in those the library does not know, and refuses with
 * -E2BIG what sets one of them. The structs that lie in others, hotid_probe,
 * hotid_counts, hotid_path and hotid_step, never change their size: new fields
 * take the place of "reserved", which is 0. A connection belongs to the code that
 * opened it: do not pass it to code that was compiled with another hotid.h.
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
#include <errno.h>
#include <linux/hotid.h>
#include "hotid_version.h"

#ifdef __cplusplus
extern "C" {
#endif

struct hotid;

/* Errors that say what is missing. */
#define HOTID_ERR_NO_MODULE	(-ENOSYS)	/* hotid.ko is not loaded, or not any more */
#define HOTID_ERR_NO_IDENTITY	(-ENOENT)	/* this node has no identity of that name */
#define HOTID_ERR_NO_PEER	(-ESRCH)	/* this node has no peer of that id */

struct hotid_probe {
	uint32_t ifindex;
	uint32_t mode;			/* enum hotid_probe_mode */
	uint64_t reserved[3];
};

/* Packets received on the beat port, by what became of them. */
struct hotid_counts {
	uint64_t accepted, truncated, version, unknown, bad_mac, replayed, control, unverified;
	uint64_t reserved[8];
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
	char pending_cpus[HOTID_MESSAGE_MAX + 1];
	uint64_t pending_rounds;
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
	uint32_t gasp;		/* enum hotid_gasp_state: can a panic be reported on it */
	uint64_t reserved[4];
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
	uint64_t lease_ns;		/* until when it puts up with this node's silence, or 0 */
};

struct hotid_step {
	uint32_t index;
	char name[HOTID_NAME_MAX + 1];
	char kind[HOTID_KIND_MAX + 1];
	uint32_t stage, verb, status;
	uint64_t start_ns, end_ns;
	uint32_t error;			/* positive errno, 0 for none */
	char message[HOTID_MESSAGE_MAX + 1];
	uint64_t reserved[4];
};

struct hotid_voter {
	uint8_t id[HOTID_ID_LEN];
	uint64_t reserved[2];
};

struct hotid_guarded_port {
	uint32_t ifindex;
	uint64_t reserved[4];
};

/*
 * No frame leaves these ports, unless the node holds the identity, and has the leases of a
 * majority of the voters where there are any.
 */
struct hotid_guard {
	struct hotid_voter voters[HOTID_MAX_VOTERS];
	size_t n_voters;
	struct hotid_guarded_port ports[HOTID_MAX_GUARDED_PORTS];
	size_t n_ports;
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
	struct hotid_guard guard;
	uint32_t egress;		/* enum hotid_egress */
	uint64_t lease_ns;		/* end of the majority's lease, 0 for none */
	uint64_t blocked_frames;	/* by the guard */
};

/*
 * What hotid_dispatch() calls the program's functions with. For a step event
 * @identity carries name, state, epoch and that one step; for a node event,
 * @node carries its settings and pending CPUs, and no counters or probes. What an
 * event points to is gone when the function returns.
 */
enum hotid_event_type {
	HOTID_EVENT_PEER,
	HOTID_EVENT_IDENTITY,
	HOTID_EVENT_STEP,
	HOTID_EVENT_LOST,		/* events are missing: dump again */
	HOTID_EVENT_PEER_DEL,		/* @peer as it last was */
	HOTID_EVENT_IDENTITY_DEL,	/* @identity as it last was */
	HOTID_EVENT_NODE,
	HOTID_EVENT_DONE,		/* of an asynchronous request */
};

struct hotid_event {
	enum hotid_event_type type;
	const struct hotid_peer *peer;
	const struct hotid_identity *identity;
	const struct hotid_node *node;
	int error;			/* with DONE: 0 or a negative errno */
	const char *text;		/* with DONE and an error: its sentence */
};

typedef void (*hotid_event_fn)(const struct hotid_event *event, void *data);

/**
 * struct hotid_sizes - the structs as the program knows them
 * @size: of this one
 */
struct hotid_sizes {
	size_t size;
	size_t node, peer, identity, event;
};

/* For hotid_open(), and for what is not C: 0 or a negative errno. */
int hotid_open_sized(struct hotid **h, const struct hotid_sizes *sizes);

/**
 * hotid_open() - connect to the module of this network namespace
 * @h: where to put the handle
 *
 * Return: 0, HOTID_ERR_NO_MODULE, or another negative errno.
 * hotid_strerror(NULL, error) words it.
 */
static inline int hotid_open(struct hotid **h)
{
	const struct hotid_sizes sizes = {
		sizeof(struct hotid_sizes), sizeof(struct hotid_node), sizeof(struct hotid_peer),
		sizeof(struct hotid_identity), sizeof(struct hotid_event),
	};

	return hotid_open_sized(h, &sizes);
}

/* What is not answered yet is dropped: its function is not called. */
void hotid_close(struct hotid *h);

/* The last failure of @h in one sentence; with a NULL @h, @error in words. */
const char *hotid_strerror(const struct hotid *h, int error);

/* The node. */
int hotid_node_get(struct hotid *h, struct hotid_node *node);
void hotid_node_clear(struct hotid_node *node);	/* frees what a get allocated */

/*
 * Peers. A dump calls @fn once per peer; non-zero from @fn ends it and is
 * returned. The list is read whole before the first call, again when it
 * changed meanwhile, so it is consistent and @fn may make requests itself.
 */
typedef int (*hotid_peer_fn)(const struct hotid_peer *peer, void *data);
int hotid_peer_get(struct hotid *h, const uint8_t id[HOTID_ID_LEN], struct hotid_peer *peer);
int hotid_peer_dump(struct hotid *h, hotid_peer_fn fn, void *data);
/* Begin to count the gaps of a peer anew, of all peers where @id is NULL. */
int hotid_margins_reset(struct hotid *h, const uint8_t *id);

/* Identities: what a person or an orchestrator asks for. */
typedef int (*hotid_identity_fn)(const struct hotid_identity *identity, void *data);
int hotid_identity_get(struct hotid *h, const char *name, struct hotid_identity *identity);
int hotid_identity_dump(struct hotid *h, hotid_identity_fn fn, void *data);
int hotid_identity_arm(struct hotid *h, const char *name);
int hotid_identity_disarm(struct hotid *h, const char *name);
/* @epoch 0 means the next one (takeover), or whatever is current (release). */
int hotid_identity_takeover(struct hotid *h, const char *name, uint64_t epoch);
int hotid_identity_release(struct hotid *h, const char *name, uint64_t epoch);
int hotid_history_dump(struct hotid *h, hotid_identity_fn fn, void *data);
void hotid_identity_clear(struct hotid_identity *identity);

/*
 * Without blocking. hotid_fd() is one descriptor for poll() or epoll, readable when
 * something arrived; hotid_dispatch() then calls the functions of the program for all
 * that did, and returns. They may make requests of either sort on the same handle, but
 * neither close it nor dispatch.
 */
int hotid_fd(const struct hotid *h);
int hotid_dispatch(struct hotid *h);

/*
 * Events. hotid_subscribe() joins the multicast group; from then on
 * hotid_dispatch() calls @fn for each event. When events were lost (the
 * socket overran), @fn is called once with type HOTID_EVENT_LOST, after what
 * was still there: dump again.
 */
int hotid_subscribe(struct hotid *h, hotid_event_fn fn, void *data);
/* The socket of the events alone, -1 before; for options of sockets. */
int hotid_event_fd(const struct hotid *h);

/*
 * Asynchronous requests. Each returns 0, or a negative errno and then @fn is never
 * called. hotid_dispatch() calls @fn for each item of the answer, with the type that
 * an event about it has, and last with HOTID_EVENT_DONE. Requests are answered in the
 * order they were made. A dump that ends with -EAGAIN was changed while it was read.
 */
int hotid_node_get_async(struct hotid *h, hotid_event_fn fn, void *data);
int hotid_peer_dump_async(struct hotid *h, hotid_event_fn fn, void *data);
int hotid_identity_get_async(struct hotid *h, const char *name, hotid_event_fn fn, void *data);
int hotid_identity_dump_async(struct hotid *h, hotid_event_fn fn, void *data);
int hotid_identity_arm_async(struct hotid *h, const char *name, hotid_event_fn fn, void *data);
int hotid_identity_disarm_async(struct hotid *h, const char *name, hotid_event_fn fn, void *data);
int hotid_identity_takeover_async(struct hotid *h, const char *name, uint64_t epoch,
				  hotid_event_fn fn, void *data);
int hotid_identity_release_async(struct hotid *h, const char *name, uint64_t epoch,
				 hotid_event_fn fn, void *data);

/* Enum values as the specification spells them; "?" for one that is unknown. */
const char *hotid_state_name(uint32_t identity_state);
const char *hotid_reason_name(uint32_t reason);
const char *hotid_peer_state_name(uint32_t peer_state);
const char *hotid_gasp_name(uint32_t gasp);
const char *hotid_stage_name(uint32_t stage);
const char *hotid_verb_name(uint32_t verb);
const char *hotid_status_name(uint32_t step_status);
const char *hotid_probe_mode_name(uint32_t mode);
const char *hotid_gasp_state_name(uint32_t gasp_state);
const char *hotid_egress_name(uint32_t egress);
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
