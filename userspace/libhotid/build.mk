# SPDX-License-Identifier: GPL-2.0
# libhotid: shared and static library, pkg-config file, example.
# Targets: libhotid, install-libhotid. The top Makefile sets O, PREFIX, DESTDIR, CFLAGS, QUIET_*.

# Where the dynamic linker of the distribution looks: with its multiarch tuple, if it has one.
MULTIARCH := $(shell $(CC) -print-multiarch 2>/dev/null)
LIBDIR ?= $(PREFIX)/lib$(if $(MULTIARCH),/$(MULTIARCH))
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man

libhotid-dir := userspace/libhotid
libhotid-src := $(notdir $(wildcard $(libhotid-dir)/*.c))
libhotid-obj := $(addprefix $(O)/libhotid/,$(libhotid-src:.c=.o))
libhotid-cflags := -Ikmod/uapi -I$(libhotid-dir) $(shell pkg-config --cflags libnl-genl-3.0)
libhotid-libs := $(shell pkg-config --libs libnl-genl-3.0)

.PHONY: libhotid install-libhotid
libhotid: $(O)/lib/libhotid.so $(O)/lib/libhotid.a $(O)/lib/pkgconfig/libhotid.pc \
	$(O)/bin/example-orchestrator

$(O)/libhotid/%.o: $(libhotid-dir)/%.c
	@mkdir -p $(@D)
	$(QUIET_CC)$(CC) $(CFLAGS) $(libhotid-cflags) -fPIC -c -o $@ $<

$(O)/lib/libhotid.so.0: $(libhotid-obj) $(libhotid-dir)/libhotid.map
	@mkdir -p $(@D)
	$(QUIET_LD)$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,-soname,libhotid.so.0 -Wl,-z,defs \
		-Wl,--version-script,$(libhotid-dir)/libhotid.map -o $@ $(libhotid-obj) $(libhotid-libs)

$(O)/lib/libhotid.so: $(O)/lib/libhotid.so.0
	@ln -sf libhotid.so.0 $@

$(O)/lib/libhotid.a: $(libhotid-obj)
	@mkdir -p $(@D)
	@rm -f $@
	$(QUIET_AR)$(AR) rcs $@ $^

# Compared each time, since PREFIX and LIBDIR are not files; replaced only on a difference.
.PHONY: libhotid-pc
$(O)/lib/pkgconfig/libhotid.pc: libhotid-pc
	@mkdir -p $(@D)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@VERSION@|$(HOTID_VERSION)|' \
		$(libhotid-dir)/libhotid.pc.in >$@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# The example sees what a user of the library sees: the public headers only.
$(O)/bin/example-orchestrator: $(libhotid-dir)/examples/orchestrator.c $(O)/lib/libhotid.so
	@mkdir -p $(@D)
	$(QUIET_CC)$(CC) $(CFLAGS) -MF $(O)/libhotid/example-orchestrator.d -Ikmod/uapi -I$(libhotid-dir) $(LDFLAGS) \
		-Wl,-rpath,'$$ORIGIN/../lib' -o $@ $< -L$(O)/lib -lhotid

install-libhotid: libhotid
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/libhotid/linux \
		$(DESTDIR)$(MANDIR)/man3 $(DESTDIR)$(MANDIR)/man7
	install -m 755 $(O)/lib/libhotid.so.0 $(DESTDIR)$(LIBDIR)/
	ln -sf libhotid.so.0 $(DESTDIR)$(LIBDIR)/libhotid.so
	install -m 644 $(O)/lib/libhotid.a $(DESTDIR)$(LIBDIR)/
	install -m 644 $(O)/lib/pkgconfig/libhotid.pc $(DESTDIR)$(LIBDIR)/pkgconfig/
	install -m 644 $(libhotid-dir)/hotid.h $(libhotid-dir)/hotid_version.h $(DESTDIR)$(INCLUDEDIR)/libhotid/
	install -m 644 kmod/uapi/linux/hotid.h $(DESTDIR)$(INCLUDEDIR)/libhotid/linux/
	install -m 644 userspace/man/libhotid.3 $(DESTDIR)$(MANDIR)/man3/
	install -m 644 userspace/man/hotid-netlink.7 $(DESTDIR)$(MANDIR)/man7/

-include $(libhotid-obj:.o=.d) $(O)/libhotid/example-orchestrator.d
