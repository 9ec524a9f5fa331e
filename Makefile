# SPDX-License-Identifier: GPL-2.0
#
# make            the programs, the library and the probe; names what is missing for that
# make deps       install that, as root, on Debian
# make modules    hotid.ko for the running kernel (KDIR=... for another)
# make demo       a server dies and a spare becomes it, in virtual machines
# make check      every test; the last line counts them
#                 (KERNEL=6.1|6.12|new|rt|all: of the guests)
# make bench-fence  how soon a holder that is cut off is silent (6 minutes)
# make bench-detect  how fast and how sure the detector is (45 minutes; LONG=1: hours)
# make figures    those of the last demo and bench into README.md and docs/benchmarks.md
# make unit       the tests that need no virtual machine
# make fuzz       10 million hostile inputs to what receives (FUZZ_RUNS=N)
# make model-big  the models of leases and votes with larger constants (hours)
# make generate   write again what follows from kmod/spec/hotid.yaml
# make install    programs, library, manual pages (DESTDIR, PREFIX, LIBDIR); make uninstall
# make clean      what was built, but for kernels and roots of guests; make distclean: all
#
# O=DIR puts what is built elsewhere than build/. V=1 shows the commands, WERROR=1 makes
# errors of warnings.

O ?= build
PREFIX ?= /usr
HOTID_VERSION := $(shell sed -n 's/^.define HOTID_VERSION\t"\(.*\)"$$/\1/p' kmod/version.h)
KDIR ?= /lib/modules/$(shell uname -r)/build
GOALS := all libhotid hotidctl hotidd bpf unit fuzz fuzz-short check demo ledger-programs \
	bench-detect bench-fence bench-programs model-big install uninstall
# These install what they need; the others only say what is missing.
INSTALLING := unit fuzz fuzz-short check demo ledger-programs bench-detect bench-fence \
	bench-programs model-big

.DEFAULT_GOAL := all
.PHONY: $(GOALS) figures modules modules_install generate check-generated deps clean \
	distclean

# What only builds: suites that run side by side build in one tree, so one of
# these runs at a time.
LOCKED := all libhotid hotidctl hotidd bpf ledger-programs bench-programs

# The first call installs what the second needs to be read at all.
ifndef HOTID_READY

$(GOALS):
	@tools/testing/deps $(if $(filter $@,$(INSTALLING)),--install) $@
	@mkdir -p $(O)
	@+$(if $(filter $@,$(LOCKED)),flock $(O)/.lock) \
		$(MAKE) --no-print-directory HOTID_READY=1 $@

else

CC ?= gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
CFLAGS ?= -O2 -g
override CFLAGS += -std=gnu11 -Wall -Wextra -Wno-unused-parameter -MMD -MP $(if $(WERROR),-Werror)

# Other flags than last time: everything again.
FLAGS := $(strip $(CC) $(CLANG) $(CFLAGS) $(LDFLAGS))
ifneq ($(file <$(O)/.flags),$(FLAGS))
$(shell find $(O) -name '*.o' -not -path '$(O)/kmod*' -not -path '$(O)/kernels/*' -delete)
$(file >$(O)/.flags,$(FLAGS))
endif

ifneq ($(V),1)
QUIET_CC = @echo '  CC      $@';
QUIET_LD = @echo '  LD      $@';
QUIET_AR = @echo '  AR      $@';
QUIET_BPF = @echo '  BPF     $@';
QUIET_GEN = @echo '  GEN     $@';
endif

all: libhotid hotidctl hotidd bpf

include bpf/build.mk
include userspace/libhotid/build.mk
include userspace/hotidctl/build.mk
include userspace/hotidd/build.mk
include tools/testing/unit/build.mk
include tools/testing/hotidtest/build.mk
include tools/testing/bench/bench.mk
include tools/testing/fuzz/build.mk

install: install-libhotid install-hotidctl install-hotidd

# What install would put there; configuration stays.
uninstall:
	@rm -rf $(O)/installed
	@$(MAKE) -s --no-print-directory install DESTDIR=$(abspath $(O)/installed) >/dev/null
	@cd $(O)/installed && find . -not -type d -not -path '.$(SYSCONFDIR)/*' | cut -c2- | \
		while read -r file; do rm -fv "$(DESTDIR)$$file"; done

check: all check-generated
	@O=$(O) tools/testing/check

model-big:
	@O=$(O) HOTID_MODEL=big tools/testing/model/run correct

demo: all
	@O=$(O) tools/testing/demo/demo

endif

modules modules_install:
	$(MAKE) -C $(KDIR) M=$(CURDIR) $@

generate:
	@tools/testing/deps --install generate
	@tools/kernel-files tools >/dev/null
	kmod/spec/generate.py kmod/spec/hotid.yaml .

figures:
	@O=$(O) tools/testing/figures

check-generated:
	@kmod/spec/generate.py --check kmod/spec/hotid.yaml .

deps:
	@tools/testing/deps --install all

# They take minutes to make, and follow from what they are made of.
KEPT := kernels roots initramfs locks kernel-files headers

clean:
	@find $(O) -mindepth 1 -maxdepth 1 $(foreach kept,$(KEPT),-not -name $(kept)) \
		-exec rm -rf {} + 2>/dev/null || true
	@find . -path ./$(O) -prune -o \( -name '*.ko' -o -name '*.o' -o -name '*.mod' -o \
		-name '*.mod.c' -o -name '.*.cmd' -o -name Module.symvers -o \
		-name modules.order \) -exec rm -f {} +

distclean: clean
	rm -rf $(O)
