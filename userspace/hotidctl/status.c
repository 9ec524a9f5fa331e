// SPDX-License-Identifier: GPL-2.0
/* hotidctl status: this node, its peers and its identities as they are now. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "describe.h"
#include "duration.h"
#include "json.h"
#include "margin.h"
#include "stages.h"
#include "table.h"
#include "text.h"

#define PEER_COLUMNS	10	/* those that are not about a path */

static void format_age(uint64_t now_ns, uint64_t then_ns, char text[DURATION_TEXT_MAX])
{
	if (then_ns)
		duration_format(now_ns > then_ns ? now_ns - then_ns : 0, text);
	else
		snprintf(text, DURATION_TEXT_MAX, "never");
}

static void show_probes(const struct hotid_node *node)
{
	char device[TEXT_DEVICE_MAX];
	size_t i;

	printf("  probe:     ");
	for (i = 0; i < node->n_probes; i++) {
		text_device(node->probes[i].ifindex, device);
		printf("%s%s %s", i ? ", " : "", device, hotid_probe_mode_name(node->probes[i].mode));
	}
	puts(node->n_probes ? "" : "none; the module receives beats itself");
}

static void show_node(const struct hotid_node *node)
{
	const struct hotid_counts *c = &node->counters;
	char id[33], name[HOTID_NAME_MAX + 1], interval[DURATION_TEXT_MAX], health[TEXT_FLAGS_MAX];
	uint64_t dropped = c->truncated + c->version + c->unknown + c->bad_mac + c->replayed +
			   c->unverified;

	hotid_id_format(node->id, id);
	snprintf(name, sizeof(name), "%s", *node->name ? node->name : "(no name)");
	text_clean(name);
	duration_format(node->interval_us * 1000ull, interval);
	text_flags(node->health, hotid_health_name, health);

	printf("node %s  %s  hotid.ko %s\n", name, id, node->version);
	printf("  health:    %s%s\n", health,
	       node->health & HOTID_HEALTH_USERSPACE ? "" : "  (hotidd does not run)");
	printf("  beats:     every %s, %" PRIu64 " sent, %" PRIu64 " errors", interval,
	       node->beats_sent, node->send_errors);
	if (node->key_set)
		printf(", key generation %u\n", node->key_generation);
	else
		puts("; no key is set, so none are sent");
	printf("  received:  %" PRIu64 " on port %u, %" PRIu64 " control", c->accepted, node->port,
	       c->control);
	if (dropped)
		printf("; dropped: %" PRIu64 " unknown, %" PRIu64 " bad MAC, %" PRIu64 " replayed, %"
		       PRIu64 " unverified, %" PRIu64 " truncated, %" PRIu64 " of another version",
		       c->unknown, c->bad_mac, c->replayed, c->unverified, c->truncated, c->version);
	puts("");
	if (*node->pending_cpus)
		printf("  pending:   CPU %s does not receive; peers are judged without it, %" PRIu64
		       " times so far\n", node->pending_cpus, node->pending_rounds);
	show_probes(node);
}

static void peer_cells(struct table *table, const struct hotid_peer *peer, uint64_t now_ns)
{
	char age[DURATION_TEXT_MAX], interval[DURATION_TEXT_MAX], reason[DESCRIBE_MAX];
	char flags[TEXT_FLAGS_MAX], health[TEXT_FLAGS_MAX], lease[TEXT_LEASE_MAX];
	struct margin margin;

	text_flags(peer->flags, hotid_peer_flag_name, flags);
	text_flags(peer->health, hotid_health_name, health);
	duration_format(peer->interval_us * 1000ull, interval);
	format_age(now_ns, peer->changed_ns, age);
	describe_reason(peer, reason);
	table_cells(table, peer->name, flags, hotid_peer_state_name(peer->state),
		    peer->changed_ns ? age : "-", reason, health, NULL);
	table_cell(table, "%u", peer->downs);
	table_cell(table, "%u x %s", peer->multiplier, peer->interval_us ? interval : "?");
	strcpy(age, "-");
	if (margin_read(peer, now_ns, &margin))
		duration_format(margin.longest_ns, age);
	text_lease(peer->lease_ns, now_ns, lease);
	table_cells(table, age, lease, NULL);
}

static void path_cells(struct table *table, const struct hotid_path *path, uint64_t now_ns)
{
	char age[DURATION_TEXT_MAX], text[TEXT_PATH_MAX];

	format_age(now_ns, path->last_ns, age);
	text_path(path, text);
	table_cells(table, text, hotid_peer_state_name(path->state), age, NULL);
}

/* The first path stands on the peer's row, the others below it. */
static void peer_rows(struct table *table, const struct hotid_peer *peer, uint64_t now_ns)
{
	static const struct hotid_path none;
	size_t i;
	int column;

	peer_cells(table, peer, now_ns);
	path_cells(table, peer->n_paths ? &peer->paths[0] : &none, now_ns);
	for (i = 1; i < peer->n_paths; i++) {
		for (column = 0; column < PEER_COLUMNS; column++)
			table_cell(table, "%s", "");
		path_cells(table, &peer->paths[i], now_ns);
	}
}

