// SPDX-License-Identifier: GPL-2.0
/* Checks of a BPF map before the module writes to it. Process context. */
#include "map.h"

#include <linux/bpf.h>
#include <linux/file.h>

#include "compat.h"

#define NO_ACCESS	(BPF_F_RDONLY | BPF_F_WRONLY | BPF_F_RDONLY_PROG | BPF_F_WRONLY_PROG)

static int map_check(const struct bpf_map *map, u32 value_size, const char **why)
{
	if (map->map_type != BPF_MAP_TYPE_ARRAY || map->value_size != value_size) {
		*why = HOTID_MAP_OTHER;
		return -EINVAL;
	}
	if (hotid_map_has_fields(map)) {
		*why = "the map's values hold timers, locks or pointers of the kernel; load the probe that came with this module";
		return -EINVAL;
	}
	if ((map->map_flags & NO_ACCESS) || READ_ONCE(map->frozen)) {
		*why = "the map is frozen or its flags forbid access; load the probe again, without freezing its maps";
		return -EACCES;
	}
	return 0;
}

/* A descriptor may allow less than its map does. */
static int map_check_descriptor(u32 fd, const struct bpf_map *map, const char **why)
{
	const fmode_t both = FMODE_CAN_READ | FMODE_CAN_WRITE;
	struct file *file = fget(fd);
	int error = 0;

	if (!file || file->private_data != map) {
		*why = "the descriptor changed meanwhile; do not use its number for another file";
		error = -EBADF;
	} else if ((file->f_mode & both) != both) {
		*why = "the descriptor does not allow to read and write the map; open the map without BPF_F_RDONLY and BPF_F_WRONLY";
		error = -EACCES;
	}
	if (file)
		fput(file);
	return error;
}

struct bpf_map *hotid_map_get(u32 fd, u32 value_size, const char **why)
{
	struct bpf_map *map = bpf_map_get(fd);
	int error;

	if (IS_ERR(map)) {
		*why = "not the descriptor of a BPF map; open the probe's map in this process";
		return map;
	}
	error = map_check(map, value_size, why) ?: map_check_descriptor(fd, map, why);
	if (error) {
		bpf_map_put(map);
		return ERR_PTR(error);
	}
	return map;
}

void *hotid_map_value(struct bpf_map *map, u32 index)
{
	return map->ops->map_lookup_elem(map, &index);
}
