/* SPDX-License-Identifier: GPL-2.0 */
/*
 * open-iscsi's records for one entry of an identity: an iface with the
 * initiator name, and a node that nothing logs in by itself.
 */
#ifndef HOTIDD_ISCSI_RECORDS_H
#define HOTIDD_ISCSI_RECORDS_H

#include "step/kind.h"

/*
 * Both return 0 or a negative errno with the message set. Records that are there,
 * or gone, are fine.
 */
int iscsi_records_write(struct step_env *env, size_t item);
int iscsi_records_delete(struct step_env *env, size_t item);

#endif /* HOTIDD_ISCSI_RECORDS_H */
