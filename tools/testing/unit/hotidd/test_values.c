// SPDX-License-Identifier: GPL-2.0
/* hotidd's parsers of single values: what they take, what they refuse, and in which words. */
#include <arpa/inet.h>
#include <stdlib.h>

#include "config/config.h"
#include "config/values.h"
#include "ktap.h"

static char why[VALUE_WHY_MAX];

/* Refused with @words in the reason, and the place of the value untouched. */
static void refused(value_fn parse, const struct value_limits *limits, const char *text,
		    const char *words)
{
	unsigned char out[128], before[128];

	memset(out, 0x5a, sizeof(out));
	memcpy(before, out, sizeof(out));
	strcpy(why, "(nothing was said)");
	if (CHECK(!parse(text, limits, out, why)))
		CHECK(!memcmp(out, before, sizeof(out)));
	if (!CHECK(strstr(why, words)))
		printf("#   of \"%s\": \"%s\" does not say \"%s\"\n", text, why, words);
}

static void taken_text(value_fn parse, const char *text, const char *want)
{
	char *out = NULL;

	if (!CHECK(parse(text, NULL, &out, why)))
		printf("#   of \"%s\": %s\n", text, why);
	else
		CHECK_STR(out, want);
	free(out);
}

static void numbers(void)
{
	const struct value_limits limits = { .min = 2, .max = 255 };
	uint32_t value = 0;
	uint64_t large = 0;
	uint16_t port = 0;

	CHECK(value_u32("2", &limits, &value, why) && value == 2);
	CHECK(value_u32("255", &limits, &value, why) && value == 255);
	CHECK(value_u64("18446744073709551615", NULL, &large, why) && large == UINT64_MAX);
	CHECK(value_u16("65535", NULL, &port, why) && port == 65535);
	CHECK(value_u16("0", NULL, &port, why) && port == 0);
	refused(value_u32, &limits, "1", "1 is out of range; give a number from 2 to 255");
	refused(value_u32, &limits, "256", "out of range");
	refused(value_u32, &limits, "", "not a whole decimal number");
	refused(value_u32, &limits, "3x", "not a whole decimal number");
	refused(value_u32, &limits, "-3", "not a whole decimal number");
	refused(value_u32, &limits, "+3", "not a whole decimal number");
	refused(value_u32, &limits, " 3", "not a whole decimal number");
	refused(value_u32, &limits, "0x10", "not a whole decimal number");
	refused(value_u32, &limits, "010", "not a whole decimal number");
	refused(value_u32, &limits, "3.0", "not a whole decimal number");
	refused(value_u32, NULL, "4294967296", "out of range");
	refused(value_u64, NULL, "18446744073709551616", "not a whole decimal number");
	refused(value_u16, NULL, "65536", "out of range");
}

static void booleans_and_choices(void)
{
	const struct value_limits names = {
		.names = (const char *const[]){ "auto", "native", "off", NULL },
	};
	bool yes = false;
	int choice = -1;

	CHECK(value_bool("true", NULL, &yes, why) && yes);
	CHECK(value_bool("no", NULL, &yes, why) && !yes);
	CHECK(value_bool("yes", NULL, &yes, why) && yes);
	CHECK(value_bool("false", NULL, &yes, why) && !yes);
	refused(value_bool, NULL, "True", "write true or false");
	refused(value_bool, NULL, "1", "write true or false");
	refused(value_bool, NULL, "", "write true or false");
	CHECK(value_choice("off", &names, &choice, why) && choice == 2);
	refused(value_choice, &names, "on", "\"on\" is not known here; write auto, native or off");
	refused(value_choice, &names, "", "write auto, native or off");
}

static void durations(void)
{
	const struct value_limits us = { .min = 1000, .max = 10000000 };
	const struct value_limits ms = { .min = 10, .max = 600000 };
	uint32_t value = 0;

	CHECK(value_duration_us("10ms", &us, &value, why) && value == 10000);
	CHECK(value_duration_us("1500us", &us, &value, why) && value == 1500);
	CHECK(value_duration_us("10s", &us, &value, why) && value == 10000000);
	CHECK(value_duration_ms("10ms", &ms, &value, why) && value == 10);
	CHECK(value_duration_ms("600s", &ms, &value, why) && value == 600000);
	CHECK(value_duration_ms("20000us", &ms, &value, why) && value == 20);
	refused(value_duration_us, &us, "10", "\"10\" has no unit; write a whole number and us, ms or s, "
		"like 1ms");
	refused(value_duration_us, &us, "10m", "no such unit");
	refused(value_duration_us, &us, "10 ms", "no such unit");
	refused(value_duration_us, &us, "10MS", "no such unit");
	refused(value_duration_us, &us, "1.5ms", "no such unit");
	refused(value_duration_us, &us, "ms", "not a duration");
	refused(value_duration_us, &us, "", "not a duration");
	refused(value_duration_us, &us, "-1ms", "not a duration");
	refused(value_duration_us, &us, "999us", "999us is out of range; give a duration from 1ms to 10s");
	refused(value_duration_us, &us, "11s", "out of range");
	refused(value_duration_us, &us, "18446744073709551615s", "out of range");
	refused(value_duration_ms, &ms, "10500us", "too fine; give a multiple of 1ms");
}

