// SPDX-License-Identifier: GPL-2.0
/*
 * A node that ends in a way of its own choice, on a real device.
 *
 * usage: victim PEER-ADDRESS INTERVAL_US LIMIT_MS panic|reboot|unload|hang
 *
 * Tells the node at PEER-ADDRESS its beats for a while, with a daemon that
 * sends keepalives and marks, the last of them "trigger", and then panics, reboots,
 * unloads the module, or lets the daemon die, whose last keepalive is the trigger.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/node.h"
#include "mark.h"
#include "run.h"

static void keep_alive(struct node *node)
{
	MUST(node->h, hotid_keepalive(node->h, 0));
}

static void do_panic(struct node *node)
{
	file_write("/proc/sysrq-trigger", "c");
}

static void do_reboot(struct node *node)
{
	reboot(RB_AUTOBOOT);
}

static void do_unload(struct node *node)
{
	if (syscall(SYS_delete_module, "hotid", 0))
		err(1, "unloading");
}

static void do_hang(struct node *node)
{
	keep_alive(node);
}

static const struct action {
	const char *name;
	void (*run)(struct node *node);
} actions[] = {
	{ "panic", do_panic }, { "reboot", do_reboot }, { "unload", do_unload },
	{ "hang", do_hang }, {}
};

int main(int argc, char **argv)
{
	struct hotid_node limit = {};
	const struct action *action;
	struct hotid_peer peer;
	struct node node;
	uint8_t id[HOTID_ID_LEN];
	uint64_t end;
	int marks;

	if (argc != 5)
		errx(2, "usage: victim PEER-ADDRESS INTERVAL_US LIMIT_MS ACTION");
	for (action = actions; action->name && strcmp(action->name, argv[4]); action++)
		;
	if (!action->name)
		errx(2, "no action %s", argv[4]);
	node_start(&node, ns_here(), 1, strtoul(argv[2], NULL, 0));
	limit.user_limit_ms = strtoul(argv[3], NULL, 0);
	MUST(node.h, hotid_node_set(node.h, &limit, HOTID_SET_USER_LIMIT));
	node_id(2, id);
	peer = peer_with(id, TELL);
	peer_path(&peer, argv[1]);
	peer_set(&node, &peer);
	marks = mark_open(argv[1]);
	/* So long that each beat that says that it lives was sent. */
	end = now_ns() + SECOND + strtoul(argv[2], NULL, 0) * US * 3;
	while (now_ns() < end) {
		keep_alive(&node);
		mark_send(marks, "mark");
		sleep_ns(limit.user_limit_ms * MS / 4);
	}
	mark_send(marks, "trigger");
	action->run(&node);
	return 0;
}
