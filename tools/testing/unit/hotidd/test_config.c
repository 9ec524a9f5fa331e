// SPDX-License-Identifier: GPL-2.0
/*
 * hotidd's configuration files: what is read from good ones, and file, line,
 * key and words of what is said about bad ones.
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file itself: nobody else reads node.yaml alone. */
#include "config/reader.c"
#include "ktap.h"

static char dir[64], *dir_files[32];
static size_t n_files;

static char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

/* A file below the test's directory. */
static void put(const char *name, const char *text, mode_t mode)
{
	FILE *file = fopen(path_of(name), "w");

	if (!CHECK(file))
		return;
	CHECK(fputs(text, file) >= 0);
	fclose(file);
	CHECK(!chmod(path_of(name), mode));
	for (size_t i = 0; i < n_files; i++)
		if (!strcmp(dir_files[i], name))
			return;
	dir_files[n_files++] = strdup(name);
}

#define KEY	"000102030405060708090a0b0c0d0e0f\n"
#define ID	"0f0e0d0c0b0a09080706050403020100"
#define NODE	"node: {name: spare, id: " ID "}\n"

static void begin(void)
{
	strcpy(dir, "/tmp/hotid-test-XXXXXX");
	CHECK(mkdtemp(dir));
	CHECK(!mkdir(path_of("identities"), 0700));
	put("key", KEY, 0600);
}

static void end(void)
{
	while (n_files) {
		unlink(path_of(dir_files[--n_files]));
		free(dir_files[n_files]);
	}
	rmdir(path_of("identities"));
	CHECK(!rmdir(dir));
}

/* What is wrong, without the directory; "" for nothing. */
static const char *without_dir(const char *error)
{
	return strncmp(error, dir, strlen(dir)) ? error : error + strlen(dir) + 1;
}

static void wrong(const char *error, const char *want)
{
	error = without_dir(error);
	if (!CHECK(!strncmp(error, want, strlen(want))))
		printf("#   is \"%s\"\n#   should begin with \"%s\"\n", error, want);
}

static struct node_config *read_node(const char *path, char *error)
{
	struct problems problems = { 0 };
	struct node_config *config = node_config_read(path, &problems);

	problems_first(&problems, error);
	return config;
}

static void bad_node(const char *text, const char *want)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct node_config *config;

	put("node.yaml", text, 0644);
	config = read_node(path_of("node.yaml"), error);
	CHECK(!config);
	node_config_free(config);
	wrong(error, want);
}

static void bad_identity(const char *text, const char *want)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct identity_config *config;

	put("identities/web.yaml", text, 0644);
	config = config_read_identity(path_of("identities/web.yaml"), error);
	CHECK(!config);
	identity_config_free(config);
	wrong(error, want);
}

static struct node_config *good_node(const char *text)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct node_config *config;

	put("node.yaml", text, 0644);
	config = read_node(path_of("node.yaml"), error);
	if (!CHECK(config))
		printf("#   %s\n", error);
	return config;
}

static struct identity_config *good_identity(const char *text)
{
	char error[CONFIG_ERROR_MAX] = "";
	struct identity_config *config;

	put("identities/web.yaml", text, 0644);
	config = config_read_identity(path_of("identities/web.yaml"), error);
	if (!CHECK(config))
		printf("#   %s\n", error);
	return config;
}

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

#define PORT	"ports:\n- match: {ID_PATH: \"pci-0000:00:04.0\"}\n  mac: 02:00:00:77:00:10\n"
#define ISCSI	"iscsi:\n- {initiator: \"iqn.2026-01.hotid:web\", portal: 10.78.0.3, " \
		"target: \"iqn.2026-01.hotid:store\", luns: [0, 1]}\n"
#define DISKS	"disks:\n- {name: data, iscsi: \"iqn.2026-01.hotid:store\", lun: 0, serial: y, " \
		"foreign-keys: preempt}\n" \
		"- {name: log, iscsi: \"iqn.2026-01.hotid:store\", lun: 1, wwid: x}\n"

