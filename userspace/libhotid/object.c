// SPDX-License-Identifier: LGPL-2.1-or-later
#include "object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "explain.h"
#include "layout.h"

size_t object_size(const struct object *object, const struct hotid *h)
{
	return *(const size_t *)((const char *)&h->sizes + object->theirs);
}

static int read_nested(const struct field *field, const struct nlattr *nla, char *item)
{
	const struct object *nest = field->nest;
	char *member = item + field->offset, *items = member;
	size_t *n = (size_t *)(item + field->count);

	if (field->type == FIELD_NEST)
		return object_read(nest, nla_data(nla), nla_len(nla), member);
	if (field->type == FIELD_ARRAY && *n == field->size / nest->size)
		return -EBADMSG;
	if (field->type == FIELD_LIST) {
		memcpy(&items, member, sizeof(items));
		items = reallocarray(items, *n + 1, nest->size);
		if (!items)
			return -ENOMEM;
		memcpy(member, &items, sizeof(items));
	}
	return object_read(nest, nla_data(nla), nla_len(nla), items + (*n)++ * nest->size);
}

static int read_field(const struct field *field, const struct nlattr *nla, char *item)
{
	char *member = item + field->offset;
	const char *data = nla_data(nla);
	size_t len = nla_len(nla);

	switch (field->type) {
	case FIELD_STRING:
		if (!len || data[len - 1])
			return -EBADMSG;
		nla_strlcpy(member, nla, field->size);
		break;
	case FIELD_BOOL:
	case FIELD_BYTES:
		if (len < field->size)
			return -EBADMSG;
		if (field->type == FIELD_BOOL)
			*(bool *)member = *data;
		else
			memcpy(member, data, field->size);
		break;
	default:
		return read_nested(field, nla, item);
	}
	if (field->mark)
		item[field->mark] = field->present;
	return 0;
}

int object_read(const struct object *object, struct nlattr *attrs, int len, void *item)
{
	struct nlattr *nla;
	int rem, err;
	size_t i;

	memset(item, 0, object->size);
	nla_for_each_attr(nla, attrs, len, rem) {
		for (i = 0; i < object->n; i++) {
			if (object->fields[i].attribute != nla_type(nla))
				continue;
			err = read_field(&object->fields[i], nla, item);
			if (err)
				return err;
		}
	}
	return 0;
}

void object_clear(const struct object *object, void *item)
{
	void *items;
	size_t i;

	for (i = 0; i < object->n; i++) {
		const struct field *field = &object->fields[i];

		if (field->type != FIELD_LIST)
			continue;
		memcpy(&items, (char *)item + field->offset, sizeof(items));
		free(items);
		memset((char *)item + field->offset, 0, sizeof(items));
		*(size_t *)((char *)item + field->count) = 0;
	}
}

struct list {
	const struct object *object;
	char *items;
	size_t n;
};

static void list_clear(void *data)
{
	struct list *list = data;

	while (list->n)
		object_clear(list->object, list->items + --list->n * list->object->size);
	free(list->items);
	list->items = NULL;
}

static int list_add(struct nlattr *attrs, int len, void *data)
{
	struct list *list = data;
	size_t size = list->object->size;
	char *items = reallocarray(list->items, list->n + 1, size);

	if (!items)
		return -ENOMEM;
	list->items = items;
	return object_read(list->object, attrs, len, items + list->n++ * size);
}

int object_get(const struct object *object, struct request *rq, void *theirs)
{
	size_t their_size = object_size(object, rq->h);
	struct list list = { .object = object };
	int err = request_ask(rq, list_add, &list);

	/* What the last one points to is the program's from now on. */
	if (!err && list.n)
		layout_give(theirs, their_size, list.items + --list.n * object->size, object->size);
	else
		memset(theirs, 0, their_size);
	list_clear(&list);
	return err;
}

int object_dump(const struct object *object, struct hotid *h, uint8_t cmd,
		int (*fn)(const void *item, void *data), void *data)
{
	struct list list = { .object = object };
	const void *item;
	void *copy;
	size_t i;
	int ret;

	ret = request_dump(h, cmd, list_add, list_clear, &list);
	for (i = 0; !ret && i < list.n; i++) {
		item = layout_view(list.items + i * object->size, object->size,
				   object_size(object, h), &copy);
		ret = item ? fn(item, data) :
			     hotid_fail(h, -ENOMEM, "%s", explain_errno(-ENOMEM));
		free(copy);
	}
	list_clear(&list);
	return ret;
}
