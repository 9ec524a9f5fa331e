/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef HOTID_IDENTITY_H
#define HOTID_IDENTITY_H

#include <netlink/attr.h>
#include "hotid.h"

/*
 * An identity with its steps from the attributes of an answer or event, to be
 * freed with hotid_identity_clear() also after a failure. 0, -EBADMSG or
 * -ENOMEM.
 */
int identity_parse(struct nlattr *attrs, int len, struct hotid_identity *identity);

#endif /* HOTID_IDENTITY_H */
