// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "json.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stages.h"
#include "text.h"

#define HIGHEST_NUMBER	((1ull << 53) - 1)

void json_set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		text_no_memory();
}

void json_append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, value) < 0)
		text_no_memory();
}

json_t *json_text(const char *text)
{
	json_t *value = json_string(text);
	char *copy, *p;

	if (value)
		return value;
	/* Not UTF-8, perhaps what a program said in another encoding. */
	copy = strdup(text);
	if (!copy)
		text_no_memory();
	for (p = copy; *p; p++)
		if (*p & 0x80)
			*p = '?';
	value = json_string(copy);
	free(copy);
	return value;
}

json_t *json_digits(uint64_t value)
{
	return json_sprintf("%" PRIu64, value);
}

json_t *json_count(uint64_t value)
{
	return json_integer(value < HIGHEST_NUMBER ? value : HIGHEST_NUMBER);
}

static json_t *json_boot_id(uint64_t boot_id)
{
	return json_sprintf("%016" PRIx64, boot_id);
}

json_t *json_id(const uint8_t id[HOTID_ID_LEN])
{
	char text[33];

	hotid_id_format(id, text);
	return json_string(text);
}

static json_t *json_device(uint32_t ifindex)
{
	char device[TEXT_DEVICE_MAX];

	text_device(ifindex, device);
	return json_text(device);
}

static json_t *json_flags(uint32_t flags, const char *(*name)(unsigned int bit))
{
	json_t *list = json_array();
	unsigned int bit;

	for (bit = 0; bit < 32; bit++)
		if (flags & 1u << bit)
			json_append(list, json_text(name(bit)));
	return list;
}

static json_t *json_counters(const struct hotid_counts *counters)
{
	json_t *object = json_object();

	json_set(object, "accepted", json_count(counters->accepted));
	json_set(object, "truncated", json_count(counters->truncated));
	json_set(object, "version", json_count(counters->version));
	json_set(object, "unknown", json_count(counters->unknown));
	json_set(object, "bad_mac", json_count(counters->bad_mac));
	json_set(object, "replayed", json_count(counters->replayed));
	json_set(object, "control", json_count(counters->control));
	json_set(object, "unverified", json_count(counters->unverified));
	return object;
}

static json_t *json_probe(const struct hotid_probe *probe)
{
	json_t *object = json_object();

	json_set(object, "device", json_device(probe->ifindex));
	json_set(object, "ifindex", json_count(probe->ifindex));
	json_set(object, "mode", json_text(hotid_probe_mode_name(probe->mode)));
	return object;
}

json_t *json_node(const struct hotid_node *node)
{
	json_t *object = json_object(), *probes = json_array();
	size_t i;

	json_set(object, "name", json_text(node->name));
	json_set(object, "id", json_id(node->id));
	json_set(object, "boot_id", json_boot_id(node->boot_id));
	json_set(object, "module_version", json_text(node->version));
	json_set(object, "key_set", json_boolean(node->key_set));
	json_set(object, "key_generation", json_count(node->key_generation));
	json_set(object, "key_other", json_count(node->key_other));
	json_set(object, "port", json_count(node->port));
	json_set(object, "interval_us", json_count(node->interval_us));
	json_set(object, "user_limit_ms", json_count(node->user_limit_ms));
	json_set(object, "health", json_flags(node->health, hotid_health_name));
	json_set(object, "beats_sent", json_count(node->beats_sent));
	json_set(object, "send_errors", json_count(node->send_errors));
	json_set(object, "received", json_counters(&node->counters));
	for (i = 0; i < node->n_probes; i++)
		json_append(probes, json_probe(&node->probes[i]));
	json_set(object, "probes", probes);
	json_set(object, "pending_cpus", json_text(node->pending_cpus));
	json_set(object, "pending_rounds", json_count(node->pending_rounds));
	json_set(object, "now_ns", json_digits(node->now_ns));
	return object;
}

