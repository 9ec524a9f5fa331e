/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_NETNS_H
#define HOTID_NETNS_H

/* From here on each network namespace has a node; once for the module. */
int hotid_netns_init(void);
void hotid_netns_exit(void);

#endif /* HOTID_NETNS_H */
