// SPDX-License-Identifier: GPL-2.0
/* YAML to a tree that knows its lines; what the keys may be is for the test_config_* beside it. */
#include "config/document.h"
#include "ktap.h"

static struct problems problems;

static struct document *document_of(const char *text)
{
	problems_clear(&problems);
	return document_read(text, strlen(text), "file", &problems);
}

static void refused(const char *text, const char *want)
{
	struct document *document = document_of(text);

	CHECK(!document);
	document_free(document);
	CHECK_INT(problems.n, 1);
	if (problems.n && !CHECK(!strncmp(problems.text[0], want, strlen(want))))
		printf("#   is \"%s\"\n#   should be \"%s...\"\n", problems.text[0], want);
	problems_clear(&problems);
}

/* Each message names the place, also of a map or a list in a list, which has no key. */
static void lines(void)
{
	static const struct {
		const char *path;
		int line;
	} at[] = {
		{ "", 1 }, { "a", 1 }, { "b", 2 }, { "b[0]", 3 }, { "b[1]", 4 }, { "b[1][0]", 5 },
		{ "b[2]", 6 }, { "b[2].c", 7 }, { "b[9]", 2 }, { "a.x", 1 },
		{ "b[2].none", 6 }, { "none", 1 },
	};
	struct document *document = document_of("a: 1\n"
						"b:\n"
						"  - {}\n"
						"  - [\n"
						"    x]\n"
						"  - {\n"
						"    c: 1}\n");

	if (!CHECK(document))
		return;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++)
		CHECK_INT(document_line(document, at[i].path), at[i].line);
	document_free(document);
}

static void refusals(void)
{
	refused("# only a comment\n", "file:2: is empty");
	refused("node: {name: spare\n", "file:2: not YAML");
	refused("node:\n\tname: spare\n", "file:2: not YAML");
	refused("node: {name: \"spare\n", "file:2: not YAML");
	refused("node: spare: x\n", "file:1: not YAML");
	refused("\x01\n", "file:1: not YAML: control characters are not allowed");
	refused("node: \xff\n", "file:1: not YAML: invalid leading UTF-8 octet");
	refused("a: 1\n---\na: 1\n", "file:2: a second document begins");
	refused("node: &a {name: spare}\n", "file:1: anchors (&), aliases (*) and tags (!)");
	refused("a: &a [1]\nb: *a\n", "file:1: anchors");
	refused("node: {name: !!str spare}\n", "file:1: anchors");
	refused("? [a]\n: b\n", "file:1: a key is not plain text");
	refused("? {a: b}\n: c\n", "file:1: a key is not plain text");
	refused("node: {name: \"a\\0b\"}\n", "file:1: a value holds a zero byte");
	refused("[[[[[[[[[[[[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]]]]]]]]]]]]\n",
		 "file:1: nested too deeply");
}

/* There are YAML libraries that do not come back from the first of these. */
static void directives(void)
{
	refused("%a\xa5", "file:1: not YAML: invalid ");
	refused("%a\xa5\n", "file:1: not YAML: invalid ");
	refused("%a: \xa5\n---\na: 1\n", "file:1: not YAML: invalid ");
	refused("%a\n", "file:1: not YAML: ");
}

static const struct ktap_test tests[] = {
	{ "lines", lines },
	{ "refusals", refusals },
	{ "directives", directives },
};

KTAP_MAIN(tests)
