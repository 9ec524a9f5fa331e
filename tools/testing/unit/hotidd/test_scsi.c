// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of a SCSI command that the device does not simply answer: which
 * refusals are final, which are repeated, and how much of the buffer counts. The
 * device is played here.
 */
#include <errno.h>
#include <sys/ioctl.h>

#include "ktap.h"

static int play_ioctl(int fd, unsigned long request, void *argument);

#define ioctl	play_ioctl
#include "storage/scsi.c"
#undef ioctl

/* One answer of the device; the last one is repeated. */
struct answer {
	int error;			/* of the ioctl */
	unsigned short host;
	unsigned char status;
	uint8_t sense[20];
	unsigned char sense_length;
	int residual;
};

static const struct answer *answers;
static size_t n_answers, commands;

static int play_ioctl(int fd, unsigned long request, void *argument)
{
	const struct answer *answer = &answers[commands < n_answers ? commands : n_answers - 1];
	struct sg_io_hdr *header = argument;

	commands++;
	CHECK_INT(request, SG_IO);
	CHECK_INT(header->interface_id, 'S');
	CHECK_INT(header->dxfer_direction, SG_DXFER_FROM_DEV);
	CHECK_INT(header->timeout, READ_TIMEOUT_MS);
	errno = answer->error;
	if (answer->error)
		return -1;
	memcpy(header->sbp, answer->sense, answer->sense_length);
	header->sb_len_wr = answer->sense_length;
	header->status = answer->status;
	header->host_status = answer->host;
	header->resid = answer->residual;
	memset(header->dxferp, 0xaa, header->dxfer_len);
	return 0;
}

static size_t got;

static int read_of(const struct answer *all, size_t n)
{
	const uint8_t command[6] = { 0x12, [4] = 96 };
	uint8_t buffer[96];
	int result;

	answers = all;
	n_answers = n;
	commands = 0;
	got = sizeof(buffer);
	result = scsi_read(3, command, sizeof(command), buffer, &got);
	return result;
}

#define READ_OF(...) ({							\
	static const struct answer all[] = { __VA_ARGS__ };		\
	read_of(all, sizeof(all) / sizeof(all[0]));			\
})

#define FIXED(key, asc) { .status = 2, .sense = { 0x70, [2] = (key), [7] = 10, [12] = (asc) }, \
			  .sense_length = 18 }
#define DESCRIPTOR(key, asc) { .status = 2, .sense = { 0x72, (key), (asc) }, .sense_length = 8 }
#define GOOD { .status = 0 }

static void answered(void)
{
	CHECK_INT(READ_OF(GOOD), 0);
	CHECK_INT(commands, 1);
	CHECK_INT(got, 96);
	CHECK_INT(READ_OF({ .residual = 60 }), 0);
	CHECK_INT(got, 36);
	CHECK_INT(READ_OF({ .residual = -1 }), 0);
	CHECK_INT(got, 96);
}

/* A path tells of what happened meanwhile in answer to any command, once each. */
static void repeated(void)
{
	CHECK_INT(READ_OF(FIXED(6, 0x29), DESCRIPTOR(6, 0x2a), GOOD), 0);
	CHECK_INT(commands, 3);
	CHECK_INT(READ_OF({ .status = 8 }, { .status = 0x40 }, { .residual = 60 }), 0);
	CHECK_INT(commands, 3);
	CHECK_INT(got, 36);
	/* But not for ever. */
	CHECK_INT(READ_OF(FIXED(6, 0x29)), -EIO);
	CHECK_INT(commands, TRIES);
	CHECK_INT(READ_OF({ .status = 8 }), -EIO);
	CHECK_INT(commands, TRIES);
}

static void refused(void)
{
	CHECK_INT(READ_OF({ .status = 0x18 }), -EBADE);
	CHECK_INT(READ_OF(FIXED(5, 0x20)), -EOPNOTSUPP);
	CHECK_INT(READ_OF(FIXED(5, 0x21)), -EOPNOTSUPP);
	CHECK_INT(READ_OF(FIXED(5, 0x24)), -EOPNOTSUPP);
	CHECK_INT(READ_OF(DESCRIPTOR(5, 0x20)), -EOPNOTSUPP);
	CHECK_INT(READ_OF(DESCRIPTOR(5, 0x24)), -EOPNOTSUPP);
	CHECK_INT(commands, 1);
}

/* What is not known must not pass for an answer, nor for "not supported". */
static void failed(void)
{
	CHECK_INT(READ_OF(FIXED(2, 4)), -EIO);
	CHECK_INT(READ_OF(DESCRIPTOR(3, 0x11)), -EIO);
	CHECK_INT(READ_OF(FIXED(0xb, 0)), -EIO);
	CHECK_INT(READ_OF({ .status = 2 }), -EIO);
	CHECK_INT(READ_OF({ .status = 2, .sense = { 5, 5, 5 }, .sense_length = 18 }), -EIO);
	CHECK_INT(READ_OF({ .status = 0x28 }), -EIO);
	CHECK_INT(READ_OF({ .host = 3 }), -EIO);
	CHECK_INT(READ_OF({ .error = ENODEV }), -ENODEV);
	CHECK_INT(commands, 1);
}

static const struct ktap_test tests[] = {
	{ "answered", answered },
	{ "repeated", repeated },
	{ "refused", refused },
	{ "failed", failed },
};

KTAP_MAIN(tests)
