/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the ledger and its client say to each other, and what lies on the LUN.
 * Every multi-byte field is big-endian.
 *
 * A request asks for one thing:
 *	LEDGER_APPEND	put @number on the LUN. The answer means that it is there;
 *			asking again for what is there answers at once.
 *	LEDGER_STATUS	tell how much there is.
 *	LEDGER_READ	send records, beginning with the one at index @number.
 * An answer repeats the request's operation and number, and always tells how
 * much there is. After LEDGER_READ, records follow it.
 */
#ifndef LEDGER_H
#define LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <zlib.h>

#define LEDGER_PORT		7000
#define LEDGER_MAGIC		0x4c454447u	/* "LEDG" */
#define LEDGER_NUMBER_MAX	((1u << 24) - 1)	/* numbers are 1 to this */
#define LEDGER_READ_MAX		32		/* records in one answer */
#define LEDGER_WRITER_LEN	16

enum ledger_op {
	LEDGER_APPEND = 1,
	LEDGER_STATUS,
	LEDGER_READ,
};

enum ledger_result {
	LEDGER_OK = 0,
	LEDGER_REFUSED,		/* a number out of range; asking again is of no use */
};

struct ledger_request {
	uint32_t magic;
	uint32_t op;
	uint64_t number;
	uint32_t zero;
	uint32_t crc;		/* of all before it */
};

struct ledger_answer {
	uint32_t magic;
	uint32_t op;
	uint64_t number;
	uint64_t count;		/* records on the LUN */
	uint64_t last;		/* number of the last one; 0 for none */
	uint32_t digest;	/* CRC of all records, one after the other */
	uint32_t result;
	uint32_t n_records;	/* that follow */
	uint32_t crc;		/* of all before it */
};

struct ledger_record {
	uint64_t number;
	uint64_t time_ns;	/* CLOCK_REALTIME of the writer */
	char writer[LEDGER_WRITER_LEN];	/* name of the node that wrote it */
	uint32_t zero;
	uint32_t crc;		/* of all before it */
};

_Static_assert(sizeof(struct ledger_request) == 24, "request is 24 bytes");
_Static_assert(sizeof(struct ledger_answer) == 48, "answer is 48 bytes");
_Static_assert(sizeof(struct ledger_record) == 40, "record is 40 bytes");

static inline uint32_t ledger_crc(const void *data, size_t length)
{
	return crc32(0, data, length);
}

/* The CRC that stands at the end of a structure is right. */
#define LEDGER_CRC(s)	ledger_crc((s), sizeof(*(s)) - sizeof((s)->crc))
#define LEDGER_SEAL(s)	((s)->crc = htobe32(LEDGER_CRC(s)))
#define LEDGER_SOUND(s)	((s)->crc == htobe32(LEDGER_CRC(s)))

#endif /* LEDGER_H */
