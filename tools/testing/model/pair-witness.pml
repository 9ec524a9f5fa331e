/* SPDX-License-Identifier: GPL-2.0
 *
 * Two nodes that may hold the identity, and a witness, node 2, that only votes. Shown and
 * assumed is what votes.pml says; its constants are there.
 */
#define MAY_HOLD(n)	(n != 2)
#include "votes.pml"
