#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# An iSCSI target on the storage node: one LUN with a fresh ext4, visible to one initiator name
# only, through two target portal groups, so that LIO tells two nodes of that name apart:
#
#	10.78.0.3:3260  group 1 ─┐
#	                         ├─ fileio "store", LUN 0
#	10.78.0.3:3261  group 2 ─┘
set -eu

target=iqn.2026-01.example.hotid:store
initiator=iqn.2026-01.example.hotid:web
image=/root/store.img
megabytes=64

modprobe -a target_core_mod target_core_file iscsi_target_mod
mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
mkdir -p "$(cat /sys/kernel/config/target/dbroot)/pr"	# for reservations that outlive a restart
truncate -s "${megabytes}M" "$image"
mkfs.ext4 -q "$image"

cd /sys/kernel/config/target
store=$PWD/core/fileio_0/store
mkdir -p "$store"
echo "fd_dev_name=$image,fd_dev_size=$((megabytes << 20))" >"$store/control"
echo 6e4f7d00-1d1d-4a77-9c10-000000000001 >"$store/wwn/vpd_unit_serial"
echo 1 >"$store/enable"

for group in 1 2; do
	tpg=$PWD/iscsi/$target/tpgt_$group
	acl=$tpg/acls/$initiator
	mkdir -p "$tpg/np/10.78.0.3:$((3259 + group))" "$tpg/lun/lun_0"
	ln -s "$store" "$tpg/lun/lun_0/store"
	echo 0 >"$tpg/attrib/authentication"
	echo 0 >"$tpg/attrib/generate_node_acls"
	mkdir -p "$acl/lun_0"
	ln -s "$tpg/lun/lun_0" "$acl/lun_0/store"
	echo 1 >"$tpg/enable"
done
