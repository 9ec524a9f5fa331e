/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From the attributes of a message to a call of the program's function. */
#ifndef HOTID_DELIVER_H
#define HOTID_DELIVER_H

#include <netlink/attr.h>
#include "handle.h"

/**
 * struct receiver - a function of the program
 * @h: its connection, for the sizes of its structs
 * @fn: the function
 * @data: its argument
 */
struct receiver {
	struct hotid *h;
	hotid_event_fn fn;
	void *data;
};

/* Call it for what is in these attributes. 0, -EBADMSG or -ENOMEM, and then it is not called. */
int deliver(const struct receiver *to, enum hotid_event_type type, struct nlattr *attrs, int len);

/* The same for what has no attributes. */
int deliver_event(const struct receiver *to, const struct hotid_event *event);

#endif /* HOTID_DELIVER_H */
