/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HOTID_PEER_H
#define HOTID_PEER_H

#include <netlink/attr.h>
#include "hotid.h"

/* A peer from the attributes of an answer or event. 0 or -EBADMSG. */
int peer_parse(struct nlattr *attrs, int len, struct hotid_peer *peer);

#endif /* HOTID_PEER_H */
