/* SPDX-License-Identifier: GPL-2.0 */
/* SCSI commands that read, through SG_IO: what no ioctl or sysfs has, or only as it was. */
#ifndef HOTIDD_SCSI_H
#define HOTIDD_SCSI_H

#include <stddef.h>
#include <stdint.h>

/**
 * scsi_read() - one command that returns data
 * @fd: of the device; open for reading is enough
 * @command: the command descriptor block, with the length of @buffer in it
 * @size: of the block
 * @buffer: for the data
 * @length: of @buffer on entry; of what is in it afterwards
 *
 * It is repeated where the device is busy or reports something else first.
 *
 * Return: 0; -EBADE for a reservation conflict; -EOPNOTSUPP where the device
 * does not know the command or the page; or another negative errno.
 */
int scsi_read(int fd, const uint8_t *command, size_t size, uint8_t *buffer, size_t *length);

#endif /* HOTIDD_SCSI_H */
