// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "describe.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "duration.h"
#include "text.h"

void describe_identity(const struct hotid_identity *identity, const struct overview *overview,
		       char text[DESCRIBE_MAX])
{
	char holder[OVERVIEW_NODE_MAX] = "none known";

	if (identity->has_holder)
		overview_node(overview, identity->holder, holder);
	snprintf(text, DESCRIBE_MAX, "%s, epoch %" PRIu64 ", holder %s%s%s",
		 hotid_state_name(identity->state), identity->epoch, holder,
		 identity->guard.n_ports ? ", egress " : "",
		 identity->guard.n_ports ? hotid_egress_name(identity->egress) : "");
	text_clean(text);
}

void describe_guard(const struct hotid_identity *identity, uint64_t now_ns,
		    char text[DESCRIBE_MAX])
{
	size_t n = identity->guard.n_voters;
	char left[DURATION_TEXT_MAX], lease[96] = "";

	text[0] = '\0';
	if (!identity->guard.n_ports)
		return;
	if (n && identity->lease_ns > now_ns) {
		duration_format(identity->lease_ns - now_ns, left);
		snprintf(lease, sizeof(lease), ", lease for %s by %zu of %zu voters", left,
			 n / 2 + 1, n);
	} else if (n) {
		snprintf(lease, sizeof(lease), ", no lease by %zu of %zu voters", n / 2 + 1, n);
	}
	snprintf(text, DESCRIBE_MAX, "guard: %s%s, %" PRIu64 " frames blocked",
		 hotid_egress_name(identity->egress), lease, identity->blocked_frames);
}

void describe_change(const struct hotid_identity *identity, const struct overview *overview,
		     char text[DESCRIBE_MAX])
{
	char now[DESCRIBE_MAX];

	describe_identity(identity, overview, now);
	snprintf(text, DESCRIBE_MAX, "%s -> %.200s, %s%s%s", hotid_state_name(identity->previous),
		 now, hotid_reason_name(identity->reason), *identity->message ? ": " : "",
		 identity->message);
	text_clean(text);
}

void describe_step(const struct hotid_step *step, char text[DESCRIBE_MAX])
{
	char took[DURATION_TEXT_MAX] = "";
	size_t len;

	if (step->end_ns > step->start_ns)
		duration_format_ms(step->end_ns - step->start_ns, took);
	snprintf(text, DESCRIBE_MAX, "%-8s  %-8s  %-28s  %-7s  %12s  %s",
		 hotid_stage_name(step->stage), hotid_verb_name(step->verb), step->name,
		 hotid_status_name(step->status), took, step->message);
	text_clean(text);
	for (len = strlen(text); len && text[len - 1] == ' '; len--)
		text[len - 1] = '\0';
}

void describe_failure(const struct hotid_step *step, char text[DESCRIBE_MAX])
{
	char took[DURATION_TEXT_MAX] = "?";
	const char *name = strerrorname_np(step->error);

	if (step->end_ns > step->start_ns)
		duration_format(step->end_ns - step->start_ns, took);
	snprintf(text, DESCRIBE_MAX, "step %u %s: %s failed after %s: %s (%s)", step->index,
		 step->name, hotid_verb_name(step->verb), took,
		 *step->message ? step->message : "it gave no reason",
		 step->error && name ? name : "no errno");
	text_clean(text);
}

void describe_reason(const struct hotid_peer *peer, char text[DESCRIBE_MAX])
{
	if (peer->reason == HOTID_REASON_PEER_GASP)
		snprintf(text, DESCRIBE_MAX, "%s (%s)", hotid_reason_name(peer->reason),
			 hotid_gasp_name(peer->gasp));
	else
		snprintf(text, DESCRIBE_MAX, "%s", hotid_reason_name(peer->reason));
}

void describe_peer(const struct hotid_peer *peer, char text[DESCRIBE_MAX])
{
	char health[TEXT_FLAGS_MAX], path[TEXT_PATH_MAX], reason[DESCRIBE_MAX];
	size_t i, len;

	/* A path that died is news, but not why the peer is in its state. */
	if (peer->event != HOTID_REASON_NONE && peer->event != peer->reason)
		snprintf(reason, sizeof(reason), "%s", hotid_reason_name(peer->event));
	else
		describe_reason(peer, reason);
	text_flags(peer->health, hotid_health_name, health);
	len = snprintf(text, DESCRIBE_MAX, "%s, %.60s, health %s",
		       hotid_peer_state_name(peer->state), reason, health);
	/* While the peer is down all its paths are, which goes without saying. */
	for (i = 0; peer->state != HOTID_PEER_STATE_DOWN && i < peer->n_paths; i++) {
		if (peer->paths[i].state != HOTID_PEER_STATE_DOWN)
			continue;
		text_path(&peer->paths[i], path);
		len += snprintf(text + len, DESCRIBE_MAX - len, ", %s down", path);
	}
	text_clean(text);
}
