// SPDX-License-Identifier: LGPL-2.1-or-later
/* Peers: the remote nodes this one watches or tells. */
#include <errno.h>
#include <string.h>

#include "batch.h"
#include "hotid_daemon.h"
#include "layout.h"
#include "object.h"

#define PATH(attribute, member) FIELD(HOTID_A_PATH_##attribute, struct hotid_path, member)
/* Of 4 or 16 bytes, by its attribute. */
#define PATH_ADDRESS(name, member, bytes) {							\
	.attribute = HOTID_A_PATH_##name, .type = FIELD_BYTES,					\
	.offset = offsetof(struct hotid_path, member), .size = (bytes),				\
	.mark = offsetof(struct hotid_path, member##_len), .present = (bytes),			\
}

static const struct field path_fields[] = {
	PATH(INDEX, index),
	PATH_ADDRESS(REMOTE_IPV4, address, 4),
	PATH_ADDRESS(REMOTE_IPV6, address, 16),
	PATH_ADDRESS(LOCAL_IPV4, local, 4),
	PATH_ADDRESS(LOCAL_IPV6, local, 16),
	PATH(PORT, port),
	PATH(IFINDEX, ifindex),
	PATH(LAST_NS, last_ns),
	PATH(SEQ, seq),
	PATH(STATE, state),
	PATH(DOWNS, downs),
	PATH(GASP, gasp),
	PATH(LONGEST_GAP_NS, longest_gap_ns),
	PATH(GAPS, gaps),
};

static const struct object path_object = { OBJECT(path_fields, struct hotid_path) };

#define PEER(attribute, member) FIELD(HOTID_A_PEER_##attribute, struct hotid_peer, member)

static const struct field peer_fields[] = {
	PEER(ID, id),
	PEER(NAME, name),
	PEER(FLAGS, flags),
	PEER(MULTIPLIER, multiplier),
	{ FIELD_OF(HOTID_A_PEER_PATH, FIELD_ARRAY, struct hotid_peer, paths),
	  .nest = &path_object, .count = offsetof(struct hotid_peer, n_paths) },
	PEER(STATE, state),
	PEER(REASON, reason),
	PEER(EVENT, event),
	PEER(CHANGED_NS, changed_ns),
	PEER(BOOT_ID, boot_id),
	PEER(GASP, gasp),
	PEER(INTERVAL_US, interval_us),
	PEER(HEALTH, health),
	PEER(DOWNS, downs),
	PEER(GRACES, graces),
	PEER(ASKED_NS, asked_ns),
	PEER(RIVAL_BOOT_ID, rival_boot_id),
	PEER(GAPS_SINCE_NS, gaps_since_ns),
	PEER(LEASE_NS, lease_ns),
};

const struct object peer_object = {
	OBJECT(peer_fields, struct hotid_peer),
	.theirs = offsetof(struct hotid_sizes, peer),
};

static bool is_address(uint8_t len)
{
	return len == 4 || len == 16;
}

/* What no request can be made of. */
static int check_peer(struct hotid *h, const struct hotid_peer *peer)
{
	static const struct hotid_path zero;
	size_t i;

	if (peer->n_paths > HOTID_MAX_PATHS)
		return hotid_fail(h, -EINVAL, "path: %zu paths are too many; give at most %d",
				  peer->n_paths, HOTID_MAX_PATHS);
	for (i = 0; i < peer->n_paths; i++)
		if (!is_address(peer->paths[i].address_len) ||
		    (peer->paths[i].local_len && !is_address(peer->paths[i].local_len)))
			return hotid_fail(h, -EINVAL, "path[%zu].address: give 4 or 16 bytes", i);
	for (i = 0; i < peer->n_paths; i++)
		if (memcmp(peer->paths[i].reserved, zero.reserved, sizeof(zero.reserved)))
			return hotid_fail(h, -E2BIG, "path[%zu].reserved must be 0", i);
	return 0;
}

static void request_address(struct request *rq, int ipv4, int ipv6, const uint8_t *address,
			    uint8_t len)
{
	request_bytes(rq, len == 4 ? ipv4 : ipv6, address, len);
}

