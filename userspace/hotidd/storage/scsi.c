// SPDX-License-Identifier: GPL-2.0
#include "storage/scsi.h"

#include <errno.h>
#include <scsi/sg.h>
#include <string.h>
#include <sys/ioctl.h>

#define STATUS_BUSY		0x08
#define STATUS_CONFLICT		0x18
#define STATUS_TASK_ABORTED	0x40

#define SENSE_ILLEGAL_REQUEST	5
#define SENSE_UNIT_ATTENTION	6

/* A path may have several unit attentions pending; each answers one command. */
#define TRIES			10
#define READ_TIMEOUT_MS		5000

int scsi_read(int fd, const uint8_t *command, size_t size, uint8_t *buffer, size_t *length)
{
	size_t room = *length;

	for (int i = 0; i < TRIES; i++) {
		uint8_t sense[64] = { 0 }, key;
		struct sg_io_hdr request = {
			.interface_id = 'S',
			.dxfer_direction = SG_DXFER_FROM_DEV,
			.cmd_len = (unsigned char)size,
			.cmdp = (uint8_t *)command,
			.mx_sb_len = sizeof(sense),
			.sbp = sense,
			.dxfer_len = (unsigned int)room,
			.dxferp = buffer,
			.timeout = READ_TIMEOUT_MS,
		};

		memset(buffer, 0, room);
		if (ioctl(fd, SG_IO, &request))
			return -errno;
		if (request.host_status)
			return -EIO;
		*length = room - (request.resid > 0 ? (size_t)request.resid : 0);
		if (!request.status)
			return 0;
		if (request.status == STATUS_CONFLICT)
			return -EBADE;
		if (request.status == STATUS_BUSY || request.status == STATUS_TASK_ABORTED)
			continue;
		/* Fixed sense has the key in byte 2, descriptor sense in byte 1. */
		key = (sense[0] & 0x7e) == 0x72 ? sense[1] & 0xf : sense[2] & 0xf;
		if (key == SENSE_ILLEGAL_REQUEST)
			return -EOPNOTSUPP;
		if (key != SENSE_UNIT_ATTENTION)
			return -EIO;
	}
	return -EIO;
}
