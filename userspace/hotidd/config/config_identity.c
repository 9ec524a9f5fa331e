// SPDX-License-Identifier: GPL-2.0
/* identities/NAME.yaml: its keys, and what must hold between them. */
#include "config/config_identity.h"

#include <string.h>
#include <sys/socket.h>

#define IDENTITY(member)	offsetof(struct identity_config, member)
#define PORT(member)		offsetof(struct port_config, member)
#define ROUTE(member)		offsetof(struct route_config, member)
#define ISCSI(member)		offsetof(struct iscsi_config, member)
#define DISK(member)		offsetof(struct disk_config, member)
#define MOUNT(member)		offsetof(struct mount_config, member)

/* Flat LUN addressing ends there; LIO and open-iscsi take no more. */
#define LUNS		FIELD_RANGE(0, 16383)

#define ARM_WORDS \
	FIELD_WORDS([ARM_DEFAULT] = "default", [ARM_MANUAL] = "manual", [ARM_BOOT] = "boot")

/* One word, two flags: @out is the whole struct identity_config. */
static bool value_takeover(const char *text, const struct value_limits *limits, void *out,
			   char *why)
{
	struct identity_config *identity = out;
	int choice;

	if (!value_choice(text, FIELD_WORDS("manual", "auto", "auto-hung"), &choice, why))
		return false;
	identity->takeover_auto = choice > 0;
	identity->takeover_hung = choice > 1;
	return true;
}

static const struct field identity_section[] = {
	{ .key = "name", .parse = value_name, .at = IDENTITY(name),
	  .doc = "as the file is called; may be left out" },
	{ .key = "takeover", .fallback = "manual", .parse = value_takeover, .at = 0,
	  .doc = "manual: when told; auto: when the holder is down; auto-hung: or hung" },
	{ .key = "arm", .fallback = "default", .parse = value_choice, .limits = ARM_WORDS,
	  .at = IDENTITY(arm),
	  .doc = "manual: when told; boot: also after a boot; default: boot unless takeover is manual" },
	{ .key = "step-timeout", .fallback = "30s", .parse = value_duration_ms,
	  .limits = FIELD_RANGE(100, 3600000), .at = IDENTITY(step_timeout_ms),
	  .doc = "longest time of one verb of a step" },
	{ 0 }
};

static const struct field route_fields[] = {
	{ .key = "to", .required = true, .parse = value_network, .at = ROUTE(to),
	  .doc = "a network, or default" },
	{ .key = "via", .parse = value_address, .at = ROUTE(via),
	  .doc = "the gateway; on the link when absent" },
	{ 0 }
};

static const struct field port_fields[] = {
	{ .key = "match", .kind = FIELD_MATCHES, .required = true, .least = 1, .most = 16,
	  FIELD_ARRAY(struct port_config, matches),
	  .doc = "udev properties that exactly one network device has" },
	{ .key = "mac", .required = true, .parse = value_mac, .at = PORT(mac),
	  .doc = "MAC address of the server" },
	{ .key = "addresses", .kind = FIELD_VALUES, .parse = value_port_address, .least = 1,
	  .most = 64, FIELD_ARRAY(struct port_config, addresses),
	  .doc = "IP addresses with their prefix" },
	{ .key = "routes", .kind = FIELD_ITEMS, .most = 64, .fields = route_fields,
	  FIELD_ARRAY(struct port_config, routes), .doc = "routes through this port" },
	{ 0 }
};

static const struct field iscsi_fields[] = {
	{ .key = "initiator", .kind = FIELD_STRING, .required = true, .parse = value_iscsi_name,
	  .at = ISCSI(initiator), .doc = "the identity's own initiator name" },
	{ .key = "portal", .kind = FIELD_STRING, .required = true, .parse = value_portal,
	  .at = ISCSI(portal), .doc = "ADDRESS:PORT of the target" },
	{ .key = "target", .kind = FIELD_STRING, .required = true, .parse = value_iscsi_name,
	  .at = ISCSI(target), .doc = "the target's name" },
	{ .key = "luns", .kind = FIELD_VALUES, .required = true, .parse = value_u64, .limits = LUNS,
	  .least = 1, .most = 32, FIELD_ARRAY(struct iscsi_config, luns),
	  .doc = "the LUNs that must appear" },
	{ 0 }
};

