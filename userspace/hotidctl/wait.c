// SPDX-License-Identifier: GPL-2.0
/*
 * hotidctl arm, disarm, takeover, release: send a command, and follow the identity until
 * its state settles. The events are subscribed to before the command is sent, so none of
 * it is missed. What happened before the command is told apart by time, and by the state
 * that the command leads to at once ("through").
 */
#include "wait.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "describe.h"
#include "duration.h"
#include "json.h"
#include "text.h"

/* With no event for so long, look at the state: the module may be gone. */
#define LOOK_EVERY_MS	1000

struct follow {
	struct ctl *ctl;
	const struct goal *goal;
	struct overview overview;	/* for the names of nodes */
	uint64_t since_ns;		/* just before the command */
	uint64_t sent_ns;		/* its acknowledgement was here; 0 before */
	bool started;			/* "through" was seen */
	bool lost;
	bool terminal;
	bool open_line;			/* a running step stands on it */
	enum outcome outcome;
	uint32_t state;
	uint64_t end_ns;
};

static uint64_t now_ns(struct hotid *h)
{
	struct hotid_node node;
	uint64_t now;

	/* The module's clock; that of a container may differ. */
	if (hotid_node_get(h, &node) < 0)
		return 0;
	now = node.now_ns;
	hotid_node_clear(&node);
	return now;
}

static void close_line(struct follow *f)
{
	if (f->open_line)
		fputs("\r\033[K", stdout);
	f->open_line = false;
}

static void show_change(struct follow *f, const struct hotid_identity *identity)
{
	char text[DESCRIBE_MAX];

	describe_change(identity, &f->overview, text);
	close_line(f);
	printf("%s: %s\n", identity->name, text);
}

static void show_step(struct follow *f, const struct hotid_step *step)
{
	bool ended = step->status == HOTID_STEP_STATUS_DONE ||
		     step->status == HOTID_STEP_STATUS_FAILED;
	uint64_t at = ended ? step->end_ns : step->start_ns;
	char text[DESCRIBE_MAX], offset[DURATION_TEXT_MAX];

	/* Only a terminal can take back that a step is running. */
	if (!ended && !f->terminal)
		return;
	describe_step(step, text);
	duration_format_ms(at > f->since_ns ? at - f->since_ns : 0, offset);
	close_line(f);
	printf("  +%12s  %s%s", offset, text, ended ? "\n" : "");
	f->open_line = !ended;
	fflush(stdout);
}

enum outcome wait_outcome(const struct goal *goal, uint32_t state, bool clean)
{
	if (state == goal->wanted)
		return REACHED;
	switch (state) {
	case HOTID_IDENTITY_STATE_FAILED:
		return clean ? FAILED : LEFT_BEHIND;
	case HOTID_IDENTITY_STATE_OFFLINE:
		return OTHERWISE;	/* somebody released it meanwhile */
	case HOTID_IDENTITY_STATE_TAKING:
	case HOTID_IDENTITY_STATE_HELD:
		/* Only an armed identity gets there: the event of it was lost. */
		return goal->wanted == HOTID_IDENTITY_STATE_ARMED ? REACHED : GOING_ON;
	default:
		return GOING_ON;
	}
}

static void judge(struct follow *f, const struct hotid_identity *identity)
{
	if (f->outcome != GOING_ON)
		return;
	f->state = identity->state;
	f->end_ns = identity->changed_ns;
	if (identity->state == f->goal->through)
		f->started = true;
	if (f->started)
		f->outcome = wait_outcome(f->goal, identity->state, identity->clean);
}

static void on_event(const struct hotid_event *event, void *data)
{
	const struct hotid_identity *identity = event->identity;
	struct follow *f = data;

	if (event->type == HOTID_EVENT_LOST)
		f->lost = true;
	if (!identity || !f->since_ns || f->outcome != GOING_ON ||
	    strcmp(identity->name, f->ctl->name))
		return;
	/* What goes is offline, or failed and clean: its own event told that before. */
	if (event->type == HOTID_EVENT_IDENTITY_DEL)
		return;
	if (event->type == HOTID_EVENT_IDENTITY && identity->changed_ns < f->since_ns)
		return;

	if (f->ctl->json)
		json_line(json_event(event, &f->overview), stdout);
	else if (event->type == HOTID_EVENT_STEP)
		show_step(f, &identity->steps[0]);
	else
		show_change(f, identity);
	if (event->type == HOTID_EVENT_IDENTITY)
		judge(f, identity);
}

/* Reads the state where events do not tell it. */
static int look(struct follow *f)
{
	struct hotid_identity identity;
	int err;

	err = hotid_identity_get(f->ctl->h, f->ctl->name, &identity);
	if (err < 0)
		return err;
	/* A change after the acknowledgement can only follow from the command. */
	if (identity.changed_ns >= f->sent_ns) {
		f->started = true;
		if (!f->ctl->json)
			show_change(f, &identity);
		judge(f, &identity);
	}
	hotid_identity_clear(&identity);
	f->lost = false;
	return 0;
}

