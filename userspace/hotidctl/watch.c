// SPDX-License-Identifier: GPL-2.0
/* hotidctl watch: events as they happen, one line each, until interrupted. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ctl.h"
#include "describe.h"
#include "json.h"
#include "text.h"

/* With no event for so long, look whether the module is still the same. */
#define LOOK_EVERY_MS	2000

struct watch {
	struct ctl *ctl;
	struct overview overview;	/* for the names of nodes */
	bool lost;
};

static void show_line(uint64_t real_ns, const char *what, const char *name, const char *text)
{
	char time[TEXT_TIME_MAX], clean[HOTID_NAME_MAX + 1];

	snprintf(clean, sizeof(clean), "%s", name);
	text_clean(clean);
	text_time(real_ns, time);
	printf("%s  %s%s: %s\n", time, what, clean, text);
}

/* What is no change of state has no time of its own: it happened just now. */
static void show_peer(struct watch *w, const struct hotid_peer *peer)
{
	bool changed = overview_update_peer(&w->overview, peer);
	char text[DESCRIBE_MAX];

	describe_peer(peer, text);
	show_line(changed ? text_real_ns(peer->changed_ns) : text_now_ns(), "peer ", peer->name,
		  text);
}

static void show_step(const struct hotid_identity *identity)
{
	const struct hotid_step *step = &identity->steps[0];
	uint64_t at = step->end_ns ? step->end_ns : step->start_ns;
	char text[DESCRIBE_MAX];

	describe_step(step, text);
	show_line(text_real_ns(at), "", identity->name, text);
}

static void show_identity(struct watch *w, const struct hotid_identity *identity)
{
	char text[DESCRIBE_MAX];

	if (overview_update_identity(&w->overview, identity)) {
		describe_change(identity, &w->overview, text);
		show_line(identity->changed_real_ns, "", identity->name, text);
	} else {
		describe_identity(identity, &w->overview, text);
		show_line(text_now_ns(), "", identity->name, text);
	}
}

static void show_node(const struct hotid_node *node)
{
	char text[DESCRIBE_MAX];

	if (*node->pending_cpus)
		snprintf(text, sizeof(text), "CPU %s does not receive packets", node->pending_cpus);
	else
		snprintf(text, sizeof(text), "all CPUs receive packets again");
	show_line(text_now_ns(), "node ", node->name, text);
}

static void show_people(struct watch *w, const struct hotid_event *event)
{
	switch (event->type) {
	case HOTID_EVENT_PEER:
		show_peer(w, event->peer);
		break;
	case HOTID_EVENT_IDENTITY:
		show_identity(w, event->identity);
		break;
	case HOTID_EVENT_STEP:
		show_step(event->identity);
		break;
	case HOTID_EVENT_PEER_DEL:
		show_line(text_now_ns(), "peer ", event->peer->name, "removed");
		break;
	case HOTID_EVENT_IDENTITY_DEL:
		show_line(text_now_ns(), "", event->identity->name, "removed");
		break;
	case HOTID_EVENT_LOST:
		puts("events came faster than they were read and some are lost; now:");
		break;
	case HOTID_EVENT_NODE:
		show_node(event->node);
		break;
	case HOTID_EVENT_DONE:		/* only of what is asynchronous */
		break;
	}
	fflush(stdout);
}

/* All of it, or what is about the identity or the peer of that name. */
static bool is_wanted(const struct watch *w, const struct hotid_event *event)
{
	const char *name = w->ctl->name;

	if (!name || event->type == HOTID_EVENT_LOST)
		return true;
	return (event->identity && !strcmp(event->identity->name, name)) ||
	       (event->peer && !strcmp(event->peer->name, name));
}

static void show(struct watch *w, const struct hotid_event *event)
{
	const struct hotid_identity *identity = event->identity;

	if (!is_wanted(w, event))
		return;
	/* A node that was named after the watch began. Without a name it has its id. */
	if (identity && identity->has_holder && !overview_knows(&w->overview, identity->holder))
		overview_read_nodes(w->ctl->h, &w->overview);
	if (w->ctl->json)
		json_line(json_event(event, &w->overview), stdout);
	else
		show_people(w, event);
	/* Known no more, so that one of the same name is new. */
	if (event->type == HOTID_EVENT_PEER_DEL)
		overview_forget_peer(&w->overview, event->peer->id);
	else if (event->type == HOTID_EVENT_IDENTITY_DEL)
		overview_forget_identity(&w->overview, identity->name);
}

static void on_event(const struct hotid_event *event, void *data)
{
	struct watch *w = data;

	if (event->type == HOTID_EVENT_LOST)
		w->lost = true;
	show(w, event);
}

/* After a loss: all there is now, since nobody knows what of it changed. */
static int catch_up(struct watch *w)
{
	struct hotid_event event = { .type = HOTID_EVENT_PEER };
	struct overview now;
	size_t i;
	int err;

	err = overview_read(w->ctl->h, NULL, &now);
	if (err < 0)
		return err;
	overview_free(&w->overview);
	w->overview = now;
	for (i = 0; i < w->overview.n_peers; i++) {
		event.peer = &w->overview.peers[i];
		show(w, &event);
	}
	event = (struct hotid_event){ .type = HOTID_EVENT_IDENTITY };
	for (i = 0; i < w->overview.n_identities; i++) {
		event.identity = &w->overview.identities[i];
		show(w, &event);
	}
	w->lost = false;
	return 0;
}

/* Whoever unloads the module takes the events along, without a word. */
static int look(struct watch *w)
{
	struct hotid_node node;
	bool same;
	int err;

	err = hotid_node_get(w->ctl->h, &node);
	if (err < 0)
		return err;
	same = node.boot_id == w->overview.node.boot_id;
	hotid_node_clear(&node);
	return same ? 0 : -ESTALE;
}

static int loop(struct watch *w, int signals)
{
	struct pollfd fds[] = {
		{ .fd = hotid_fd(w->ctl->h), .events = POLLIN },
		{ .fd = signals, .events = POLLIN },
	};
	int err = 0, ready;

	while (!err && !ferror(stdout)) {
		ready = poll(fds, 2, LOOK_EVERY_MS);
		if (ready < 0 && errno != EINTR)	/* that is: stopped and continued */
			return -errno;
		if (ready > 0 && fds[1].revents)
			return 0;
		err = ready > 0 ? hotid_dispatch(w->ctl->h) : look(w);
		if (!err && w->lost)
			err = catch_up(w);
	}
	return err;
}

int ctl_watch(struct ctl *ctl)
{
	struct watch w = { .ctl = ctl };
	int err, signals;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signals = signalfd(-1, &set, SFD_CLOEXEC);
	if (signals < 0)
		return ctl_fail(ctl, -errno);

	err = hotid_subscribe(ctl->h, on_event, &w);
	if (!err)
		err = overview_read(ctl->h, NULL, &w.overview);
	if (!err && ctl->name && !overview_has(&w.overview, ctl->name))
		err = -ESRCH;
	if (!err)
		err = loop(&w, signals);
	overview_free(&w.overview);
	close(signals);
	if (err == -ESRCH)
		return ctl_error(ctl, CTL_NO_IDENTITY, "%s is neither an identity nor a peer of this node; see \"hotidctl status\"",
				 ctl->name);
	if (err == -ESTALE)
		return ctl_error(ctl, CTL_NO_MODULE, "hotid.ko was unloaded and loaded again; run \"hotidctl watch\" again");
	return err < 0 ? ctl_fail(ctl, err) : CTL_OK;
}
