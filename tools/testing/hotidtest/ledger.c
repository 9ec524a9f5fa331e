// SPDX-License-Identifier: GPL-2.0
/*
 * ledger: a service that keeps what it acknowledges.
 *
 * It appends each number that a client sends to a file, as a record with a
 * checksum, syncs, and only then answers. All datagrams that wait share one
 * sync. So whatever was acknowledged is on the disk, whoever dies next; it
 * needs no shutdown of its own.
 *
 * At its start it reads the whole file. A batch that a dead holder did not
 * finish was never acknowledged: it is cut off. A bad record with a good one
 * after it is not a torn end but damage, and the ledger refuses to start.
 */
#define _GNU_SOURCE
#include "ledger.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <systemd/sd-daemon.h>

#define BATCH	64			/* datagrams of one sync */

struct ledger {
	int file;
	char writer[LEDGER_WRITER_LEN];
	uint64_t count, last;
	uint32_t digest;
	uint8_t known[LEDGER_NUMBER_MAX / 8 + 1];	/* a bit for each number on the LUN */
};

/* One datagram, from its arrival to the answer. */
struct exchange {
	struct sockaddr_in6 from;
	struct iovec in, out[2];
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	struct ledger_request request;
	struct ledger_answer answer;
	struct ledger_record records[LEDGER_READ_MAX];
};

static struct ledger ledger;
static struct exchange exchanges[BATCH];

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("ledger: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

static bool is_known(uint64_t number)
{
	return ledger.known[number / 8] & (1 << number % 8);
}

static void make_known(uint64_t number)
{
	ledger.known[number / 8] |= 1 << number % 8;
}

/* What is on the disk counts, and nothing else. */
static void account(const struct ledger_record *record)
{
	ledger.last = be64toh(record->number);
	ledger.count++;
	ledger.digest = crc32(ledger.digest, (const void *)record, sizeof(*record));
}

static bool is_record(const struct ledger_record *record)
{
	uint64_t number = be64toh(record->number);

	return LEDGER_SOUND(record) && number && number <= LEDGER_NUMBER_MAX;
}

static void sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || fsync(fd))
		fail("%s: its directory cannot be synced: %s", path, strerror(errno));
	close(fd);
	free(copy);
}

static void cut(const char *path, off_t size, off_t length)
{
	fprintf(stderr, "ledger: %s: cut %lld bytes of an unfinished batch off\n", path,
		(long long)(size - length));
	if (ftruncate(ledger.file, length) || fsync(ledger.file))
		fail("%s: the unfinished end cannot be cut off: %s", path, strerror(errno));
}

static void load(const char *path)
{
	struct ledger_record record;
	off_t at = 0, good = 0;
	struct stat status;
	ssize_t n;

	ledger.file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (ledger.file < 0 || fstat(ledger.file, &status))
		fail("%s: %s; is the file system mounted?", path, strerror(errno));
	sync_directory(path);
	while ((n = pread(ledger.file, &record, sizeof(record), at)) == sizeof(record)) {
		if (is_record(&record)) {
			if (good != at)
				fail("%s: damaged at byte %lld: good records follow bad ones", path,
				     (long long)good);
			account(&record);
			make_known(be64toh(record.number));
			good += sizeof(record);
		}
		at += sizeof(record);
	}
	if (n < 0)
		fail("%s: %s", path, strerror(errno));
	if (good != status.st_size)
		cut(path, status.st_size, good);
}

/* One socket for IPv6 and, mapped into it, IPv4. */
static int listen_on(uint16_t port)
{
	struct sockaddr_in6 address = {
		.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_ANY_INIT, .sin6_port = htons(port),
	};
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int off = 0, on = 1, room = 1 << 20;

	if (fd < 0 || setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) ||
	    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) ||
	    bind(fd, (void *)&address, sizeof(address)))
		fail("UDP port %u: %s", port, strerror(errno));
	return fd;
}

static bool is_request(const struct ledger_request *request, size_t length)
{
	return length == sizeof(*request) && be32toh(request->magic) == LEDGER_MAGIC &&
	       LEDGER_SOUND(request);
}

