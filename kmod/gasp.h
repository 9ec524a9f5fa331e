/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_GASP_H
#define HOTID_GASP_H

struct hotid_node;

/* Hear of panics and reboots; once for the module. */
int hotid_gasp_init(void);
void hotid_gasp_exit(void);

/* A node that has last words, and one that has none any more. */
void hotid_gasp_add(struct hotid_node *node);
void hotid_gasp_remove(struct hotid_node *node);

/* The node says them, or all of them: its namespace goes, or the module. */
void hotid_gasp_unload(struct hotid_node *node);
void hotid_gasp_unload_all(void);

#endif /* HOTID_GASP_H */
