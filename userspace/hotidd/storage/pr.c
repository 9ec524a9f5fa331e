// SPDX-License-Identifier: GPL-2.0
#include "storage/pr.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/pr.h>
#include <scsi/sg_lib.h>
#include <scsi/sg_unaligned.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "storage/scsi.h"

/* A path may have several unit attentions pending; each answers one command. */
#define TRIES			10

static int pr_open(const char *node)
{
	/* Closing a device that was open for writing would make udev probe it again. */
	int fd = open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static void pr_close(int fd)
{
	close(fd);
}

/*
 * The ioctls return a positive number when the device refused. On 6.1 it is the result as
 * the SCSI layer has it: the status in the low byte, a mark of the kernel's own for a
 * reservation conflict above it (0x118), and in the third byte why the host failed. Later
 * kernels return PR_STS_*, which are the same without that mark.
 */
static int change(int fd, unsigned long request, void *argument)
{
	int result = 0, status = 0;

	for (int i = 0; i < TRIES; i++) {
		result = ioctl(fd, request, argument);
		if (result < 0)
			return -errno;
		status = result & 0xff;
		if (status != SAM_STAT_CHECK_CONDITION && status != SAM_STAT_BUSY &&
		    status != SAM_STAT_TASK_ABORTED)
			break;
	}
	if (!result)
		return 0;
	return status == SAM_STAT_RESERVATION_CONFLICT ? -EBADE : -EIO;
}

/* The kernel counts the types otherwise than SPC-4 does. */
static enum pr_type kernel_type(unsigned int type)
{
	switch (type) {
	case PR_TYPE_WRITE_EXCLUSIVE_ALL:
		return PR_WRITE_EXCLUSIVE_ALL_REGS;
	case PR_TYPE_EXCLUSIVE_ACCESS_ALL:
		return PR_EXCLUSIVE_ACCESS_ALL_REGS;
	default:
		return PR_WRITE_EXCLUSIVE_REG_ONLY;
	}
}

static int pr_register_key(int fd, uint64_t key)
{
	struct pr_registration registration = { .new_key = key, .flags = PR_FL_IGNORE_KEY };

	return change(fd, IOC_PR_REGISTER, &registration);
}

static int pr_unregister(int fd, uint64_t key)
{
	struct pr_registration registration = { .old_key = key };

	return change(fd, IOC_PR_REGISTER, &registration);
}

static int pr_reserve(int fd, uint64_t key, unsigned int type)
{
	struct pr_reservation reservation = { .key = key, .type = kernel_type(type) };

	return change(fd, IOC_PR_RESERVE, &reservation);
}

static int pr_preempt_abort(int fd, uint64_t key, uint64_t victim, unsigned int type)
{
	/*
	 * The names mislead: sd and nvme take old_key as the key of who asks,
	 * and new_key as the one to be preempted.
	 */
	struct pr_preempt preempt = {
		.old_key = key,
		.new_key = victim,
		.type = kernel_type(type),
	};

	return change(fd, IOC_PR_PREEMPT_ABORT, &preempt);
}

/*
 * PERSISTENT RESERVE IN. @length is that of the buffer on entry and of what is
 * in it afterwards, at least the eight bytes of the header.
 */
static int read_in(int fd, uint8_t action, uint8_t *buffer, size_t *length)
{
	uint8_t command[10] = { 0x5e, action, [7] = *length >> 8, [8] = *length & 0xff };
	int result = scsi_read(fd, command, sizeof(command), buffer, length);

	return !result && *length < 8 ? -EIO : result;
}

/* How much of what the header announces is there. */
static size_t announced(const uint8_t *buffer, size_t length)
{
	size_t said = sg_get_unaligned_be32(buffer + 4);

	return said < length - 8 ? said : length - 8;
}

static int pr_read_keys(int fd, struct pr_keys *keys)
{
	uint8_t buffer[8 + 8 * PR_MAX_KEYS];
	size_t length = sizeof(buffer);
	int result = read_in(fd, 0, buffer, &length);

	if (result)
		return result;
	if (sg_get_unaligned_be32(buffer + 4) > 8 * PR_MAX_KEYS)
		return -E2BIG;
	keys->n = announced(buffer, length) / 8;
	for (size_t i = 0; i < keys->n; i++)
		keys->keys[i] = sg_get_unaligned_be64(buffer + 8 + 8 * i);
	return 0;
}

static int pr_read_holder(int fd, struct pr_holder *holder)
{
	uint8_t buffer[32];
	size_t length = sizeof(buffer);
	int result = read_in(fd, 1, buffer, &length);

	if (result)
		return result;
	memset(holder, 0, sizeof(*holder));
	if (announced(buffer, length) < 16)
		return 0;
	holder->held = true;
	holder->key = sg_get_unaligned_be64(buffer + 8);
	holder->type = buffer[21] & 0xf;
	return 0;
}

/* An iSCSI initiator port's TransportID (SPC-4, protocol identifier 5, format 01b). */
static void parse_transport(const uint8_t *id, size_t length, char *text, size_t size)
{
	size_t said;

	*text = '\0';
	if (length < 4 || id[0] != (1 << 6 | 5))
		return;
	said = sg_get_unaligned_be16(id + 2);
	if (said > length - 4)
		said = length - 4;
	if (said >= size)
		said = size - 1;
	memcpy(text, id + 4, said);
	text[said] = '\0';
}

static int pr_read_registrants(int fd, struct pr_registrant *all, size_t max, size_t *n)
{
	uint8_t buffer[16384];
	size_t length = sizeof(buffer), left;
	const uint8_t *at = buffer + 8;
	int result = read_in(fd, 3, buffer, &length);

	*n = 0;
	if (result)
		return result;
	if (sg_get_unaligned_be32(buffer + 4) > sizeof(buffer) - 8)
		return -E2BIG;
	for (left = announced(buffer, length); left >= 24; ++*n) {
		size_t more = sg_get_unaligned_be32(at + 20);

		if (more > left - 24)
			return -EIO;
		if (*n == max)
			return -E2BIG;
		all[*n].key = sg_get_unaligned_be64(at);
		all[*n].target_port = sg_get_unaligned_be16(at + 18);
		parse_transport(at + 24, more, all[*n].transport, sizeof(all[*n].transport));
		at += 24 + more;
		left -= 24 + more;
	}
	return 0;
}

const struct pr_ops pr_kernel = {
	.open = pr_open,
	.close = pr_close,
	.register_key = pr_register_key,
	.unregister = pr_unregister,
	.reserve = pr_reserve,
	.preempt_abort = pr_preempt_abort,
	.read_keys = pr_read_keys,
	.read_holder = pr_read_holder,
	.read_registrants = pr_read_registrants,
};
