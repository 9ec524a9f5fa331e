// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and attaching the XDP probe.
 *
 * What is pinned, below a directory per network namespace:
 *   slots, counters   the maps, which the module reads
 *   link_IFINDEX      one BPF link per device
 *
 * Order of an attachment: the module adopts the maps first, and only then
 * does the probe begin to drop beats. The other way round they would be
 * dropped as unknown until the module has put its peers into the maps, and a
 * peer could be taken for dead. A detachment goes the other way.
 *
 * The program is loaded anew by each daemon and put in the place of the
 * pinned one in one step, so that an update needs no gap.
 */
#include "probe/probe.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_link.h>
#include <linux/magic.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "net/rtnl.h"
#include "probe/probe_program.h"

#define DEVICES_MAX	16	/* as many as the module takes */
#define SLOTS_LEAST	1024U
/* A peer must find a slot near its home; with so many for each, all do. */
#define SLOTS_PER_PEER	8U

/* A device with the probe on it. */
struct attached {
	unsigned int ifindex;
	uint32_t mode;			/* enum hotid_probe_mode */
	int link;
};

struct probe {
	char *pins;
	struct probe_program *program;	/* NULL until it is needed */
	uint16_t port;			/* that it was loaded for */
	uint32_t slots;			/* of its map */
	struct attached attached[DEVICES_MAX];
	size_t n;
	bool load_failed;
	unsigned int failed[DEVICES_MAX];	/* devices where it does not attach */
	size_t n_failed;
};

struct probe *probe_new(const char *pins)
{
	struct probe *probe = must_calloc(1, sizeof(*probe));

	probe->pins = must_strdup(pins);
	return probe;
}

void probe_free(struct probe *probe)
{
	if (!probe)
		return;
	/* The pins keep all of it alive. */
	for (size_t i = 0; i < probe->n; i++)
		close(probe->attached[i].link);
	probe_program_free(probe->program);
	free(probe->pins);
	free(probe);
}

static const char *device_name(unsigned int ifindex, char name[IF_NAMESIZE])
{
	if (!if_indextoname(ifindex, name))
		snprintf(name, IF_NAMESIZE, "%u", ifindex);
	return name;
}

/* A directory on a BPF file system, made and mounted where it is missing. */
static int pins_prepare(const char *pins)
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

static char *pin_path(const struct probe *probe, const char *name)
{
	return must_printf("%s/%s", probe->pins, name);
}

static char *link_path(const struct probe *probe, unsigned int ifindex)
{
	return must_printf("%s/link_%u", probe->pins, ifindex);
}

static void unpin(char *path)
{
	unlink(path);
	free(path);
}

/* The pinned link of a device, which is still attached there; or -1. */
static int link_pinned(const struct probe *probe, unsigned int ifindex)
{
	struct bpf_link_info info = { 0 };
	uint32_t length = sizeof(info);
	char *path = link_path(probe, ifindex);
	int link;

	link = bpf_obj_get(path);
	free(path);
	if (link < 0)
		return -1;
	if (bpf_obj_get_info_by_fd(link, &info, &length) || info.type != BPF_LINK_TYPE_XDP ||
	    info.xdp.ifindex != ifindex) {
		/* Its device is gone, or another one has the number now. */
		close(link);
		unpin(link_path(probe, ifindex));
		return -1;
	}
	return link;
}

static uint32_t attached_mode(unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	if (bpf_xdp_query((int)ifindex, 0, &query))
		return HOTID_PROBE_MODE_NONE;
	return query.attach_mode == XDP_ATTACHED_DRV ? HOTID_PROBE_MODE_NATIVE :
	       query.attach_mode == XDP_ATTACHED_SKB ? HOTID_PROBE_MODE_GENERIC :
	       HOTID_PROBE_MODE_NONE;
}

static uint32_t foreign_program(unsigned int ifindex)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, query);

	if (bpf_xdp_query((int)ifindex, 0, &query))
		return 0;
	return query.prog_id ? query.prog_id : query.drv_prog_id ? query.drv_prog_id :
	       query.skb_prog_id;
}

