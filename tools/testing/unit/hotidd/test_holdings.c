// SPDX-License-Identifier: GPL-2.0
/* What is armed and what is on the node, and what can be armed and taken beside it. */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/reader.h"
#include "ktap.h"
#include "plan/holdings.h"
#include "step/rundir.h"

static char dir[64], run_dir[96], error[CONFIG_ERROR_MAX];

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s.yaml", dir, name);
	return path;
}

/* The identity @name with a port, a MAC address that ends in @number and a unit of its own. */
static struct identity_config *identity(const char *name, const char *port, int number)
{
	struct identity_config *config;
	FILE *file = fopen(path_of(name), "w");

	if (!CHECK(file))
		exit(1);
	fprintf(file, "fence: none\nports:\n- match: {INTERFACE: %s}\n  mac: 02:00:00:77:00:%02x\n"
		"units: [%s.service]\n", port, number, name);
	fclose(file);
	config = config_read_identity(path_of(name), error);
	if (!CHECK(config)) {
		printf("#   %s\n", error);
		exit(1);
	}
	return config;
}

static void says(const char *words)
{
	if (!CHECK(strstr(error, words)))
		printf("#   is \"%s\"\n#   should hold \"%s\"\n", error, words);
	*error = '\0';
}

static void begin(void)
{
	strcpy(dir, "/tmp/hotid-test-XXXXXX");
	CHECK(mkdtemp(dir));
	snprintf(run_dir, sizeof(run_dir), "%s/run", dir);
	CHECK(!mkdir(run_dir, 0700));
	*error = '\0';
}

static void leave(struct identity_config *config)
{
	rundir_forget(run_dir, config->name);
	unlink(path_of(config->name));
	identity_config_free(config);
}

static void end(void)
{
	CHECK(!rmdir(run_dir));
	CHECK(!rmdir(dir));
}

/* One spare for two servers: armed for both, and then one of them comes. */
static void one_port_for_two(void)
{
	struct identity_config *web, *lamp;

	begin();
	web = identity("web", "eth1", 1);
	lamp = identity("lamp", "eth1", 2);
	CHECK_INT(holdings_arm(run_dir, web, error), 0);
	CHECK_INT(holdings_arm(run_dir, lamp, error), 0);
	CHECK(rundir_has_copy(run_dir, "web") && rundir_has_copy(run_dir, "lamp"));
	CHECK_INT(holdings_check(run_dir, web, error), 0);

	CHECK_INT(holdings_take(run_dir, lamp, error), 0);
	CHECK(rundir_is_taken(run_dir, "lamp"));
	CHECK_INT(holdings_check(run_dir, web, error), -EBUSY);
	says("identity lamp is on this node now; release it first: ");
	CHECK_INT(holdings_take(run_dir, web, error), -EBUSY);
	says("web.yaml:3: ports[0].match: port INTERFACE=eth1 of identity web is also in ");
	CHECK(!rundir_is_taken(run_dir, "web"));
	CHECK_INT(holdings_arm(run_dir, web, error), -EBUSY);
	says("run/lamp.yaml:3 (ports[0].match of identity lamp); ");
	/* The one that is here may go on, also after a restart. */
	CHECK_INT(holdings_take(run_dir, lamp, error), 0);

	rundir_unmark_taken(run_dir, "lamp");
	CHECK_INT(holdings_take(run_dir, web, error), 0);
	CHECK_INT(holdings_take(run_dir, lamp, error), -EBUSY);
	leave(web);
	leave(lamp);
	end();
}

/* What is the server's own cannot be armed twice, though the file may have changed since. */
static void own_things_are_exclusive(void)
{
	struct identity_config *web, *lamp;

	begin();
	web = identity("web", "eth1", 1);
	CHECK_INT(holdings_arm(run_dir, web, error), 0);
	identity_config_free(identity("web", "eth1", 7));
	lamp = identity("lamp", "eth2", 1);
	CHECK_INT(holdings_arm(run_dir, lamp, error), -EBUSY);
	says("identity web is armed on this node; disarm it first: ");
	CHECK(!rundir_has_copy(run_dir, "lamp"));
	CHECK_INT(holdings_take(run_dir, web, error), 0);
	CHECK_INT(holdings_take(run_dir, lamp, error), -EBUSY);
	says("MAC address 02:00:00:77:00:01 of identity lamp is also in ");
	leave(web);
	CHECK_INT(holdings_arm(run_dir, lamp, error), 0);
	leave(lamp);
	end();
}

/* What another one has cannot be seen: then it may be anything. */
static void unreadable_copy(void)
{
	struct identity_config *web, *lamp;
	char *copy;

	begin();
	web = identity("web", "eth1", 1);
	lamp = identity("lamp", "eth2", 2);
	CHECK_INT(holdings_arm(run_dir, web, error), 0);
	CHECK_INT(holdings_arm(run_dir, lamp, error), 0);
	CHECK_INT(holdings_take(run_dir, web, error), 0);
	copy = rundir_copy_path(run_dir, "web");
	CHECK(!truncate(copy, 0));
	free(copy);
	CHECK_INT(holdings_take(run_dir, lamp, error), -EBUSY);
	says("it cannot be seen what identity web has on this node: ");
	CHECK_INT(holdings_arm(run_dir, lamp, error), -EBUSY);
	leave(web);
	CHECK_INT(holdings_take(run_dir, lamp, error), 0);
	leave(lamp);
	end();
}

static const struct ktap_test tests[] = {
	{ "one_port_for_two", one_port_for_two },
	{ "own_things_are_exclusive", own_things_are_exclusive },
	{ "unreadable_copy", unreadable_copy },
};

KTAP_MAIN(tests)
