/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The structs of hotid.h as tables: which attribute is in which member. By them the
 * same functions read, list and free all of them.
 */
#ifndef HOTID_OBJECT_H
#define HOTID_OBJECT_H

#include <stddef.h>
#include <stdint.h>
#include "request.h"

enum field_type {
	FIELD_BYTES,		/* a number, an id, an address: of @size or longer */
	FIELD_BOOL,
	FIELD_STRING,		/* what is too long is cut */
	FIELD_NEST,		/* a struct in the struct */
	FIELD_ARRAY,		/* as many of them as fit into @size, one to an attribute */
	FIELD_LIST,		/* the same, allocated as they come */
};

/**
 * struct field - an attribute and its member
 * @attribute: HOTID_A_*
 * @type: enum field_type
 * @offset: of the member
 * @size: of the member
 * @nest: what FIELD_NEST, FIELD_ARRAY and FIELD_LIST consist of
 * @count: offset of the size_t which counts the items of FIELD_ARRAY and FIELD_LIST
 * @mark: offset of a byte that tells whether the attribute was there; 0 for none
 * @present: what it is set to then
 */
struct field {
	uint16_t attribute, type, offset, size;
	const struct object *nest;
	uint16_t count, mark;
	uint8_t present;
};

#define FIELD_OF(id, kind, owner, member)							\
	.attribute = (id), .type = (kind), .offset = offsetof(owner, member),			\
	.size = sizeof(((owner *)0)->member)
#define FIELD_TYPE(member) \
	_Generic((member), bool: FIELD_BOOL, char *: FIELD_STRING, default: FIELD_BYTES)
#define FIELD(id, owner, member) \
	{ FIELD_OF(id, FIELD_TYPE(((owner *)0)->member), owner, member) }

/**
 * struct object - a struct of hotid.h
 * @fields: its members that come from attributes
 * @n: how many
 * @size: of the struct
 * @theirs: where struct hotid_sizes has its size as the program knows it
 */
struct object {
	const struct field *fields;
	size_t n, size, theirs;
};

#define OBJECT(table, type) \
	.fields = (table), .n = sizeof(table) / sizeof((table)[0]), .size = sizeof(type)

extern const struct object node_object, peer_object, identity_object;

/* Its size in the program. */
size_t object_size(const struct object *object, const struct hotid *h);

/*
 * An object from the attributes of an answer or event, to be freed by object_clear()
 * also after a failure. 0, -EBADMSG or -ENOMEM.
 */
int object_read(const struct object *object, struct nlattr *attrs, int len, void *item);

/* Free what it points to. Its other members are left alone: the program may not have them all. */
void object_clear(const struct object *object, void *item);

/* Ask, and give the answer to the program; nothing is to be freed after a failure. */
int object_get(const struct object *object, struct request *rq, void *theirs);

/* Read a whole list, then give all of it to the program, until @fn returns other than 0. */
int object_dump(const struct object *object, struct hotid *h, uint8_t cmd,
		int (*fn)(const void *item, void *data), void *data);

#endif /* HOTID_OBJECT_H */