static void identity_whole(void)
{
	struct identity_config *config;

	begin();
	config = good_identity("identity: {name: web, takeover: auto, step-timeout: 5s}\n"
			       "fence: reservation\n"
			       PORT
			       "  addresses: [10.77.0.10/24, \"fd77::10/64\"]\n"
			       "  routes:\n"
			       "  - {to: default, via: 10.77.0.254}\n"
			       "  - {to: default, via: \"fe80::1\"}\n"
			       "  - {to: 10.9.0.0/16}\n"
			       "  - {to: 10.10.0.0/16, via: 10.9.0.1}\n"
			       ISCSI DISKS
			       "mounts:\n"
			       "- {disk: data, where: /srv/web, type: ext4, options: \"noatime\"}\n"
			       "- {disk: log, where: /srv/web/log, type: xfs, with-errors: mount}\n"
			       "units: [ledger.service]\n");
	if (config) {
		CHECK_STR(config->name, "web");
		CHECK(config->takeover_auto && !config->takeover_hung);
		CHECK_INT(config->step_timeout_ms, 5000);
		CHECK_INT(config->fence, FENCE_RESERVATION);
		CHECK_INT(config->n_ports, 1);
		CHECK_INT(config->ports[0].line, 4);
		CHECK_INT(config->ports[0].n_matches, 1);
		CHECK_STR(config->ports[0].matches[0].property, "ID_PATH");
		CHECK_STR(config->ports[0].matches[0].value, "pci-0000:00:04.0");
		CHECK_INT(config->ports[0].mac[3], 0x77);
		CHECK_INT(config->ports[0].n_addresses, 2);
		CHECK_INT(config->ports[0].n_routes, 4);
		CHECK_INT(config->ports[0].routes[0].to.family, AF_INET);
		CHECK(config->ports[0].routes[0].has_via && !config->ports[0].routes[0].to.prefix);
		CHECK_INT(config->ports[0].routes[1].to.family, AF_INET6);
		CHECK(!config->ports[0].routes[2].has_via);
		CHECK_STR(config->iscsi[0].portal, "10.78.0.3:3260");
		CHECK_INT(config->iscsi[0].n_luns, 2);
		CHECK_INT(config->iscsi[0].luns[1], 1);
		CHECK_STR(config->disks[1].wwid, "x");
		CHECK(!config->disks[0].wwid && !config->disks[1].serial);
		CHECK_STR(config->disks[0].serial, "y");
		CHECK_INT(config->disks[0].foreign_keys, FOREIGN_KEYS_PREEMPT);
		CHECK_INT(config->disks[1].foreign_keys, FOREIGN_KEYS_REFUSE);
		CHECK_STR(config->mounts[0].options, "noatime");
		CHECK(!config->mounts[1].options);
		CHECK_INT(config->mounts[0].with_errors, WITH_ERRORS_REFUSE);
		CHECK_INT(config->mounts[1].with_errors, WITH_ERRORS_MOUNT);
		CHECK_STR(config->units[0], "ledger.service");
	}
	identity_config_free(config);

	config = good_identity("identity: {takeover: auto, arm: manual}\nfence: none\nunits: [a.service]\n");
	if (CHECK(config))
		CHECK_INT(config->arm, ARM_MANUAL);
	identity_config_free(config);
	config = good_identity("identity: {arm: boot}\nfence: none\nunits: [a.service]\n");
	if (CHECK(config))
		CHECK_INT(config->arm, ARM_BOOT);
	identity_config_free(config);
	config = good_identity("identity: {takeover: auto-hung}\nfence: none\nunits: [a.service]\n");
	if (config) {
		CHECK(config->takeover_auto && config->takeover_hung);
		CHECK_INT(config->arm, ARM_BOOT);
	}
	identity_config_free(config);

	config = good_identity("fence: none\nunits: [a.service]\n");
	if (config) {
		CHECK_STR(config->name, "web");
		CHECK(!config->takeover_auto);
		CHECK_INT(config->arm, ARM_MANUAL);
		CHECK_INT(config->fence, FENCE_NONE);
		CHECK_INT(config->step_timeout_ms, 30000);
	}
	identity_config_free(config);
	end();
}

static void identity_bad(void)
{
	begin();
	bad_identity("units: [a.service]\n",
		     "identities/web.yaml:1: fence: is missing; give it (reservation, or none "
		     "explicitly)");
	bad_identity("fence: maybe\nunits: [a.service]\n",
		     "identities/web.yaml:1: fence: \"maybe\" is not known here; write reservation or none");
	bad_identity("fence: ~\n", "identities/web.yaml:1: fence: is empty; give one value");
	bad_identity("fence: none\n", "identities/web.yaml:1: the identity bears nothing");
	bad_identity("fence: none\nidentity: {name: db}\nunits: [a.service]\n",
		     "identities/web.yaml:2: identity.name: \"db\" is not what the file is called; write "
		     "\"web\"");
	bad_identity("fence: none\nidentity: {takeover: always}\nunits: [a.service]\n",
		     "identities/web.yaml:2: identity.takeover: \"always\" is not known here; write manual, "
		     "auto or auto-hung");
	bad_identity("units: [a.service]\n\nfence: reservation\n",
		     "identities/web.yaml:3: fence: reservation needs a disk to reserve");
	bad_identity("fence: none\nunits: [a.service, b]\n",
		     "identities/web.yaml:2: units[1]: \"b\" has no unit type");
	bad_identity("fence: none\nunits: a.service\n",
		     "identities/web.yaml:2: units: is one value where a list is wanted");
	bad_identity("fence: none\nunits:\n- a.service\n- b.service\n- a.service\n",
		     "identities/web.yaml:5: units[2]: a.service is units[0] too");
	end();
}

