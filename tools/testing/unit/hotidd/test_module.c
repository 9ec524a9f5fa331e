// SPDX-License-Identifier: GPL-2.0
/*
 * The daemon's link to the module, and what is applied there: a daemon that is
 * killed at any request leaves the module such that the next one finishes the
 * work, and nothing that is in use is touched on the way. The module is a
 * struct in memory that the daemons share; they are processes of their own.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "base/pulse.h"
#include "killpoint.h"
#include "ktap.h"
#include "hotid_daemon.h"
#include "module.h"

#define ROUNDS		300
#define REQUESTS_MAX	60		/* about as many as one daemon makes */
#define ROOM		8
#define NAMES		6

#define OFFLINE		HOTID_IDENTITY_STATE_OFFLINE
#define ARMED		HOTID_IDENTITY_STATE_ARMED
#define HELD		HOTID_IDENTITY_STATE_HELD
#define FAILED		HOTID_IDENTITY_STATE_FAILED

/* What the module has; kmod/key.c is where the rules of keys come from. */
struct fake {
	struct hotid_node node;
	uint32_t signing, other;	/* generations, 0 for none */
	struct hotid_peer peers[ROOM];
	size_t n_peers;
	struct hotid_identity identities[ROOM];
	size_t n_identities;
	bool wanted_peers[NAMES], wanted_identities[NAMES];
	int keepalive_error, dispatch_error;
	enum hotid_event_type event;
	char fault[256];
};

static struct fake *fake;
static const char *const names[NAMES] = { "a", "b", "c", "d", "e", "f" };

__attribute__((format(printf, 1, 2)))
static void breach(const char *format, ...)
{
	va_list args;

	if (*fake->fault)
		return;
	va_start(args, format);
	vsnprintf(fake->fault, sizeof(fake->fault), format, args);
	va_end(args);
}

/* ---- libhotid ---- */

struct hotid {
	hotid_event_fn fn;
	void *data;
	int fd;
};

/* Each request takes effect at once or not at all. */
#define REQUEST(expression)				\
({							\
	int result_;					\
							\
	killpoint();					\
	result_ = (expression);				\
	killpoint();					\
	result_;					\
})

int hotid_open_sized(struct hotid **h, const struct hotid_sizes *sizes)
{
	*h = calloc(1, sizeof(**h));
	(*h)->fd = -1;
	return 0;
}

void hotid_close(struct hotid *h)
{
	if (h && h->fd >= 0)
		close(h->fd);
	free(h);
}

const char *hotid_strerror(const struct hotid *h, int error)
{
	return strerror(-error);
}

int hotid_subscribe(struct hotid *h, hotid_event_fn fn, void *data)
{
	h->fn = fn;
	h->data = data;
	h->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return 0;
}

int hotid_event_fd(const struct hotid *h)
{
	return h->fd;
}

int hotid_dispatch(struct hotid *h)
{
	struct hotid_event event = {
		.type = fake->event, .peer = &fake->peers[0], .identity = &fake->identities[0],
		.node = &fake->node,
	};
	eventfd_t drained;

	eventfd_read(h->fd, &drained);
	if (!fake->dispatch_error)
		h->fn(&event, h->data);
	return fake->dispatch_error;
}

int hotid_keepalive(struct hotid *h, uint32_t health)
{
	return REQUEST(fake->keepalive_error);
}

int hotid_node_get(struct hotid *h, struct hotid_node *node)
{
	*node = fake->node;
	node->key_generation = fake->signing;
	node->key_other = fake->other;
	return REQUEST(0);
}

void hotid_node_clear(struct hotid_node *node)
{
}

static int node_set(const struct hotid_node *node)
{
	fake->node = *node;
	return 0;
}

int hotid_node_set(struct hotid *h, const struct hotid_node *node, unsigned int fields)
{
	return REQUEST(node_set(node));
}

static int key_set(void)
{
	fake->signing = 1;
	fake->other = 0;
	return 0;
}

int hotid_node_set_key(struct hotid *h, const uint8_t key[HOTID_KEY_LEN])
{
	return REQUEST(key_set());
}

static int key_add(uint32_t generation)
{
	if (generation != fake->signing)
		fake->other = generation;
	if (!fake->signing) {
		fake->signing = generation;
		fake->other = 0;
	}
	return 0;
}