static const struct field disk_fields[] = {
	{ .key = "name", .kind = FIELD_STRING, .required = true, .parse = value_name_text,
	  .at = DISK(name), .doc = "a name for mounts" },
	{ .key = "iscsi", .kind = FIELD_STRING, .required = true, .parse = value_iscsi_name,
	  .at = DISK(target), .doc = "the target of one of the entries under iscsi" },
	{ .key = "lun", .required = true, .parse = value_u64, .limits = LUNS, .at = DISK(lun),
	  .doc = "one of its luns" },
	{ .key = "wwid", .kind = FIELD_STRING, .parse = value_text, .at = DISK(wwid),
	  .doc = "udev's ID_SERIAL of the disk; this or serial is required with fence: reservation" },
	{ .key = "serial", .kind = FIELD_STRING, .parse = value_text, .at = DISK(serial),
	  .doc = "udev's ID_SCSI_SERIAL of the disk" },
	{ .key = "foreign-keys", .fallback = "refuse", .parse = value_choice,
	  .limits = FIELD_WORDS([FOREIGN_KEYS_REFUSE] = "refuse",
				[FOREIGN_KEYS_PREEMPT] = "preempt"), .at = DISK(foreign_keys),
	  .doc = "refuse or preempt: what is done where somebody else's key holds the disk" },
	{ 0 }
};

static const struct field mount_fields[] = {
	{ .key = "disk", .kind = FIELD_STRING, .required = true, .parse = value_name_text,
	  .at = MOUNT(disk), .doc = "the name of one of the disks" },
	{ .key = "where", .kind = FIELD_STRING, .required = true, .parse = value_mount_point,
	  .at = MOUNT(where), .doc = "directory to mount on" },
	{ .key = "type", .kind = FIELD_STRING, .required = true, .parse = value_name_text,
	  .at = MOUNT(type), .doc = "type of the file system" },
	{ .key = "options", .kind = FIELD_STRING, .parse = value_text, .at = MOUNT(options),
	  .doc = "mount options, separated by commas" },
	{ .key = "with-errors", .fallback = "refuse", .parse = value_choice,
	  .limits = FIELD_WORDS([WITH_ERRORS_REFUSE] = "refuse", [WITH_ERRORS_MOUNT] = "mount"),
	  .at = MOUNT(with_errors),
	  .doc = "refuse or mount: what is done with an ext file system that asks for e2fsck" },
	{ 0 }
};