static void ports_bad(void)
{
	begin();
	bad_identity("fence: none\nports:\n- mac: 02:00:00:77:00:10\n",
		     "identities/web.yaml:3: ports[0].match: is missing");
	bad_identity("fence: none\nports:\n- match: {}\n  mac: 02:00:00:77:00:10\n",
		     "identities/web.yaml:3: ports[0].match: has 0 entries; give at least 1");
	bad_identity("fence: none\nports:\n- match: eth0\n  mac: 02:00:00:77:00:10\n",
		     "identities/web.yaml:3: ports[0].match: is one value where a map is wanted");
	bad_identity("fence: none\nports:\n- match:\n    INTERFACE: [a]\n  mac: 02:00:00:77:00:10\n",
		     "identities/web.yaml:4: ports[0].match.INTERFACE: is a list where one value is wanted");
	bad_identity("fence: none\nports:\n- match:\n    INTERFACE:\n  mac: 02:00:00:77:00:10\n",
		     "identities/web.yaml:4: ports[0].match.INTERFACE: is empty");
	bad_identity("fence: none\nports:\n- match: {INTERFACE: a}\n  mac: 01:00:5e:00:00:01\n",
		     "identities/web.yaml:4: ports[0].mac: 01:00:5e:00:00:01 is a multicast address; give a "
		     "unicast one");
	bad_identity("fence: none\nports:\n- match: {INTERFACE: a}\n",
		     "identities/web.yaml:3: ports[0].mac: is missing; give it (MAC address of the server)");
	bad_identity("fence: none\n" PORT "- match: {INTERFACE: b}\n  mac: 02-00-00-77-00-10\n",
		     "identities/web.yaml:6: ports[1].mac: is that of ports[0] (line 3) too");
	bad_identity("fence: none\n" PORT "  addresses: [10.77.0.10]\n",
		     "identities/web.yaml:5: ports[0].addresses[0]: \"10.77.0.10\" has no prefix length");
	bad_identity("fence: none\n" PORT "  addresses:\n  - 10.77.0.10/24\n  - 10.77.0.10/16\n",
		     "identities/web.yaml:7: ports[0].addresses[1]: is ports[0].addresses[0] too");
	bad_identity("fence: none\n" PORT "  addresses: [10.77.0.10/24]\n"
		     "- match: {INTERFACE: b}\n  mac: 02:00:00:77:00:11\n  addresses: [10.77.0.10/24]\n",
		     "identities/web.yaml:8: ports[1].addresses[0]: is ports[0].addresses[0] too");
	bad_identity("fence: none\n" PORT "  routes:\n  - {via: 10.77.0.254}\n",
		     "identities/web.yaml:6: ports[0].routes[0].to: is missing");
	bad_identity("fence: none\n" PORT "  routes:\n  - {to: default}\n",
		     "identities/web.yaml:6: ports[0].routes[0]: a default route needs its gateway");
	bad_identity("fence: none\n" PORT "  routes:\n  - {to: default, via: 10.77.0.254}\n",
		     "identities/web.yaml:6: ports[0].routes[0].via: lies in no network of this port's "
		     "addresses");
	bad_identity("fence: none\n" PORT "  addresses: [10.77.0.10/24]\n"
		     "  routes:\n  - {to: \"fd00::/8\", via: 10.77.0.254}\n",
		     "identities/web.yaml:7: ports[0].routes[0].via: is of another family");
	bad_identity("fence: none\n" PORT "  routes:\n  - {to: 10.9.0.1/16}\n",
		     "identities/web.yaml:6: ports[0].routes[0].to: 10.9.0.1/16 has bits set after its "
		     "prefix; write 10.9.0.0/16");
	end();
}