static void show_peers(const struct overview *overview)
{
	static const char *const titles[] = {
		"PEER", "FLAGS", "STATE", ">FOR", "REASON", "HEALTH", ">DOWNS", "DEADLINE",
		">LONGEST GAP", ">LEASE", "PATH", "PATH STATE", ">LAST BEAT", NULL
	};
	struct table *table = table_new(titles);
	size_t i;

	if (overview->n_peers)
		puts("");
	for (i = 0; i < overview->n_peers; i++)
		peer_rows(table, &overview->peers[i], overview->node.now_ns);
	table_print(table, stdout);
}

static const char *takeover_policy(uint32_t flags)
{
	if (!(flags & HOTID_IDENTITY_FLAGS_AUTO))
		return "manual";
	return flags & HOTID_IDENTITY_FLAGS_AUTO_HUNG ? "auto, hung" : "auto";
}

static void note_findings(struct table *table, const struct hotid_identity *identity)
{
	char message[HOTID_MESSAGE_MAX + 1];
	size_t i;

	for (i = 0; i < identity->n_steps; i++) {
		const struct hotid_step *step = &identity->steps[i];

		if (!stages_is_finding(identity, step))
			continue;
		snprintf(message, sizeof(message), "%s", step->message);
		text_clean(message);
		table_note(table, "audit: step %u %s: %s", step->index, step->name, message);
	}
}

static void show_identities(const struct overview *overview)
{
	static const char *const titles[] = {
		"IDENTITY", "TAKEOVER", "STATE", ">FOR", ">EPOCH", "HOLDER", "REASON", "MESSAGE", NULL
	};
	struct table *table = table_new(titles);
	char holder[OVERVIEW_NODE_MAX], age[DURATION_TEXT_MAX], failure[DESCRIBE_MAX];
	char guard[DESCRIBE_MAX];
	size_t i;

	if (overview->n_identities)
		puts("");
	for (i = 0; i < overview->n_identities; i++) {
		const struct hotid_identity *identity = &overview->identities[i];
		const struct hotid_step *failed = stages_failed(identity);

		snprintf(holder, sizeof(holder), "-");
		if (identity->has_holder)
			overview_node(overview, identity->holder, holder);
		format_age(overview->node.now_ns, identity->changed_ns, age);
		table_cells(table, identity->name, takeover_policy(identity->flags),
			    hotid_state_name(identity->state), identity->changed_ns ? age : "-",
			    NULL);
		table_cell(table, "%" PRIu64, identity->epoch);
		table_cells(table, holder, hotid_reason_name(identity->reason),
			    *identity->message ? identity->message : "-", NULL);
		if (failed) {
			describe_failure(failed, failure);
			table_note(table, "%s", failure);
		}
		note_findings(table, identity);
		describe_guard(identity, overview->node.now_ns, guard);
		if (*guard)
			table_note(table, "%s", guard);
		if (identity->state == HOTID_IDENTITY_STATE_FAILED && !identity->clean)
			table_note(table, "something of it is left on this node: run \"hotidctl disarm %s\"",
				   identity->name);
	}
	table_print(table, stdout);
}

static void show_steps(const struct hotid_identity *identity)
{
	static const char *const titles[] = {
		">STEP", "STAGE", "KIND", "NAME", "VERB", "STATUS", ">TOOK", "MESSAGE", NULL
	};
	struct table *table = table_new(titles);
	char took[DURATION_TEXT_MAX];
	size_t i;

	if (identity->n_steps)
		puts("");
	for (i = 0; i < identity->n_steps; i++) {
		const struct hotid_step *step = &identity->steps[i];

		snprintf(took, sizeof(took), "-");
		if (step->end_ns >= step->start_ns && step->end_ns)
			duration_format_ms(step->end_ns - step->start_ns, took);
		table_cell(table, "%u", step->index);
		table_cells(table, hotid_stage_name(step->stage), step->kind, step->name,
			    hotid_verb_name(step->verb), hotid_status_name(step->status), took,
			    step->message, NULL);
	}
	table_print(table, stdout);
}

static void show_people(const struct overview *overview, const char *name)
{
	if (!name) {
		show_node(&overview->node);
		show_peers(overview);
	}
	show_identities(overview);
	if (name)
		show_steps(&overview->identities[0]);
}

static void show_script(const struct overview *overview)
{
	json_t *peers = json_array(), *identities = json_array();
	size_t i;

	for (i = 0; i < overview->n_peers; i++)
		json_append(peers, json_peer(&overview->peers[i]));
	for (i = 0; i < overview->n_identities; i++)
		json_append(identities, json_identity(&overview->identities[i], overview));
	json_show(json_pack("{s:o, s:o, s:o}", "node", json_node(&overview->node), "peers", peers,
			    "identities", identities));
}

static bool any_failed(const struct overview *overview)
{
	size_t i;

	for (i = 0; i < overview->n_identities; i++)
		if (overview->identities[i].state == HOTID_IDENTITY_STATE_FAILED)
			return true;
	return false;
}

int ctl_status(struct ctl *ctl)
{
	struct overview overview;
	int err, status;

	err = overview_read(ctl->h, ctl->name, &overview);
	if (err < 0)
		return ctl_fail(ctl, err);
	if (ctl->json)
		show_script(&overview);
	else
		show_people(&overview, ctl->name);
	status = any_failed(&overview) ? CTL_HAS_FAILED : CTL_OK;
	overview_free(&overview);
	return status;
}
