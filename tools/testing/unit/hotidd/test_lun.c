// SPDX-License-Identifier: GPL-2.0
/* What a device says of itself, and whether it is the one that the file names. */
#include <stdlib.h>

#include "ktap.h"
#include "storage/lun.h"

#include <string.h>

/* Page 83h as a Linux target gives it: NAA, T10 vendor, and the relative target port. */
static const uint8_t page83[] = {
	0x00, 0x83, 0x00, 20 + 24 + 8,
	0x01, 0x03, 0x00, 16, 0x60, 0x01, 0x40, 0x56, 0xe4, 0xf7, 0xd0, 0x01,
	0xd1, 0xd4, 0xa7, 0x79, 0xc1, 0x00, 0x00, 0x00,
	0x02, 0x01, 0x00, 20, 'L', 'I', 'O', '-', 'O', 'R', 'G', ' ',
	's', 't', 'o', 'r', 'e', ' ', ' ', ' ', '7', 'a', ' ', 0,
	0x51, 0x94, 0x00, 4, 0x00, 0x00, 0x00, 0x02,
};

static void names_of_a_linux_target(void)
{
	struct lun lun = { 0 };

	lun_parse_identification(page83, sizeof(page83), &lun);
	CHECK_INT(lun.n_wwids, 2);
	CHECK_STR(lun.wwids[0], "360014056e4f7d001d1d4a779c1000000");
	CHECK_STR(lun.wwids[1], "1LIO-ORG_store_7a");
	CHECK_INT(lun.target_port, 2);
}

/* Nothing beyond the page is read, and what is whole in it counts (ASan watches). */
static void cut_short(void)
{
	for (size_t length = 0; length <= sizeof(page83); length++) {
		uint8_t *page = malloc(length ? length : 1);
		struct lun lun = { 0 };

		memcpy(page, page83, length);
		lun_parse_identification(page, length, &lun);
		CHECK_INT(lun.n_wwids, (length >= 24) + (length >= 48));
		CHECK_INT(lun.target_port, length == sizeof(page83) ? 2 : 0);
		free(page);
	}
}

static void said_shorter_than_it_is(void)
{
	uint8_t page[sizeof(page83)];
	struct lun lun = { 0 };

	memcpy(page, page83, sizeof(page));
	page[3] = 20;
	lun_parse_identification(page, sizeof(page), &lun);
	CHECK_INT(lun.n_wwids, 1);
	CHECK_INT(lun.target_port, 0);
}

/* A name of the target device or of its port is none of the unit's. */
static void names_of_others(void)
{
	static const uint8_t page[] = {
		0x00, 0x83, 0x00, 12 + 12,
		0x01, 0x93, 0x00, 8, 0x50, 0, 0, 0, 0, 0, 0, 1,
		0x01, 0x02, 0x00, 8, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77,
	};
	struct lun lun = { 0 };

	lun_parse_identification(page, sizeof(page), &lun);
	CHECK_INT(lun.n_wwids, 1);
	CHECK_STR(lun.wwids[0], "20011223344556677");
}

static void more_than_fit(void)
{
	uint8_t page[4 + 40 * 12] = { 0x00, 0x83, (40 * 12) >> 8, (40 * 12) & 0xff };
	struct lun lun = { 0 };

	for (size_t i = 0; i < 40; i++)
		memcpy(page + 4 + 12 * i, (const uint8_t [12]){ 1, 2, 0, 8, [11] = (uint8_t)i }, 12);
	lun_parse_identification(page, sizeof(page), &lun);
	CHECK_INT(lun.n_wwids, LUN_MAX_WWIDS);
}

static void serial(void)
{
	static const uint8_t page[] = { 0, 0x80, 0, 8, ' ', ' ', 'A', 'B', ' ', 'C', ' ', ' ', 'X' };
	struct lun lun = { 0 };

	lun_parse_serial(page, sizeof(page), &lun);
	CHECK_STR(lun.serial, "AB_C");
	memset(&lun, 0, sizeof(lun));
	lun_parse_serial(page, 7, &lun);
	CHECK_STR(lun.serial, "A");
	memset(&lun, 0, sizeof(lun));
	lun_parse_serial(page, 3, &lun);
	CHECK_STR(lun.serial, "");
}

static void compared_with_the_file(void)
{
	struct lun lun = { .wwids = { "3600a", "1LIO" }, .n_wwids = 2, .serial = "77" };
	struct lun silent = { 0 };

	CHECK(lun_is(&lun, &(struct disk_config){ .wwid = "3600a" }));
	CHECK(lun_is(&lun, &(struct disk_config){ .wwid = "1LIO" }));
	CHECK(lun_is(&lun, &(struct disk_config){ .serial = "77" }));
	CHECK(lun_is(&lun, &(struct disk_config){ .wwid = "3600a", .serial = "77" }));
	CHECK(lun_is(&lun, &(struct disk_config){ 0 }));
	CHECK(!lun_is(&lun, &(struct disk_config){ .wwid = "3600b" }));
	CHECK(!lun_is(&lun, &(struct disk_config){ .wwid = "3600" }));
	CHECK(!lun_is(&lun, &(struct disk_config){ .wwid = "3600a", .serial = "78" }));
	CHECK(!lun_is(&lun, &(struct disk_config){ .wwid = "3600b", .serial = "77" }));
	/* One that says nothing is not the one that is meant. */
	CHECK(!lun_is(&silent, &(struct disk_config){ .wwid = "3600a" }));
	CHECK(!lun_is(&silent, &(struct disk_config){ .serial = "77" }));
	CHECK(lun_is(&silent, &(struct disk_config){ 0 }));
}

static const struct ktap_test tests[] = {
	{ "names_of_a_linux_target", names_of_a_linux_target },
	{ "cut_short", cut_short },
	{ "said_shorter_than_it_is", said_shorter_than_it_is },
	{ "names_of_others", names_of_others },
	{ "more_than_fit", more_than_fit },
	{ "serial", serial },
	{ "compared_with_the_file", compared_with_the_file },
};

KTAP_MAIN(tests)
