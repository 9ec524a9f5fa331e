// SPDX-License-Identifier: GPL-2.0
/*
 * identities/NAME.yaml: what is read from a good one, and file, line, key and words
 * of what is said about a bad one.
 */
#include <arpa/inet.h>

#include "config/checking.h"
#include "config/config_identity.h"
#include "config/schema.h"
#include "config_files.h"

static void check_whole(const struct identity_config *config)
{
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
	if (config)
		check_whole(config);
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
		     "identities/web.yaml:2: identity.name: \"db\" is not what the file is called; "
		     "write \"web\"");
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

static void voters(void)
{
	struct identity_config *config;

	begin();
	config = good_identity("fence: none\nvoters: [a, b, c]\n" PORT);
	if (config) {
		CHECK_INT(config->n_voters, 3);
		CHECK_STR(config->voters[2], "c");
	}
	identity_config_free(config);
	/* With two, the death of one would silence the other. */
	bad_identity("fence: none\nvoters: [a, b]\n" PORT, "identities/web.yaml:2: voters: ");
	bad_identity("fence: none\nvoters:\n- a\n- b\n- a\n" PORT,
		     "identities/web.yaml:5: voters[2]: a is voters[0] too");
	bad_identity("fence: none\nvoters: [a, b, c]\nunits: [a.service]\n",
		     "identities/web.yaml:2: voters: decide about frames");
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
	bad_identity("fence: none\n" ISCSI
		     "disks:\n- {name: d, iscsi: \"iqn.2026-01.hotid:store\", lun: 0}\n"
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
	bad_identity("fence: none\niscsi:\n- {initiator: \"iqn.2026-01.x:i\", portal: store, "
		     "target: \"iqn.2026-01.x:t\", luns: [0]}\n",
		     "identities/web.yaml:3: iscsi[0].portal: \"store\" is not a portal");
	bad_identity("fence: none\niscsi:\n- {initiator: \"iqn.2026-01.x:i\", portal: 10.0.0.1, "
		     "target: \"iqn.2026-01.x:t\", luns: [0, 0]}\n",
		     "identities/web.yaml:3: iscsi[0].luns[1]: 0 is here twice");
	bad_identity("fence: none\niscsi:\n- {initiator: \"iqn.2026-01.x:i\", portal: 10.0.0.1, "
		     "target: \"iqn.2026-01.x:t\", luns: [99999]}\n",
		     "identities/web.yaml:3: iscsi[0].luns[0]: 99999 is out of range");
	bad_identity("fence: none\n" ISCSI
		     "- {initiator: \"iqn.2026-01.hotid:web\", portal: 10.78.0.4, "
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

/* Whatever a file holds, reading it ends with a config or a problem. */
static void mangled(void)
{
	static const char text[] = "identity: {name: web, takeover: auto}\nfence: reservation\n" PORT
		"  addresses: [10.77.0.10/24]\n" ISCSI DISKS "units: [ledger.service]\n";
	static const char bytes[] = {
		0, '\n', ' ', ':', '-', '[', '}', '"', '&', '*', '\t', '\x80', '9'
	};
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
	{ "identity_whole", identity_whole },
	{ "identity_bad", identity_bad },
	{ "ports_bad", ports_bad },
	{ "voters", voters },
	{ "storage_bad", storage_bad },
	{ "too_many_steps", too_many_steps },
	{ "names_of_files", names_of_files },
	{ "mangled", mangled },
};

KTAP_MAIN(tests)
