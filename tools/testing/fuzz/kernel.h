/* SPDX-License-Identifier: GPL-2.0 */
/*
 * As much of the kernel as the module's receive path needs, on the host and in
 * one thread. The build makes <linux/slab.h> and the others forward to this
 * file, and gives the module's sources __KERNEL__.
 *
 * What one thread cannot run is checked instead: a lock is not taken twice,
 * what needs a lock or RCU has it, and nothing that may sleep runs under
 * either. What is freed after a grace period is freed at once, since none can
 * be waited for under RCU.
 */
#ifndef FUZZ_KERNEL_H
#define FUZZ_KERNEL_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s64 ktime_t;

#define __rcu
#define __percpu
#define __net_init
#define __net_exit
#define fallthrough		__attribute__((fallthrough))

/* Ends the run; libFuzzer keeps the input. */
#define kernel_check(condition)								\
	do {										\
		if (!(condition))							\
			kernel_broken(#condition, __FILE__, __LINE__);			\
	} while (0)

_Noreturn void kernel_broken(const char *what, const char *file, int line);

#define BIT(n)			(1U << (n))
#define GENMASK(high, low)	((~0UL << (low)) & (~0UL >> (63 - (high))))
#define U64_MAX			(~(u64)0)
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))
#define min_t(type, a, b)	min((type)(a), (type)(b))
#define swap(a, b)		do { typeof(a) swapped = a; a = b; b = swapped; } while (0)
#define container_of(p, type, member)	((type *)((char *)(p) - offsetof(type, member)))
#define struct_size(p, member, n)	(sizeof(*(p)) + (n) * sizeof(*(p)->member))

#define READ_ONCE(x)		(*(const volatile typeof(x) *)&(x))
#define WRITE_ONCE(x, value)	(*(volatile typeof(x) *)&(x) = (value))
#define smp_wmb()		do { } while (0)
#define smp_rmb()		do { } while (0)
#define smp_mb()		do { } while (0)
#define div_u64(a, b)		((a) / (b))
#define smp_load_acquire(p)	READ_ONCE(*(p))
#define smp_store_release(p, v)	WRITE_ONCE(*(p), v)

#define ERR_PTR(error)		((void *)(long)(error))
#define PTR_ERR(p)		((long)(p))
#define IS_ERR(p)		((unsigned long)(p) >= (unsigned long)-4095)
#define IS_ERR_OR_NULL(p)	(!(p) || IS_ERR(p))

static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

/* Byte order; the host is little-endian, as siphash24.h makes sure. */
#define cpu_to_be16(x)		((__be16)__builtin_bswap16(x))
#define cpu_to_be32(x)		((__be32)__builtin_bswap32(x))
#define cpu_to_be64(x)		((__be64)__builtin_bswap64(x))
#define cpu_to_le64(x)		((__le64)(x))
#define be16_to_cpu(x)		cpu_to_be16(x)
#define be32_to_cpu(x)		cpu_to_be32(x)
#define be64_to_cpu(x)		cpu_to_be64(x)
#define htons(x)		cpu_to_be16(x)

#define get_unaligned(p)								\
	({										\
		typeof(*(p)) unaligned;							\
		memcpy((void *)&unaligned, p, sizeof(unaligned));			\
		unaligned;								\
	})

static inline u64 get_unaligned_le64(const void *p)
{
	return get_unaligned((const u64 *)p);
}

/* Contexts. */
extern int kernel_rcu_depth;
extern int kernel_atomic_depth;		/* locks held and RCU */

typedef struct {
	bool held;
} spinlock_t;

typedef spinlock_t rwlock_t;

static inline void spin_lock_init(spinlock_t *lock)
{
	lock->held = false;
}

static inline void spin_lock(spinlock_t *lock)
{
	kernel_check(!lock->held);
	lock->held = true;
	kernel_atomic_depth++;
}

static inline void spin_unlock(spinlock_t *lock)
{
	kernel_check(lock->held);
	lock->held = false;
	kernel_atomic_depth--;
}

struct mutex {
	bool held;
};

static inline void mutex_init(struct mutex *mutex)
{
	mutex->held = false;
}

static inline void mutex_lock(struct mutex *mutex)
{
	kernel_check(!mutex->held && !kernel_atomic_depth);
	mutex->held = true;
}

static inline void mutex_unlock(struct mutex *mutex)
{
	kernel_check(mutex->held);
	mutex->held = false;
}

#define mutex_destroy(mutex)	kernel_check(!(mutex)->held)

/* There is one CPU, and its detector is not asked for others. */
struct cpumask {
	unsigned long bits;
};

