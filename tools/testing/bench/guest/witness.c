// SPDX-License-Identifier: GPL-2.0
/*
 * The node that sees a victim end.
 *
 * usage: witness VICTIM-ADDRESS INTERVAL_US
 *
 * Prints "ready" when it listens, "event STATE REASON GASP CHANGED TOLD" for
 * each event of the victim, and each mark of it as it is, until it is killed.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/node.h"
#include "mark.h"
#include "run.h"

static void tell(const struct hotid_event *event, void *data)
{
	if (event->type != HOTID_EVENT_PEER)
		return;
	printf("event %s %s %s %llu %llu\n", hotid_peer_state_name(event->peer->state),
	       hotid_reason_name(event->peer->reason), hotid_gasp_name(event->peer->gasp),
	       (unsigned long long)event->peer->changed_ns, (unsigned long long)now_ns());
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct pollfd readable[2] = { { .events = POLLIN }, { .events = POLLIN } };
	uint8_t id[HOTID_ID_LEN];
	struct node node;
	char text[128];

	if (argc != 3)
		errx(2, "usage: witness VICTIM-ADDRESS INTERVAL_US");
	node_start(&node, ns_here(), 2, strtoul(argv[2], NULL, 0));
	node_id(1, id);
	MUST(node.h, hotid_subscribe(node.h, tell, NULL));
	peer_add(&node, id, WATCH, argv[1]);
	readable[0].fd = hotid_event_fd(node.h);
	readable[1].fd = mark_listen();
	printf("ready\n");
	fflush(stdout);
	for (;;) {
		if (poll(readable, 2, -1) < 0)
			err(1, "poll");
		if (readable[0].revents)
			MUST(node.h, hotid_dispatch(node.h));
		while (mark_read(readable[1].fd, text, sizeof(text))) {
			printf("%s\n", text);
			fflush(stdout);
		}
	}
}
