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

static json_t *checked(json_t *value)
{
	if (!value)
		text_no_memory();
	return value;
}

/* Takes @value over. */
static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, checked(value)) < 0)
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
	value = checked(json_string(copy));
	free(copy);
	return value;
}

static void set_text(json_t *object, const char *key, const char *text)
{
	set(object, key, json_text(text));
}

json_t *json_digits(uint64_t value)
{
	char text[21];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	return checked(json_string(text));
}

json_t *json_count(uint64_t value)
{
	return checked(json_integer(value < HIGHEST_NUMBER ? value : HIGHEST_NUMBER));
}

static void set_number(json_t *object, const char *key, uint64_t value)
{
	set(object, key, json_count(value));
}

static void set_digits(json_t *object, const char *key, uint64_t value)
{
	set(object, key, json_digits(value));
}

static void set_boot_id(json_t *object, const char *key, uint64_t boot_id)
{
	char text[17];

	snprintf(text, sizeof(text), "%016" PRIx64, boot_id);
	set_text(object, key, text);
}

static void set_id(json_t *object, const char *key, const uint8_t id[HOTID_ID_LEN])
{
	char text[33];

	hotid_id_format(id, text);
	set_text(object, key, text);
}

static void set_flags(json_t *object, const char *key, uint32_t flags,
		      const char *(*name)(unsigned int bit))
{
	json_t *list = checked(json_array());
	unsigned int bit;

	for (bit = 0; bit < 32; bit++)
		if (flags & 1u << bit && json_array_append_new(list, json_text(name(bit))) < 0)
			text_no_memory();
	set(object, key, list);
}

static void append(json_t *list, json_t *value)
{
	if (json_array_append_new(list, checked(value)) < 0)
		text_no_memory();
}

static json_t *json_counters(const struct hotid_counts *counters)
{
	json_t *object = checked(json_object());

	set_number(object, "accepted", counters->accepted);
	set_number(object, "truncated", counters->truncated);
	set_number(object, "version", counters->version);
	set_number(object, "unknown", counters->unknown);
	set_number(object, "bad_mac", counters->bad_mac);
	set_number(object, "replayed", counters->replayed);
	set_number(object, "control", counters->control);
	set_number(object, "unverified", counters->unverified);
	return object;
}

static json_t *json_probe(const struct hotid_probe *probe)
{
	json_t *object = checked(json_object());
	char device[TEXT_DEVICE_MAX];

	text_device(probe->ifindex, device);
	set_text(object, "device", device);
	set_number(object, "ifindex", probe->ifindex);
	set_text(object, "mode", hotid_probe_mode_name(probe->mode));
	return object;
}

json_t *json_node(const struct hotid_node *node)
{
	json_t *object = checked(json_object()), *probes = checked(json_array());
	size_t i;

	set_text(object, "name", node->name);
	set_id(object, "id", node->id);
	set_boot_id(object, "boot_id", node->boot_id);
	set_text(object, "module_version", node->version);
	set(object, "key_set", json_boolean(node->key_set));
	set_number(object, "key_generation", node->key_generation);
	set_number(object, "key_other", node->key_other);
	set_number(object, "port", node->port);
	set_number(object, "interval_us", node->interval_us);
	set_number(object, "user_limit_ms", node->user_limit_ms);
	set_flags(object, "health", node->health, hotid_health_name);
	set_number(object, "beats_sent", node->beats_sent);
	set_number(object, "send_errors", node->send_errors);
	set(object, "received", json_counters(&node->counters));
	for (i = 0; i < node->n_probes; i++)
		append(probes, json_probe(&node->probes[i]));
	set(object, "probes", probes);
	set_text(object, "pending_cpus", node->pending_cpus);
	set_number(object, "pending_rounds", node->pending_rounds);
	set_digits(object, "now_ns", node->now_ns);
	return object;
}

static void set_address(json_t *object, const char *key, const uint8_t *address, uint8_t len)
{
	char text[INET6_ADDRSTRLEN];

	if (len && inet_ntop(len == 16 ? AF_INET6 : AF_INET, address, text, sizeof(text)))
		set_text(object, key, text);
}

static json_t *json_path(const struct hotid_path *path)
{
	json_t *object = checked(json_object());
	char device[TEXT_DEVICE_MAX];

	set_number(object, "index", path->index);
	set_address(object, "address", path->address, path->address_len);
	set_address(object, "local", path->local, path->local_len);
	set_number(object, "port", path->port ? path->port : HOTID_DEFAULT_PORT);
	if (path->ifindex) {
		text_device(path->ifindex, device);
		set_text(object, "device", device);
	}
	set_digits(object, "last_ns", path->last_ns);
	set_digits(object, "seq", path->seq);
	set_text(object, "state", hotid_peer_state_name(path->state));
	set_number(object, "downs", path->downs);
	set_digits(object, "longest_gap_ns", path->longest_gap_ns);
	set_text(object, "gasp", hotid_gasp_state_name(path->gasp));
	return object;
}