static void request_peer(struct request *rq, struct hotid *h, const struct hotid_peer *peer)
{
	size_t i;

	request_start(rq, h, HOTID_CMD_PEER_NEW);
	request_bytes(rq, HOTID_A_PEER_ID, peer->id, HOTID_ID_LEN);
	request_string(rq, HOTID_A_PEER_NAME, peer->name);
	request_u32(rq, HOTID_A_PEER_FLAGS, peer->flags);
	if (peer->multiplier)
		request_u32(rq, HOTID_A_PEER_MULTIPLIER, peer->multiplier);
	for (i = 0; i < peer->n_paths; i++) {
		const struct hotid_path *path = &peer->paths[i];
		struct nlattr *nest = request_nest(rq, HOTID_A_PEER_PATH);

		request_u32(rq, HOTID_A_PATH_INDEX, path->index);
		request_address(rq, HOTID_A_PATH_REMOTE_IPV4, HOTID_A_PATH_REMOTE_IPV6,
				path->address, path->address_len);
		if (path->local_len)
			request_address(rq, HOTID_A_PATH_LOCAL_IPV4, HOTID_A_PATH_LOCAL_IPV6,
					path->local, path->local_len);
		if (path->port)
			request_u16(rq, HOTID_A_PATH_PORT, path->port);
		if (path->ifindex)
			request_u32(rq, HOTID_A_PATH_IFINDEX, path->ifindex);
		request_nest_end(rq, nest);
	}
}

static int take_peer(struct hotid *h, struct hotid_peer *peer, const void *theirs)
{
	int error = layout_take(h, peer, sizeof(*peer), theirs, h->sizes.peer);

	return error ? error : check_peer(h, peer);
}

int hotid_peer_new(struct hotid *h, const struct hotid_peer *theirs)
{
	struct hotid_peer peer;
	struct request rq;
	int error = take_peer(h, &peer, theirs);

	if (error)
		return error;
	request_peer(&rq, h, &peer);
	return request_ask(&rq, NULL, NULL);
}

int hotid_peer_new_many(struct hotid *h, const struct hotid_peer *peers, size_t n, size_t *first)
{
	const uint8_t *theirs = (const void *)peers;
	struct hotid_peer peer;
	struct batch *batch;
	struct request rq;
	size_t i;
	int error;

	for (i = 0; i < n; i++) {
		error = take_peer(h, &peer, theirs + i * h->sizes.peer);
		if (error) {
			*first = i;
			return error;
		}
	}
	batch = batch_begin(h);
	if (!batch)
		return -ENOMEM;
	for (i = 0; i < n; i++) {
		take_peer(h, &peer, theirs + i * h->sizes.peer);
		request_peer(&rq, h, &peer);
		if (batch_add(batch, &rq))
			break;
	}
	return batch_end(batch, first);
}

int hotid_peer_del(struct hotid *h, const uint8_t id[HOTID_ID_LEN])
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_PEER_DEL);
	request_bytes(&rq, HOTID_A_PEER_ID, id, HOTID_ID_LEN);
	return request_ask(&rq, NULL, NULL);
}

int hotid_margins_reset(struct hotid *h, const uint8_t *id)
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_MARGINS_RESET);
	if (id)
		request_bytes(&rq, HOTID_A_PEER_ID, id, HOTID_ID_LEN);
	return request_ask(&rq, NULL, NULL);
}

int hotid_peer_get(struct hotid *h, const uint8_t id[HOTID_ID_LEN], struct hotid_peer *peer)
{
	struct request rq;

	request_start(&rq, h, HOTID_CMD_PEER_GET);
	request_bytes(&rq, HOTID_A_PEER_ID, id, HOTID_ID_LEN);
	return object_get(&peer_object, &rq, peer);
}

struct dump {
	hotid_peer_fn fn;
	void *data;
};

static int give(const void *peer, void *data)
{
	const struct dump *dump = data;

	return dump->fn(peer, dump->data);
}

int hotid_peer_dump(struct hotid *h, hotid_peer_fn fn, void *data)
{
	struct dump dump = { fn, data };

	return object_dump(&peer_object, h, HOTID_CMD_PEER_GET, give, &dump);
}