static void unpin_maps(const struct probe *probe)
{
	unpin(pin_path(probe, "slots"));
	unpin(pin_path(probe, "counters"));
}

static void unpin_all(const struct probe *probe)
{
	struct if_nameindex *devices = if_nameindex();

	for (struct if_nameindex *device = devices; device && device->if_index; device++)
		unpin(link_path(probe, device->if_index));
	if_freenameindex(devices);
	unpin_maps(probe);
}

/* Of the pinned map, 0 where none is. */
static uint32_t slots_pinned(const struct probe *probe)
{
	char *path = pin_path(probe, "slots");
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

static struct probe_program *load_once(const struct probe *probe, const struct node_config *config,
				       uint32_t n_slots, char *why, size_t size)
{
	char *slots = pin_path(probe, "slots"), *counters = pin_path(probe, "counters");
	struct probe_program *program;

	program = probe_program_load(slots, counters, config->port, n_slots, why, size);
	free(counters);
	free(slots);
	return program;
}

/* A power of two. */
static uint32_t slots_wanted(const struct node_config *config)
{
	uint32_t peers = config->probe_room > config->n_peers ? config->probe_room :
			 (uint32_t)config->n_peers;
	uint32_t slots = SLOTS_LEAST;

	while (slots < peers * SLOTS_PER_PEER)
		slots *= 2;
	return slots;
}

/* See at the top why the module comes first. */
static void renew(const struct attached *attached, const struct probe_program *program,
		  struct hotid *h)
{
	int error = hotid_probe_set(h, probe_program_slots(program),
				    probe_program_counters(program), attached->ifindex,
				    attached->mode);

	if (error)
		log_warning("probe: not renewed on device %u: %s", attached->ifindex,
			    hotid_strerror(h, error));
	else if (bpf_link_update(attached->link, probe_program_fd(program), NULL))
		log_warning("probe: not renewed on device %u: %m", attached->ifindex);
}

static int load(struct probe *probe, const struct node_config *config, struct hotid *h)
{
	uint32_t slots = slots_wanted(config);
	struct probe_program *program;
	char why[256] = "";
	int error;

	if (probe->program && probe->port == config->port && probe->slots == slots)
		return 0;
	error = pins_prepare(probe->pins);
	if (error) {
		log_warning("probe: no BPF file system for %s: %s; mount one on /sys/fs/bpf", probe->pins,
			    strerror(-error));
		return error;
	}
	/* The program that runs keeps the old ones until its successor has new ones. */
	if (slots_pinned(probe) != slots)
		unpin_maps(probe);
	program = load_once(probe, config, slots, why, sizeof(why));
	if (!program) {
		/* Pins of another build do not fit. Until ours are there, the module does the work. */
		log_info("probe: not with the pinned maps: %s%s%s; making new ones", strerror(errno),
			 *why ? ": " : "", why);
		unpin_all(probe);
		program = load_once(probe, config, slots, why, sizeof(why));
	}
	if (!program) {
		error = -errno;
		log_warning("probe: cannot be loaded: %s%s%s; the module's own receive path is used",
			    strerror(-error), *why ? ": " : "", why);
		return error;
	}
	for (size_t i = 0; i < probe->n; i++)
		renew(&probe->attached[i], program, h);
	probe_program_free(probe->program);
	probe->program = program;
	probe->port = config->port;
	probe->slots = slots;
	log_info("probe: loaded with %u slots", slots);
	return 0;
}

static bool mode_is_wanted(enum probe_want want, uint32_t mode)
{
	return want == PROBE_AUTO ||
	       mode == (want == PROBE_NATIVE ? HOTID_PROBE_MODE_NATIVE : HOTID_PROBE_MODE_GENERIC);
}

/* The pinned link, with our program in it; or -1. */
static int link_resume(const struct probe *probe, unsigned int ifindex, enum probe_want want,
		       int program, uint32_t *mode)
{
	int link = link_pinned(probe, ifindex);

	if (link < 0)
		return -1;
	*mode = attached_mode(ifindex);
	if (*mode != HOTID_PROBE_MODE_NONE && mode_is_wanted(want, *mode) &&
	    !bpf_link_update(link, program, NULL))
		return link;
	unpin(link_path(probe, ifindex));
	close(link);
	return -1;
}

/* A new link: native where that is wanted and the driver has it. A descriptor or negative. */
static int link_new(unsigned int ifindex, enum probe_want want, int program, uint32_t *mode)
{
	LIBBPF_OPTS(bpf_link_create_opts, options);
	int link = -EOPNOTSUPP;

	if (want != PROBE_GENERIC) {
		*mode = HOTID_PROBE_MODE_NATIVE;
		options.flags = XDP_FLAGS_DRV_MODE;
		link = bpf_link_create(program, (int)ifindex, BPF_XDP, &options);
		if (link >= 0 || want == PROBE_NATIVE || link == -EBUSY || link == -EEXIST)
			return link;
	}
	*mode = HOTID_PROBE_MODE_GENERIC;
	options.flags = XDP_FLAGS_SKB_MODE;
	return bpf_link_create(program, (int)ifindex, BPF_XDP, &options);
}

static void tell_failure(unsigned int ifindex, enum probe_want want, int error)
{
	uint32_t foreign = foreign_program(ifindex);
	char name[IF_NAMESIZE];

	device_name(ifindex, name);
	if ((error == -EBUSY || error == -EEXIST) && foreign)
		log_warning("probe: XDP program %u holds %s (see bpftool prog show id %u); detach it with "
			    "\"ip link set dev %s xdp off\", or leave %s out of probe.devices; the "
			    "module's own receive path is used there", foreign, name, foreign, name,
			    name);
	else
		log_warning("probe: not attached to %s: %s%s; the module's own receive path is used there",
			    name, strerror(-error),
			    want == PROBE_NATIVE ? "; probe.mode: auto would use generic mode" : "");
}

static int attach(struct probe *probe, const struct node_config *config, unsigned int ifindex,
		  struct hotid *h)
{
	int slots = probe_program_slots(probe->program);
	int counters = probe_program_counters(probe->program);
	int fd = probe_program_fd(probe->program);
	enum probe_want want = (enum probe_want)config->probe_mode;
	uint32_t mode = HOTID_PROBE_MODE_NONE;
	char name[IF_NAMESIZE], *path;
	int link, error;

	/* See at the top why the module comes first. */
	error = hotid_probe_set(h, slots, counters, ifindex, mode);
	if (error) {
		log_warning("probe: %s: refused by the module: %s", device_name(ifindex, name),
			    hotid_strerror(h, error));
		return error;
	}
	link = link_resume(probe, ifindex, want, fd, &mode);
	if (link < 0) {
		link = link_new(ifindex, want, fd, &mode);
		if (link < 0) {
			hotid_probe_del(h, ifindex);
			tell_failure(ifindex, want, link);
			return link;
		}
		path = link_path(probe, ifindex);
		if (bpf_obj_pin(link, path))
			log_warning("probe: %s: %m; detection by the probe pauses while the daemon "
				    "restarts", path);
		free(path);
	}
	error = hotid_probe_set(h, slots, counters, ifindex, mode);
	if (error)
		log_warning("probe: %s: its mode is not known to the module: %s",
			    device_name(ifindex, name), hotid_strerror(h, error));
	probe->attached[probe->n++] = (struct attached){ ifindex, mode, link };
	log_notice("probe: %s on %s", hotid_probe_mode_name(mode), device_name(ifindex, name));
	return 0;
}

static void detach(struct probe *probe, size_t i, struct hotid *h)
{
	struct attached gone = probe->attached[i];
	char name[IF_NAMESIZE];

	unpin(link_path(probe, gone.ifindex));
	close(gone.link);
	probe->attached[i] = probe->attached[--probe->n];
	hotid_probe_del(h, gone.ifindex);
	log_notice("probe: off on %s", device_name(gone.ifindex, name));
}

static void want_device(unsigned int wanted[DEVICES_MAX], size_t *n, unsigned int ifindex)
{
	for (size_t i = 0; i < *n; i++)
		if (wanted[i] == ifindex)
			return;
	if (ifindex && *n < DEVICES_MAX)
		wanted[(*n)++] = ifindex;
}

/* Through which device the peer's packets come, by our own way to it; 0 for none. */
static unsigned int path_device(const struct path_config *path)
{
	int ifindex = 0;

	if (path->device)
		return if_nametoindex(path->device);
	rtnl_route_to(path->address.family, path->address.addr,
		      path->local.family ? path->local.addr : NULL, &ifindex);
	return ifindex;
}

static size_t devices_wanted(const struct node_config *config, unsigned int wanted[DEVICES_MAX])
{
	size_t n = 0;

	if (config->probe_mode == PROBE_OFF)
		return 0;
	for (size_t i = 0; i < config->n_probe_devices; i++)
		want_device(wanted, &n, if_nametoindex(config->probe_devices[i]));
	if (config->n_probe_devices)
		return n;
	for (size_t i = 0; i < config->n_peers; i++)
		for (size_t j = 0; config->peers[i].watch && j < config->peers[i].n_paths; j++)
			want_device(wanted, &n, path_device(&config->peers[i].paths[j]));
	return n;
}

static bool is_in(const unsigned int *list, size_t n, unsigned int ifindex)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == ifindex)
			return true;
	return false;
}