json_t *json_peer(const struct hotid_peer *peer)
{
	json_t *object = checked(json_object()), *paths = checked(json_array());
	size_t i;

	set_text(object, "name", peer->name);
	set_id(object, "id", peer->id);
	set_flags(object, "flags", peer->flags, hotid_peer_flag_name);
	set_text(object, "state", hotid_peer_state_name(peer->state));
	set_text(object, "reason", hotid_reason_name(peer->reason));
	set_text(object, "event", hotid_reason_name(peer->event));
	set_digits(object, "changed_ns", peer->changed_ns);
	set_boot_id(object, "boot_id", peer->boot_id);
	set_text(object, "gasp", hotid_gasp_name(peer->gasp));
	set_number(object, "multiplier", peer->multiplier);
	set_number(object, "interval_us", peer->interval_us);
	set_flags(object, "health", peer->health, hotid_health_name);
	set_number(object, "downs", peer->downs);
	set_number(object, "graces", peer->graces);
	set_digits(object, "asked_ns", peer->asked_ns);
	if (peer->rival_boot_id)
		set_boot_id(object, "rival_boot_id", peer->rival_boot_id);
	set_digits(object, "gaps_since_ns", peer->gaps_since_ns);
	for (i = 0; i < peer->n_paths; i++)
		append(paths, json_path(&peer->paths[i]));
	set(object, "paths", paths);
	return object;
}

json_t *json_step(const struct hotid_step *step)
{
	json_t *object = checked(json_object());

	set_number(object, "index", step->index);
	set_text(object, "name", step->name);
	set_text(object, "kind", step->kind);
	set_text(object, "stage", hotid_stage_name(step->stage));
	set_text(object, "verb", hotid_verb_name(step->verb));
	set_text(object, "status", hotid_status_name(step->status));
	set_digits(object, "start_ns", step->start_ns);
	set_digits(object, "end_ns", step->end_ns);
	set_number(object, "errno", step->error);
	set_text(object, "message", step->message);
	return object;
}

json_t *json_identity(const struct hotid_identity *identity, const struct overview *overview)
{
	json_t *object = checked(json_object()), *steps = checked(json_array());
	json_t *findings = checked(json_array());
	char holder[OVERVIEW_NODE_MAX], time[TEXT_TIME_MAX];
	size_t i;

	set_text(object, "name", identity->name);
	set_flags(object, "flags", identity->flags, hotid_identity_flag_name);
	set_text(object, "state", hotid_state_name(identity->state));
	set_text(object, "previous", hotid_state_name(identity->previous));
	set_digits(object, "epoch", identity->epoch);
	set_digits(object, "known_epoch", identity->known_epoch);
	set_text(object, "reason", hotid_reason_name(identity->reason));
	set_text(object, "message", identity->message);
	if (identity->has_holder) {
		overview_node(overview, identity->holder, holder);
		set_text(object, "holder", holder);
		set_id(object, "holder_id", identity->holder);
	} else {
		set(object, "holder", json_null());
	}
	set(object, "clean", json_boolean(identity->clean));
	set_number(object, "errno", identity->error);
	set_digits(object, "changed_ns", identity->changed_ns);
	set_digits(object, "changed_real_ns", identity->changed_real_ns);
	if (identity->changed_real_ns) {
		text_time(identity->changed_real_ns, time);
		set_text(object, "changed", time);
	}
	for (i = 0; i < identity->n_steps; i++) {
		append(steps, json_step(&identity->steps[i]));
		if (stages_is_finding(identity, &identity->steps[i]))
			append(findings, json_step(&identity->steps[i]));
	}
	set(object, "steps", steps);
	set(object, "findings", findings);
	return object;
}

/* The step is the event; the identity says only whose, and in what state. */
static void set_step_event(json_t *object, const struct hotid_identity *identity)
{
	set_text(object, "event", "step");
	set_text(object, "name", identity->name);
	set_text(object, "state", hotid_state_name(identity->state));
	set_digits(object, "epoch", identity->epoch);
	set(object, "step", json_step(&identity->steps[0]));
}

json_t *json_event(const struct hotid_event *event, const struct overview *overview)
{
	json_t *object = checked(json_object());

	switch (event->type) {
	case HOTID_EVENT_PEER:
		set_text(object, "event", "peer");
		set(object, "peer", json_peer(event->peer));
		break;
	case HOTID_EVENT_IDENTITY:
		set_text(object, "event", "identity");
		set(object, "identity", json_identity(event->identity, overview));
		break;
	case HOTID_EVENT_STEP:
		set_step_event(object, event->identity);
		break;
	case HOTID_EVENT_PEER_DEL:
		set_text(object, "event", "peer-del");
		set(object, "peer", json_peer(event->peer));
		break;
	case HOTID_EVENT_IDENTITY_DEL:
		set_text(object, "event", "identity-del");
		set(object, "identity", json_identity(event->identity, overview));
		break;
	case HOTID_EVENT_LOST:
		set_text(object, "event", "lost");
		break;
	case HOTID_EVENT_NODE:
		set_text(object, "event", "node");
		set(object, "node", json_node(event->node));
		break;
	case HOTID_EVENT_DONE:		/* only of what is asynchronous */
		break;
	}
	return object;
}

static void print(json_t *object, size_t flags, FILE *out)
{
	json_t *whole = checked(json_pack("{s:i}", "version", JSON_VERSION));
	char *text;

	if (json_object_update(whole, checked(object)) < 0)
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
