// SPDX-License-Identifier: GPL-2.0
/*
 * Maps that are given to the module for those of a probe, and are not fit for
 * that. Of the right type and size, they would be written as plain memory.
 *
 *   ┌──────────────┐
 *   │ observer     │     no link; the maps are made here
 *   └──────────────┘
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/harness.h"
#include "lib/net.h"
#include "lib/node.h"
#include "lib/probe.h"

#define SLOT		512	/* bytes of a value */
#define COUNTERS	64
#define ENTRIES		256

FIXTURE(adopt) {
	struct node node;
	int slots, counters;
};

static int array(uint32_t size, const struct bpf_map_create_opts *options)
{
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "test", 4, size, ENTRIES, options);

	if (map < 0)
		err(1, "map of %u bytes", size);
	return map;
}

FIXTURE_SETUP(adopt)
{
	node_start(&self->node, ns_new(), 1, 10000);
	self->slots = array(SLOT, NULL);
	self->counters = array(COUNTERS, NULL);
}

FIXTURE_TEARDOWN(adopt)
{
	/* Those that are fit still are. */
	EXPECT_EQ(0, hotid_probe_set(self->node.h, self->slots, self->counters, 1,
				     HOTID_PROBE_MODE_NATIVE));
	EXPECT_EQ(0, hotid_probe_del(self->node.h, 1));
	hotid_close(self->node.h);
}

#define THIS	struct __test_metadata *_metadata, struct _test_data_adopt *self

static void refused(THIS, int slots, int counters, int error, const char *why)
{
	EXPECT_EQ(error, hotid_probe_set(self->node.h, slots, counters, 1,
					 HOTID_PROBE_MODE_NATIVE)) {
		TH_LOG("%s", why);
	}
	EXPECT_NE(NULL, strstr(hotid_strerror(self->node.h, error), why)) {
		TH_LOG("it says: %s", hotid_strerror(self->node.h, error));
	}
	EXPECT_EQ(0, node_read(&self->node).n_probes);
}

TEST_F(adopt, flags)
{
	static const uint32_t flags[] = { BPF_F_RDONLY_PROG, BPF_F_WRONLY_PROG };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = flags[i]);
		int slots = array(SLOT, &options), counters = array(COUNTERS, &options);

		refused(_metadata, self, slots, self->counters, -EACCES, "flags forbid access");
		refused(_metadata, self, self->slots, counters, -EACCES, "flags forbid access");
		close(slots);
		close(counters);
	}
}

TEST_F(adopt, frozen)
{
	int slots = array(SLOT, NULL), counters = array(COUNTERS, NULL);

	ASSERT_EQ(0, bpf_map_freeze(slots));
	ASSERT_EQ(0, bpf_map_freeze(counters));
	refused(_metadata, self, slots, self->counters, -EACCES, "frozen");
	refused(_metadata, self, self->slots, counters, -EACCES, "frozen");
}

/* Another descriptor of the same map, which allows less. */
static int reopen(int map, uint32_t flags)
{
	union bpf_attr attr = {};
	struct bpf_map_info info = {};
	uint32_t length = sizeof(info);
	int again;

	if (bpf_obj_get_info_by_fd(map, &info, &length))
		err(1, "map");
	attr.map_id = info.id;
	attr.open_flags = flags;
	again = syscall(SYS_bpf, BPF_MAP_GET_FD_BY_ID, &attr, sizeof(attr));
	if (again < 0)
		err(1, "opening the map again");
	return again;
}

TEST_F(adopt, descriptors)
{
	static const uint32_t flags[] = { BPF_F_RDONLY, BPF_F_WRONLY };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		refused(_metadata, self, reopen(self->slots, flags[i]), self->counters, -EACCES,
			"descriptor does not allow");
		refused(_metadata, self, self->slots, reopen(self->counters, flags[i]), -EACCES,
			"descriptor does not allow");
	}
}

/* A map whose values begin with one field, as the kernel reads it from their type. */
static int typed(uint32_t size, struct btf *btf, int number, int field, uint32_t field_size)
{
	int byte = btf__add_int(btf, "char", 1, 0), rest, value, map;
	LIBBPF_OPTS(bpf_map_create_opts, options, .btf_key_type_id = number);

	rest = btf__add_array(btf, number, byte, size - field_size);
	value = btf__add_struct(btf, "value", size);
	if (btf__add_field(btf, "field", field, 0, 0) ||
	    btf__add_field(btf, "rest", rest, field_size * 8, 0) || btf__load_into_kernel(btf))
		err(1, "types of a map");
	options.btf_value_type_id = value;
	options.btf_fd = btf__fd(btf);
	map = array(size, &options);
	btf__free(btf);
	return map;
}

enum field { SPIN_LOCK, TIMER, POINTER };

static int map_with(uint32_t size, enum field what)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED), field, words;

	switch (what) {
	case SPIN_LOCK:
		field = btf__add_struct(btf, "bpf_spin_lock", 4);
		btf__add_field(btf, "val", number, 0, 0);
		return typed(size, btf, number, field, 4);
	case TIMER:
		words = btf__add_array(btf, number, number, 4);
		field = btf__add_struct(btf, "bpf_timer", 16);
		btf__add_field(btf, "opaque", words, 0, 0);
		return typed(size, btf, number, field, 16);
	default:
		field = btf__add_type_tag(btf, "kptr", btf__add_struct(btf, "task_struct", 0));
		field = btf__add_ptr(btf, field);
		return typed(size, btf, number, field, 8);
	}
}

TEST_F(adopt, fields_of_the_kernel)
{
	enum field what;

	for (what = SPIN_LOCK; what <= POINTER; what++) {
		refused(_metadata, self, map_with(SLOT, what), self->counters, -EINVAL,
			"timers, locks or pointers");
		refused(_metadata, self, self->slots, map_with(COUNTERS, what), -EINVAL,
			"timers, locks or pointers");
	}
}

TEST_HARNESS_MAIN
