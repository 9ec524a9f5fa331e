/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The link to the module: what node.yaml says is set there, its events come
 * back, and it gets keepalives, so that beats say that this daemon lives.
 */
#ifndef HOTIDD_MODULE_H
#define HOTIDD_MODULE_H

#include <systemd/sd-event.h>

#include "config/config.h"

struct module;

struct pulse;

/* Callbacks for events of the module, and for what it has to be given. */
struct module_events {
	void (*identity)(const struct hotid_identity *identity, void *data);
	void (*removed)(const char *identity, void *data);
	void (*peer)(const struct hotid_peer *peer, void *data);
	uint64_t (*epoch)(const char *identity, void *data);	/* known from before; 0 for none */
	void *data;
};

/**
 * module_open() - connect, and receive events in @loop from now on
 * @events: must outlive the link
 * @pulse: of the thread of @loop; must outlive it too
 *
 * When the module goes away, @loop ends with a failure.
 *
 * Return: the link, or NULL after an error was logged.
 */
struct module *module_open(sd_event *loop, const struct module_events *events,
			   const struct pulse *pulse);
void module_close(struct module *module);

/*
 * Set what @config says of the node itself, and from then on send it keepalives.
 * 0 or a negative errno, which was logged.
 */
int module_apply_node(struct module *module, const struct node_config *config);

/**
 * module_apply() - make the peers and identities those of @config
 *
 * Peers that are not in @config go. Identities that are not in it go when
 * nothing of them is on this node. Nothing that is held is touched.
 *
 * Return: 0, or a negative errno after an error was logged.
 */
int module_apply(struct module *module, const struct config *config);

/* Devices come: add the paths that waited for theirs. Does nothing when none does. */
void module_complete_peers(struct module *module, const struct node_config *config);

/* Where do all identities stand? Each is passed to events->identity. 0 or a negative errno. */
int module_look(struct module *module);

/* The connection, for the thread of the loop. */
struct hotid *module_connection(struct module *module);

#endif /* HOTIDD_MODULE_H */
