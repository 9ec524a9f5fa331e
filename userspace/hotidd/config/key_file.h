/* SPDX-License-Identifier: GPL-2.0 */
/* The file of the cluster's keys. */
#ifndef HOTIDD_KEY_FILE_H
#define HOTIDD_KEY_FILE_H

#include "config/checking.h"
#include "config/config.h"

/* The file that config->key_file names, into config->keys. */
void key_file_read(struct checking *checking, struct node_config *config);

#endif /* HOTIDD_KEY_FILE_H */