typedef struct cpumask cpumask_var_t[1];

#define spin_lock_bh		spin_lock
#define spin_unlock_bh		spin_unlock
#define read_lock_bh		spin_lock
#define read_unlock_bh		spin_unlock
#define write_lock_bh		spin_lock
#define write_unlock_bh		spin_unlock
#define lockdep_assert_held(lock)	kernel_check((lock)->held)
#define might_sleep()			kernel_check(!kernel_atomic_depth)

struct rcu_head {
	void *unused;
};

static inline void rcu_read_lock(void)
{
	kernel_rcu_depth++;
	kernel_atomic_depth++;
}

static inline void rcu_read_unlock(void)
{
	kernel_rcu_depth--;
	kernel_atomic_depth--;
}

#define rcu_dereference(p)		({ kernel_check(kernel_rcu_depth); READ_ONCE(p); })
#define rcu_dereference_check(p, ok)	READ_ONCE(p)
#define rcu_dereference_protected(p, ok) READ_ONCE(p)
#define rcu_access_pointer(p)		READ_ONCE(p)
#define rcu_assign_pointer(p, value)	WRITE_ONCE(p, value)
#define synchronize_rcu()		might_sleep()
#define rcu_barrier()			might_sleep()
/* What is freed so here has keys. */
#define kfree_rcu(p, member)								\
	do {										\
		might_sleep();								\
		kernel_check(!memchr_inv((p)->key, 0, sizeof((p)->key)));		\
		free(p);								\
	} while (0)

/* Memory. */
enum { GFP_ATOMIC, GFP_KERNEL };

static inline void *kmalloc(size_t size, int context)
{
	kernel_check(context == GFP_ATOMIC || !kernel_atomic_depth);
	return malloc(size);
}

static inline void *kvcalloc(size_t n, size_t size, int context)
{
	kernel_check(context == GFP_ATOMIC || !kernel_atomic_depth);
	return calloc(n, size);
}

static inline void *kmemdup(const void *from, size_t size, int context)
{
	void *copy = kmalloc(size, context);

	return copy ? memcpy(copy, from, size) : NULL;
}

#define kzalloc(size, context)	kvcalloc(1, size, context)
#define kvzalloc(size, context)	kvcalloc(1, size, context)
#define kfree(p)		free(p)
#define kvfree(p)		free(p)
#define kvfree_sensitive(p, n)	(memset(p, 0, n), free(p))
#define kfree_sensitive(p)	free(p)
#define memzero_explicit(p, n)	memset(p, 0, n)

static inline void *memchr_inv(const void *start, int c, size_t size)
{
	const u8 *p = start;

	for (; size--; p++)
		if (*p != (u8)c)
			return (void *)p;
	return NULL;
}

static inline void strscpy(char *to, const char *from, size_t size)
{
	size_t length = strnlen(from, size - 1);

	memcpy(to, from, length);
	to[length] = '\0';
}

/* One CPU at a time; a variable of each has a place of its own. */
#define KERNEL_CPUS		2
#define KERNEL_CPU_STRIDE	256

extern unsigned int kernel_cpu;

#define alloc_percpu(type)	((type *)calloc(KERNEL_CPUS, KERNEL_CPU_STRIDE))
#define free_percpu(p)		free(p)
#define per_cpu_ptr(p, cpu)	((typeof(p))((char *)(p) + (cpu) * KERNEL_CPU_STRIDE))
#define this_cpu_add(x, n)	(*per_cpu_ptr(&(x), kernel_cpu) += (n))
#define this_cpu_inc(x)		this_cpu_add(x, 1)
#define for_each_possible_cpu(cpu)	for (cpu = 0; cpu < KERNEL_CPUS; cpu++)