int hotid_node_add_key(struct hotid *h, uint32_t generation, const uint8_t key[HOTID_KEY_LEN])
{
	return REQUEST(key_add(generation));
}

static int key_use(uint32_t generation)
{
	if (generation == fake->signing)
		return 0;
	if (generation != fake->other)
		return -ENOKEY;
	if (generation < fake->signing)
		breach("it signs with generation %u again, after %u", generation, fake->signing);
	fake->other = fake->signing;
	fake->signing = generation;
	return 0;
}

int hotid_node_use_key(struct hotid *h, uint32_t generation)
{
	return REQUEST(key_use(generation));
}

static int key_drop(uint32_t generation)
{
	if (!generation || (generation != fake->signing && generation != fake->other))
		return -ENOKEY;
	if (generation == fake->signing)
		return -EBUSY;
	fake->other = 0;
	return 0;
}

int hotid_node_drop_key(struct hotid *h, uint32_t generation)
{
	return REQUEST(key_drop(generation));
}

static int peer_new(const struct hotid_peer *peer)
{
	size_t i = 0;

	while (i < fake->n_peers && memcmp(fake->peers[i].id, peer->id, sizeof(peer->id)))
		i++;
	fake->peers[i] = *peer;
	fake->n_peers += i == fake->n_peers;
	return 0;
}

int hotid_peer_new(struct hotid *h, const struct hotid_peer *peer)
{
	return REQUEST(peer_new(peer));
}

static int peer_del(const uint8_t *id)
{
	for (size_t i = 0; i < fake->n_peers; i++) {
		if (memcmp(fake->peers[i].id, id, HOTID_ID_LEN))
			continue;
		if (fake->wanted_peers[id[0] - 1])
			breach("peer %u is removed, and node.yaml has it", id[0]);
		fake->peers[i] = fake->peers[--fake->n_peers];
		return 0;
	}
	return HOTID_ERR_NO_PEER;
}

int hotid_peer_del(struct hotid *h, const uint8_t id[HOTID_ID_LEN])
{
	return REQUEST(peer_del(id));
}

int hotid_peer_dump(struct hotid *h, hotid_peer_fn fn, void *data)
{
	for (size_t i = 0; i < fake->n_peers; i++)
		fn(&fake->peers[i], data);
	return REQUEST(0);
}

static struct hotid_identity *identity_find(const char *name)
{
	for (size_t i = 0; i < fake->n_identities; i++)
		if (!strcmp(fake->identities[i].name, name))
			return &fake->identities[i];
	return NULL;
}

static int identity_new(const char *name, uint32_t flags)
{
	struct hotid_identity *identity = identity_find(name);

	if (!identity) {
		identity = &fake->identities[fake->n_identities++];
		*identity = (struct hotid_identity){ .state = OFFLINE, .clean = true };
		strcpy(identity->name, name);
	}
	identity->flags = flags;
	return 0;
}

int hotid_identity_new(struct hotid *h, const char *name, uint32_t flags)
{
	return REQUEST(identity_new(name, flags));
}

static int identity_del(const char *name)
{
	struct hotid_identity *identity = identity_find(name);

	if (!identity)
		return -ENOENT;
	if (identity->state != OFFLINE && !(identity->state == FAILED && identity->clean))
		breach("identity %s is in use and is removed", name);
	if (fake->wanted_identities[name[0] - 'a'])
		breach("identity %s has a file and is removed", name);
	*identity = fake->identities[--fake->n_identities];
	return 0;
}

int hotid_identity_del(struct hotid *h, const char *name)
{
	return REQUEST(identity_del(name));
}

int hotid_identity_get(struct hotid *h, const char *name, struct hotid_identity *identity)
{
	struct hotid_identity *found = identity_find(name);

	if (found)
		*identity = *found;
	return REQUEST(found ? 0 : -ENOENT);
}

static int identity_know(const char *name, uint64_t epoch)
{
	struct hotid_identity *identity = identity_find(name);

	if (epoch < identity->known_epoch)
		breach("identity %s: epoch %llu after %llu", name, (unsigned long long)epoch,
		       (unsigned long long)identity->known_epoch);
	identity->known_epoch = epoch;
	return 0;
}

int hotid_identity_know(struct hotid *h, const char *name, uint64_t epoch)
{
	return REQUEST(identity_know(name, epoch));
}

