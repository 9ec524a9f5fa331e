// SPDX-License-Identifier: GPL-2.0
/*
 * client: writes to a ledger without a break, and says later what became of it.
 *
 *	client write ADDRESS LOG [INTERVAL_US]
 * sends a new number every interval, whether or not earlier ones were
 * acknowledged, and sends each again until it is. On SIGTERM or SIGINT it
 * stops with new ones, waits for the rest, and ends with 0 when all were
 * acknowledged. The log gets one struct log_entry for each acknowledgement, as
 * it comes; at the end those that never were, with an ack_ns of 0.
 *
 *	client check ADDRESS LOG
 * reads every record from the ledger and compares: a number that was
 * acknowledged and is not there is lost. It prints JSON and ends with 0 when
 * nothing is lost.
 */
#define _GNU_SOURCE
#include "ledger.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MS		1000000ull
#define RETRY_NS	(100 * MS)	/* before the same number is sent again */
#define RETRY_BURST	16		/* numbers sent again in one interval, when acks come */
#define CATCH_UP	8		/* new numbers sent at once after we were stalled */
#define ANSWER_LIMIT_NS	(30000 * MS)

/* All in the host's byte order; the times are CLOCK_MONOTONIC. */
struct log_entry {
	uint64_t number, first_ns, ack_ns;
};

/* Any answer of a ledger. */
struct reply {
	struct ledger_answer answer;
	struct ledger_record records[LEDGER_READ_MAX];
};

struct sent {
	uint64_t first_ns, last_ns, ack_ns;
};

static struct sent sent[LEDGER_NUMBER_MAX + 1];
static uint64_t newest, oldest = 1;	/* all below oldest are acknowledged */
static uint64_t acked, last_ack_ns;
static uint64_t refused, unreachable;	/* sends that the network answered with an error */

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("client: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(2);
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static int connect_to(const char *address)
{
	struct addrinfo hints = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *info;
	char port[8];
	int fd, error;

	snprintf(port, sizeof(port), "%d", LEDGER_PORT);
	error = getaddrinfo(address, port, &hints, &info);
	if (error)
		fail("%s: %s", address, gai_strerror(error));
	fd = socket(info->ai_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, info->ai_addr, info->ai_addrlen))
		fail("%s: %s", address, strerror(errno));
	freeaddrinfo(info);
	return fd;
}

/* A connected UDP socket tells of ICMP errors at the next call; none of them is an end. */
static void note_error(int error)
{
	switch (error) {
	case ECONNREFUSED:
		refused++;
		break;
	case EHOSTUNREACH:
	case EHOSTDOWN:
	case ENETUNREACH:
		unreachable++;
		break;
	case EAGAIN:
	case ENOBUFS:
	case EINTR:
		break;
	default:
		fail("%s", strerror(error));
	}
}

static void ask(int fd, uint32_t op, uint64_t number)
{
	struct ledger_request request = {
		.magic = htobe32(LEDGER_MAGIC), .op = htobe32(op), .number = htobe64(number),
	};

	LEDGER_SEAL(&request);
	if (send(fd, &request, sizeof(request), 0) < 0)
		note_error(errno);
}

/* The next sound answer that waits. False: none does. */
static bool hear(int fd, struct reply *reply)
{
	const struct ledger_answer *answer = &reply->answer;
	ssize_t n;

	for (;;) {
		n = recv(fd, reply, sizeof(*reply), 0);
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0)
			note_error(errno);
		else if (n >= (ssize_t)sizeof(*answer) &&
			 be32toh(answer->magic) == LEDGER_MAGIC && LEDGER_SOUND(answer) &&
			 n == (ssize_t)(sizeof(*answer) +
					be32toh(answer->n_records) * sizeof(*reply->records)))
			return true;
	}
}

/* Ask until it is answered. */
static void ask_and_hear(int fd, uint32_t op, uint64_t number, struct reply *reply)
{
	uint64_t limit = now_ns() + ANSWER_LIMIT_NS;
	struct pollfd wait = { .fd = fd, .events = POLLIN };

	while (now_ns() < limit) {
		ask(fd, op, number);
		while (poll(&wait, 1, RETRY_NS / MS) > 0)
			while (hear(fd, reply))
				if (be32toh(reply->answer.op) == op &&
				    be64toh(reply->answer.number) == number)
					return;
	}
	fail("the ledger does not answer for %llu s", ANSWER_LIMIT_NS / MS / 1000);
}

