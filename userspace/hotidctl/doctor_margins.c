// SPDX-License-Identifier: GPL-2.0
/* The check of margins: how near each watched peer was to a false alarm. */
#include "doctor.h"
#include "duration.h"
#include "margin.h"

static void narrow(struct doctor *doctor, const struct hotid_peer *peer,
		   const struct margin *margin)
{
	char longest[DURATION_TEXT_MAX], allowed[DURATION_TEXT_MAX], interval[DURATION_TEXT_MAX];
	char observed[DURATION_TEXT_MAX], safe[DURATION_TEXT_MAX];

	duration_format(margin->longest_ns, longest);
	duration_format(margin->allowed_ns, allowed);
	duration_format(margin->observed_ns, observed);
	duration_format(margin->safe_interval_us * 1000ull, interval);
	duration_format(margin->safe_interval_us * 1000ull * margin->safe_multiplier, safe);
	doctor_find(doctor, VERDICT_WARN, "%s: was silent for %s of %s (%u %%) in %s. %s x %u would allow %s; with no longer silence in that time, false alarms are below %.3g an hour at 95 %%",
		    peer->name, longest, allowed, margin_used(margin), observed, interval,
		    margin->safe_multiplier, safe, margin_bound_per_hour(margin));
	if (margin->safe_interval_us == peer->interval_us)
		doctor_fix(doctor, "systemctl reload hotidd  # after %s was given multiplier: %u in /etc/hotid/node.yaml",
			   peer->name, margin->safe_multiplier);
	else
		doctor_fix(doctor, "systemctl reload hotidd  # after %s was given multiplier: %u in /etc/hotid/node.yaml, and there interval: %uus",
			   peer->name, margin->safe_multiplier, margin->safe_interval_us);
}

void doctor_margins(struct doctor *doctor)
{
	const struct overview *overview = doctor->overview;
	char longest[DURATION_TEXT_MAX], allowed[DURATION_TEXT_MAX];
	const struct hotid_peer *worst_peer = NULL;
	struct margin margin, worst = { 0 };
	size_t i;

	for (i = 0; i < overview->n_peers; i++) {
		const struct hotid_peer *peer = &overview->peers[i];

		/* Of one that is down the open gap is no near miss. */
		if (!(peer->flags & HOTID_PEER_FLAGS_WATCH) ||
		    peer->state != HOTID_PEER_STATE_UP ||
		    !margin_read(peer, overview->node.now_ns, &margin))
			continue;
		if (margin_used(&margin) >= MARGIN_NARROW)
			narrow(doctor, peer, &margin);
		if (worst_peer && margin_used(&margin) <= margin_used(&worst))
			continue;
		worst_peer = peer;
		worst = margin;
	}
	if (!doctor_is_silent(doctor))
		return;
	if (!worst_peer) {
		doctor_find(doctor, VERDICT_NONE, "no watched peer has sent two beats yet");
		return;
	}
	duration_format(worst.longest_ns, longest);
	duration_format(worst.allowed_ns, allowed);
	doctor_find(doctor, VERDICT_OK, "no peer was silent for more than %s of %s (%s)", longest,
		    allowed, worst_peer->name);
}