/* The device is still there and has our probe still. */
static bool is_alive(const struct attached *attached)
{
	struct bpf_link_info info = { 0 };
	uint32_t length = sizeof(info);

	return !bpf_obj_get_info_by_fd(attached->link, &info, &length) &&
	       info.xdp.ifindex == attached->ifindex;
}

/* What an earlier daemon left on devices that are not wanted any more. */
static void drop_strays(const struct probe *probe, const unsigned int *wanted, size_t n,
			struct hotid *h)
{
	struct if_nameindex *devices = if_nameindex();
	struct hotid_node node;

	for (struct if_nameindex *device = devices; device && device->if_index; device++)
		if (!is_in(wanted, n, device->if_index))
			unpin(link_path(probe, device->if_index));
	if_freenameindex(devices);
	if (hotid_node_get(h, &node))
		return;
	for (size_t i = 0; i < node.n_probes; i++)
		if (!is_in(wanted, n, node.probes[i].ifindex))
			hotid_probe_del(h, node.probes[i].ifindex);
	hotid_node_clear(&node);
}

void probe_retry(struct probe *probe)
{
	probe->load_failed = false;
	probe->n_failed = 0;
}

void probe_reconcile(struct probe *probe, const struct node_config *config, struct hotid *h)
{
	unsigned int wanted[DEVICES_MAX];
	size_t n = devices_wanted(config, wanted);

	for (size_t i = probe->n; i--; )
		if (!is_in(wanted, n, probe->attached[i].ifindex) || !is_alive(&probe->attached[i]) ||
		    !mode_is_wanted((enum probe_want)config->probe_mode, probe->attached[i].mode))
			detach(probe, i, h);
	drop_strays(probe, wanted, n, h);
	if (config->probe_mode == PROBE_OFF)
		unpin_all(probe);
	if (!n || probe->load_failed)
		return;
	probe->load_failed = load(probe, config, h);
	if (probe->load_failed)
		return;
	for (size_t i = 0; i < n; i++) {
		bool has = is_in(probe->failed, probe->n_failed, wanted[i]);

		for (size_t j = 0; j < probe->n; j++)
			has |= probe->attached[j].ifindex == wanted[i];
		if (has || !attach(probe, config, wanted[i], h))
			continue;
		if (probe->n_failed < DEVICES_MAX)
			probe->failed[probe->n_failed++] = wanted[i];
	}
}

void probe_detach(struct probe *probe, struct hotid *h)
{
	while (probe->n)
		detach(probe, probe->n - 1, h);
	unpin_all(probe);
	rmdir(probe->pins);
}

void probe_describe(const struct probe *probe, char *text, size_t size)
{
	char name[IF_NAMESIZE];
	size_t used = 0;

	snprintf(text, size, "off");
	for (size_t i = 0; i < probe->n && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s on %s", i ? ", " : "",
					 hotid_probe_mode_name(probe->attached[i].mode),
					 device_name(probe->attached[i].ifindex, name));
}