static void storage_bad(void)
{
	begin();
	bad_identity("fence: reservation\n" ISCSI "disks:\n- {name: d, iscsi: "
		     "\"iqn.2026-01.hotid:store\", lun: 0}\n",
		     "identities/web.yaml:3: iscsi[0].luns[1]: LUN 1 is no disk, so nothing would fence");
	bad_identity("fence: reservation\n" ISCSI DISKS
		     "- {name: d, iscsi: \"iqn.2026-01.hotid:other\", lun: 0}\n",
		     "identities/web.yaml:7: disks[2].iscsi: \"iqn.2026-01.hotid:other\" is no target under "
		     "iscsi");
	bad_identity("fence: reservation\n" ISCSI DISKS
		     "- {name: d, iscsi: \"iqn.2026-01.hotid:store\", lun: 2}\n",
		     "identities/web.yaml:7: disks[2].lun: 2 is not among the luns of that target (line 3)");
	bad_identity("fence: reservation\n" ISCSI DISKS
		     "- {name: d, iscsi: \"iqn.2026-01.hotid:store\", lun: 1}\n",
		     "identities/web.yaml:7: disks[2].lun: is the LUN of disks[1] (log) too");
	bad_identity("fence: none\n" ISCSI "disks:\n- {name: d, iscsi: \"iqn.2026-01.hotid:store\", lun: 0}\n"
		     "- {name: d, iscsi: \"iqn.2026-01.hotid:store\", lun: 1}\n",
		     "identities/web.yaml:6: disks[1].name: \"d\" is the name of disks[0] too");
	bad_identity("fence: reservation\n" ISCSI DISKS
		     "mounts:\n- {disk: date, where: /srv/web, type: ext4}\n",
		     "identities/web.yaml:8: mounts[0].disk: \"date\" is no disk of this identity");
	bad_identity("fence: reservation\n" ISCSI DISKS
		     "mounts:\n- {disk: data, where: srv, type: ext4}\n",
		     "identities/web.yaml:8: mounts[0].where: \"srv\" is not an absolute path");
	bad_identity("fence: reservation\n" ISCSI DISKS
		     "mounts:\n- {disk: data, where: /srv/web}\n",
		     "identities/web.yaml:8: mounts[0].type: is missing");
	bad_identity("fence: reservation\n" ISCSI DISKS "mounts:\n"
		     "- {disk: data, where: /srv/web, type: ext4}\n- {disk: log, where: /srv/web, type: ext4}\n",
		     "identities/web.yaml:9: mounts[1].where: /srv/web is where mounts[0] is mounted too");
	bad_identity("fence: reservation\n" ISCSI DISKS "mounts:\n"
		     "- {disk: data, where: /srv/web/a, type: ext4}\n- {disk: log, where: /srv/web, type: ext4}\n",
		     "identities/web.yaml:9: mounts[1].where: /srv/web would hide mounts[0]");
	bad_identity("fence: none\niscsi:\n- {initiator: web, portal: 10.78.0.3, target: \"iqn.2026-01.x:t\","
		     " luns: [0]}\n",
		     "identities/web.yaml:3: iscsi[0].initiator: \"web\" is not an iSCSI name");
	bad_identity("fence: none\niscsi:\n- {initiator: \"iqn.2026-01.x:i\", portal: store, target: "
		     "\"iqn.2026-01.x:t\", luns: [0]}\n",
		     "identities/web.yaml:3: iscsi[0].portal: \"store\" is not a portal");
	bad_identity("fence: none\niscsi:\n- {initiator: \"iqn.2026-01.x:i\", portal: 10.0.0.1, target: "
		     "\"iqn.2026-01.x:t\", luns: [0, 0]}\n",
		     "identities/web.yaml:3: iscsi[0].luns[1]: 0 is here twice");
	bad_identity("fence: none\niscsi:\n- {initiator: \"iqn.2026-01.x:i\", portal: 10.0.0.1, target: "
		     "\"iqn.2026-01.x:t\", luns: [99999]}\n",
		     "identities/web.yaml:3: iscsi[0].luns[0]: 99999 is out of range");
	bad_identity("fence: none\n" ISCSI "- {initiator: \"iqn.2026-01.hotid:web\", portal: 10.78.0.4, "
		     "target: \"iqn.2026-01.hotid:store\", luns: [2]}\n",
		     "identities/web.yaml:4: iscsi[1].target: is that of iscsi[0] (line 3) too");
	bad_identity("fence: reservation\n" ISCSI
		     "disks:\n- {name: data, iscsi: \"iqn.2026-01.hotid:store\", lun: 0}\n"
		     "- {name: log, iscsi: \"iqn.2026-01.hotid:store\", lun: 1, wwid: x}\n",
		     "identities/web.yaml:5: disks[0]: needs its wwid, so that no other disk is taken from "
		     "its owner by mistake");
	bad_identity("fence: reservation\n" ISCSI
		     "disks:\n- {name: data, iscsi: \"iqn.2026-01.hotid:store\", lun: 0, wwid: y, "
		     "foreign-keys: ask}\n",
		     "identities/web.yaml:5: disks[0].foreign-keys: \"ask\" is not known here; write refuse or "
		     "preempt");
	end();
}

