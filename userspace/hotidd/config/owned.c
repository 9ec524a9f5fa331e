// SPDX-License-Identifier: GPL-2.0
/* What an identity owns, as a list that can be compared with another. */
#include "config/owned.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* A new thing whose key is "ports[0].mac"; the caller sets its text. */
__attribute__((format(printf, 3, 4)))
static struct owned *owned_add(struct owned_list *list, enum owned_what what, const char *key, ...)
{
	struct owned *thing;
	va_list args;

	list->things = must_realloc(list->things, list->n + 1, sizeof(*list->things));
	thing = &list->things[list->n++];
	*thing = (struct owned){ .what = what };
	va_start(args, key);
	vsnprintf(thing->key, sizeof(thing->key), key, args);
	va_end(args);
	return thing;
}

/* "ID_PATH=pci-0000:00:04.0, INTERFACE=eth1" */
static char *match_text(const struct port_config *port)
{
	char *text = must_strdup("");

	for (size_t i = 0; i < port->n_matches; i++) {
		char *longer = must_printf("%s%s%s=%s", text, i ? ", " : "",
					   port->matches[i].property, port->matches[i].value);

		free(text);
		text = longer;
	}
	return text;
}

static void port_add(struct owned_list *list, const struct identity_config *identity, size_t item)
{
	const struct port_config *port = &identity->ports[item];
	const uint8_t *mac = port->mac;
	char address[INET6_ADDRSTRLEN];
	struct owned *thing;

	owned_add(list, OWNED_MAC, "ports[%zu].mac", item)->text =
		must_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
			    mac[5]);
	for (size_t i = 0; i < port->n_addresses; i++) {
		inet_ntop(port->addresses[i].family, port->addresses[i].addr, address,
			  sizeof(address));
		owned_add(list, OWNED_ADDRESS, "ports[%zu].addresses[%zu]", item, i)->text =
			must_strdup(address);
	}
	thing = owned_add(list, OWNED_PORT, "ports[%zu].match", item);
	thing->text = match_text(port);
	thing->port = port;
}

static void session_add(struct owned_list *list, const struct identity_config *identity,
			size_t item)
{
	const struct iscsi_config *iscsi = &identity->iscsi[item];

	owned_add(list, OWNED_INITIATOR, "iscsi[%zu].initiator", item)->text =
		must_strdup(iscsi->initiator);
	for (size_t i = 0; i < iscsi->n_luns; i++)
		owned_add(list, OWNED_LUN, "iscsi[%zu].luns[%zu]", item, i)->text =
			must_printf("%llu of %s", (unsigned long long)iscsi->luns[i],
				    iscsi->target);
}

static void disk_add(struct owned_list *list, const struct identity_config *identity, size_t item)
{
	if (identity->disks[item].wwid)
		owned_add(list, OWNED_WWID, "disks[%zu].wwid", item)->text =
			must_strdup(identity->disks[item].wwid);
}

static void mount_add(struct owned_list *list, const struct identity_config *identity, size_t item)
{
	owned_add(list, OWNED_MOUNT, "mounts[%zu].where", item)->text =
		must_strdup(identity->mounts[item].where);
}

static void unit_add(struct owned_list *list, const struct identity_config *identity, size_t item)
{
	owned_add(list, OWNED_UNIT, "units[%zu]", item)->text = must_strdup(identity->units[item]);
}

struct owned_list owned_by(const struct identity_config *identity)
{
	struct owned_list list = { 0 };

	for (size_t i = 0; i < identity->n_iscsi; i++)
		session_add(&list, identity, i);
	for (size_t i = 0; i < identity->n_ports; i++)
		port_add(&list, identity, i);
	for (size_t i = 0; i < identity->n_disks; i++)
		disk_add(&list, identity, i);
	for (size_t i = 0; i < identity->n_mounts; i++)
		mount_add(&list, identity, i);
	for (size_t i = 0; i < identity->n_units; i++)
		unit_add(&list, identity, i);
	return list;
}

void owned_list_clear(struct owned_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->things[i].text);
	free(list->things);
	*list = (struct owned_list){ 0 };
}

bool owned_is_place(const struct owned *thing)
{
	return thing->what >= OWNED_PORT;
}

static bool has_match(const struct port_config *port, const struct match *wanted)
{
	for (size_t i = 0; i < port->n_matches; i++)
		if (!strcmp(port->matches[i].property, wanted->property) &&
		    !strcmp(port->matches[i].value, wanted->value))
			return true;
	return false;
}

/* All that @part requires, @whole requires too. One device has it, so both mean that one. */
static bool match_within(const struct port_config *part, const struct port_config *whole)
{
	for (size_t i = 0; i < part->n_matches; i++)
		if (!has_match(whole, &part->matches[i]))
			return false;
	return true;
}

/* The path @above is @path itself or leads to it. */
static bool path_above(const char *above, const char *path)
{
	size_t length = strlen(above);

	return !strncmp(above, path, length) && (!path[length] || path[length] == '/');
}

bool owned_collide(const struct owned *a, const struct owned *b)
{
	if (a->what != b->what)
		return false;
	if (a->what == OWNED_PORT)
		return match_within(a->port, b->port) || match_within(b->port, a->port);
	if (a->what == OWNED_MOUNT)
		return path_above(a->text, b->text) || path_above(b->text, a->text);
	return !strcmp(a->text, b->text);
}

void owned_describe(const struct owned *thing, char text[OWNED_TEXT_MAX])
{
	static const char *const names[] = {
		[OWNED_MAC] = "MAC address", [OWNED_ADDRESS] = "address",
		[OWNED_INITIATOR] = "initiator name", [OWNED_LUN] = "LUN",
		[OWNED_WWID] = "disk", [OWNED_PORT] = "port", [OWNED_MOUNT] = "mount point",
		[OWNED_UNIT] = "unit",
	};

	snprintf(text, OWNED_TEXT_MAX, "%s %s", names[thing->what], thing->text);
}
