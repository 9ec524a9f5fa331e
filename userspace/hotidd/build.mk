# SPDX-License-Identifier: GPL-2.0
# hotidd. Targets: hotidd, install-hotidd. Needs libhotid/build.mk and bpf/build.mk before it.

SBINDIR ?= $(PREFIX)/sbin
SYSCONFDIR ?= /etc
UNITDIR ?= $(PREFIX)/lib/systemd/system

hotidd-dir := userspace/hotidd
hotidd-src := $(sort $(wildcard $(hotidd-dir)/*.c $(hotidd-dir)/*/*.c))
hotidd-obj := $(patsubst userspace/%.c,$(O)/%.o,$(hotidd-src))
hotidd-packages := libsystemd libudev mount libmnl libbpf yaml-0.1
hotidd-cflags := -pthread -I$(hotidd-dir) -Ikmod/uapi -Iuserspace/libhotid -Iuserspace/common -I$(O) \
	-DHOTID_VERSION='"$(HOTID_VERSION)"' $(shell pkg-config --cflags $(hotidd-packages))
# libsgutils2 comes without a pkg-config file.
hotidd-libs := $(shell pkg-config --libs $(hotidd-packages)) -lsgutils2

.PHONY: hotidd install-hotidd
hotidd: $(O)/bin/hotidd

$(O)/hotidd/%.o: $(hotidd-dir)/%.c
	@mkdir -p $(@D)
	$(QUIET_CC)$(CC) $(CFLAGS) $(hotidd-cflags) -c -o $@ $<

$(O)/hotidd/probe/program.o: $(O)/bpf/hotid_probe.skel.h
$(O)/hotidd/net/port_filter.o: $(O)/bpf/hotid_port_filter.skel.h

# Finds the library in the build tree.
$(O)/bin/hotidd: $(hotidd-obj) $(O)/lib/libhotid.so
	@mkdir -p $(@D)
	$(QUIET_LD)$(CC) $(CFLAGS) $(LDFLAGS) -pthread -Wl,-rpath,'$$ORIGIN/../lib' -o $@ \
		$(hotidd-obj) -L$(O)/lib -lhotid $(hotidd-libs)

# What is installed has no search path of its own.
$(O)/install/hotidd: $(hotidd-obj) $(O)/lib/libhotid.so
	@mkdir -p $(@D)
	$(QUIET_LD)$(CC) $(CFLAGS) $(LDFLAGS) -pthread -o $@ \
		$(hotidd-obj) -L$(O)/lib -lhotid $(hotidd-libs)

install-hotidd: $(O)/install/hotidd
	install -d $(DESTDIR)$(SBINDIR) $(DESTDIR)$(UNITDIR) $(DESTDIR)$(MANDIR)/man5 \
		$(DESTDIR)$(MANDIR)/man7 $(DESTDIR)$(MANDIR)/man8 \
		$(DESTDIR)$(PREFIX)/share/doc/hotid/examples
	install -d -m 700 $(DESTDIR)$(SYSCONFDIR)/hotid/identities
	install -m 755 $(O)/install/hotidd $(DESTDIR)$(SBINDIR)/
	sed 's|@SBINDIR@|$(SBINDIR)|' $(hotidd-dir)/hotidd.service.in \
		>$(DESTDIR)$(UNITDIR)/hotidd.service
	install -m 644 userspace/man/hotidd.8 $(DESTDIR)$(MANDIR)/man8/
	install -m 644 userspace/man/hotid.7 $(DESTDIR)$(MANDIR)/man7/
	install -m 644 userspace/man/hotid-node.yaml.5 userspace/man/hotid-identity.yaml.5 \
		$(DESTDIR)$(MANDIR)/man5/
	install -m 644 $(hotidd-dir)/examples/node.yaml $(hotidd-dir)/examples/web.yaml \
		$(DESTDIR)$(PREFIX)/share/doc/hotid/examples/

-include $(hotidd-obj:.o=.d)
