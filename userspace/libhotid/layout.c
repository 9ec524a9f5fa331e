// SPDX-License-Identifier: LGPL-2.1-or-later
#include "layout.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "handle.h"

void layout_give(void *theirs, size_t their_size, const void *ours, size_t our_size)
{
	size_t shared = their_size < our_size ? their_size : our_size;

	memcpy(theirs, ours, shared);
	memset((uint8_t *)theirs + shared, 0, their_size - shared);
}

int layout_take(struct hotid *h, void *ours, size_t our_size, const void *theirs,
		size_t their_size)
{
	const uint8_t *bytes = theirs;
	size_t i;

	for (i = our_size; i < their_size; i++)
		if (bytes[i])
			return hotid_fail(h, -E2BIG, "the program sets a field that this libhotid does not know; install the libhotid it was built with");
	layout_give(ours, our_size, theirs, their_size);
	return 0;
}

const void *layout_view(const void *ours, size_t our_size, size_t their_size, void **copy)
{
	*copy = NULL;
	if (their_size <= our_size)
		return ours;
	*copy = calloc(1, their_size);
	if (*copy)
		memcpy(*copy, ours, our_size);
	return *copy;
}