static void send_number(int fd, uint64_t number)
{
	struct sent *s = &sent[number];

	s->last_ns = now_ns();
	if (!s->first_ns)
		s->first_ns = s->last_ns;
	ask(fd, LEDGER_APPEND, number);
}

/*
 * While acks come, what is missing was lost on the way or is late: send much
 * of it. While none comes, nobody is there: one number each time is enough to
 * find the moment when somebody is, and does not flood it then.
 */
static void send_again(int fd)
{
	uint64_t now = now_ns(), number;
	int burst = now - last_ack_ns < RETRY_NS ? RETRY_BURST : 1;

	for (number = oldest; number <= newest && burst; number++) {
		if (sent[number].ack_ns || now - sent[number].last_ns < RETRY_NS)
			continue;
		send_number(fd, number);
		burst--;
	}
}

static void take_acks(int fd, FILE *log)
{
	struct reply reply;

	while (hear(fd, &reply)) {
		uint64_t number = be64toh(reply.answer.number);

		if (be32toh(reply.answer.op) != LEDGER_APPEND || !number || number > newest)
			continue;
		if (be32toh(reply.answer.result) != LEDGER_OK)
			fail("the ledger refuses number %llu", (unsigned long long)number);
		if (sent[number].ack_ns)
			continue;
		sent[number].ack_ns = last_ack_ns = now_ns();
		acked++;
		fwrite(&(struct log_entry){ number, sent[number].first_ns, last_ack_ns },
		       sizeof(struct log_entry), 1, log);
		while (oldest <= newest && sent[oldest].ack_ns)
			oldest++;
	}
	if (fflush(log))
		fail("the log cannot be written: %s", strerror(errno));
}

static int make_ticks(uint64_t interval_us)
{
	struct timespec tick = { interval_us / 1000000, interval_us % 1000000 * 1000 };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0 || timerfd_settime(fd, 0, &(struct itimerspec){ tick, tick }, NULL))
		fail("timer: %s", strerror(errno));
	return fd;
}

static int make_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC);
	if (fd < 0)
		fail("signals: %s", strerror(errno));
	return fd;
}

static void log_rest(FILE *log)
{
	for (uint64_t number = oldest; number <= newest; number++)
		if (!sent[number].ack_ns)
			fwrite(&(struct log_entry){ number, sent[number].first_ns, 0 },
			       sizeof(struct log_entry), 1, log);
	if (fclose(log))
		fail("the log cannot be written: %s", strerror(errno));
}

static int write_numbers(int fd, FILE *log, uint64_t interval_us)
{
	struct pollfd wait[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = make_ticks(interval_us), .events = POLLIN },
		{ .fd = make_signals(), .events = POLLIN },
	};
	uint64_t limit = UINT64_MAX, ticks;
	struct reply reply;

	ask_and_hear(fd, LEDGER_STATUS, 0, &reply);
	if (reply.answer.count)
		fail("the ledger is not empty; begin with a fresh one");
	last_ack_ns = now_ns();
	while (now_ns() < limit && (limit == UINT64_MAX || acked < newest)) {
		if (poll(wait, 3, -1) < 0)
			fail("poll: %s", strerror(errno));
		if (wait[0].revents)
			take_acks(fd, log);
		if (wait[1].revents && read(wait[1].fd, &ticks, sizeof(ticks)) == sizeof(ticks)) {
			if (ticks > CATCH_UP)
				ticks = CATCH_UP;
			while (ticks-- && limit == UINT64_MAX && newest < LEDGER_NUMBER_MAX)
				send_number(fd, ++newest);
			send_again(fd);
		}
		if (wait[2].revents) {
			limit = now_ns() + ANSWER_LIMIT_NS;
			wait[2].fd = -1;
		}
	}
	log_rest(log);
	printf("{\"sent\": %llu, \"acked\": %llu, \"refused\": %llu, \"unreachable\": %llu}\n",
	       (unsigned long long)newest, (unsigned long long)acked, (unsigned long long)refused,
	       (unsigned long long)unreachable);
	return acked != newest;
}

