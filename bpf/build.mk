# SPDX-License-Identifier: GPL-2.0
# The XDP probe and the port filter: objects with BTF, and the skeleton headers that hotidd embeds.

BPF_ARCH_INC := -I/usr/include/$(shell $(CC) -print-multiarch)
BPF_CFLAGS := -O2 -g -Wall -Wextra -Wno-unused-parameter -Wno-unknown-pragmas \
	-Wno-pass-failed -target bpf -mcpu=v3 $(BPF_ARCH_INC) -Ikmod

$(O)/bpf/hotid_probe.bpf.o: bpf/hotid_probe.bpf.c kmod/wire.h kmod/slot.h kmod/siphash24.h
	@mkdir -p $(@D)
	$(QUIET_BPF)$(CLANG) $(BPF_CFLAGS) -c -o $@ $<

$(O)/bpf/hotid_port_filter.bpf.o: bpf/hotid_port_filter.bpf.c
	@mkdir -p $(@D)
	$(QUIET_BPF)$(CLANG) $(BPF_CFLAGS) -c -o $@ $<

$(O)/bpf/%.skel.h: $(O)/bpf/%.bpf.o
	$(QUIET_GEN)$(BPFTOOL) gen skeleton $< name $* > $@.tmp && mv $@.tmp $@

bpf: $(O)/bpf/hotid_probe.skel.h $(O)/bpf/hotid_port_filter.skel.h
.PHONY: bpf