/* An array of the identity's items, each with its line in the file. */
#define ITEMS(member, most_, table) \
	.kind = FIELD_ITEMS, .most = (most_), .fields = table##_fields, \
	FIELD_ARRAY(struct identity_config, member), \
	.line_at = offsetof(struct table##_config, line)

const struct field identity_fields[] = {
	{ .key = "identity", .kind = FIELD_MAP, .fields = identity_section,
	  .doc = "the identity as a whole" },
	{ .key = "fence", .required = true, .parse = value_choice,
	  .limits = FIELD_WORDS([FENCE_RESERVATION] = "reservation", [FENCE_NONE] = "none"),
	  .at = IDENTITY(fence), .doc = "reservation, or none explicitly" },
	{ .key = "voters", .kind = FIELD_STRINGS, .least = 3, .most = HOTID_MAX_VOTERS,
	  .parse = value_name_text, FIELD_ARRAY(struct identity_config, voters),
	  .doc = "nodes whose leases let the holder speak: a majority of them is needed" },
	{ .key = "ports", ITEMS(ports, 16, port), .doc = "network ports" },
	{ .key = "iscsi", ITEMS(iscsi, 16, iscsi), .doc = "iSCSI sessions" },
	{ .key = "disks", ITEMS(disks, 32, disk), .doc = "disks" },
	{ .key = "mounts", ITEMS(mounts, 32, mount), .doc = "file systems" },
	{ .key = "units", .kind = FIELD_STRINGS, .most = 32, .parse = value_unit,
	  FIELD_ARRAY(struct identity_config, units),
	  .doc = "systemd units, started in this order" },
	{ 0 }
};

/* @ip lies in the network of @net. */
static bool covers(const struct ip_prefix *net, const struct ip_prefix *ip)
{
	struct ip_prefix a = address_fill(*net, net->prefix, false);
	struct ip_prefix b = address_fill(*ip, net->prefix, false);

	return address_same(&a, &b);
}

/* The kernel takes a gateway only when it is on the link. */
static bool gateway_reachable(const struct port_config *port, const struct ip_prefix *via)
{
	if (address_link_local(via))
		return true;
	for (size_t i = 0; i < port->n_addresses; i++)
		if (covers(&port->addresses[i], via))
			return true;
	for (size_t i = 0; i < port->n_routes; i++)
		if (!port->routes[i].has_via && covers(&port->routes[i].to, via))
			return true;
	return false;
}

static void check_routes(struct checking *checking, struct port_config *port, size_t i)
{
	/* The schema engine has no flags beside a value; an address that was given has a family. */
	for (size_t j = 0; j < port->n_routes; j++)
		port->routes[j].has_via = port->routes[j].via.family != AF_UNSPEC;
	for (size_t j = 0; j < port->n_routes; j++) {
		struct route_config *route = &port->routes[j];

		if (!route->to.family && !route->has_via) {
			check_wrong(checking, check_key(checking, "ports[%zu].routes[%zu]", i, j),
				    "a default route needs its gateway; add via: ADDRESS, or write "
				    "0.0.0.0/0 or ::/0");
			continue;
		}
		if (!route->to.family)
			route->to.family = route->via.family;
		if (!route->has_via)
			continue;
		check_key(checking, "ports[%zu].routes[%zu].via", i, j);
		if (route->to.family != route->via.family)
			check_wrong(checking, checking->key,
				    "is of another family than what it leads to; give a gateway of "
				    "the same");
		else if (!gateway_reachable(port, &route->via))
			check_wrong(checking, checking->key,
				    "lies in no network of this port's addresses; correct it, or add a "
				    "route to it without via");
	}
}

static void check_ports(struct checking *checking, struct identity_config *config)
{
	for (size_t i = 0; i < config->n_ports; i++) {
		struct port_config *port = &config->ports[i];

		for (size_t j = 0; j < i; j++)
			if (!memcmp(port->mac, config->ports[j].mac, sizeof(port->mac)))
				check_wrong(checking, check_key(checking, "ports[%zu].mac", i),
					    "is that of ports[%zu] (line %d) too; every port has its "
					    "own", j, config->ports[j].line);
		for (size_t j = 0; j < port->n_addresses; j++)
			for (size_t k = 0; k <= i; k++)
				for (size_t l = 0; l < (k < i ? config->ports[k].n_addresses : j);
				     l++)
					if (address_same(&port->addresses[j],
							 &config->ports[k].addresses[l]))
						check_wrong(checking,
							    check_key(checking,
								      "ports[%zu].addresses[%zu]",
								      i, j),
							    "is ports[%zu].addresses[%zu] too; give "
							    "each address once", k, l);
		check_routes(checking, port, i);
	}
}

static bool has_lun(const struct iscsi_config *iscsi, uint64_t lun)
{
	for (size_t i = 0; i < iscsi->n_luns; i++)
		if (iscsi->luns[i] == lun)
			return true;
	return false;
}

static bool is_disk(const struct identity_config *config, const char *target, uint64_t lun)
{
	for (size_t i = 0; i < config->n_disks; i++)
		if (config->disks[i].lun == lun && !strcmp(config->disks[i].target, target))
			return true;
	return false;
}

static void check_iscsi(struct checking *checking, const struct identity_config *config)
{
	for (size_t i = 0; i < config->n_iscsi; i++) {
		const struct iscsi_config *iscsi = &config->iscsi[i];

		for (size_t j = 0; j < i; j++)
			if (!strcmp(iscsi->target, config->iscsi[j].target))
				check_wrong(checking, check_key(checking, "iscsi[%zu].target", i),
					    "is that of iscsi[%zu] (line %d) too; name each target "
					    "once, with all its luns", j, config->iscsi[j].line);
		for (size_t j = 0; j < iscsi->n_luns; j++) {
			check_key(checking, "iscsi[%zu].luns[%zu]", i, j);
			for (size_t k = 0; k < j; k++)
				if (iscsi->luns[k] == iscsi->luns[j])
					check_wrong(checking, checking->key,
						    "%llu is here twice; leave one out",
						    (unsigned long long)iscsi->luns[j]);
			if (config->fence == FENCE_RESERVATION &&
			    !is_disk(config, iscsi->target, iscsi->luns[j]))
				check_wrong(checking, checking->key,
					    "LUN %llu is no disk, so nothing would fence the old holder "
					    "off it; name it under disks",
					    (unsigned long long)iscsi->luns[j]);
		}
	}
}

static void check_disks(struct checking *checking, const struct identity_config *config)
{
	for (size_t i = 0; i < config->n_disks; i++) {
		const struct disk_config *disk = &config->disks[i];
		const struct iscsi_config *iscsi = NULL;

		for (size_t j = 0; j < config->n_iscsi && !iscsi; j++)
			if (!strcmp(disk->target, config->iscsi[j].target))
				iscsi = &config->iscsi[j];
		if (!iscsi)
			check_wrong(checking, check_key(checking, "disks[%zu].iscsi", i),
				    "\"%.96s\" is no target under iscsi; name one of those, or add it "
				    "there", disk->target);
		else if (!has_lun(iscsi, disk->lun))
			check_wrong(checking, check_key(checking, "disks[%zu].lun", i),
				    "%llu is not among the luns of that target (line %d); add it there, "
				    "or name one of them", (unsigned long long)disk->lun,
				    iscsi->line);
		for (size_t j = 0; j < i; j++) {
			if (!strcmp(disk->name, config->disks[j].name))
				check_wrong(checking, check_key(checking, "disks[%zu].name", i),
					    "\"%s\" is the name of disks[%zu] too; give each its own",
					    disk->name, j);
			if (disk->lun == config->disks[j].lun &&
			    !strcmp(disk->target, config->disks[j].target))
				check_wrong(checking, check_key(checking, "disks[%zu].lun", i),
					    "is the LUN of disks[%zu] (%s) too; name each once", j,
					    config->disks[j].name);
		}
		if (config->fence == FENCE_RESERVATION && !disk->wwid && !disk->serial)
			check_wrong(checking, check_key(checking, "disks[%zu]", i),
				    "needs its wwid, so that no other disk is taken from its owner by "
				    "mistake; give what \"udevadm info --query=property /dev/sdX\" says as "
				    "ID_SERIAL, or as serial what it says as ID_SCSI_SERIAL");
	}
}

static void check_mounts(struct checking *checking, const struct identity_config *config)
{
	for (size_t i = 0; i < config->n_mounts; i++) {
		const struct mount_config *mount = &config->mounts[i];
		bool found = false;

		for (size_t j = 0; j < config->n_disks; j++)
			found |= !strcmp(mount->disk, config->disks[j].name);
		if (!found)
			check_wrong(checking, check_key(checking, "mounts[%zu].disk", i),
				    "\"%s\" is no disk of this identity; name one under disks",
				    mount->disk);
		for (size_t j = 0; j < i; j++) {
			size_t length = strlen(mount->where);

			if (!strcmp(mount->where, config->mounts[j].where))
				check_wrong(checking, check_key(checking, "mounts[%zu].where", i),
					    "%.96s is where mounts[%zu] is mounted too; give each its "
					    "own directory", mount->where, j);
			else if (!strncmp(mount->where, config->mounts[j].where, length) &&
				 config->mounts[j].where[length] == '/')
				check_wrong(checking, check_key(checking, "mounts[%zu].where", i),
					    "%.96s would hide mounts[%zu], which is below it; write it "
					    "before that one", mount->where, j);
		}
	}
}

bool identity_arm_policy(const char *text, enum arm_policy *policy, char *why)
{
	return value_choice(text, ARM_WORDS, policy, why);
}

/* As many as plan.c makes: a port is set up and announced, a disk reserved and waited for. */
static size_t count_steps(const struct identity_config *config)
{
	return !!config->n_voters + config->n_iscsi + 2 * config->n_ports + config->n_disks +
	       config->n_mounts + config->n_units +
	       (config->fence == FENCE_RESERVATION ? config->n_disks : 0);
}

static void check_voters(struct checking *checking, const struct identity_config *config)
{
	for (size_t i = 0; i < config->n_voters; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(config->voters[i], config->voters[j]))
				check_wrong(checking, check_key(checking, "voters[%zu]", i),
					    "%.96s is voters[%zu] too; name each once",
					    config->voters[i], j);
	if (config->n_voters && !config->n_ports)
		check_wrong(checking, "voters", "decide about frames that leave ports, and the "
			    "identity has none; name one under ports, or leave this out");
}

void identity_check(struct checking *checking, struct identity_config *config)
{
	size_t steps;

	if (config->arm == ARM_DEFAULT)
		config->arm = config->takeover_auto ? ARM_BOOT : ARM_MANUAL;
	check_ports(checking, config);
	check_iscsi(checking, config);
	check_disks(checking, config);
	check_mounts(checking, config);
	for (size_t i = 0; i < config->n_units; i++)
		for (size_t j = 0; j < i; j++)
			if (!strcmp(config->units[i], config->units[j]))
				check_wrong(checking, check_key(checking, "units[%zu]", i),
					    "%.96s is units[%zu] too; name each once",
					    config->units[i], j);
	check_voters(checking, config);
	if (config->fence == FENCE_RESERVATION && !config->n_disks)
		check_wrong(checking, "fence", "reservation needs a disk to reserve; name one under "
			    "disks, or say fence: none if two holders at once do no harm");
	steps = count_steps(config);
	if (!steps)
		check_wrong(checking, "", "the identity bears nothing; give it ports, iscsi or units");
	if (steps >= HOTID_MAX_STEPS)
		check_wrong(checking, "", "the plan would have %zu steps; at most %d fit, so split the "
			    "identity", steps, HOTID_MAX_STEPS - 1);
}