/* What the records tell: who wrote how many in one go, in the ledger's order. */
static void print_runs(const char *name, uint64_t records, uint64_t first, bool more)
{
	printf("{\"writer\": \"%.*s\", \"first\": %llu, \"records\": %llu}%s", LEDGER_WRITER_LEN, name,
	       (unsigned long long)first, (unsigned long long)records, more ? ", " : "");
}

static uint64_t read_records(int fd, uint8_t *there)
{
	char writer[LEDGER_WRITER_LEN] = "";
	uint64_t at = 0, run = 0, first = 0, doubled = 0;
	uint32_t digest = 0, i, n;
	struct reply reply;

	printf("\"runs\": [");
	do {
		ask_and_hear(fd, LEDGER_READ, at, &reply);
		n = be32toh(reply.answer.n_records);
		for (i = 0; i < n; i++) {
			struct ledger_record *record = &reply.records[i];
			uint64_t number = be64toh(record->number);

			if (!LEDGER_SOUND(record) || !number || number > LEDGER_NUMBER_MAX)
				fail("record %llu of the ledger is damaged",
				     (unsigned long long)(at + i));
			if (memcmp(writer, record->writer, sizeof(writer))) {
				if (run)
					print_runs(writer, run, first, true);
				memcpy(writer, record->writer, sizeof(writer));
				first = number;
				run = 0;
			}
			run++;
			doubled += there[number];
			there[number] = 1;
		}
		digest = crc32(digest, (const void *)reply.records, n * sizeof(*reply.records));
		at += n;
	} while (n);
	if (run)
		print_runs(writer, run, first, false);
	printf("], \"records\": %llu, \"doubled\": %llu, ", (unsigned long long)at,
	       (unsigned long long)doubled);
	if (at != be64toh(reply.answer.count) || digest != be32toh(reply.answer.digest))
		fail("the ledger says %llu records with digest %08x, but holds %llu with %08x",
		     (unsigned long long)be64toh(reply.answer.count), be32toh(reply.answer.digest),
		     (unsigned long long)at, digest);
	return at;
}

static int check_numbers(int fd, FILE *log)
{
	uint8_t *there = calloc(LEDGER_NUMBER_MAX + 1, 1);
	uint64_t lost = 0, n_acked = 0, unacked = 0, first_lost = 0;
	struct log_entry entry;

	if (!there)
		fail("out of memory");
	printf("{");
	read_records(fd, there);
	while (fread(&entry, sizeof(entry), 1, log) == 1) {
		if (!entry.number || entry.number > LEDGER_NUMBER_MAX)
			fail("the log is damaged");
		if (!entry.ack_ns) {
			unacked++;
			continue;
		}
		n_acked++;
		if (!there[entry.number] && !lost++)
			first_lost = entry.number;
	}
	if (ferror(log))
		fail("the log cannot be read: %s", strerror(errno));
	printf("\"acked\": %llu, \"unacked\": %llu, \"lost\": %llu, \"first_lost\": %llu}\n",
	       (unsigned long long)n_acked, (unsigned long long)unacked,
	       (unsigned long long)lost, (unsigned long long)first_lost);
	return lost != 0;
}

int main(int argc, char **argv)
{
	bool writes = argc >= 4 && argc <= 5 && !strcmp(argv[1], "write");
	bool checks = argc == 4 && !strcmp(argv[1], "check");
	long interval_us = argc == 5 ? atol(argv[4]) : 5000;
	FILE *log;
	int fd;

	if ((!writes && !checks) || interval_us < 1 || interval_us > 10000000) {
		fprintf(stderr, "usage: client write ADDRESS LOG [INTERVAL_US]\n"
				"       client check ADDRESS LOG\n");
		return 2;
	}
	fd = connect_to(argv[2]);
	log = fopen(argv[3], writes ? "we" : "re");
	if (!log)
		fail("%s: %s", argv[3], strerror(errno));
	return writes ? write_numbers(fd, log, interval_us) : check_numbers(fd, log);
}
