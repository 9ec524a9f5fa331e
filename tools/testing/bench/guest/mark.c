// SPDX-License-Identifier: GPL-2.0
#include "mark.h"

#include <arpa/inet.h>
#include <err.h>
#include <stdio.h>
#include <sys/socket.h>

#include "lib/clock.h"

static int udp(void)
{
	int marks = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (marks < 0)
		err(1, "marks");
	return marks;
}

int mark_open(const char *to)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(MARK_PORT) };
	int marks = udp();

	if (inet_pton(AF_INET, to, &address.sin_addr) != 1 ||
	    connect(marks, (struct sockaddr *)&address, sizeof(address)))
		err(1, "marks to %s", to);
	return marks;
}

uint64_t mark_send(int marks, const char *word)
{
	static uint64_t after;
	uint64_t before;
	char text[96];
	int length;

	before = now_ns();
	length = snprintf(text, sizeof(text), "%s %llu %llu", word, (unsigned long long)before,
			  (unsigned long long)after);
	/* Nobody has to listen. */
	send(marks, text, length, 0);
	after = now_ns();
	return before;
}

int mark_listen(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(MARK_PORT) };
	int marks = udp();

	if (bind(marks, (struct sockaddr *)&any, sizeof(any)))
		err(1, "marks");
	return marks;
}

int mark_read(int marks, char *text, size_t size)
{
	ssize_t length = recv(marks, text, size - 1, MSG_DONTWAIT);

	if (length < 0)
		return 0;
	text[length] = '\0';
	return 1;
}