static void names_and_ids(void)
{
	static const uint8_t want[16] = {
		0x0f, 0x0e, 0x0d, 0x0c, 0x0b, 0x0a, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0
	};
	char name[HOTID_NAME_MAX + 1], longest[HOTID_NAME_MAX + 2];
	uint8_t id[16], key[4];

	CHECK(value_name("web-1.example_2", NULL, name, why));
	CHECK_STR(name, "web-1.example_2");
	memset(longest, 'a', sizeof(longest) - 1);
	longest[HOTID_NAME_MAX + 1] = '\0';
	refused(value_name, NULL, longest, "at most 63");
	longest[HOTID_NAME_MAX] = '\0';
	CHECK(value_name(longest, NULL, name, why));
	refused(value_name, NULL, "", "is empty");
	refused(value_name, NULL, ".hidden", "not a name");
	refused(value_name, NULL, "a/b", "not a name");
	refused(value_name, NULL, "..", "not a name");
	refused(value_name, NULL, "a b", "not a name");
	refused(value_name, NULL, "w\xc3\xa9" "b", "not a name");

	CHECK(value_id("0f0e0d0c0b0a09080706050403020100", NULL, id, why));
	CHECK(!memcmp(id, want, sizeof(want)));
	CHECK(value_id("0F0E0D0C-0B0A-0908-0706-050403020100", NULL, id, why));
	CHECK(!memcmp(id, want, sizeof(want)));
	refused(value_id, NULL, "00000000000000000000000000000000", "all zero");
	refused(value_id, NULL, "0f0e0d0c0b0a090807060504030201", "not a node id");
	refused(value_id, NULL, "0f0e0d0c0b0a0908070605040302010000", "not a node id");
	refused(value_id, NULL, "0f0e0d0c0b0a0908070605040302010g", "not a node id");
	refused(value_id, NULL, "", "not a node id");

	CHECK(value_hex("00fFa0B1", key, 4));
	CHECK(key[0] == 0 && key[1] == 0xff && key[2] == 0xa0 && key[3] == 0xb1);
	CHECK(!value_hex("00fFa0B", key, 4));
	CHECK(!value_hex("00fFa0B1 ", key, 4));
	CHECK(!value_hex("00fFa0Bx", key, 4));
}

static void macs(void)
{
	static const uint8_t want[6] = { 0x02, 0, 0, 0x77, 0, 0x10 };
	uint8_t mac[6];

	CHECK(value_mac("02:00:00:77:00:10", NULL, mac, why) && !memcmp(mac, want, 6));
	CHECK(value_mac("02-00-00-77-00-10", NULL, mac, why) && !memcmp(mac, want, 6));
	CHECK(value_mac("AA:bb:Cc:dD:ee:fE", NULL, mac, why) && mac[5] == 0xfe);
	refused(value_mac, NULL, "01:00:5e:00:00:01",
		"01:00:5e:00:00:01 is a multicast address; give a unicast one");
	refused(value_mac, NULL, "ff:ff:ff:ff:ff:ff", "multicast");
	refused(value_mac, NULL, "00:00:00:00:00:00", "zero address");
	refused(value_mac, NULL, "02:00:00:77:00", "not a MAC address");
	refused(value_mac, NULL, "02:00:00:77:00:", "not a MAC address");
	refused(value_mac, NULL, "02:00:00:77:00:1", "not a MAC address");
	refused(value_mac, NULL, "02:00:00:77:00:10:11", "not a MAC address");
	refused(value_mac, NULL, "02:00:00:77:00:1g", "not a MAC address");
	refused(value_mac, NULL, "2:0:0:77:0:10", "not a MAC address");
	refused(value_mac, NULL, "020000770010", "not a MAC address");
	refused(value_mac, NULL, "", "not a MAC address");
}

