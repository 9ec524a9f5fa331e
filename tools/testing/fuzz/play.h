/* SPDX-License-Identifier: GPL-2.0 */
#ifndef FUZZ_PLAY_H
#define FUZZ_PLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * play() - let an input happen to a node, and check it after each step
 * @data: what happens: steps of one byte that says which, and its arguments
 * @size: of @data; what is missing is 0
 * @frames: packets come as frames, to a second node with a probe as well
 *
 * Steps are packets, signed or not, as they are or changed or again; time that
 * passes; and commands. What is not as the model says ends the program.
 */
void play(const uint8_t *data, size_t size, bool frames);

#endif /* FUZZ_PLAY_H */