/* 63 steps are the most that a plan has. */
static void too_many_steps(void)
{
	char text[8192] = "fence: none\nports:\n";

	for (int i = 0; i < 16; i++)
		sprintf(text + strlen(text), "- {match: {INTERFACE: eth%d}, mac: 02:00:00:00:00:%02x}\n", i,
			i);
	strcat(text, "units:\n");
	for (int i = 0; i < 31; i++)
		sprintf(text + strlen(text), "- u%d.service\n", i);
	begin();
	identity_config_free(good_identity(text));
	strcat(text, "- one-more.service\n");
	bad_identity(text, "identities/web.yaml:1: the plan would have 64 steps; at most 63 fit");
	end();
}

static void names_of_files(void)
{
	char error[CONFIG_ERROR_MAX] = "";

	begin();
	put("identities/web.yml", "fence: none\nunits: [a.service]\n", 0644);
	CHECK(!config_read_identity(path_of("identities/web.yml"), error));
	wrong(error, "identities/web.yml: is not named NAME.yaml");
	put("identities/.yaml", "fence: none\nunits: [a.service]\n", 0644);
	CHECK(!config_read_identity(path_of("identities/.yaml"), error));
	wrong(error, "identities/.yaml: is not named NAME.yaml");
	put("identities/a b.yaml", "fence: none\nunits: [a.service]\n", 0644);
	CHECK(!config_read_identity(path_of("identities/a b.yaml"), error));
	wrong(error, "identities/a b.yaml: the file's name gives the identity's: \"a b\" is not a name");
	end();
}

static void whole_directory(void)
{
	struct problems problems = { 0 };
	struct config *config;

	begin();
	put("node.yaml", NODE, 0644);
	put("identities/db.yaml", "fence: none\n" PORT "  addresses: [10.77.0.10/24]\n", 0644);
	put("identities/web.yaml",
	    "fence: none\nports:\n- match: {INTERFACE: a}\n  mac: 02:00:00:77:00:11\n"
	    "  addresses: [10.77.0.11/24]\n", 0644);
	put("identities/README", "not an identity\n", 0644);
	put("identities/.web.yaml.swp", "not an identity\n", 0644);
	config = config_read_all(dir, &problems);
	if (CHECK(config)) {
		CHECK_INT(config->n_identities, 2);
		CHECK_STR(config->identities[0]->name, "db");
		CHECK_STR(config->identities[1]->name, "web");
		char error[CONFIG_ERROR_MAX] = "x";
		CHECK(config_check_others(config->identities[1], path_of("identities"), error));
		CHECK_STR(error, "");
	}
	config_free(config);

	/* The same MAC, address and initiator in two files; and all other problems with them. */
	put("identities/web.yaml",
	    "fence: none\nports:\n- match: {INTERFACE: a}\n  mac: 02:00:00:77:00:10\n"
	    "  addresses: [10.77.0.10/16]\n" ISCSI, 0644);
	put("identities/app.yaml", "fence: none\nunits: [x.service]\n" ISCSI, 0644);
	put("identities/bad.yaml", "fence: none\nunits: [x]\nfance: none\n", 0644);
	put("identities/late.yml", "", 0644);
	put("node.yaml", "node: {nam: spare}\n", 0644);
	config = config_read_all(dir, &problems);
	CHECK(!config);
	CHECK_INT(problems.n, 10);
	if (problems.n == 10) {
		char want[256];

		wrong(problems.text[0], "node.yaml:1: node.nam: is not a known key; did you mean \"name\"?");
		wrong(problems.text[1], "node.yaml:1: node.name: is missing");
		wrong(problems.text[2], "identities/late.yml: is not read; name it NAME.yaml");
		wrong(problems.text[3], "identities/bad.yaml:3: fance: is not a known key; did you mean "
		      "\"fence\"?");
		wrong(problems.text[4], "identities/bad.yaml:2: units[0]: \"x\" has no unit type");
		snprintf(want, sizeof(want), "identities/web.yaml:7: iscsi[0].initiator: initiator name "
			 "iqn.2026-01.hotid:web of identity web is also in %s/identities/app.yaml:4 "
			 "(iscsi[0].initiator of identity app); no two", dir);
		wrong(problems.text[5], want);
		wrong(problems.text[6], "identities/web.yaml:7: iscsi[0].luns[0]: LUN 0 of "
		      "iqn.2026-01.hotid:store of identity web is also in");
		wrong(problems.text[7], "identities/web.yaml:7: iscsi[0].luns[1]: LUN 1 of ");
		snprintf(want, sizeof(want), "identities/web.yaml:4: ports[0].mac: MAC address "
			 "02:00:00:77:00:10 of identity web is also in %s/identities/db.yaml:4 "
			 "(ports[0].mac of identity db); no two identities may share it", dir);
		wrong(problems.text[8], want);
		wrong(problems.text[9], "identities/web.yaml:5: ports[0].addresses[0]: address "
		      "10.77.0.10 of identity web is also in");
	}
	problems_clear(&problems);

	/* When one is armed, what others have counts, and what is wrong with them does not. */
	struct identity_config *web = good_identity("fence: none\n" PORT);
	char error[CONFIG_ERROR_MAX] = "";

	if (web) {
		CHECK(!config_check_others(web, path_of("identities"), error));
		wrong(error, "identities/web.yaml:4: ports[0].mac: MAC address");
	}
	identity_config_free(web);
	end();

	/* No identities, no directory: nothing wrong with that. */
	begin();
	put("node.yaml", NODE, 0644);
	rmdir(path_of("identities"));
	config = config_read_all(dir, &problems);
	CHECK(config && !config->n_identities);
	config_free(config);
	CHECK(!mkdir(path_of("identities"), 0700));
	end();
}

