/* SPDX-License-Identifier: GPL-2.0 */
/* Between module_link.c and module_apply.c; nobody else includes this. */
#ifndef HOTIDD_MODULE_PARTS_H
#define HOTIDD_MODULE_PARTS_H

#include "module.h"

struct module {
	struct hotid *h;
	sd_event *loop;
	sd_event_source *event_source;
	sd_event_source *keepalive_source;
	const struct module_events *events;
	const struct pulse *pulse;	/* of the thread of the loop */
	struct keepalive *keepalive;
	size_t paths_missing;		/* left out, since their device is not there yet */
};

/* Logs that the module refused @what, of @name unless that is "". Returns @error. */
int module_refused(struct module *module, const char *what, const char *name, int error);

/* From now on, or as @config says from now on. 0 or a negative errno. */
int module_start_keepalive(struct module *module, const struct node_config *config);

#endif /* HOTIDD_MODULE_PARTS_H */