/* Lists. */
struct hlist_node {
	struct hlist_node *next, **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

#define LIST_HEAD(name)		struct list_head name = { &(name), &(name) }

struct list_head {
	struct list_head *next, *prev;
};

static inline void INIT_LIST_HEAD(struct list_head *list)
{
	list->next = list->prev = list;
}

static inline void list_add(struct list_head *entry, struct list_head *head)
{
	entry->next = head->next;
	entry->prev = head;
	head->next->prev = entry;
	head->next = entry;
}

static inline void list_add_tail(struct list_head *entry, struct list_head *head)
{
	list_add(entry, head->prev);
}

static inline void list_del(struct list_head *entry)
{
	entry->next->prev = entry->prev;
	entry->prev->next = entry->next;
}

static inline void list_del_init(struct list_head *entry)
{
	list_del(entry);
	INIT_LIST_HEAD(entry);
}

static inline bool list_empty(const struct list_head *head)
{
	return head->next == head;
}

#define list_add_tail_rcu	list_add_tail
#define list_del_rcu		list_del
#define list_entry(p, type, member)	container_of(p, type, member)
#define list_first_entry_or_null(head, type, member)					\
	(list_empty(head) ? NULL : list_entry((head)->next, type, member))
#define list_for_each_entry(p, head, member)						\
	for (p = list_entry((head)->next, typeof(*p), member); &p->member != (head);	\
	     p = list_entry(p->member.next, typeof(*p), member))
#define list_for_each_entry_rcu(p, head, member, ...)	list_for_each_entry(p, head, member)
#define list_for_each_entry_safe(p, n, head, member)					\
	for (p = list_entry((head)->next, typeof(*p), member),				\
	     n = list_entry(p->member.next, typeof(*p), member); &p->member != (head);	\
	     p = n, n = list_entry(n->member.next, typeof(*n), member))

/* Of whatever size: few buckets share more, and are sooner gone through. */
#define DECLARE_HASHTABLE(name, bits)	struct hlist_head name[4]
#define HASH_SIZE(name)			(sizeof(name) / sizeof((name)[0]))
#define hash_init(table)		memset(table, 0, sizeof(table))
#define hash_bucket(table, key)		(&(table)[(key) % HASH_SIZE(table)])
#define hlist_entry_safe(p, type, member)						\
	({ struct hlist_node *found = (p); found ? container_of(found, type, member) : NULL; })
#define hlist_for_each_entry(p, head, member)						\
	for (p = hlist_entry_safe((head)->first, typeof(*p), member); p;		\
	     p = hlist_entry_safe(p->member.next, typeof(*p), member))
#define hash_for_each(table, bucket, p, member)						\
	for (bucket = 0; bucket < (int)HASH_SIZE(table); bucket++)			\
		hlist_for_each_entry(p, &(table)[bucket], member)
#define hash_for_each_safe(table, bucket, n, p, member)					\
	for (bucket = 0; bucket < (int)HASH_SIZE(table); bucket++)			\
		for (p = hlist_entry_safe((table)[bucket].first, typeof(*p), member);	\
		     p && ((n = p->member.next), true);					\
		     p = hlist_entry_safe(n, typeof(*p), member))
#define hash_for_each_possible_rcu(table, p, member, key, ...)				\
	hlist_for_each_entry(p, hash_bucket(table, key), member)
#define hash_add_rcu(table, node, key)	hlist_add(node, hash_bucket(table, key))

static inline void hlist_add(struct hlist_node *node, struct hlist_head *head)
{
	node->next = head->first;
	if (node->next)
		node->next->pprev = &node->next;
	node->pprev = &head->first;
	head->first = node;
}

static inline void hash_del_rcu(struct hlist_node *node)
{
	*node->pprev = node->next;
	if (node->next)
		node->next->pprev = node->pprev;
}

struct llist_head {
	void *unused;
};

struct llist_node {
	void *unused;
};

/* Time stands still but for kernel_now. */
extern u64 kernel_now;

#define NSEC_PER_USEC		1000
#define NSEC_PER_MSEC		1000000
#define NSEC_PER_SEC		1000000000
#define HZ			250
#define jiffies			((unsigned long)(kernel_now / (1000000000 / HZ)))
#define ktime_get_ns()		kernel_now
#define ktime_get_real_ns()	kernel_now

struct hrtimer {
	void *unused;
};

struct tasklet_struct {
	void *unused;
};

struct timer_list {
	void (*function)(struct timer_list *timer);
	bool pending;
};

struct work_struct {
	void (*function)(struct work_struct *work);
	bool pending;
};

/* Whoever owns them runs what is pending. */
#define timer_setup(timer, handler, flags)	((timer)->function = (handler))
#define mod_timer(timer, when)			((void)(when), (timer)->pending = true)
#define timer_shutdown_sync(timer)		((timer)->pending = false)
#define INIT_WORK(work, handler)		((work)->function = (handler))
#define queue_work(queue, work)			((work)->pending = true)
#define cancel_work_sync(work)			((work)->pending = false)

typedef struct {
	u64 value;
} atomic64_t;

typedef struct {
	int value;
} atomic_t;

#define atomic64_inc_return(a)	(++(a)->value)
#define atomic64_read(a)	((a)->value)
#define atomic64_set(a, n)	((a)->value = (n))
#define cmpxchg64(p, old, new)						\
	({								\
		typeof(*(p)) found = *(p);				\
									\
		if (found == (old))					\
			*(p) = (new);					\
		found;							\
	})

u64 get_random_u64(void);

typedef struct {
	u64 key[2];
} siphash_key_t;

u64 siphash(const void *data, size_t length, const siphash_key_t *key);
u64 siphash_3u64(u64 a, u64 b, u64 c, const siphash_key_t *key);

/* BPF array maps; the descriptor is the map's place in kernel_maps. */
#define BPF_MAP_TYPE_ARRAY	2

#define BPF_F_RDONLY		(1 << 3)
#define BPF_F_WRONLY		(1 << 4)
#define BPF_F_RDONLY_PROG	(1 << 7)
#define BPF_F_WRONLY_PROG	(1 << 8)

struct bpf_map;

struct bpf_map_ops {
	void *(*map_lookup_elem)(struct bpf_map *map, void *key);
};

struct bpf_map {
	const struct bpf_map_ops *ops;
	u32 map_type;
	u32 value_size;
	u32 max_entries;
	int references;
	u8 *values;
	u32 map_flags;
	bool frozen;
	void *record;
};

struct bpf_map *bpf_map_get(u32 fd);

/* Its descriptor. */
#define FMODE_CAN_READ		1
#define FMODE_CAN_WRITE		2

typedef unsigned int fmode_t;

struct file {
	void *private_data;
	fmode_t f_mode;
};

struct file *fget(u32 fd);

#define fput(file)		((void)(file))

static inline void bpf_map_put(struct bpf_map *map)
{
	kernel_check(map->references-- > 0);
}

/* Sockets: one receive queue of one datagram. */
#define AF_INET			2
#define AF_INET6		10
#define SOCK_DGRAM		2
#define MSG_DONTWAIT		0x40

struct sk_buff {
	bool bad_checksum;
	u32 len;
	u8 data[];
};

struct sock {
	rwlock_t sk_callback_lock;
	void *sk_user_data;
	void (*sk_data_ready)(struct sock *sk);
	struct sk_buff *queued;
};

struct socket {
	struct sock *sk;
};

struct sockaddr_storage {
	__u16 ss_family;
	u8 rest[126];
};

struct sockaddr_unsized;
struct net;

int sock_create_kern(struct net *net, int family, int type, int protocol, struct socket **opened);
int kernel_bind(struct socket *socket, struct sockaddr_unsized *address, int length);
void sock_release(struct socket *socket);

static inline void ip6_sock_set_v6only(struct sock *sk)
{
}

static inline struct sk_buff *skb_recv_udp(struct sock *sk, unsigned int flags, int *error)
{
	struct sk_buff *skb = sk->queued;

	sk->queued = NULL;
	*error = -EAGAIN;
	return skb;
}

#define udp_lib_checksum_complete(skb)	((skb)->bad_checksum)
#define skb_linearize(skb)		0

#define kfree_skb(skb)			free(skb)
#define consume_skb(skb)		free(skb)

/* Namespaces. */
struct net {
	void *node;
	struct {
		unsigned int inum;
	} ns;
};

struct pernet_operations {
	int (*init)(struct net *net);
	void (*pre_exit)(struct net *net);
	void (*exit)(struct net *net);
	unsigned int *id;
	size_t size;
};

extern struct pernet_operations *kernel_pernet;

#define register_pernet_device(ops)	((kernel_pernet = (ops)), 0)
#define unregister_pernet_device(ops)	(kernel_pernet = NULL)
#define net_generic(net, id)		((net)->node)

/* What keeps the module loaded. */
extern int kernel_module_users;

#define try_module_get(module)		(kernel_module_users++, true)
#define module_put(module)		kernel_check(kernel_module_users-- > 0)
#define pr_notice(format, ...)		((void)0)
#define __printf(text, arguments)	__attribute__((format(printf, text, arguments)))

/* Names that headers mention. */
struct nlattr;
struct netlink_callback;
struct genl_family;
struct genl_info;
struct netlink_ext_ack;
struct net_device;

struct netpoll {
	struct net_device *dev;
	int dev_tracker;
};

struct nla_policy {
	u8 type;
};

#define genl_info_net(info)		((struct net *)NULL)
#define NL_SET_ERR_MSG(extack, text)	((void)(extack), (void)(text))
#define __netpoll_setup(np, dev)	((void)(np), (void)(dev), 0)
#define netdev_hold(dev, tracker, gfp)	((void)(dev), (void)(tracker))
#define do_netpoll_cleanup(np)		((void)(np))
#define KERNEL_VERSION(a, b, c)		(((a) << 16) + ((b) << 8) + (c))
#define LINUX_VERSION_CODE		KERNEL_VERSION(7, 2, 0)
#define IS_ENABLED(option)		0

#endif /* FUZZ_KERNEL_H */