/* Two files of one directory: how many mistakes and how many notes there are. */
static void shared(const char *a, const char *b, size_t n_problems, size_t n_notes,
		   const char *want)
{
	struct problems problems = { 0 }, notes = { 0 };
	struct config *config;

	put("identities/app.yaml", a, 0644);
	put("identities/web.yaml", b, 0644);
	config = config_read_all(dir, &problems);
	if (config)
		config_shared(config, &notes);
	if (!CHECK(problems.n == n_problems && notes.n == n_notes)) {
		for (size_t i = 0; i < problems.n; i++)
			printf("#   mistake: %s\n", problems.text[i]);
		for (size_t i = 0; i < notes.n; i++)
			printf("#   note: %s\n", notes.text[i]);
	}
	if (problems.n || notes.n)
		wrong(problems.n ? problems.text[0] : notes.text[0], want);
	CHECK(!config == !!n_problems);
	config_free(config);
	problems_clear(&problems);
	problems_clear(&notes);
}

#define ETH(match, number)	"fence: none\nports:\n- match: {" match "}\n" \
				"  mac: 02:00:00:77:00:1" #number "\n"
#define LUN(number, lun, more)	"fence: none\niscsi:\n- {initiator: \"iqn.2026-01.hotid:" #number \
				"\", portal: 10.78.0.3, target: \"iqn.2026-01.hotid:store\", " \
				"luns: [" #lun "]}\ndisks:\n- {name: data, " \
				"iscsi: \"iqn.2026-01.hotid:store\", lun: " #lun more "}\n"
#define AT(number, where)	LUN(number, number, "") "mounts:\n- {disk: data, where: " where \
				", type: ext4}\n"

/* What is the server's own is a mistake in two files; a place of the node is worth a note. */
static void two_identities(void)
{
	begin();
	put("node.yaml", NODE, 0644);

	/* The same port, however it is said; not where each has a property of its own. */
	shared(ETH("INTERFACE: eth1", 0), ETH("INTERFACE: eth1", 1), 0, 1,
	       "identities/web.yaml:3: ports[0].match: port INTERFACE=eth1 of identity web is also in ");
	shared(ETH("INTERFACE: eth1", 0), ETH("ID_BUS: pci, INTERFACE: eth1", 1), 0, 1,
	       "identities/web.yaml:3: ports[0].match: port ID_BUS=pci, INTERFACE=eth1 of identity web");
	shared(ETH("A: x, INTERFACE: eth1", 0), ETH("B: y, INTERFACE: eth1", 1), 0, 0, "");
	shared(ETH("INTERFACE: eth1", 0), ETH("INTERFACE: eth2", 1), 0, 0, "");

	/* A LUN, by its number or by what it says of itself. */
	shared(LUN(1, 0, ""), LUN(2, 0, ""), 1, 0, "identities/web.yaml:3: iscsi[0].luns[0]: LUN 0 of "
	       "iqn.2026-01.hotid:store of identity web is also in ");
	shared(LUN(1, 0, ""), LUN(2, 1, ""), 0, 0, "");
	shared(LUN(1, 0, ", wwid: 36001"), LUN(2, 1, ", wwid: 36001"), 1, 0,
	       "identities/web.yaml:5: disks[0].wwid: disk 36001 of identity web is also in ");
	shared(LUN(1, 0, ", wwid: 36001"), LUN(2, 1, ", wwid: 36002"), 0, 0, "");

	/* One mount point, or one that the other would hide. */
	shared(AT(1, "/srv/web"), AT(2, "/srv/web"), 0, 1,
	       "identities/web.yaml:7: mounts[0].where: mount point /srv/web of identity web");
	shared(AT(1, "/srv"), AT(2, "/srv/web"), 0, 1, "identities/web.yaml:7: mounts[0].where: ");
	shared(AT(1, "/srv/web/a"), AT(2, "/srv/web"), 0, 1, "identities/web.yaml:7: ");
	shared(AT(1, "/srv/we"), AT(2, "/srv/web"), 0, 0, "");

	shared("fence: none\nunits: [a.service]\n", "fence: none\nunits: [b.service, a.service]\n", 0, 1,
	       "identities/web.yaml:2: units[1]: unit a.service of identity web is also in ");
	shared("fence: none\nunits: [a.service]\n", "fence: none\nunits: [b.service]\n", 0, 0, "");
	end();
}