static void set_address(json_t *object, const char *key, const uint8_t *address, uint8_t len)
{
	char text[INET6_ADDRSTRLEN];

	if (len && inet_ntop(len == 16 ? AF_INET6 : AF_INET, address, text, sizeof(text)))
		json_set(object, key, json_string(text));
}

static json_t *json_path(const struct hotid_path *path)
{
	json_t *object = json_object();

	json_set(object, "index", json_count(path->index));
	set_address(object, "address", path->address, path->address_len);
	set_address(object, "local", path->local, path->local_len);
	json_set(object, "port", json_count(path->port ? path->port : HOTID_DEFAULT_PORT));
	if (path->ifindex)
		json_set(object, "device", json_device(path->ifindex));
	json_set(object, "last_ns", json_digits(path->last_ns));
	json_set(object, "seq", json_digits(path->seq));
	json_set(object, "state", json_text(hotid_peer_state_name(path->state)));
	json_set(object, "downs", json_count(path->downs));
	json_set(object, "longest_gap_ns", json_digits(path->longest_gap_ns));
	json_set(object, "gasp", json_text(hotid_gasp_state_name(path->gasp)));
	return object;
}

json_t *json_peer(const struct hotid_peer *peer)
{
	json_t *object = json_object(), *paths = json_array();
	size_t i;

	json_set(object, "name", json_text(peer->name));
	json_set(object, "id", json_id(peer->id));
	json_set(object, "flags", json_flags(peer->flags, hotid_peer_flag_name));
	json_set(object, "state", json_text(hotid_peer_state_name(peer->state)));
	json_set(object, "reason", json_text(hotid_reason_name(peer->reason)));
	json_set(object, "event", json_text(hotid_reason_name(peer->event)));
	json_set(object, "changed_ns", json_digits(peer->changed_ns));
	json_set(object, "boot_id", json_boot_id(peer->boot_id));
	json_set(object, "gasp", json_text(hotid_gasp_name(peer->gasp)));
	json_set(object, "multiplier", json_count(peer->multiplier));
	json_set(object, "interval_us", json_count(peer->interval_us));
	json_set(object, "health", json_flags(peer->health, hotid_health_name));
	json_set(object, "downs", json_count(peer->downs));
	json_set(object, "graces", json_count(peer->graces));
	json_set(object, "asked_ns", json_digits(peer->asked_ns));
	if (peer->rival_boot_id)
		json_set(object, "rival_boot_id", json_boot_id(peer->rival_boot_id));
	json_set(object, "gaps_since_ns", json_digits(peer->gaps_since_ns));
	json_set(object, "lease_ns", json_digits(peer->lease_ns));
	for (i = 0; i < peer->n_paths; i++)
		json_append(paths, json_path(&peer->paths[i]));
	json_set(object, "paths", paths);
	return object;
}

json_t *json_step(const struct hotid_step *step)
{
	json_t *object = json_object();

	json_set(object, "index", json_count(step->index));
	json_set(object, "name", json_text(step->name));
	json_set(object, "kind", json_text(step->kind));
	json_set(object, "stage", json_text(hotid_stage_name(step->stage)));
	json_set(object, "verb", json_text(hotid_verb_name(step->verb)));
	json_set(object, "status", json_text(hotid_status_name(step->status)));
	json_set(object, "start_ns", json_digits(step->start_ns));
	json_set(object, "end_ns", json_digits(step->end_ns));
	json_set(object, "errno", json_count(step->error));
	json_set(object, "message", json_text(step->message));
	return object;
}

static json_t *json_guard(const struct hotid_identity *identity)
{
	const struct hotid_guard *guard = &identity->guard;
	json_t *object = json_object(), *voters = json_array(), *ports = json_array();
	size_t i;

	for (i = 0; i < guard->n_voters; i++)
		json_append(voters, json_id(guard->voters[i].id));
	for (i = 0; i < guard->n_ports; i++)
		json_append(ports, json_count(guard->ports[i].ifindex));
	json_set(object, "egress", json_text(hotid_egress_name(identity->egress)));
	json_set(object, "lease_ns", json_digits(identity->lease_ns));
	json_set(object, "blocked_frames", json_digits(identity->blocked_frames));
	json_set(object, "voters", voters);
	json_set(object, "ports", ports);
	return object;
}