static void addresses(void)
{
	struct ip_prefix ip;

	CHECK(value_port_address("10.77.0.10/24", NULL, &ip, why));
	CHECK(ip.family == AF_INET && ip.prefix == 24 && ip.addr[0] == 10 && ip.addr[3] == 10);
	CHECK(value_port_address("fd77::10/64", NULL, &ip, why));
	CHECK(ip.family == AF_INET6 && ip.prefix == 64 && ip.addr[15] == 0x10);
	CHECK(value_port_address("10.0.0.0/31", NULL, &ip, why));
	CHECK(value_port_address("10.0.0.0/32", NULL, &ip, why));
	CHECK(value_port_address("fe80::1/64", NULL, &ip, why) && address_link_local(&ip));
	refused(value_port_address, NULL, "10.77.0.10", "has no prefix length");
	refused(value_port_address, NULL, "10.77.0.10/33", "wrong prefix length; give one from 0 to 32");
	refused(value_port_address, NULL, "fd77::10/129", "from 0 to 128");
	refused(value_port_address, NULL, "10.77.0.10/", "wrong prefix length");
	refused(value_port_address, NULL, "10.77.0.10/024", "wrong prefix length");
	refused(value_port_address, NULL, "10.77.0.10/24 ", "wrong prefix length");
	refused(value_port_address, NULL, "10.77.0.10/4294967320", "wrong prefix length");
	refused(value_port_address, NULL, "10.77.0/24", "not an IP address");
	refused(value_port_address, NULL, "10.77.0.256/24", "not an IP address");
	refused(value_port_address, NULL, "/24", "not an IP address");
	refused(value_port_address, NULL, "web/24", "not an IP address");
	refused(value_port_address, NULL,
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb/64", "not an IP address");
	refused(value_port_address, NULL, "10.77.0.10/0", "the whole world");
	refused(value_port_address, NULL, "10.77.0.0/24", "is the network itself");
	refused(value_port_address, NULL, "10.77.0.255/24", "broadcast address");
	refused(value_port_address, NULL, "127.0.0.2/8", "loopback");
	refused(value_port_address, NULL, "224.0.0.1/4", "multicast");
	refused(value_port_address, NULL, "255.255.255.255/32", "reserved or broadcast");
	refused(value_port_address, NULL, "0.0.0.0/8", "unspecified");
	refused(value_port_address, NULL, "::/64", "unspecified");
	refused(value_port_address, NULL, "::1/128", "loopback");
	refused(value_port_address, NULL, "ff02::1/128", "multicast");
	refused(value_port_address, NULL, "::ffff:10.0.0.1/128", "IPv4 address in IPv6 form");

	CHECK(value_address("10.77.0.1", NULL, &ip, why) && ip.prefix == 32);
	CHECK(value_address("fd77::1", NULL, &ip, why) && ip.prefix == 128);
	refused(value_address, NULL, "10.77.0.1/24", "without a prefix");
	refused(value_address, NULL, "active.example.org", "not an IP address");
	refused(value_address, NULL, "239.1.1.1", "multicast");

	CHECK(value_network("default", NULL, &ip, why) && ip.family == AF_UNSPEC);
	CHECK(value_network("0.0.0.0/0", NULL, &ip, why) && ip.family == AF_INET && !ip.prefix);
	CHECK(value_network("10.9.0.0/16", NULL, &ip, why) && ip.prefix == 16);
	CHECK(value_network("10.9.0.1/32", NULL, &ip, why));
	refused(value_network, NULL, "10.9.0.5/16", "10.9.0.5/16 has bits set after its prefix; write "
		"10.9.0.0/16");
	refused(value_network, NULL, "fd77:1::5/64", "write fd77:1::/64");
	refused(value_network, NULL, "224.0.0.0/4", "not a unicast network");
	refused(value_network, NULL, "10.9.0.0", "no prefix length");
}

static void iscsi(void)
{
	char longest[226] = "iqn.2026-01.org.example:";

	taken_text(value_iscsi_name, "iqn.2026-01.hotid:web", "iqn.2026-01.hotid:web");
	taken_text(value_iscsi_name, "iqn.2026-01.org.example", "iqn.2026-01.org.example");
	taken_text(value_iscsi_name, "eui.0123456789abcdef", "eui.0123456789abcdef");
	taken_text(value_iscsi_name, "naa.52004567BA64678D", "naa.52004567BA64678D");
	memset(longest + strlen(longest), 'x', sizeof(longest) - 1 - strlen(longest));
	refused(value_iscsi_name, NULL, longest, "223");
	longest[223] = '\0';
	taken_text(value_iscsi_name, longest, longest);
	refused(value_iscsi_name, NULL, "web", "not an iSCSI name");
	refused(value_iscsi_name, NULL, "", "not an iSCSI name");
	refused(value_iscsi_name, NULL, "iqn.", "no date");
	refused(value_iscsi_name, NULL, "iqn.2026-13.org.example:web", "no date");
	refused(value_iscsi_name, NULL, "iqn.2026-1.org.example:web", "no date");
	refused(value_iscsi_name, NULL, "iqn.2026-01", "no date");
	refused(value_iscsi_name, NULL, "iqn.2026-01.", "names no authority");
	refused(value_iscsi_name, NULL, "iqn.2026-01.:web", "names no authority");
	refused(value_iscsi_name, NULL, "iqn.2026-01.org.Example:web", "upper-case");
	refused(value_iscsi_name, NULL, "iqn.2026-01.org.example:w b", "holds ' '");
	refused(value_iscsi_name, NULL, "iqn.2026-01.org.example:w/b", "holds '/'");
	refused(value_iscsi_name, NULL, "eui.0123", "not an iSCSI name");
	refused(value_iscsi_name, NULL, "naa.52004567BA64678G", "not an iSCSI name");

	taken_text(value_portal, "10.78.0.3", "10.78.0.3:3260");
	taken_text(value_portal, "10.78.0.3:3261", "10.78.0.3:3261");
	taken_text(value_portal, "fd78::3", "[fd78::3]:3260");
	taken_text(value_portal, "[fd78::3]", "[fd78::3]:3260");
	taken_text(value_portal, "[fd78::3]:860", "[fd78::3]:860");
	refused(value_portal, NULL, "10.78.0.3:", "not a whole decimal number");
	refused(value_portal, NULL, "10.78.0.3:0", "out of range");
	refused(value_portal, NULL, "10.78.0.3:65536", "out of range");
	refused(value_portal, NULL, "10.78.0.3:iscsi", "not a whole decimal number");
	refused(value_portal, NULL, "storage:3260", "not a portal");
	refused(value_portal, NULL, "[fd78::3", "not a portal");
	refused(value_portal, NULL, "[fd78::3]3260", "not a portal");
	refused(value_portal, NULL, "", "not a portal");
	refused(value_portal, NULL, "0.0.0.0:3260", "unspecified");
}

static void paths_and_units(void)
{
	char longest[260];

	taken_text(value_mount_point, "/srv/web", "/srv/web");
	taken_text(value_mount_point, "/var/lib/web..x/.y", "/var/lib/web..x/.y");
	refused(value_mount_point, NULL, "srv/web", "not an absolute path");
	refused(value_mount_point, NULL, "", "not an absolute path");
	refused(value_mount_point, NULL, "/", "belongs to the node itself");
	refused(value_mount_point, NULL, "/usr", "belongs to the node itself");
	refused(value_mount_point, NULL, "/srv/web/", "not a plain path");
	refused(value_mount_point, NULL, "/srv//web", "not a plain path");
	refused(value_mount_point, NULL, "/srv/./web", "not a plain path");
	refused(value_mount_point, NULL, "/srv/../etc", "not a plain path");
	refused(value_mount_point, NULL, "/srv/..", "not a plain path");
	refused(value_mount_point, NULL, "/srv/w\neb", "control character");

	taken_text(value_unit, "ledger.service", "ledger.service");
	taken_text(value_unit, "web@1.service", "web@1.service");
	taken_text(value_unit, "a-b\\x2dc.mount", "a-b\\x2dc.mount");
	refused(value_unit, NULL, "ledger", "has no unit type; give the whole name, like ledger.service");
	refused(value_unit, NULL, "ledger.servise", "has no unit type");
	refused(value_unit, NULL, ".service", "has no unit type");
	refused(value_unit, NULL, "", "has no unit type");
	refused(value_unit, NULL, "web@.service", "template");
	refused(value_unit, NULL, "web/1.service", "not a unit name");
	refused(value_unit, NULL, "web 1.service", "not a unit name");
	refused(value_unit, NULL, "hotidd.service", "the daemon itself");
	memset(longest, 'u', sizeof(longest));
	strcpy(longest + 249, ".service");
	refused(value_unit, NULL, longest, "longer than a unit name");

	taken_text(value_device, "eth0", "eth0");
	taken_text(value_device, "bond0.77", "bond0.77");
	refused(value_device, NULL, "a-name-too-long0", "not the name of a network device");
	refused(value_device, NULL, "", "not the name of a network device");
	refused(value_device, NULL, "..", "not the name of a network device");
	refused(value_device, NULL, "eth/0", "not the name of a network device");
	refused(value_device, NULL, "eth 0", "not the name of a network device");
	taken_text(value_text, "pci-0000:00:04.0", "pci-0000:00:04.0");
	refused(value_text, NULL, "", "is empty");
	refused(value_text, NULL, "a\x1b[2Jb", "control character");
}

static const struct ktap_test tests[] = {
	{ "numbers", numbers },
	{ "booleans_and_choices", booleans_and_choices },
	{ "durations", durations },
	{ "names_and_ids", names_and_ids },
	{ "macs", macs },
	{ "addresses", addresses },
	{ "iscsi", iscsi },
	{ "paths_and_units", paths_and_units },
};

KTAP_MAIN(tests)
