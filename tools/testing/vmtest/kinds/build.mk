# SPDX-License-Identifier: GPL-2.0
# hotid-kind-test: single verbs of hotidd's kinds. Target: kindtest. Needs hotidd/build.mk before it.

kindtest-dir := tools/testing/vmtest/kinds
kindtest-obj := $(O)/vmtest/kindtest.o $(filter-out $(addprefix $(O)/hotidd/,main.o net/peers.o),$(hotidd-obj))

.PHONY: kindtest
kindtest: $(O)/bin/hotid-kind-test

$(O)/vmtest/kindtest.o: $(kindtest-dir)/kindtest.c
	@mkdir -p $(@D)
	$(QUIET_CC)$(CC) $(CFLAGS) $(hotidd-cflags) -c -o $@ $<

$(O)/bin/hotid-kind-test: $(kindtest-obj) $(O)/lib/libhotid.so
	@mkdir -p $(@D)
	$(QUIET_LD)$(CC) $(CFLAGS) $(LDFLAGS) -pthread -Wl,-rpath,'$$ORIGIN/../lib' -o $@ \
		$(kindtest-obj) -L$(O)/lib -lhotid $(hotidd-libs)

-include $(O)/vmtest/kindtest.d
