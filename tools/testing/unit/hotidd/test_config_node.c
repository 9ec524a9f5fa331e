// SPDX-License-Identifier: GPL-2.0
/*
 * node.yaml: what is read from a good one, and file, line, key and words of what is
 * said about a bad one, or about the key file that it names.
 */
#include <arpa/inet.h>

#include "node_file.h"

static void node_least(void)
{
	struct node_config *config;

	begin();
	config = good_node(NODE);
	if (config) {
		CHECK_STR(config->name, "spare");
		CHECK(config->id[0] == 0x0f && config->id[15] == 0);
		CHECK_INT(config->n_keys, 1);
		CHECK_INT(config->keys[0].generation, 1);
		CHECK(config->keys[0].key[0] == 0 && config->keys[0].key[15] == 0x0f);
		CHECK_INT(config->interval_us, 10000);
		CHECK_INT(config->multiplier, 3);
		CHECK_INT(config->port, 7707);
		CHECK_INT(config->priority, 50);
		CHECK_INT(config->keepalive_limit_ms, 500);
		CHECK_INT(config->probe_mode, 0);
		CHECK_INT(config->n_probe_devices, 0);
		CHECK_INT(config->probe_room, 0);
		CHECK_INT(config->n_peers, 0);
	}
	node_config_free(config);
	end();
}

static void node_whole(void)
{
	struct node_config *config;

	begin();
	put("other", "7 ffffffffffffffffffffffffffffffff\n6 " KEY, 0400);
	config = good_node("node:\n"
			   "  name: spare\n"
			   "  id: 0f0e0d0c-0b0a-0908-0706-050403020100\n"
			   "  key-file: other\n"
			   "beats: {interval: 1ms, multiplier: 5, port: 7000}\n"
			   "daemon: {priority: 0, keepalive-limit: 1s}\n"
			   "probe: {mode: off, devices: [eth0, eth2], room: 10000}\n"
			   "peers:\n"
			   "  - name: active\n"
			   "    id: 1f1e1d1c1b1a19181716151413121110\n"
			   "    tell: false\n"
			   "    multiplier: 9\n"
			   "    paths: [{address: 10.77.0.1}, {address: fe80::1, device: lo, port: 9}]\n"
			   "  - name: witness\n"
			   "    id: 2f2e2d2c2b2a29282726252423222120\n"
			   "    watch: no\n"
			   "    paths:\n"
			   "      - address: 10.77.0.3\n"
			   "        local: 10.77.0.2\n");
	if (config) {
		CHECK_INT(config->n_keys, 2);
		CHECK_INT(config->keys[0].generation, 7);
		CHECK(config->keys[0].key[0] == 0xff);
		CHECK_INT(config->keys[1].generation, 6);
		CHECK(config->keys[1].key[15] == 0x0f);
		CHECK_INT(config->interval_us, 1000);
		CHECK_INT(config->port, 7000);
		CHECK_INT(config->priority, 0);
		CHECK_INT(config->keepalive_limit_ms, 1000);
		CHECK_INT(config->probe_mode, 3);
		CHECK_INT(config->n_probe_devices, 2);
		CHECK_STR(config->probe_devices[1], "eth2");
		CHECK_INT(config->probe_room, 10000);
		CHECK_INT(config->n_peers, 2);
		CHECK_STR(config->peers[0].name, "active");
		CHECK(config->peers[0].watch && !config->peers[0].tell);
		CHECK(!config->peers[1].watch && config->peers[1].tell);
		CHECK_INT(config->peers[0].multiplier, 9);
		CHECK_INT(config->peers[1].multiplier, 5);
		CHECK_INT(config->peers[0].n_paths, 2);
		CHECK_INT(config->peers[0].paths[0].port, 7000);
		CHECK(!config->peers[0].paths[0].device);
		CHECK_INT(config->peers[0].paths[1].port, 9);
		CHECK_STR(config->peers[0].paths[1].device, "lo");
		CHECK_INT(config->peers[1].paths[0].local.family, AF_INET);
	}
	node_config_free(config);
	end();
}

static void not_yaml(void)
{
	static char large[70000];

	begin();
	bad_node("", "node.yaml:1: is empty");
	memset(large, ' ', sizeof(large) - 1);
	bad_node(large, "node.yaml: is larger than 65536 bytes");
	end();
}