/* Three ids of which prkey_node() makes the same, found by trying. */
#define TWIN_0	"f07d0000000000000000000000000001"
#define TWIN_1	"f07d000000000000000000000000282e"
#define TWIN_2	"f07d000000000000000000000000bbd1"

/* Two nodes with one reservation key could both hold a disk. */
static void keys_that_collide(void)
{
	static const char node[] = "node: {name: me, id: " TWIN_0 "}\n"
		"peers:\n- {name: one, id: " TWIN_1 ", paths: [{address: 10.0.0.1}]}\n";
	static const char peers[] = "node: {name: me, id: " ID "}\n"
		"peers:\n- {name: one, id: " TWIN_1 ", paths: [{address: 10.0.0.1}]}\n"
		"- {name: two, id: " TWIN_2 ", paths: [{address: 10.0.0.2}]}\n";
	struct problems problems = { 0 };
	struct config *config;

	begin();
	put("node.yaml", node, 0644);
	put("identities/web.yaml", "fence: reservation\n" ISCSI DISKS, 0644);
	CHECK(!config_read_all(dir, &problems));
	CHECK_INT(problems.n, 1);
	if (problems.n == 1)
		wrong(problems.text[0], "node.yaml: peers[0].id: and that of this node give the same "
		      "reservation keys");
	problems_clear(&problems);
	put("node.yaml", peers, 0644);
	CHECK(!config_read_all(dir, &problems));
	CHECK_INT(problems.n, 1);
	if (problems.n == 1)
		wrong(problems.text[0], "node.yaml: peers[1].id: and that of one give the same");
	problems_clear(&problems);

	/* Where nothing is reserved there are no keys. */
	put("identities/web.yaml", "fence: none\nunits: [a.service]\n", 0644);
	config = config_read_all(dir, &problems);
	CHECK(config);
	config_free(config);
	end();
}

/* Who is armed at a boot: node.yaml decides, then the identity's own file. */
static void arm_policies(void)
{
	struct problems problems = { 0 };
	struct config *config;

	begin();
	put("identities/auto.yaml", "identity: {takeover: auto}\nfence: none\nunits: [a.service]\n", 0644);
	put("identities/hand.yaml", "fence: none\nunits: [b.service]\n", 0644);
	put("identities/here-1.b.yaml", "fence: none\nunits: [c.service]\n", 0644);
	put("identities/not.yaml", "identity: {takeover: auto}\nfence: none\nunits: [d.service]\n", 0644);
	put("node.yaml", NODE "arm: {here-1.b: boot, not: manual, auto: default}\n", 0644);
	config = config_read_all(dir, &problems);
	if (CHECK(config)) {
		CHECK_INT(config_arm_policy(config, "auto"), ARM_BOOT);
		CHECK_INT(config_arm_policy(config, "hand"), ARM_MANUAL);
		CHECK_INT(config_arm_policy(config, "here-1.b"), ARM_BOOT);
		CHECK_INT(config_arm_policy(config, "not"), ARM_MANUAL);
		CHECK_INT(config_arm_policy(config, "gone"), ARM_MANUAL);
	}
	config_free(config);

	put("node.yaml", NODE "arm: {here-1.b: always}\n", 0644);
	CHECK(!config_read_all(dir, &problems));
	if (CHECK(problems.n == 1))
		wrong(problems.text[0], "node.yaml:2: arm.here-1.b: \"always\" is not known here; write default, manual or boot");
	problems_clear(&problems);
	put("node.yaml", NODE "arm: {hear: boot}\n", 0644);
	CHECK(!config_read_all(dir, &problems));
	if (CHECK(problems.n == 1))
		wrong(problems.text[0], "node.yaml: arm.hear: there is no identities/hear.yaml; correct the "
		      "name, or take it out");
	problems_clear(&problems);
	/* That it is missing is no news while its file is wrong. */
	put("identities/hear.yaml", "fence: none\n", 0644);
	CHECK(!config_read_all(dir, &problems));
	if (CHECK(problems.n == 1))
		wrong(problems.text[0], "identities/hear.yaml");
	problems_clear(&problems);
	end();
}