/* Write what is new of the batch and sync. Whatever fails here ends us: nothing was answered. */
static void append(int n)
{
	struct ledger_record fresh[BATCH];
	struct timespec now;
	size_t i, count = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	for (i = 0; i < (size_t)n; i++) {
		const struct ledger_request *request = &exchanges[i].request;
		uint64_t number = be64toh(request->number);
		struct ledger_record *record = &fresh[count];

		if (be32toh(request->op) != LEDGER_APPEND || !number ||
		    number > LEDGER_NUMBER_MAX || is_known(number))
			continue;
		memset(record, 0, sizeof(*record));
		record->number = request->number;
		record->time_ns = htobe64(now.tv_sec * 1000000000ull + now.tv_nsec);
		memcpy(record->writer, ledger.writer, sizeof(record->writer));
		LEDGER_SEAL(record);
		make_known(number);	/* a second time in this batch is the same record */
		count++;
	}
	if (!count)
		return;
	if (pwrite(ledger.file, fresh, count * sizeof(*fresh), ledger.count * sizeof(*fresh)) !=
	    (ssize_t)(count * sizeof(*fresh)))
		fail("%zu records cannot be written: %s", count, strerror(errno));
	if (fdatasync(ledger.file))
		fail("%zu records cannot be synced: %s", count, strerror(errno));
	for (i = 0; i < count; i++)
		account(&fresh[i]);
}

static void answer(struct exchange *x, struct msghdr *header)
{
	uint64_t number = be64toh(x->request.number);
	uint32_t op = be32toh(x->request.op), result = LEDGER_OK;
	ssize_t n = 0;

	switch (op) {
	case LEDGER_APPEND:
		if (!number || number > LEDGER_NUMBER_MAX)
			result = LEDGER_REFUSED;
		break;
	case LEDGER_STATUS:
		break;
	case LEDGER_READ:
		if (number < ledger.count)
			n = pread(ledger.file, x->records, sizeof(x->records),
				  number * sizeof(*x->records));
		if (n < 0)
			fail("records cannot be read: %s", strerror(errno));
		break;
	default:
		result = LEDGER_REFUSED;
	}
	x->answer = (struct ledger_answer){
		.magic = htobe32(LEDGER_MAGIC), .op = x->request.op, .number = x->request.number,
		.count = htobe64(ledger.count), .last = htobe64(ledger.last),
		.digest = htobe32(ledger.digest), .result = htobe32(result),
		.n_records = htobe32(n / sizeof(*x->records)),
	};
	LEDGER_SEAL(&x->answer);
	x->out[0] = (struct iovec){ &x->answer, sizeof(x->answer) };
	x->out[1] = (struct iovec){ x->records, n / sizeof(*x->records) * sizeof(*x->records) };
	/*
	 * The control data that came in says where to, and goes out again: the
	 * answer leaves from the address and the port that was asked.
	 */
	header->msg_iov = x->out;
	header->msg_iovlen = 2;
}

/* All that waits: read, write and sync once, answer. */
static void serve_batch(int fd)
{
	struct mmsghdr headers[BATCH] = { 0 }, *out = headers;
	int i, n, left = 0;

	for (i = 0; i < BATCH; i++) {
		struct exchange *x = &exchanges[i];

		x->in = (struct iovec){ &x->request, sizeof(x->request) };
		headers[i].msg_hdr = (struct msghdr){
			.msg_name = &x->from, .msg_namelen = sizeof(x->from),
			.msg_iov = &x->in, .msg_iovlen = 1,
			.msg_control = x->control, .msg_controllen = sizeof(x->control),
		};
	}
	n = recvmmsg(fd, headers, BATCH, MSG_WAITFORONE, NULL);
	if (n < 0) {
		if (errno == EINTR)
			return;
		fail("receive: %s", strerror(errno));
	}
	for (i = 0; i < n; i++)
		if (!is_request(&exchanges[i].request, headers[i].msg_len) ||
		    headers[i].msg_hdr.msg_flags & (MSG_TRUNC | MSG_CTRUNC))
			exchanges[i].request.op = 0;
	append(n);
	for (i = 0; i < n; i++) {
		if (!exchanges[i].request.op)
			continue;
		answer(&exchanges[i], &headers[i].msg_hdr);
		headers[left++] = headers[i];
	}
	while (left > 0) {
		n = sendmmsg(fd, out, left, 0);
		/* one client that cannot be reached asks again; the others have their answer */
		if (n <= 0)
			n = 1;
		out += n;
		left -= n;
	}
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 2) {
		fprintf(stderr, "usage: ledger FILE\n");
		return 2;
	}
	gethostname(ledger.writer, sizeof(ledger.writer) - 1);
	load(argv[1]);
	fd = listen_on(LEDGER_PORT);
	fprintf(stderr, "ledger: %llu records, the last is %llu\n",
		(unsigned long long)ledger.count, (unsigned long long)ledger.last);
	sd_notify(0, "READY=1");
	for (;;)
		serve_batch(fd);
}