static int follow(struct follow *f)
{
	struct pollfd fd = { .fd = hotid_fd(f->ctl->h), .events = POLLIN };
	uint64_t deadline = f->since_ns + f->ctl->timeout_ns, now;
	int err, ready, wait_ms;

	if (deadline < f->since_ns)
		deadline = UINT64_MAX;
	while (f->outcome == GOING_ON) {
		now = now_ns(f->ctl->h);
		if (now >= deadline)
			return -ETIMEDOUT;
		wait_ms = LOOK_EVERY_MS;
		if ((deadline - now) / 1000000 < LOOK_EVERY_MS)
			wait_ms = (deadline - now) / 1000000 + 1;
		ready = poll(&fd, 1, wait_ms);
		err = ready > 0 ? hotid_dispatch(f->ctl->h) : 0;
		if (!err && f->outcome == GOING_ON && (!ready || f->lost))
			err = look(f);
		if (err < 0)
			return err;
	}
	return 0;
}

static int exit_status(enum outcome outcome)
{
	switch (outcome) {
	case REACHED:
		return CTL_OK;
	case LEFT_BEHIND:
		return CTL_LEFT_BEHIND;
	case GOING_ON:
		return CTL_TIMEOUT;
	default:
		return CTL_FAILED;
	}
}

static void show_end(struct follow *f)
{
	char took[DURATION_TEXT_MAX];

	duration_format(f->end_ns - f->since_ns, took);
	close_line(f);
	printf("%s: %s after %s\n", f->ctl->name, hotid_state_name(f->state), took);
}

static void show_end_json(struct follow *f)
{
	json_t *object = json_pack("{s:s, s:o, s:s, s:o, s:i}",
				   "event", "end",
				   "name", json_text(f->ctl->name),
				   "state", hotid_state_name(f->state),
				   "took_ns", json_digits(f->end_ns - f->since_ns),
				   "exit", exit_status(f->outcome));

	json_line(object, stdout);
}

static bool daemon_lives(struct hotid *h)
{
	struct hotid_node node;
	bool lives;

	if (hotid_node_get(h, &node) < 0)
		return true;	/* that is another trouble, told elsewhere */
	lives = node.health & HOTID_HEALTH_USERSPACE;
	hotid_node_clear(&node);
	return lives;
}

/* The module only asks for the work; without the daemon nobody does it. */
static void warn_without_daemon(struct follow *f)
{
	if (!daemon_lives(f->ctl->h))
		ctl_warn(f->ctl, "hotidd does not run on this node, so nothing happens; start it");
}

static void explain_timeout(struct follow *f)
{
	char waited[DURATION_TEXT_MAX];

	duration_format(f->ctl->timeout_ns, waited);
	close_line(f);
	if (daemon_lives(f->ctl->h))
		ctl_error(f->ctl, CTL_TIMEOUT, "%s is still %s after %s; it goes on, see \"hotidctl watch %s\"",
			  f->ctl->name, hotid_state_name(f->state), waited, f->ctl->name);
	else
		ctl_error(f->ctl, CTL_TIMEOUT, "%s is still %s after %s, since hotidd does not run on this node; start it",
			  f->ctl->name, hotid_state_name(f->state), waited);
}

static int wait_for_goal(struct ctl *ctl, const struct goal *goal)
{
	struct follow f = { .ctl = ctl, .goal = goal, .state = goal->through };
	int err, status;

	if (ctl->no_wait) {
		err = goal->send(ctl->h, ctl->name, ctl->epoch);
		return err < 0 ? ctl_fail(ctl, err) : CTL_OK;
	}

	f.terminal = isatty(STDOUT_FILENO);
	err = hotid_subscribe(ctl->h, on_event, &f);
	if (!err)
		err = overview_read(ctl->h, ctl->name, &f.overview);
	if (err < 0)
		return ctl_fail(ctl, err);

	f.since_ns = now_ns(ctl->h);
	err = goal->send(ctl->h, ctl->name, ctl->epoch);
	if (!err) {
		f.sent_ns = now_ns(ctl->h);
		warn_without_daemon(&f);
		err = follow(&f);
	}
	if (err == -ETIMEDOUT) {
		f.end_ns = now_ns(ctl->h);
		explain_timeout(&f);
	}
	if (ctl->json && (!err || err == -ETIMEDOUT))
		show_end_json(&f);
	else if (!err)
		show_end(&f);
	close_line(&f);

	if (!err)
		status = exit_status(f.outcome);
	else
		status = err == -ETIMEDOUT ? CTL_TIMEOUT : ctl_fail(ctl, err);
	overview_free(&f.overview);
	return status;
}

static int send_arm(struct hotid *h, const char *name, uint64_t epoch)
{
	return hotid_identity_arm(h, name);
}

static int send_disarm(struct hotid *h, const char *name, uint64_t epoch)
{
	return hotid_identity_disarm(h, name);
}

static const struct goal goals[] = {
	{ "arm", send_arm, HOTID_IDENTITY_STATE_ARMING, HOTID_IDENTITY_STATE_ARMED },
	{ "disarm", send_disarm, HOTID_IDENTITY_STATE_RELEASING,
	  HOTID_IDENTITY_STATE_OFFLINE },
	{ "takeover", hotid_identity_takeover, HOTID_IDENTITY_STATE_TAKING,
	  HOTID_IDENTITY_STATE_HELD },
	{ "release", hotid_identity_release, HOTID_IDENTITY_STATE_RELEASING,
	  HOTID_IDENTITY_STATE_OFFLINE },
};

int ctl_command(struct ctl *ctl)
{
	const struct goal *goal = goals;

	/* main() runs this for no other word. */
	while (strcmp(goal->word, ctl->word))
		goal++;
	return wait_for_goal(ctl, goal);
}
