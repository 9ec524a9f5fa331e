/* SPDX-License-Identifier: GPL-2.0 */
/* What node.yaml and identities/NAME.yaml say; reader.h reads them. */
#ifndef HOTIDD_CONFIG_H
#define HOTIDD_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/problems.h"
#include "hotid.h"

/* An address with its prefix, or with full length where it is a host. */
struct ip_prefix {
	int family;			/* AF_INET or AF_INET6 */
	uint8_t addr[16];
	uint8_t prefix;
};

struct path_config {
	struct ip_prefix address;
	struct ip_prefix local;		/* AF_UNSPEC: the kernel chooses */
	uint16_t port;			/* never 0 */
	char *device;			/* NULL: the routes choose */
};

struct peer_config {
	uint8_t id[HOTID_ID_LEN];
	char name[HOTID_NAME_MAX + 1];
	bool watch;			/* detect its failure */
	bool tell;			/* send it this node's beats */
	uint32_t multiplier;		/* never 0 */
	struct path_config *paths;
	size_t n_paths;			/* at most HOTID_MAX_PATHS */
};

#define NODE_KEYS_MAX	2		/* as many as the module accepts at a time */

struct cluster_key {
	uint32_t generation;		/* from 1 */
	uint8_t key[HOTID_KEY_LEN];
};

/* Where the XDP probe runs; as the names of probe.mode. */
enum probe_want {
	PROBE_AUTO,		/* native where the driver has it, else generic */
	PROBE_NATIVE,
	PROBE_GENERIC,
	PROBE_OFF,
};

struct node_config {
	char name[HOTID_NAME_MAX + 1];
	uint8_t id[HOTID_ID_LEN];
	char *key_file;
	struct cluster_key keys[NODE_KEYS_MAX];	/* what it holds; the first is signed with */
	size_t n_keys;
	uint32_t interval_us;
	uint32_t multiplier;		/* of peers that name none */
	uint16_t port;
	int priority;			/* SCHED_FIFO, 0 for none */
	uint32_t keepalive_limit_ms;
	uint32_t audit_ms;		/* between two audits */
	struct match *arm;		/* identity and policy, instead of the identity's own */
	size_t n_arm;
	enum probe_want probe_mode;
	char **probe_devices;		/* none: the devices the peers' paths use */
	size_t n_probe_devices;
	uint32_t probe_room;		/* for so many peers; 0 for those of the list */
	struct peer_config *peers;
	size_t n_peers;
};

/* libudev properties that exactly one network device must have. */
struct match {
	char *property;
	char *value;
};

struct route_config {
	struct ip_prefix to;		/* prefix 0: default; never AF_UNSPEC */
	bool has_via;
	struct ip_prefix via;
};

struct port_config {
	struct match *matches;
	size_t n_matches;
	uint8_t mac[6];
	struct ip_prefix *addresses;
	size_t n_addresses;
	struct route_config *routes;
	size_t n_routes;
	int line;			/* in the file, for messages */
};

struct iscsi_config {
	char *initiator;		/* iqn, eui or naa name of the identity */
	char *portal;			/* ADDRESS:PORT */
	char *target;
	uint64_t *luns;
	size_t n_luns;
	int line;
};

/* What becomes of a reservation key that no node of this cluster made. */
enum foreign_keys {
	FOREIGN_KEYS_REFUSE,
	FOREIGN_KEYS_PREEMPT,
};

struct disk_config {
	char *name;
	char *target;			/* names one entry of iscsi */
	uint64_t lun;
	char *wwid;			/* as udev's ID_SERIAL says it; NULL: any */
	char *serial;			/* as udev's ID_SCSI_SERIAL says it; NULL: any */
	enum foreign_keys foreign_keys;
	int line;
};

/* What becomes of a file system that needs a check. */
enum with_errors {
	WITH_ERRORS_REFUSE,
	WITH_ERRORS_MOUNT,
};

struct mount_config {
	char *disk;			/* a disk_config's name */
	char *where;			/* absolute path */
	char *type;
	char *options;			/* NULL: defaults */
	enum with_errors with_errors;
	int line;
};

enum fence_policy {
	FENCE_RESERVATION,
	FENCE_NONE,			/* only when the file says so explicitly */
};

enum arm_policy {
	ARM_DEFAULT,			/* the file does not say; never in what is read */
	ARM_MANUAL,			/* on request */
	ARM_BOOT,			/* when the daemon finds it untouched since the boot */
};

/* Each disk is a LUN of one entry of iscsi, and each mount is of a disk: the reader sees to it. */
struct identity_config {
	char name[HOTID_NAME_MAX + 1];
	char *path;			/* of the file, for messages */
	bool takeover_auto;		/* when the holder is down */
	bool takeover_hung;		/* also when its daemon is dead; auto is set then */
	enum arm_policy arm;
	enum fence_policy fence;
	char **voters;			/* names of nodes */
	size_t n_voters;
	struct port_config *ports;
	size_t n_ports;
	struct iscsi_config *iscsi;
	size_t n_iscsi;
	struct disk_config *disks;
	size_t n_disks;
	struct mount_config *mounts;
	size_t n_mounts;
	char **units;
	size_t n_units;
	uint32_t step_timeout_ms;	/* longest time one verb may take */
	struct document *document;	/* the file, for the lines of its keys */
};

#define CONFIG_ERROR_MAX	PROBLEM_MAX

/* All of a configuration directory. */
struct config {
	struct node_config *node;
	struct identity_config **identities;
	size_t n_identities;
};

#endif /* HOTIDD_CONFIG_H */
