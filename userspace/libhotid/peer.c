// SPDX-License-Identifier: LGPL-2.1-or-later
/* Peers: the remote nodes this one watches or tells. */
#include "peer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "explain.h"
#include "hotid_daemon.h"
#include "layout.h"
#include "request.h"

static struct nla_policy peer_policy[HOTID_A_PEER_MAX + 1] = {
	[HOTID_A_PEER_ID] = { .type = NLA_UNSPEC, .minlen = HOTID_ID_LEN },
	[HOTID_A_PEER_NAME] = { .type = NLA_STRING },
	[HOTID_A_PEER_FLAGS] = { .type = NLA_U32 },
	[HOTID_A_PEER_MULTIPLIER] = { .type = NLA_U32 },
	[HOTID_A_PEER_PATH] = { .type = NLA_NESTED },
	[HOTID_A_PEER_STATE] = { .type = NLA_U32 },
	[HOTID_A_PEER_EVENT] = { .type = NLA_U32 },
	[HOTID_A_PEER_REASON] = { .type = NLA_U32 },
	[HOTID_A_PEER_CHANGED_NS] = { .type = NLA_U64 },
	[HOTID_A_PEER_BOOT_ID] = { .type = NLA_U64 },
	[HOTID_A_PEER_GASP] = { .type = NLA_U32 },
	[HOTID_A_PEER_INTERVAL_US] = { .type = NLA_U32 },
	[HOTID_A_PEER_HEALTH] = { .type = NLA_U32 },
	[HOTID_A_PEER_DOWNS] = { .type = NLA_U32 },
	[HOTID_A_PEER_GRACES] = { .type = NLA_U32 },
	[HOTID_A_PEER_ASKED_NS] = { .type = NLA_U64 },
	[HOTID_A_PEER_RIVAL_BOOT_ID] = { .type = NLA_U64 },
	[HOTID_A_PEER_GAPS_SINCE_NS] = { .type = NLA_U64 },
};

static struct nla_policy path_policy[HOTID_A_PATH_MAX + 1] = {
	[HOTID_A_PATH_INDEX] = { .type = NLA_U32 },
	[HOTID_A_PATH_REMOTE_IPV4] = { .type = NLA_UNSPEC, .minlen = 4, .maxlen = 4 },
	[HOTID_A_PATH_REMOTE_IPV6] = { .type = NLA_UNSPEC, .minlen = 16, .maxlen = 16 },
	[HOTID_A_PATH_LOCAL_IPV4] = { .type = NLA_UNSPEC, .minlen = 4, .maxlen = 4 },
	[HOTID_A_PATH_LOCAL_IPV6] = { .type = NLA_UNSPEC, .minlen = 16, .maxlen = 16 },
	[HOTID_A_PATH_PORT] = { .type = NLA_U16 },
	[HOTID_A_PATH_IFINDEX] = { .type = NLA_U32 },
	[HOTID_A_PATH_LAST_NS] = { .type = NLA_U64 },
	[HOTID_A_PATH_SEQ] = { .type = NLA_U64 },
	[HOTID_A_PATH_STATE] = { .type = NLA_U32 },
	[HOTID_A_PATH_DOWNS] = { .type = NLA_U32 },
	[HOTID_A_PATH_GASP] = { .type = NLA_U32 },
	[HOTID_A_PATH_LONGEST_GAP_NS] = { .type = NLA_U64 },
	[HOTID_A_PATH_GAPS] = { .type = NLA_UNSPEC, .minlen = 4 * HOTID_GAP_BUCKETS },
};

/* Whichever of the two is there. The policy has seen to their lengths. */
static void parse_address(const struct nlattr *ipv4, const struct nlattr *ipv6,
			  uint8_t address[16], uint8_t *len)
{
	const struct nlattr *nla = ipv4 ? ipv4 : ipv6;

	if (!nla)
		return;
	*len = nla_len(nla);
	memcpy(address, nla_data(nla), *len);
}

static int parse_path(struct nlattr *nest, struct hotid_path *path)
{
	struct nlattr *a[HOTID_A_PATH_MAX + 1];

	if (nla_parse_nested(a, HOTID_A_PATH_MAX, nest, path_policy) < 0)
		return -EBADMSG;
	parse_address(a[HOTID_A_PATH_REMOTE_IPV4], a[HOTID_A_PATH_REMOTE_IPV6], path->address,
		      &path->address_len);
	parse_address(a[HOTID_A_PATH_LOCAL_IPV4], a[HOTID_A_PATH_LOCAL_IPV6], path->local,
		      &path->local_len);
	path->index = answer_u32(a[HOTID_A_PATH_INDEX]);
	path->port = answer_u16(a[HOTID_A_PATH_PORT]);
	path->ifindex = answer_u32(a[HOTID_A_PATH_IFINDEX]);
	path->last_ns = answer_u64(a[HOTID_A_PATH_LAST_NS]);
	path->seq = answer_u64(a[HOTID_A_PATH_SEQ]);
	path->state = answer_u32(a[HOTID_A_PATH_STATE]);
	path->downs = answer_u32(a[HOTID_A_PATH_DOWNS]);
	path->gasp = answer_u32(a[HOTID_A_PATH_GASP]);
	path->longest_gap_ns = answer_u64(a[HOTID_A_PATH_LONGEST_GAP_NS]);
	if (a[HOTID_A_PATH_GAPS])
		memcpy(path->gaps, nla_data(a[HOTID_A_PATH_GAPS]), sizeof(path->gaps));
	return 0;
}