int hotid_identity_dump(struct hotid *h, hotid_identity_fn fn, void *data)
{
	struct hotid_identity all[ROOM];
	size_t n = fake->n_identities;

	memcpy(all, fake->identities, sizeof(all));
	for (size_t i = 0; i < n; i++)
		fn(&all[i], data);
	return REQUEST(0);
}

void hotid_identity_clear(struct hotid_identity *identity)
{
}

/* ---- the rest of the daemon ---- */

static size_t heard, heard_peers;

static void on_identity(const struct hotid_identity *identity, void *data)
{
	heard++;
}

static void on_removed(const char *identity, void *data)
{
}

static void on_peer(const struct hotid_peer *peer, void *data)
{
	heard_peers++;
}

/* From a disk. */
static uint64_t on_epoch(const char *identity, void *data)
{
	return 10u + (uint64_t)(identity[0] - 'a');
}

static const struct module_events events = {
	.identity = on_identity, .removed = on_removed, .peer = on_peer, .epoch = on_epoch,
};

static struct pulse pulse = { .name = "main loop" };

/* ---- configurations ---- */

static struct config config;
static struct node_config node_config;

static void config_draw(unsigned int *random)
{
	static struct peer_config peers[NAMES];
	static struct path_config path = { .address = { .family = AF_INET }, .port = 7 };
	static struct identity_config identities[NAMES], *list[NAMES];

	node_config = (struct node_config){
		.name = "n", .port = (uint16_t)(1000 + rand_r(random) % 10), .interval_us = 10000,
		.keepalive_limit_ms = 3600000, .peers = peers,
		.n_keys = 1 + (size_t)rand_r(random) % 2,
	};
	node_config.keys[0].generation = 1 + (uint32_t)rand_r(random) % 6;
	node_config.keys[1].generation = node_config.keys[0].generation + 1;
	config = (struct config){ .node = &node_config, .identities = list };
	for (size_t i = 0; i < NAMES; i++) {
		fake->wanted_peers[i] = rand_r(random) % 2;
		fake->wanted_identities[i] = rand_r(random) % 2;
		if (fake->wanted_peers[i]) {
			struct peer_config *peer = &peers[node_config.n_peers++];

			*peer = (struct peer_config){ .multiplier = 3, .paths = &path, .n_paths = 1 };
			peer->id[0] = (uint8_t)(i + 1);
			strcpy(peer->name, names[i]);
		}
		if (fake->wanted_identities[i]) {
			strcpy(identities[i].name, names[i]);
			list[config.n_identities++] = &identities[i];
		}
	}
}

static void fake_draw(unsigned int *random)
{
	static const uint32_t states[] = { OFFLINE, ARMED, HELD, FAILED };

	memset(fake, 0, sizeof(*fake));
	fake->signing = (uint32_t)rand_r(random) % 7;
	if (fake->signing && rand_r(random) % 2)
		fake->other = rand_r(random) % 2 ? fake->signing + 1 : fake->signing / 2;
	for (size_t i = 0; i < NAMES; i++) {
		if (rand_r(random) % 2) {
			struct hotid_peer *peer = &fake->peers[fake->n_peers++];

			peer->id[0] = (uint8_t)(i + 1);
		}
		if (rand_r(random) % 2) {
			struct hotid_identity *identity = &fake->identities[fake->n_identities++];

			strcpy(identity->name, names[i]);
			identity->state = states[rand_r(random) % 4];
			identity->clean = rand_r(random) % 2;
			identity->known_epoch = (uint64_t)rand_r(random) % 20;
		}
	}
}

/* What must be there, whoever was killed before. */
static void check_applied(uint32_t signing_before, uint32_t other_before, const bool *in_use)
{
	uint32_t signing = node_config.keys[0].generation;
	/* Somebody may be about to rotate to a later one. */
	uint32_t other = node_config.n_keys > 1 ? signing + 1 :
			 signing_before == signing && other_before > signing ? other_before : 0;
	size_t n_peers = 0;

	CHECK_INT(fake->node.port, node_config.port);
	CHECK_INT(fake->signing, signing_before > signing ? signing_before : signing);
	CHECK_INT(fake->other, signing_before > signing ? other_before : other);
	for (size_t i = 0; i < NAMES; i++) {
		const struct hotid_identity *identity = identity_find(names[i]);

		n_peers += fake->wanted_peers[i];
		CHECK_INT(!!identity, fake->wanted_identities[i] || in_use[i]);
		if (identity && fake->wanted_identities[i])
			CHECK(identity->known_epoch >= 10 + i);
	}
	CHECK_INT(fake->n_peers, n_peers);
}

