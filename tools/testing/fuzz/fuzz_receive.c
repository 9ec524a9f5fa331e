// SPDX-License-Identifier: GPL-2.0
/* Datagrams at the beat port of a node without a probe. */
#include "play.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	play(data, size, false);
	return 0;
}
