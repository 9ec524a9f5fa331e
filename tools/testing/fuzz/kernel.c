// SPDX-License-Identifier: GPL-2.0
/* What of kernel.h is more than an inline function. */
#include <stdio.h>

#include "siphash_reference.h"

int kernel_rcu_depth;
int kernel_atomic_depth;
unsigned int kernel_cpu;
u64 kernel_now;
struct pernet_operations *kernel_pernet;
int kernel_module_users;

void kernel_broken(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
	abort();
}

u64 siphash(const void *data, size_t length, const siphash_key_t *key)
{
	return siphash_reference((const u8 *)key->key, data, length);
}

u64 siphash_3u64(u64 a, u64 b, u64 c, const siphash_key_t *key)
{
	const u64 words[3] = { a, b, c };

	return siphash(words, sizeof(words), key);
}

int sock_create_kern(struct net *net, int family, int type, int protocol, struct socket **opened)
{
	struct socket *socket = calloc(1, sizeof(*socket));

	socket->sk = calloc(1, sizeof(*socket->sk));
	*opened = socket;
	return 0;
}

int kernel_bind(struct socket *socket, struct sockaddr_unsized *address, int length)
{
	return 0;
}

void sock_release(struct socket *socket)
{
	might_sleep();
	free(socket->sk);
	free(socket);
}