static void missing_files(void)
{
	char error[CONFIG_ERROR_MAX] = "";

	begin();
	CHECK(!read_node(path_of("none.yaml"), error));
	wrong(error, "none.yaml: cannot be read: No such file or directory");
	CHECK(!read_node(dir, error));
	CHECK(strstr(error, "is not a regular file"));
	end();
}

static void shapes_and_keys(void)
{
	begin();
	bad_node("- node\n", "node.yaml:1: is a list where a map is wanted");
	bad_node("spare\n", "node.yaml:1: is one value where a map is wanted");
	bad_node("beats: {interval: 1ms}\n", "node.yaml:1: node: is missing; give it (this node)");
	bad_node("node: {id: " ID "}\n", "node.yaml:1: node.name: is missing; give it");
	bad_node("node: spare\n", "node.yaml:1: node: is one value where a map is wanted");
	bad_node("node:\n", "node.yaml:1: node: is empty; give a map, or leave the key out");
	bad_node("node: {name: }\n", "node.yaml:1: node.name: is empty; give one value");
	bad_node("node: {name: [a]}\n", "node.yaml:1: node.name: is a list where one value is wanted");
	bad_node(NODE "peers: {a: b}\n", "node.yaml:2: peers: is a map where a list is wanted");
	bad_node(NODE "peers: [a]\n", "node.yaml:2: peers[0]: is one value where a map is wanted");
	bad_node(NODE "\nbeets: {interval: 1ms}\n",
		 "node.yaml:3: beets: is not a known key; did you mean \"beats\"?");
	bad_node(NODE "beats:\n  intervall: 1ms\n",
		 "node.yaml:3: beats.intervall: is not a known key; did you mean \"interval\"?");
	bad_node(NODE "zebra: 1\n", "node.yaml:2: zebra: is not a known key; the keys here are node, "
		 "beats, daemon, audit, arm, probe, peers");
	bad_node(NODE "beats:\n  port: 1\n  port: 2\n",
		 "node.yaml:4: port: is here a second time (first in line 3); leave one out");
	bad_node(NODE "probe: {devices: []}\n",
		 "node.yaml:2: probe.devices: has 0 entries; give at least 1");
	bad_node(NODE "probe: {devices: [\"eth 0\"]}\n",
		 "node.yaml:2: probe.devices[0]: \"eth 0\" is not the name of a network device");
	bad_node(NODE "probe: {mode: fast}\n",
		 "node.yaml:2: probe.mode: \"fast\" is not known here; write auto, native, generic or off");
	bad_node(NODE "probe: {room: 0}\n", "node.yaml:2: probe.room: 0 is out of range");
	bad_node(NODE "beats: {interval: 10}\n",
		 "node.yaml:2: beats.interval: \"10\" has no unit");
	bad_node(NODE "beats: {interval: 1us}\n", "node.yaml:2: beats.interval: 1us is out of range");
	bad_node(NODE "beats: {multiplier: 1}\n", "node.yaml:2: beats.multiplier: 1 is out of range");
	bad_node(NODE "beats: {port: 0}\n", "node.yaml:2: beats.port: 0 is out of range");
	bad_node(NODE "daemon: {priority: 100}\n", "node.yaml:2: daemon.priority: 100 is out of range");
	bad_node(NODE "daemon: {keepalive-limit: 5ms}\n",
		 "node.yaml:2: daemon.keepalive-limit: 5ms is out of range");
	/* What a file holds cannot reach a terminal raw. */
	bad_node(NODE "\"a\\eb\": 1\n", "node.yaml:2: a?b: is not a known key");
	end();
}

#define PEER(rest) NODE "peers:\n- {name: active, id: 1f1e1d1c1b1a19181716151413121110, " rest "}\n"

