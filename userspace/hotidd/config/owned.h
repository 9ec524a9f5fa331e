/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an identity has that no other one of the node may have at the same
 * time. There are two sorts. What is the server's own (a MAC address, an IP
 * address, an initiator name, a LUN) belongs to one identity for good: two
 * files that name the same are a mistake. What is a place on the node (a port,
 * a mount point, a unit) may be named by several, since one spare may stand by
 * for several servers; but only one of them can be on the node at a time.
 */
#ifndef HOTIDD_OWNED_H
#define HOTIDD_OWNED_H

#include "config/config.h"

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

#define OWNED_KEY_MAX	64

struct owned {
	enum owned_what what;
	char key[OWNED_KEY_MAX];	/* in the file: "ports[0].mac" */
	char *text;			/* its name: the same text is the same thing */
	const struct port_config *port;	/* of OWNED_PORT, which compares otherwise */
};

struct owned_list {
	struct owned *things;
	size_t n;
};

/* All that @identity has, to be cleared; it points into @identity. */
struct owned_list owned_by(const struct identity_config *identity);
void owned_list_clear(struct owned_list *list);

/* A place on the node, in contrast to what is the server's own. */
bool owned_is_place(const struct owned *thing);

/* The two are the same thing, or cannot be there without each other. */
bool owned_collide(const struct owned *a, const struct owned *b);

/* "MAC address 02:00:00:77:00:10" */
#define OWNED_TEXT_MAX	160
void owned_describe(const struct owned *thing, char text[OWNED_TEXT_MAX]);

#endif /* HOTIDD_OWNED_H */
