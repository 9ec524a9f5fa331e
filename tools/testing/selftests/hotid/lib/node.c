// SPDX-License-Identifier: GPL-2.0
#include "node.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "net.h"

const uint8_t cluster_key[HOTID_KEY_LEN] = "\x5a\xc1 test key 42\x00\xff";

void node_id(unsigned int n, uint8_t id[HOTID_ID_LEN])
{
	int i;

	for (i = 0; i < HOTID_ID_LEN; i++)
		id[i] = 0xa0 + i;
	/* Where the slot table looks for a home, so that no two share one. */
	id[8] = n;
	id[9] = n >> 8;
}

/* 0, or a positive errno. */
static int load(const char *file)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	int error;

	if (fd < 0)
		err(1, "%s", file);
	error = syscall(SYS_finit_module, fd, "", 0) ? errno : 0;
	close(fd);
	return error;
}

static void must_load(const char *file)
{
	int error = load(file);

	if (error && error != EEXIST)
		errx(1, "loading %s: %s", file, strerror(error));
}

static const char *module_file(void)
{
	const char *file = getenv("HOTID_MODULE");

	if (!file)
		errx(1, "HOTID_MODULE does not say where hotid.ko is");
	return file;
}

void module_load(void)
{
	must_load(module_file());
}

int module_try_load(void)
{
	return load(module_file());
}

bool module_unload(void)
{
	uint64_t deadline = now_ns() + 10 * SECOND;

	while (syscall(SYS_delete_module, "hotid", O_NONBLOCK)) {
		if (errno == ENOENT)
			return true;
		if ((errno != EAGAIN && errno != EBUSY) || now_ns() > deadline)
			return false;
		sleep_ns(100 * US);
	}
	return true;
}

void module_load_other(const char *name)
{
	const char *file = module_file();
	char other[256];

	snprintf(other, sizeof(other), "%.*s/%s", (int)(strrchr(file, '/') - file), file, name);
	must_load(other);
}

struct hotid *node_connect(int ns)
{
	struct hotid *h;
	int error;

	module_load();
	ns_enter(ns);
	error = hotid_open(&h);
	ns_home();
	if (error)
		errx(1, "hotid_open: %s", hotid_strerror(NULL, error));
	return h;
}

void node_start(struct node *node, int ns, unsigned int n, uint32_t interval_us)
{
	struct hotid_node wanted = { .port = HOTID_DEFAULT_PORT, .interval_us = interval_us };

	node->ns = ns;
	node->h = node_connect(ns);
	node_id(n, node->id);
	memcpy(wanted.id, node->id, sizeof(wanted.id));
	MUST(node->h, hotid_node_set(node->h, &wanted,
				     HOTID_SET_ID | HOTID_SET_PORT | HOTID_SET_INTERVAL));
	MUST(node->h, hotid_node_set_key(node->h, cluster_key));
}

void node_daemon_lives(const struct node *node)
{
	struct hotid_node patient = { .user_limit_ms = 600000 };

	MUST(node->h, hotid_node_set(node->h, &patient, HOTID_SET_USER_LIMIT));
	MUST(node->h, hotid_keepalive(node->h, HOTID_HEALTH_USERSPACE));
}

void node_daemon_dies(const struct node *node)
{
	struct hotid_node impatient = { .user_limit_ms = 10 };

	MUST(node->h, hotid_node_set(node->h, &impatient, HOTID_SET_USER_LIMIT));
	if (!WAIT_FOR(!node_read(node).health, SECOND))
		errx(1, "the daemon does not die");
}

struct hotid_node node_read(const struct node *node)
{
	struct hotid_node read, copy;

	MUST(node->h, hotid_node_get(node->h, &read));
	copy = read;
	hotid_node_clear(&read);
	copy.probes = NULL;
	return copy;
}

struct hotid_peer peer_with(const uint8_t id[HOTID_ID_LEN], uint32_t flags)
{
	struct hotid_peer peer = { .flags = flags, .multiplier = 3 };

	memcpy(peer.id, id, sizeof(peer.id));
	return peer;
}

void peer_path_raw(struct hotid_peer *peer, const uint8_t *address, uint8_t length,
		   uint32_t ifindex)
{
	struct hotid_path *path = &peer->paths[peer->n_paths];

	path->index = peer->n_paths++;
	path->address_len = length;
	memcpy(path->address, address, length);
	path->ifindex = ifindex;
}

void peer_path(struct hotid_peer *peer, const char *address)
{
	int family = strchr(address, ':') ? AF_INET6 : AF_INET;
	uint8_t raw[16];

	if (inet_pton(family, address, raw) != 1)
		errx(1, "address %s", address);
	peer_path_raw(peer, raw, family == AF_INET ? 4 : 16, 0);
}

void peer_set(const struct node *node, const struct hotid_peer *peer)
{
	MUST(node->h, hotid_peer_new(node->h, peer));
}

void peer_add(const struct node *node, const uint8_t id[HOTID_ID_LEN], uint32_t flags,
	      const char *address)
{
	struct hotid_peer peer = peer_with(id, flags);

	peer_path(&peer, address);
	peer_set(node, &peer);
}

struct hotid_peer peer_read(const struct node *node, const uint8_t id[HOTID_ID_LEN])
{
	struct hotid_peer peer;

	MUST(node->h, hotid_peer_get(node->h, id, &peer));
	return peer;
}

uint32_t peer_state(const struct node *node, const uint8_t id[HOTID_ID_LEN])
{
	return peer_read(node, id).state;
}

uint64_t peer_last_ns(const struct hotid_peer *peer)
{
	uint64_t last = 0;
	size_t i;

	for (i = 0; i < peer->n_paths; i++)
		if (peer->paths[i].last_ns > last)
			last = peer->paths[i].last_ns;
	return last;
}