static int daemon_main(void)
{
	struct module *module;
	sd_event *loop;
	int error;

	sd_event_new(&loop);
	module = module_open(loop, &events, &pulse);
	error = !module || module_apply_node(module, &node_config) ||
		module_apply(module, &config) || module_look(module);
	module_close(module);
	sd_event_unref(loop);
	return error;
}

/* Daemons one after the other, until one ends by itself. */
static void apply_with_kills(unsigned int first, unsigned int second)
{
	pid_t pid;

	killpoint_life(first, second);
	do {
		pid = killpoint_fork();
		if (!pid)
			_exit(daemon_main());
	} while (killpoint_wait(pid) && !ktap_failed);
}

static void killed_at_every_request(void)
{
	unsigned int random = killpoint_seed();

	for (unsigned int round = 0; round < ROUNDS && !ktap_failed; round++) {
		unsigned int first = (unsigned int)rand_r(&random) % (2 * REQUESTS_MAX);
		unsigned int second = (unsigned int)rand_r(&random) % (2 * REQUESTS_MAX);
		bool in_use[NAMES];
		uint32_t signing, other;

		fake_draw(&random);
		config_draw(&random);
		signing = fake->signing;
		other = fake->other;
		for (size_t i = 0; i < NAMES; i++) {
			const struct hotid_identity *identity = identity_find(names[i]);

			in_use[i] = identity && identity->state != OFFLINE &&
				    !(identity->state == FAILED && identity->clean);
		}
		apply_with_kills(first, second);
		check_applied(signing, other, in_use);
		CHECK(!*fake->fault);
		if (ktap_failed)
			printf("# round %u, killed at %u and %u; %s\n", round, first, second,
			       fake->fault);
	}
}

/* ---- events, in this process ---- */

struct link {
	sd_event *loop;
	struct module *module;
};

static void link_begin(struct link *link)
{
	unsigned int random = 1;

	memset(fake, 0, sizeof(*fake));
	config_draw(&random);
	heard = heard_peers = 0;
	CHECK(sd_event_new(&link->loop) >= 0);
	link->module = module_open(link->loop, &events, &pulse);
	CHECK(link->module);
	identity_new("a", 0);
	identity_new("b", 0);
	strcpy(fake->peers[0].name, "peer");
}

static void link_end(struct link *link)
{
	module_close(link->module);
	sd_event_unref(link->loop);
}

static void event(struct link *link, enum hotid_event_type type)
{
	fake->event = type;
	eventfd_write(hotid_event_fd(module_connection(link->module)), 1);
	CHECK(sd_event_run(link->loop, 0) >= 0);
}

static void events_come_through(void)
{
	struct link link;

	link_begin(&link);
	event(&link, HOTID_EVENT_IDENTITY);
	CHECK_INT(heard, 1);
	event(&link, HOTID_EVENT_PEER);
	CHECK_INT(heard_peers, 1);
	/* Its own reports. */
	event(&link, HOTID_EVENT_STEP);
	CHECK_INT(heard, 1);
	/* What was lost may have been of any of them. */
	event(&link, HOTID_EVENT_LOST);
	CHECK_INT(heard, 3);
	link_end(&link);
}

/* Then the daemon ends with a failure, and the next start finds out. */
static void module_goes_away(void)
{
	struct link link;
	int code = 0;

	link_begin(&link);
	fake->dispatch_error = -ENODEV;
	event(&link, HOTID_EVENT_IDENTITY);
	CHECK_INT(heard, 0);
	CHECK(sd_event_get_exit_code(link.loop, &code) >= 0);
	CHECK_INT(code, EXIT_FAILURE);
	link_end(&link);

	link_begin(&link);
	fake->keepalive_error = -ENODEV;
	CHECK_INT(module_apply_node(link.module, &node_config), -EIO);
	link_end(&link);
}

static const struct ktap_test tests[] = {
	{ "killed_at_every_request", killed_at_every_request },
	{ "events_come_through", events_come_through },
	{ "module_goes_away", module_goes_away },
};

int main(void)
{
	fake = killpoint_memory(sizeof(*fake));
	return ktap_main(tests, sizeof(tests) / sizeof(tests[0]));
}
