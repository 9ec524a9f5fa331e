// SPDX-License-Identifier: GPL-2.0
/* Checks of what the module knows: node, daemon, probe, peers, identities. */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "doctor.h"
#include "duration.h"
#include "text.h"

/* A peer that is challenged in vain beats once per interval, and is asked each time. */
#define STILL_ASKED_NS (2ull * HOTID_INTERVAL_MAX_US * 1000)

void doctor_node(struct doctor *doctor)
{
	static const uint8_t no_id[HOTID_ID_LEN];
	const struct hotid_node *node = &doctor->overview->node;
	char interval[DURATION_TEXT_MAX];

	if (!memcmp(node->id, no_id, sizeof(no_id)) || !node->key_set) {
		doctor_find(doctor, VERDICT_BAD, "the node has no %s: it neither sends nor accepts beats",
			    node->key_set ? "id" : "key");
		doctor_fix(doctor, "hotidd --check && systemctl restart hotidd");
		return;
	}
	duration_format(node->interval_us * 1000ull, interval);
	doctor_find(doctor, VERDICT_OK, "%s beats every %s", node->name, interval);
}

void doctor_key(struct doctor *doctor)
{
	const struct hotid_node *node = &doctor->overview->node;
	uint32_t other = node->key_other;

	if (!node->key_set) {
		doctor_find(doctor, VERDICT_NONE, "there is no key");
	} else if (!other) {
		doctor_find(doctor, VERDICT_OK, "generation %u alone is accepted",
			    node->key_generation);
	} else if (other > node->key_generation) {
		doctor_find(doctor, VERDICT_WARN, "a rotation is half way: generation %u is accepted, and %u is still signed with",
			    other, node->key_generation);
		doctor_fix(doctor, "systemctl reload hotidd  # on each node, once all accept %u: after its line was made the first of the key file",
			   other);
	} else {
		doctor_find(doctor, VERDICT_WARN, "a rotation is half way: generation %u is signed with, and %u is still accepted",
			    node->key_generation, other);
		doctor_fix(doctor, "systemctl reload hotidd  # on each node, once all sign with %u: after the line of %u was taken out of the key file",
			   node->key_generation, other);
	}
}

void doctor_daemon(struct doctor *doctor)
{
	const struct hotid_node *node = &doctor->overview->node;

	if (!(node->health & HOTID_HEALTH_USERSPACE)) {
		doctor_find(doctor, VERDICT_BAD, "hotidd gave no sign of life for %u ms: nobody would carry out a takeover",
			    node->user_limit_ms);
		doctor_fix(doctor, "systemctl restart hotidd; journalctl -u hotidd -n 20");
	} else if (!(node->health & HOTID_HEALTH_AUDIT)) {
		doctor_find(doctor, VERDICT_BAD, "the audit of hotidd finds a fault in what this node holds or is armed for");
		doctor_fix(doctor, "hotidctl status; journalctl -u hotidd -n 20");
	} else {
		doctor_find(doctor, VERDICT_OK, "hotidd is alive and finds no fault");
	}
}

static bool any_peer(const struct overview *overview, uint32_t flag)
{
	size_t i;

	for (i = 0; i < overview->n_peers; i++)
		if (overview->peers[i].flags & flag)
			return true;
	return false;
}

/* Driver and MTU decide whether there is native XDP. */
static void describe_device(const struct doctor *doctor, const char *device, char *text,
			    size_t size)
{
	char mtu[16] = "?", target[256];

	doctor_read_link(doctor, target, sizeof(target), "/sys/class/net/%s/device/driver", device);
	doctor_read(doctor, mtu, sizeof(mtu), "/sys/class/net/%s/mtu", device);
	if (*target)
		snprintf(text, size, "its driver, %s, has no native mode or refuses it (MTU %s)",
			 basename(target), mtu);
	else
		snprintf(text, size, "it is virtual and has no native mode or refuses it (MTU %s)",
			 mtu);
}

void doctor_probe(struct doctor *doctor)
{
	const struct hotid_node *node = &doctor->overview->node;
	char device[TEXT_DEVICE_MAX], why[384];
	size_t i;

	if (!any_peer(doctor->overview, HOTID_PEER_FLAGS_WATCH)) {
		doctor_find(doctor, VERDICT_NONE, "no peer is watched");
		return;
	}
	if (!node->n_probes) {
		doctor_find(doctor, VERDICT_WARN, "no probe: each beat goes through the network stack");
		doctor_fix(doctor, "journalctl -u hotidd -g probe  # probe.mode in /etc/hotid/node.yaml must not be off");
	}
	for (i = 0; i < node->n_probes; i++) {
		text_device(node->probes[i].ifindex, device);
		switch (node->probes[i].mode) {
		case HOTID_PROBE_MODE_NATIVE:
			break;
		case HOTID_PROBE_MODE_GENERIC:
			describe_device(doctor, device, why, sizeof(why));
			doctor_find(doctor, VERDICT_WARN, "%s: generic mode, as %s", device, why);
			doctor_fix(doctor, "systemctl reload hotidd; journalctl -u hotidd -g probe  # with probe.mode: native, it says what refused");
			break;
		default:
			doctor_find(doctor, VERDICT_WARN, "%s: the probe is not attached", device);
			doctor_fix(doctor, "journalctl -u hotidd -g probe");
		}
	}
	if (doctor_is_silent(doctor))
		doctor_find(doctor, VERDICT_OK, "native on %zu device%s", node->n_probes,
			    node->n_probes == 1 ? "" : "s");
}

