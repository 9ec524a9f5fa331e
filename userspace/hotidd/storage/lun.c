// SPDX-License-Identifier: GPL-2.0
/* Identifies a logical unit by its INQUIRY pages. */
#include "storage/lun.h"

#include <ctype.h>
#include <errno.h>
#include <scsi/sg_lib.h>
#include <scsi/sg_unaligned.h>
#include <stdio.h>
#include <string.h>

#include "step/job.h"
#include "storage/scsi.h"

#define INQUIRY			0x12
#define PAGE_SERIAL		0x80
#define PAGE_IDENTIFICATION	0x83

/* Designators: what one names, how it is coded, and its type. */
#define OF_UNIT			0
#define OF_TARGET_PORT		1
#define CODE_BINARY		1
#define TYPE_T10		1
#define TYPE_EUI64		2
#define TYPE_NAA		3
#define TYPE_RELATIVE_PORT	4

/* As udev does: blanks at the ends go, those between become one underscore. */
static void copy_text(const uint8_t *bytes, size_t length, char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < length && bytes[i] && used + 2 < size; i++) {
		if (!isspace(bytes[i]))
			text[used++] = (char)bytes[i];
		else if (used && i + 1 < length && bytes[i + 1] && !isspace(bytes[i + 1]))
			text[used++] = '_';
	}
	text[used] = '\0';
}

/* The type's digit before the identifier makes the name unique among the types. */
static void add_wwid(struct lun *lun, unsigned int type, bool binary, const uint8_t *bytes,
		     size_t length)
{
	char *wwid = lun->wwids[lun->n_wwids];

	if (lun->n_wwids == LUN_MAX_WWIDS || 2 * length + 2 > LUN_NAME_MAX)
		return;
	wwid[0] = (char)('0' + type);
	if (!binary)
		copy_text(bytes, length, wwid + 1, LUN_NAME_MAX - 1);
	for (size_t i = 0; binary && i < length; i++)
		snprintf(wwid + 1 + 2 * i, 3, "%02x", bytes[i]);
	if (wwid[1])
		lun->n_wwids++;
}

/* The designators of one type, which is searched from the best to the least. */
static void add_wwids(struct lun *lun, int type, const uint8_t *all, int length)
{
	for (int at = -1; !sg_vpd_dev_id_iter(all, length, &at, OF_UNIT, type, -1);)
		if (at + 4 + all[at + 3] <= length)
			add_wwid(lun, type, (all[at] & 0xf) == CODE_BINARY, all + at + 4,
				 all[at + 3]);
}

void lun_parse_identification(const uint8_t *page, size_t length, struct lun *lun)
{
	const uint8_t *all = page + 4;
	int left, at = -1;

	if (length < 4)
		return;
	left = sg_get_unaligned_be16(page + 2);
	if (length - 4 < (size_t)left)
		left = (int)length - 4;
	add_wwids(lun, TYPE_NAA, all, left);
	add_wwids(lun, TYPE_EUI64, all, left);
	add_wwids(lun, TYPE_T10, all, left);
	while (!sg_vpd_dev_id_iter(all, left, &at, OF_TARGET_PORT, TYPE_RELATIVE_PORT, -1))
		if (all[at + 3] == 4 && at + 8 <= left)
			lun->target_port = sg_get_unaligned_be16(all + at + 6);
}

void lun_parse_serial(const uint8_t *page, size_t length, struct lun *lun)
{
	size_t said = length < 4 ? 0 : page[3];

	if (length >= 4)
		copy_text(page + 4, said < length - 4 ? said : length - 4, lun->serial,
			  sizeof(lun->serial));
}

/* @page 0 for the standard data. One that the device does not have is empty. */
static int inquire(int fd, uint8_t page, uint8_t *buffer, size_t *length)
{
	uint8_t command[6] = { INQUIRY, page ? 1 : 0, page, *length >> 8, *length & 0xff };
	int result = scsi_read(fd, command, sizeof(command), buffer, length);

	if (result && result != -EOPNOTSUPP)
		return result;
	if (result || (page && (*length < 4 || buffer[1] != page)))
		*length = 0;
	return 0;
}

static int lun_inquire(int fd, struct lun *lun)
{
	uint8_t buffer[4096];
	size_t length = 96;
	int result;

	memset(lun, 0, sizeof(*lun));
	result = inquire(fd, 0, buffer, &length);
	if (result)
		return result;
	lun->lio = length >= 16 && !memcmp(buffer + 8, "LIO-ORG", 7);
	length = sizeof(buffer);
	result = inquire(fd, PAGE_IDENTIFICATION, buffer, &length);
	if (result)
		return result;
	lun_parse_identification(buffer, length, lun);
	length = 252;
	result = inquire(fd, PAGE_SERIAL, buffer, &length);
	if (!result)
		lun_parse_serial(buffer, length, lun);
	return result;
}

bool lun_is(const struct lun *lun, const struct disk_config *config)
{
	bool found = !config->wwid;

	if (config->serial && strcmp(config->serial, lun->serial))
		return false;
	for (size_t i = 0; i < lun->n_wwids && !found; i++)
		found = !strcmp(config->wwid, lun->wwids[i]);
	return found;
}

int lun_check(int fd, const struct disk_config *config, struct lun *lun, struct step_env *env)
{
	int result = lun_inquire(fd, lun);

	if (result)
		return job_fail(env, result, "%s: asking LUN %llu of %s which one it is: %m",
				config->name, (unsigned long long)config->lun, config->target);
	if (lun_is(lun, config))
		return 0;
	return job_fail(env, ENXIO, "%s: LUN %llu of %s is another disk: wwid %s, serial %s; the file has %s: %s; correct its lun, or its wwid or serial",
			config->name, (unsigned long long)config->lun, config->target,
			lun->n_wwids ? lun->wwids[0] : "(none)",
			*lun->serial ? lun->serial : "(none)",
			config->wwid ? "wwid" : "serial",
			config->wwid ? config->wwid : config->serial);
}
