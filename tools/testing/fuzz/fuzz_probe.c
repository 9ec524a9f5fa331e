// SPDX-License-Identifier: GPL-2.0
/*
 * Frames at two nodes at once: one with the probe in front of its stack, one
 * without. They must come to believe the same.
 */
#include "play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	play(data, size, true);
	return 0;
}
