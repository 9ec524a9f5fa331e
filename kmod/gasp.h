/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_GASP_H
#define HOTID_GASP_H

struct hotid_node;

/* Register for panics and reboots; once for the module. */
int hotid_gasp_init(void);
void hotid_gasp_exit(void);

/* From here on the node gasps when the kernel ends; until it is removed. */
void hotid_gasp_add(struct hotid_node *node);
void hotid_gasp_remove(struct hotid_node *node);

/* One node gasps, since its namespace goes, or all do, since the module goes. */
void hotid_gasp_unload(struct hotid_node *node);
void hotid_gasp_unload_all(void);

#endif /* HOTID_GASP_H */