/* The address as ping and ip take it. */
static void address_of(const struct hotid_path *path, char text[TEXT_PATH_MAX])
{
	char *end;

	text_path(path, text);
	end = strrchr(text, ':');
	if (*text == '[') {
		end = strchr(text, ']');
		memmove(text, text + 1, end - text);
		end--;
	}
	*end = '\0';
}

static void silent_peer(struct doctor *doctor, const struct hotid_peer *peer)
{
	const struct hotid_node *node = &doctor->overview->node;
	char id[33], address[TEXT_PATH_MAX] = "?";

	if (peer->n_paths)
		address_of(&peer->paths[0], address);
	if (peer->asked_ns && node->now_ns < peer->asked_ns + STILL_ASKED_NS) {
		hotid_id_format(node->id, id);
		doctor_find(doctor, VERDICT_BAD, "%s: its beats arrive, but it answers no challenge: it does not know this node, or cannot reach it",
			    peer->name);
		doctor_fix(doctor, "systemctl reload hotidd  # there, with this node's id %s and addresses among its peers",
			   id);
		return;
	}
	if (peer->state == HOTID_PEER_STATE_DOWN)
		doctor_find(doctor, VERDICT_BAD, "%s: down, %s", peer->name,
			    hotid_reason_name(peer->reason));
	else if (node->counters.bad_mac)
		doctor_find(doctor, VERDICT_BAD,
			    "%s: never heard; %" PRIu64 " packets were signed with another key",
			    peer->name, node->counters.bad_mac);
	else
		doctor_find(doctor, VERDICT_BAD, "%s: never heard", peer->name);
	doctor_fix(doctor, "ping -c 3 %s  # and there: hotidctl doctor", address);
}

static void watched_peer(struct doctor *doctor, const struct hotid_peer *peer)
{
	char text[TEXT_PATH_MAX], address[TEXT_PATH_MAX];
	size_t i;

	switch (peer->state) {
	case HOTID_PEER_STATE_UP:
		break;
	case HOTID_PEER_STATE_HUNG:
		doctor_find(doctor, VERDICT_WARN, "%s: hung: its kernel is alive, its hotidd is not",
			    peer->name);
		doctor_fix(doctor, "systemctl restart hotidd  # there");
		break;
	case HOTID_PEER_STATE_CONFLICT:
		doctor_find(doctor, VERDICT_BAD, "%s: another node beats with the same id; nothing is taken over from it",
			    peer->name);
		doctor_fix(doctor, "systemctl restart hotidd  # on the other one, after node.id was changed in its /etc/hotid/node.yaml");
		break;
	default:
		silent_peer(doctor, peer);
		return;
	}
	for (i = 0; i < peer->n_paths; i++) {
		if (peer->paths[i].state == HOTID_PEER_STATE_UP)
			continue;
		text_path(&peer->paths[i], text);
		address_of(&peer->paths[i], address);
		doctor_find(doctor, VERDICT_WARN, "%s: not heard on the path %s", peer->name, text);
		doctor_fix(doctor, "ping -c 3 %s", address);
	}
	if (peer->n_paths < 2) {
		doctor_find(doctor, VERDICT_WARN, "%s: has one path; when that is cut, a live node is taken for dead",
			    peer->name);
		doctor_fix(doctor, "systemctl reload hotidd  # after a second path, over other cables, was added in /etc/hotid/node.yaml");
	}
}

void doctor_peers(struct doctor *doctor)
{
	const struct overview *overview = doctor->overview;
	size_t i, watched = 0;

	if (!overview->n_peers) {
		doctor_find(doctor, VERDICT_BAD, "there are no peers: it detects no failure, and nobody detects its own");
		doctor_fix(doctor, "systemctl reload hotidd  # after peers were added in /etc/hotid/node.yaml");
		return;
	}
	for (i = 0; i < overview->n_peers; i++) {
		if (!(overview->peers[i].flags & HOTID_PEER_FLAGS_WATCH))
			continue;
		watched_peer(doctor, &overview->peers[i]);
		watched++;
	}
	if (overview->n_identities && !any_peer(overview, HOTID_PEER_FLAGS_TELL)) {
		doctor_find(doctor, VERDICT_BAD, "no peer is told: a failure of this node is not detected");
		doctor_fix(doctor, "systemctl reload hotidd  # after tell: true was given to a peer in /etc/hotid/node.yaml");
	}
	if (!doctor_is_silent(doctor))
		return;
	if (watched)
		doctor_find(doctor, VERDICT_OK, "%zu watched and heard on all their paths",
			    watched);
	else
		doctor_find(doctor, VERDICT_NONE, "no peer is watched");
}