/* Every key of the tables is told of in the manual page, and has its one line. */
static void keys_in_manual(const struct field *fields, const char *page)
{
	for (const struct field *field = fields; field->key; field++) {
		char want[64];

		snprintf(want, sizeof(want), "\n.It Cm %s\n", field->key);
		if (!CHECK(strstr(page, want)))
			printf("#   the page has no line \".It Cm %s\"\n", field->key);
		CHECK(field->doc && *field->doc);
		/* A fallback is taken without a look, so it must be right. */
		if (field->fallback) {
			char out[4096] = "", reason[VALUE_WHY_MAX] = "";

			CHECK(field->parse(field->fallback, field->limits, out, reason));
			CHECK_STR(reason, "");
			if (field->kind == FIELD_STRING)
				free(*(char **)(void *)out);
		}
		if (field->fields) {
			keys_in_manual(field->fields, page);
			for (const struct field *f = field->fields; f->key && field->kind == FIELD_MAP; f++)
				CHECK(!f->required || field->required);
		}
	}
}

static void manual(const char *file, const struct field *fields)
{
	static char page[65536];
	FILE *stream = fopen(file, "r");

	if (!CHECK(stream)) {
		printf("#   %s: run from the top of the tree\n", file);
		return;
	}
	page[fread(page, 1, sizeof(page) - 1, stream)] = '\0';
	fclose(stream);
	keys_in_manual(fields, page);
}

static void manuals(void)
{
	manual("userspace/man/hotid-node.yaml.5", node_fields);
	manual("userspace/man/hotid-identity.yaml.5", identity_fields);
}

/* The example of a node, with its id uncommented, and with the test's key. */
static char *example_node(char *text, size_t size)
{
	FILE *file = fopen("userspace/hotidd/examples/node.yaml", "r");
	char *id, *key;

	if (!CHECK(file))
		return NULL;
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
	id = strstr(text, "# id:");
	if (!CHECK(id))
		return NULL;
	memmove(id, id + strlen("# "), strlen(id + strlen("# ")) + 1);
	key = strstr(text, "key-file: /etc/hotid/key");
	if (!CHECK(key))
		return NULL;
	memset(key, ' ', strlen("key-file: /etc/hotid/key"));
	return text;
}

/* The examples that are installed are right, but for the key that each makes anew. */
static void examples(void)
{
	char error[CONFIG_ERROR_MAX] = "", text[4096];
	struct identity_config *identity;

	begin();
	identity = config_read_identity("userspace/hotidd/examples/web.yaml", error);
	CHECK(identity);
	CHECK_STR(error, "");
	identity_config_free(identity);
	if (CHECK(example_node(text, sizeof(text))))
		node_config_free(good_node(text));
	end();
}

/* Whatever a file holds, reading it ends with a config or a problem. */
static void mangled(void)
{
	static const char text[] = "identity: {name: web, takeover: auto}\nfence: reservation\n" PORT
		"  addresses: [10.77.0.10/24]\n" ISCSI DISKS "units: [ledger.service]\n";
	static const char bytes[] = { 0, '\n', ' ', ':', '-', '[', '}', '"', '&', '*', '\t', '\x80', '9' };
	unsigned int read = 0;

	for (size_t i = 0; i < sizeof(text) - 1; i++)
		for (size_t j = 0; j < sizeof(bytes); j++) {
			struct problems problems = { 0 };
			struct document *document;
			char copy[sizeof(text)];

			memcpy(copy, text, sizeof(text));
			copy[i] = bytes[j];
			document = document_read(copy, sizeof(text) - 1, "web.yaml", &problems);
			CHECK(!document == !!problems.n);
			if (document) {
				struct checking checking = {
					.document = document, .file = "web.yaml",
					.problems = &problems, .good = true,
				};
				struct identity_config config = { 0 };

				schema_read(&checking, identity_fields, &config);
				CHECK(checking.good == !problems.n);
				if (checking.good)
					identity_check(&checking, &config);
				CHECK(checking.good == !problems.n);
				schema_free(identity_fields, &config);
				read++;
			}
			document_free(document);
			problems_clear(&problems);
		}
	CHECK(read > 100);
}

static const struct ktap_test tests[] = {
	{ "node_least", node_least },
	{ "node_whole", node_whole },
	{ "not_yaml", not_yaml },
	{ "missing_files", missing_files },
	{ "shapes_and_keys", shapes_and_keys },
	{ "peers", peers },
	{ "key_files", key_files },
	{ "identity_whole", identity_whole },
	{ "identity_bad", identity_bad },
	{ "ports_bad", ports_bad },
	{ "storage_bad", storage_bad },
	{ "too_many_steps", too_many_steps },
	{ "names_of_files", names_of_files },
	{ "whole_directory", whole_directory },
	{ "two_identities", two_identities },
	{ "keys_that_collide", keys_that_collide },
	{ "arm_policies", arm_policies },
	{ "manuals", manuals },
	{ "examples", examples },
	{ "mangled", mangled },
};

KTAP_MAIN(tests)