static void peers(void)
{
	begin();
	bad_node(PEER("tell: true"), "node.yaml:3: peers[0].paths: is missing; give it (ways to the peer)");
	bad_node(PEER("paths: []"), "node.yaml:3: peers[0].paths: has 0 entries; give at least 1");
	bad_node(PEER("paths: [{address: 10.0.0.1}, {address: 10.0.0.2}, {address: 10.0.0.3}, "
		      "{address: 10.0.0.4}, {address: 10.0.0.5}]"),
		 "node.yaml:3: peers[0].paths: has 5 entries; give at most 4");
	bad_node(PEER("paths: [{address: 10.0.0.1/24}]"),
		 "node.yaml:3: peers[0].paths[0].address: \"10.0.0.1/24\" is not an IP address");
	bad_node(PEER("paths: [{address: 10.0.0.1}, {address: 10.0.0.1}]"),
		 "node.yaml:3: peers[0].paths[1].address: is that of paths[0] too");
	bad_node(PEER("paths: [{address: 10.0.0.1, local: fd77::1}]"),
		 "node.yaml:3: peers[0].paths[0].local: is of another family");
	bad_node(PEER("paths: [{address: fe80::1}]"),
		 "node.yaml:3: peers[0].paths[0].address: is link-local, so it needs its device");
	bad_node(PEER("watch: no, tell: no, paths: [{address: 10.0.0.1}]"),
		 "node.yaml:3: peers[0]: neither watched nor told");
	bad_node(PEER("watch: maybe, paths: [{address: 10.0.0.1}]"),
		 "node.yaml:3: peers[0].watch: \"maybe\" is not a truth value");
	bad_node(PEER("paths: [{address: 10.0.0.1}]")
		 "- {name: other, id: 1f1e1d1c1b1a19181716151413121110, paths: [{address: 10.0.0.2}]}\n",
		 "node.yaml:4: peers[1].id: is that of peers[0] (active) too");
	bad_node(PEER("paths: [{address: 10.0.0.1}]")
		 "- {name: active, id: 2f1e1d1c1b1a19181716151413121110, paths: [{address: 10.0.0.2}]}\n",
		 "node.yaml:4: peers[1].name: active is the name of peers[0] too");
	bad_node(NODE "peers:\n- {name: me, id: " ID ", paths: [{address: 10.0.0.1}]}\n",
		 "node.yaml:3: peers[0].id: is this node's own id");
	bad_node(NODE "peers:\n- {name: a, id: 12, paths: [{address: 10.0.0.1}]}\n",
		 "node.yaml:3: peers[0].id: \"12\" is not a node id");
	end();
}

static void key_files(void)
{
	char text[256];

	begin();
	unlink(path_of("key"));
	bad_node(NODE, "node.yaml:1: node.key-file: ");
	put("key", KEY, 0640);
	snprintf(text, sizeof(text), "node.yaml:1: node.key-file: %s/key has mode 0640, others than its "
		 "owner may use it; chmod 0600", dir);
	bad_node(NODE, text);
	put("key", KEY, 0604);
	bad_node(NODE, "node.yaml:1: node.key-file: ");
	snprintf(text, sizeof(text), "node.yaml:1: node.key-file: %s/key does not hold a key; it must be "
		 "exactly 32 hex digits", dir);
	put("key", "", 0600);
	bad_node(NODE, text);
	put("key", "000102030405060708090a0b0c0d0e\n", 0600);
	bad_node(NODE, text);
	put("key", "000102030405060708090a0b0c0d0e0f0\n", 0600);
	bad_node(NODE, text);
	put("key", "000102030405060708090a0b0c0d0e0f\n\n", 0600);
	bad_node(NODE, text);
	put("key", "000102030405060708090a0b0c0d0exx\n", 0600);
	bad_node(NODE, text);
	put("key", KEY KEY "\n", 0600);
	bad_node(NODE, text);
	put("key", KEY "2 " KEY "3 " KEY, 0600);
	bad_node(NODE, text);
	put("key", "0 " KEY, 0600);
	bad_node(NODE, text);
	put("key", "4294967296 " KEY, 0600);
	bad_node(NODE, text);
	put("key", "1  " KEY, 0600);
	bad_node(NODE, text);
	put("key", "\n" KEY, 0600);
	bad_node(NODE, text);
	snprintf(text, sizeof(text), "node.yaml:1: node.key-file: %s/key has two keys of generation 1",
		 dir);
	put("key", KEY "1 " KEY, 0600);
	bad_node(NODE, text);
	put("key", "00000000000000000000000000000000\n", 0600);
	snprintf(text, sizeof(text), "node.yaml:1: node.key-file: %s/key holds the zero key", dir);
	bad_node(NODE, text);
	bad_node("node:\n  name: spare\n  id: " ID "\n  key-file: identities\n",
		 "node.yaml:4: node.key-file: ");
	end();
}

static const struct ktap_test tests[] = {
	{ "node_least", node_least },
	{ "node_whole", node_whole },
	{ "not_yaml", not_yaml },
	{ "missing_files", missing_files },
	{ "shapes_and_keys", shapes_and_keys },
	{ "peers", peers },
	{ "key_files", key_files },
};

KTAP_MAIN(tests)
