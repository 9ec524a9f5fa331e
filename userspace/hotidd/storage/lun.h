/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which logical unit a device is. Read from the device itself, with INQUIRY,
 * each time: what sysfs and udev have of it may be from another LUN that had
 * the same address before. A reservation does not keep anybody from asking.
 */
#ifndef HOTIDD_LUN_H
#define HOTIDD_LUN_H

#include "step/kind.h"

#define LUN_MAX_WWIDS	8
#define LUN_NAME_MAX	256

struct lun {
	/*
	 * What the device identification page says of it, each as udev would make
	 * ID_SERIAL of it.
	 */
	char wwids[LUN_MAX_WWIDS][LUN_NAME_MAX];
	size_t n_wwids;
	char serial[LUN_NAME_MAX];	/* the unit serial number; "" when it has none */
	bool lio;			/* a Linux target */
	unsigned int target_port;	/* relative identifier of the port in use; 0 when unknown */
};

/* From vital product data pages 83h and 80h (SPC-4); what is cut short or unknown is left out. */
void lun_parse_identification(const uint8_t *page, size_t length, struct lun *lun);
void lun_parse_serial(const uint8_t *page, size_t length, struct lun *lun);

/* Whether it is the one that the identity's file names. True where that names none. */
bool lun_is(const struct lun *lun, const struct disk_config *config);

/**
 * lun_check() - query the device behind @fd, and refuse another LUN than the identity's
 * @lun: gets what it says
 *
 * Return: 0; -ENXIO for another LUN; or another negative errno; with the message set.
 */
int lun_check(int fd, const struct disk_config *config, struct lun *lun, struct step_env *env);

#endif /* HOTIDD_LUN_H */
