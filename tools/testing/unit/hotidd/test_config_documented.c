// SPDX-License-Identifier: GPL-2.0
/*
 * What is written about the configuration files: the manual pages tell of every key,
 * and the examples that are installed are right.
 */
#include "config/config_identity.h"
#include "config/config_node.h"
#include "node_file.h"

/* Every key of the tables is told of in the manual page, and has its one line. */
static void keys_in_manual(const struct field *fields, const char *page)
{
	for (const struct field *field = fields; field->key; field++) {
		char want[64];

		snprintf(want, sizeof(want), "\n.It Cm %s\n", field->key);
		if (!CHECK(strstr(page, want)))
			printf("#   the page has no line \".It Cm %s\"\n", field->key);
		CHECK(field->doc && *field->doc);
		/* A fallback is taken without a look, so it must be right. */
		if (field->fallback) {
			char out[4096] = "", reason[VALUE_WHY_MAX] = "";

			CHECK(field->parse(field->fallback, field->limits, out, reason));
			CHECK_STR(reason, "");
			if (field->kind == FIELD_STRING)
				free(*(char **)(void *)out);
		}
		if (field->fields) {
			keys_in_manual(field->fields, page);
			if (field->kind != FIELD_MAP)
				continue;
			for (const struct field *f = field->fields; f->key; f++)
				CHECK(!f->required || field->required);
		}
	}
}

static void manual(const char *file, const struct field *fields)
{
	static char page[65536];
	FILE *stream = fopen(file, "r");

	if (!CHECK(stream)) {
		printf("#   %s: run from the top of the tree\n", file);
		return;
	}
	page[fread(page, 1, sizeof(page) - 1, stream)] = '\0';
	fclose(stream);
	keys_in_manual(fields, page);
}

static void manuals(void)
{
	manual("userspace/man/hotid-node.yaml.5", node_fields);
	manual("userspace/man/hotid-identity.yaml.5", identity_fields);
}

/* The example of a node, with its id uncommented, and with the test's key. */
static char *example_node(char *text, size_t size)
{
	FILE *file = fopen("userspace/hotidd/examples/node.yaml", "r");
	char *id, *key;

	if (!CHECK(file))
		return NULL;
	text[fread(text, 1, size - 1, file)] = '\0';
	fclose(file);
	id = strstr(text, "# id:");
	if (!CHECK(id))
		return NULL;
	memmove(id, id + strlen("# "), strlen(id + strlen("# ")) + 1);
	key = strstr(text, "key-file: /etc/hotid/key");
	if (!CHECK(key))
		return NULL;
	memset(key, ' ', strlen("key-file: /etc/hotid/key"));
	return text;
}

/* The examples that are installed are right, but for the key that each makes anew. */
static void examples(void)
{
	char error[CONFIG_ERROR_MAX] = "", text[4096];
	struct identity_config *identity;

	begin();
	identity = config_read_identity("userspace/hotidd/examples/web.yaml", error);
	CHECK(identity);
	CHECK_STR(error, "");
	identity_config_free(identity);
	if (CHECK(example_node(text, sizeof(text))))
		node_config_free(good_node(text));
	end();
}

static const struct ktap_test tests[] = {
	{ "manuals", manuals },
	{ "examples", examples },
};

KTAP_MAIN(tests)
