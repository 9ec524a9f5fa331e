// SPDX-License-Identifier: GPL-2.0
/*
 * libsgutils2 decodes sense data and names the status codes. The ioctl is issued
 * here: sg_ll_persistent_reserve_in() has a fixed timeout of 60 seconds and does
 * not return the residual count, and do_scsi_pt(), which would take 13 lines
 * more, initialises process-wide state without a lock on first use (1.46; each
 * identity has a thread) and sends a block device with an extended device number
 * down its NVMe path.
 */
#include "storage/scsi.h"

#include <errno.h>
#include <scsi/sg.h>
#include <scsi/sg_lib.h>
#include <string.h>
#include <sys/ioctl.h>

/* A path may have several unit attentions pending; each answers one command. */
#define TRIES			10
#define READ_TIMEOUT_MS		5000

int scsi_read(int fd, const uint8_t *command, size_t size, uint8_t *buffer, size_t *length)
{
	size_t room = *length;

	for (int i = 0; i < TRIES; i++) {
		uint8_t sense[64] = { 0 };
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
		switch (request.status) {
		case SAM_STAT_GOOD:
			return 0;
		case SAM_STAT_RESERVATION_CONFLICT:
			return -EBADE;
		case SAM_STAT_BUSY:
		case SAM_STAT_TASK_ABORTED:
			continue;
		}
		switch (sg_err_category_sense(sense, request.sb_len_wr)) {
		case SG_LIB_CAT_UNIT_ATTENTION:
			continue;
		case SG_LIB_CAT_INVALID_OP:
		case SG_LIB_CAT_ILLEGAL_REQ:
		case SG_LIB_LBA_OUT_OF_RANGE:
			return -EOPNOTSUPP;
		}
		return -EIO;
	}
	return -EIO;
}