json_t *json_identity(const struct hotid_identity *identity, const struct overview *overview)
{
	json_t *object = json_object(), *steps = json_array();
	json_t *findings = json_array();
	char holder[OVERVIEW_NODE_MAX], time[TEXT_TIME_MAX];
	size_t i;

	json_set(object, "name", json_text(identity->name));
	json_set(object, "flags", json_flags(identity->flags, hotid_identity_flag_name));
	json_set(object, "state", json_text(hotid_state_name(identity->state)));
	json_set(object, "previous", json_text(hotid_state_name(identity->previous)));
	json_set(object, "epoch", json_digits(identity->epoch));
	json_set(object, "known_epoch", json_digits(identity->known_epoch));
	json_set(object, "reason", json_text(hotid_reason_name(identity->reason)));
	json_set(object, "message", json_text(identity->message));
	if (identity->has_holder) {
		overview_node(overview, identity->holder, holder);
		json_set(object, "holder", json_text(holder));
		json_set(object, "holder_id", json_id(identity->holder));
	} else {
		json_set(object, "holder", json_null());
	}
	json_set(object, "clean", json_boolean(identity->clean));
	json_set(object, "errno", json_count(identity->error));
	json_set(object, "changed_ns", json_digits(identity->changed_ns));
	json_set(object, "changed_real_ns", json_digits(identity->changed_real_ns));
	if (identity->changed_real_ns) {
		text_time(identity->changed_real_ns, time);
		json_set(object, "changed", json_text(time));
	}
	if (identity->guard.n_ports)
		json_set(object, "guard", json_guard(identity));
	for (i = 0; i < identity->n_steps; i++) {
		json_append(steps, json_step(&identity->steps[i]));
		if (stages_is_finding(identity, &identity->steps[i]))
			json_append(findings, json_step(&identity->steps[i]));
	}
	json_set(object, "steps", steps);
	json_set(object, "findings", findings);
	return object;
}

json_t *json_event(const struct hotid_event *event, const struct overview *overview)
{
	static const char *const names[] = {
		[HOTID_EVENT_PEER] = "peer",
		[HOTID_EVENT_IDENTITY] = "identity",
		[HOTID_EVENT_STEP] = "step",
		[HOTID_EVENT_LOST] = "lost",
		[HOTID_EVENT_PEER_DEL] = "peer-del",
		[HOTID_EVENT_IDENTITY_DEL] = "identity-del",
		[HOTID_EVENT_NODE] = "node",
	};
	const struct hotid_identity *identity = event->identity;
	json_t *object = json_object();

	json_set(object, "event", json_text(names[event->type]));
	if (event->type == HOTID_EVENT_STEP) {
		/* The identity says only whose it is, and in what state. */
		json_set(object, "name", json_text(identity->name));
		json_set(object, "state", json_text(hotid_state_name(identity->state)));
		json_set(object, "epoch", json_digits(identity->epoch));
		json_set(object, "step", json_step(&identity->steps[0]));
	} else if (identity) {
		json_set(object, "identity", json_identity(identity, overview));
	}
	if (event->peer)
		json_set(object, "peer", json_peer(event->peer));
	if (event->node)
		json_set(object, "node", json_node(event->node));
	return object;
}

static void print(json_t *object, size_t flags, FILE *out)
{
	json_t *whole = json_pack("{s:i}", "version", JSON_VERSION);
	char *text;

	if (json_object_update(whole, object) < 0)
		text_no_memory();
	text = json_dumps(whole, flags);
	if (!text)
		text_no_memory();
	fprintf(out, "%s\n", text);
	fflush(out);
	free(text);
	json_decref(whole);
	json_decref(object);
}

void json_show(json_t *object)
{
	print(object, JSON_INDENT(2), stdout);
}

void json_line(json_t *object, FILE *out)
{
	print(object, JSON_COMPACT, out);
}