int peer_parse(struct nlattr *attrs, int len, struct hotid_peer *peer)
{
	struct nlattr *a[HOTID_A_PEER_MAX + 1], *nla;
	int rem;

	memset(peer, 0, sizeof(*peer));
	if (nla_parse(a, HOTID_A_PEER_MAX, attrs, len, peer_policy) < 0)
		return -EBADMSG;
	answer_id(a[HOTID_A_PEER_ID], peer->id);
	answer_string(a[HOTID_A_PEER_NAME], peer->name, sizeof(peer->name));
	peer->flags = answer_u32(a[HOTID_A_PEER_FLAGS]);
	peer->multiplier = answer_u32(a[HOTID_A_PEER_MULTIPLIER]);
	peer->state = answer_u32(a[HOTID_A_PEER_STATE]);
	peer->reason = answer_u32(a[HOTID_A_PEER_REASON]);
	peer->event = answer_u32(a[HOTID_A_PEER_EVENT]);
	peer->changed_ns = answer_u64(a[HOTID_A_PEER_CHANGED_NS]);
	peer->boot_id = answer_u64(a[HOTID_A_PEER_BOOT_ID]);
	peer->gasp = answer_u32(a[HOTID_A_PEER_GASP]);
	peer->interval_us = answer_u32(a[HOTID_A_PEER_INTERVAL_US]);
	peer->health = answer_u32(a[HOTID_A_PEER_HEALTH]);
	peer->downs = answer_u32(a[HOTID_A_PEER_DOWNS]);
	peer->graces = answer_u32(a[HOTID_A_PEER_GRACES]);
	peer->asked_ns = answer_u64(a[HOTID_A_PEER_ASKED_NS]);
	peer->rival_boot_id = answer_u64(a[HOTID_A_PEER_RIVAL_BOOT_ID]);
	peer->gaps_since_ns = answer_u64(a[HOTID_A_PEER_GAPS_SINCE_NS]);

	nla_for_each_attr(nla, attrs, len, rem) {
		if (nla_type(nla) != HOTID_A_PEER_PATH)
			continue;
		if (peer->n_paths == HOTID_MAX_PATHS ||
		    parse_path(nla, &peer->paths[peer->n_paths]) < 0)
			return -EBADMSG;
		peer->n_paths++;
	}
	return 0;
}

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

static int parse_one(struct nlattr *attrs, int len, void *data)
{
	return peer_parse(attrs, len, data);
}

int hotid_peer_get(struct hotid *h, const uint8_t id[HOTID_ID_LEN], struct hotid_peer *theirs)
{
	struct hotid_peer peer = { 0 };
	struct request rq;
	int err;

	request_start(&rq, h, HOTID_CMD_PEER_GET);
	request_bytes(&rq, HOTID_A_PEER_ID, id, HOTID_ID_LEN);
	err = request_ask(&rq, parse_one, &peer);
	layout_give(theirs, h->sizes.peer, &peer, sizeof(peer));
	return err;
}

struct list {
	struct hotid_peer *items;
	size_t n;
};

static void list_clear(void *data)
{
	struct list *list = data;

	free(list->items);
	list->items = NULL;
	list->n = 0;
}

static int list_add(struct nlattr *attrs, int len, void *data)
{
	struct list *list = data;
	struct hotid_peer *items;

	items = reallocarray(list->items, list->n + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	list->items = items;
	return peer_parse(attrs, len, &items[list->n++]);
}

int hotid_peer_dump(struct hotid *h, hotid_peer_fn fn, void *data)
{
	struct list list = { 0 };
	const void *peer;
	void *copy;
	size_t i;
	int ret;

	ret = request_dump(h, HOTID_CMD_PEER_GET, list_add, list_clear, &list);
	for (i = 0; !ret && i < list.n; i++) {
		peer = layout_view(&list.items[i], sizeof(list.items[i]), h->sizes.peer, &copy);
		ret = peer ? fn(peer, data) :
			     hotid_fail(h, -ENOMEM, "%s", explain_errno(-ENOMEM));
		free(copy);
	}
	list_clear(&list);
	return ret;
}
