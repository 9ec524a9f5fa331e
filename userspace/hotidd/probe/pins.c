// SPDX-License-Identifier: GPL-2.0
/* The pinned maps and links of the probe. */
#include "probe/pins.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "probe/policy.h"

int pins_prepare(const char *pins)
{
	char *path = must_strdup(pins);
	struct statfs fs;
	int error = 0;

	if (statfs("/sys/fs/bpf", &fs) ||
	    ((unsigned long)fs.f_type != BPF_FS_MAGIC &&
	     mount("bpf", "/sys/fs/bpf", "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700")))
		error = -errno;
	for (char *slash = path + 1; !error && slash; ) {
		slash = strchr(slash, '/');
		if (slash)
			*slash = '\0';
		if (mkdir(path, 0700) && errno != EEXIST)
			error = -errno;
		if (slash)
			*slash++ = '/';
	}
	if (!error && (statfs(path, &fs) || (unsigned long)fs.f_type != BPF_FS_MAGIC))
		error = -EINVAL;
	free(path);
	return error;
}

char *pins_path(const char *pins, const char *name)
{
	return must_printf("%s/%s", pins, name);
}

static char *link_path(const char *pins, unsigned int ifindex)
{
	return must_printf("%s/link_%u", pins, ifindex);
}

static void unpin(char *path)
{
	unlink(path);
	free(path);
}

void pins_drop_link(const char *pins, unsigned int ifindex)
{
	unpin(link_path(pins, ifindex));
}

void pins_keep_link(const char *pins, unsigned int ifindex, int link)
{
	char *path = link_path(pins, ifindex);

	if (bpf_obj_pin(link, path))
		log_warning("probe: %s: %m; detection by the probe pauses while the daemon "
			    "restarts", path);
	free(path);
}

bool pins_link_is_on(int link, unsigned int ifindex)
{
	struct bpf_link_info info = { 0 };
	uint32_t length = sizeof(info);

	return !bpf_obj_get_info_by_fd(link, &info, &length) && info.type == BPF_LINK_TYPE_XDP &&
	       info.xdp.ifindex == ifindex;
}

int pins_link(const char *pins, unsigned int ifindex)
{
	char *path = link_path(pins, ifindex);
	int link = bpf_obj_get(path);

	free(path);
	if (link < 0)
		return -1;
	if (pins_link_is_on(link, ifindex))
		return link;
	/* Its device is gone, or another one has the number now. */
	close(link);
	pins_drop_link(pins, ifindex);
	return -1;
}

void pins_drop_maps(const char *pins)
{
	unpin(pins_path(pins, "slots"));
	unpin(pins_path(pins, "counters"));
}

void pins_drop_links(const char *pins, const unsigned int *but, size_t n)
{
	struct if_nameindex *devices = if_nameindex();

	for (struct if_nameindex *device = devices; device && device->if_index; device++)
		if (!policy_has_device(but, n, device->if_index))
			pins_drop_link(pins, device->if_index);
	if_freenameindex(devices);
}

void pins_drop_all(const char *pins)
{
	pins_drop_links(pins, NULL, 0);
	pins_drop_maps(pins);
}

uint32_t pins_slots(const char *pins)
{
	char *path = pins_path(pins, "slots");
	struct bpf_map_info info = { 0 };
	uint32_t length = sizeof(info);
	int map = bpf_obj_get(path);

	free(path);
	if (map < 0)
		return 0;
	if (bpf_obj_get_info_by_fd(map, &info, &length))
		info.max_entries = 0;
	close(map);
	return info.max_entries;
}
