/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Structs as the caller knows them, which may have been compiled with an older or a
 * newer hotid.h. Fields are only added at the end, so of two versions the shorter one
 * is the beginning of the longer one.
 */
#ifndef HOTID_LAYOUT_H
#define HOTID_LAYOUT_H

#include <stddef.h>

struct hotid;

/* Fill the caller's struct. Left out is what only the library has, 0 what only the caller has. */
void layout_give(void *theirs, size_t their_size, const void *ours, size_t our_size);

/* Read the caller's struct. -E2BIG when it sets a field that the library does not know. */
int layout_take(struct hotid *h, void *ours, size_t our_size, const void *theirs,
		size_t their_size);

/*
 * For a callback: @ours itself, or a longer copy in *@copy, which is to be freed. NULL
 * without memory.
 */
const void *layout_view(const void *ours, size_t our_size, size_t their_size, void **copy);

#endif /* HOTID_LAYOUT_H */
