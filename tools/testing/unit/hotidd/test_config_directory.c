// SPDX-License-Identifier: GPL-2.0
/*
 * All files of a configuration directory at once: every mistake in them is told, and
 * what two of them share that they must not, or should know.
 */
#include "config_files.h"

/* What whole_directory() did wrong, in the order in which it is read. */
static void check_mistakes(const struct problems *problems)
{
	char want[256];

	wrong(problems->text[0], "node.yaml:1: node.nam: is not a known key; did you mean \"name\"?");
	wrong(problems->text[1], "node.yaml:1: node.name: is missing");
	wrong(problems->text[2], "identities/late.yml: is not read; name it NAME.yaml");
	wrong(problems->text[3], "identities/bad.yaml:3: fance: is not a known key; did you mean "
	      "\"fence\"?");
	wrong(problems->text[4], "identities/bad.yaml:2: units[0]: \"x\" has no unit type");
	snprintf(want, sizeof(want), "identities/web.yaml:7: iscsi[0].initiator: initiator name "
		 "iqn.2026-01.hotid:web of identity web is also in %s/identities/app.yaml:4 "
		 "(iscsi[0].initiator of identity app); no two", dir);
	wrong(problems->text[5], want);
	wrong(problems->text[6], "identities/web.yaml:7: iscsi[0].luns[0]: LUN 0 of "
	      "iqn.2026-01.hotid:store of identity web is also in");
	wrong(problems->text[7], "identities/web.yaml:7: iscsi[0].luns[1]: LUN 1 of ");
	snprintf(want, sizeof(want), "identities/web.yaml:4: ports[0].mac: MAC address "
		 "02:00:00:77:00:10 of identity web is also in %s/identities/db.yaml:4 "
		 "(ports[0].mac of identity db); no two identities may share it", dir);
	wrong(problems->text[8], want);
	wrong(problems->text[9], "identities/web.yaml:5: ports[0].addresses[0]: address "
	      "10.77.0.10 of identity web is also in");
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
	if (problems.n == 10)
		check_mistakes(&problems);
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

static const struct ktap_test tests[] = {
	{ "whole_directory", whole_directory },
	{ "two_identities", two_identities },
	{ "keys_that_collide", keys_that_collide },
	{ "arm_policies", arm_policies },
};

KTAP_MAIN(tests)
