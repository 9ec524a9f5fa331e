// SPDX-License-Identifier: GPL-2.0
/*
 * What an identity has that no other one of the node may have at the same
 * time. There are two sorts. What is the server's own (a MAC address, an IP
 * address, an initiator name, a LUN) belongs to one identity for good: two
 * files that name the same are a mistake. What is a place on the node (a port,
 * a mount point, a unit) may be named by several, since one spare may stand by
 * for several servers; but only one of them can be on the node at a time.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "config/config_identity.h"

/* The server's own first, then places. */
enum owned_what {
	OWNED_MAC,
	OWNED_ADDRESS,
	OWNED_INITIATOR,
	OWNED_LUN,
	OWNED_WWID,
	OWNED_PORT,
	OWNED_MOUNT,
	OWNED_UNIT,
};

static const char *const what_names[] = {
	[OWNED_MAC] = "MAC address", [OWNED_ADDRESS] = "address",
	[OWNED_INITIATOR] = "initiator name", [OWNED_LUN] = "LUN", [OWNED_WWID] = "disk",
	[OWNED_PORT] = "port", [OWNED_MOUNT] = "mount point", [OWNED_UNIT] = "unit",
};

struct owned {
	enum owned_what what;
	char key[64];			/* in the file: "ports[0].mac" */
	char *text;			/* its name: the same text is the same thing */
	const struct port_config *port;	/* of OWNED_PORT, which compares otherwise */
};

struct owned_list {
	struct owned *things;
	size_t n;
};

/* A new thing, whose @text is freed with the list. */
__attribute__((format(printf, 4, 5)))
static struct owned *owned_add(struct owned_list *list, enum owned_what what, char *text,
			       const char *key, ...)
{
	struct owned *thing;
	va_list args;

	list->things = must_realloc(list->things, list->n + 1, sizeof(*list->things));
	thing = &list->things[list->n++];
	*thing = (struct owned){ .what = what, .text = text };
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

static void port_add(struct owned_list *list, const struct port_config *port, size_t item)
{
	const uint8_t *mac = port->mac;
	char address[INET6_ADDRSTRLEN];

	owned_add(list, OWNED_MAC,
		  must_printf("%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
			      mac[4], mac[5]), "ports[%zu].mac", item);
	for (size_t i = 0; i < port->n_addresses; i++) {
		inet_ntop(port->addresses[i].family, port->addresses[i].addr, address,
			  sizeof(address));
		owned_add(list, OWNED_ADDRESS, must_strdup(address), "ports[%zu].addresses[%zu]",
			  item, i);
	}
	owned_add(list, OWNED_PORT, match_text(port), "ports[%zu].match", item)->port = port;
}

static void session_add(struct owned_list *list, const struct iscsi_config *iscsi, size_t item)
{
	owned_add(list, OWNED_INITIATOR, must_strdup(iscsi->initiator), "iscsi[%zu].initiator",
		  item);
	for (size_t i = 0; i < iscsi->n_luns; i++)
		owned_add(list, OWNED_LUN,
			  must_printf("%llu of %s", (unsigned long long)iscsi->luns[i],
				      iscsi->target), "iscsi[%zu].luns[%zu]", item, i);
}

/* All that @identity has; it points into @identity. */
static struct owned_list owned_by(const struct identity_config *identity)
{
	struct owned_list list = { 0 };

	for (size_t i = 0; i < identity->n_iscsi; i++)
		session_add(&list, &identity->iscsi[i], i);
	for (size_t i = 0; i < identity->n_ports; i++)
		port_add(&list, &identity->ports[i], i);
	for (size_t i = 0; i < identity->n_disks; i++)
		if (identity->disks[i].wwid)
			owned_add(&list, OWNED_WWID, must_strdup(identity->disks[i].wwid),
				  "disks[%zu].wwid", i);
	for (size_t i = 0; i < identity->n_mounts; i++)
		owned_add(&list, OWNED_MOUNT, must_strdup(identity->mounts[i].where),
			  "mounts[%zu].where", i);
	for (size_t i = 0; i < identity->n_units; i++)
		owned_add(&list, OWNED_UNIT, must_strdup(identity->units[i]), "units[%zu]", i);
	return list;
}

static void owned_list_clear(struct owned_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->things[i].text);
	free(list->things);
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

/* The two are the same thing, or cannot be there without each other. */
static bool owned_collide(const struct owned *a, const struct owned *b)
{
	if (a->what != b->what)
		return false;
	if (a->what == OWNED_PORT)
		return match_within(a->port, b->port) || match_within(b->port, a->port);
	if (a->what == OWNED_MOUNT)
		return path_above(a->text, b->text) || path_above(b->text, a->text);
	return !strcmp(a->text, b->text);
}

void identity_check_pair(const struct identity_config *a, const struct identity_config *b,
			 struct problems *problems, struct problems *places)
{
	struct owned_list mine = owned_by(a), others = owned_by(b);

	for (size_t i = 0; i < mine.n; i++)
		for (size_t j = 0; j < others.n; j++) {
			const struct owned *one = &mine.things[i], *other = &others.things[j];
			bool is_place = one->what >= OWNED_PORT;
			struct problems *to = is_place ? places : problems;

			if (!to || !owned_collide(one, other))
				continue;
			problem_add(to, a->path, document_line(a->document, one->key), one->key,
				    "%s %.144s of identity %s is also in %s:%d (%s of identity %s); %s",
				    what_names[one->what], one->text, a->name, b->path,
				    document_line(b->document, other->key), other->key, b->name,
				    is_place ? "this node can take only one of the two at a time" :
				    "no two identities may share it");
		}
	owned_list_clear(&mine);
	owned_list_clear(&others);
}