static void untold(struct doctor *doctor, const struct hotid_peer *peer,
		   const struct hotid_path *path)
{
	char text[TEXT_PATH_MAX], address[TEXT_PATH_MAX];
	const char *why, *fix;

	switch (path->gasp) {
	case HOTID_GASP_STATE_NO_ROUTE:
		why = "no route through an Ethernet device that is up";
		fix = "";
		break;
	case HOTID_GASP_STATE_NO_NEIGHBOUR:
		why = "the next hop's link address is not known";
		fix = "; ip neigh show";
		break;
	case HOTID_GASP_STATE_NO_NETPOLL:
		why = "the device has no netpoll";
		fix = "  # route it through a device that has one and is not a port of a bridge or "
		       "bond";
		break;
	default:
		why = "hotidd has not prepared it";
		fix = "; systemctl status hotidd";
	}
	text_path(path, text);
	address_of(path, address);
	doctor_find(doctor, VERDICT_WARN, "%s: a panic is not announced on the path %s: %s",
		    peer->name, text, why);
	doctor_fix(doctor, "ip route get %s%s", address, fix);
}

void doctor_gasp(struct doctor *doctor)
{
	const struct overview *overview = doctor->overview;
	size_t i, j, ready = 0;

	if (!any_peer(overview, HOTID_PEER_FLAGS_TELL)) {
		doctor_find(doctor, VERDICT_NONE, "no peer is told");
		return;
	}
	for (i = 0; i < overview->n_peers; i++) {
		const struct hotid_peer *peer = &overview->peers[i];

		for (j = 0; j < peer->n_paths && peer->flags & HOTID_PEER_FLAGS_TELL; j++) {
			const struct hotid_path *path = &peer->paths[j];

			if (path->gasp == HOTID_GASP_STATE_READY)
				ready++;
			/* A path that is dead is told of as such, and once is enough. */
			else if (!(peer->flags & HOTID_PEER_FLAGS_WATCH) ||
				 path->state == HOTID_PEER_STATE_UP)
				untold(doctor, peer, path);
		}
	}
	if (doctor_is_silent(doctor))
		doctor_find(doctor, ready ? VERDICT_OK : VERDICT_NONE,
			    "a panic is announced on %zu path%s", ready, ready == 1 ? "" : "s");
}

/* The module takes an armed identity when its holder goes down, and at no other time. */
static void armed_identity(struct doctor *doctor, const struct hotid_identity *identity)
{
	const struct hotid_peer *holder = overview_peer(doctor->overview, identity->holder);
	char name[OVERVIEW_NODE_MAX];

	if (!(identity->flags & HOTID_IDENTITY_FLAGS_AUTO))
		return;
	overview_node(doctor->overview, identity->holder, name);
	if (!identity->has_holder) {
		doctor_find(doctor, VERDICT_WARN, "%s: armed, but no node claims it, so that no failure starts a takeover",
			    identity->name);
		doctor_fix(doctor, "hotidctl takeover %s  # on the node that is to hold it",
			   identity->name);
	} else if (!holder || !(holder->flags & HOTID_PEER_FLAGS_WATCH)) {
		doctor_find(doctor, VERDICT_BAD, "%s: armed, but its holder, %s, is not watched",
			    identity->name, name);
		doctor_fix(doctor, "systemctl reload hotidd  # after %s was given watch: true in /etc/hotid/node.yaml",
			   name);
	} else if (holder->state == HOTID_PEER_STATE_DOWN) {
		doctor_find(doctor, VERDICT_BAD, "%s: armed only after its holder, %s, went down, so that nothing starts a takeover",
			    identity->name, name);
		doctor_fix(doctor, "hotidctl takeover %s", identity->name);
	}
}

void doctor_identities(struct doctor *doctor)
{
	const struct overview *overview = doctor->overview;
	size_t i;

	if (!overview->n_identities) {
		doctor_find(doctor, VERDICT_NONE, "this node has none");
		return;
	}
	for (i = 0; i < overview->n_identities; i++) {
		const struct hotid_identity *identity = &overview->identities[i];

		switch (identity->state) {
		case HOTID_IDENTITY_STATE_ARMED:
			armed_identity(doctor, identity);
			break;
		case HOTID_IDENTITY_STATE_OFFLINE:
			doctor_find(doctor, VERDICT_WARN, "%s: offline: this node cannot take it over",
				    identity->name);
			doctor_fix(doctor, "hotidctl arm %s", identity->name);
			break;
		case HOTID_IDENTITY_STATE_FAILED:
			doctor_find(doctor, VERDICT_BAD, "%s: failed: %s", identity->name,
				    identity->message);
			doctor_fix(doctor, "hotidctl %s %s", identity->clean ? "arm" : "disarm",
				   identity->name);
			break;
		}
	}
	if (doctor_is_silent(doctor))
		doctor_find(doctor, VERDICT_OK, "%zu armed or held", overview->n_identities);
}
