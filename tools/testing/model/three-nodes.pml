/* SPDX-License-Identifier: GPL-2.0
 *
 * Three nodes, each of which may hold the identity, be a spare, and vote. Shown and
 * assumed is what votes.pml says; its constants are there.
 */
#define MAY_HOLD(n)	true
#include "votes.pml"
