/* SPDX-License-Identifier: GPL-2.0 */
#ifndef HOTID_DETECTOR_H
#define HOTID_DETECTOR_H

struct hotid_node;
struct hotid_peer;

void hotid_detector_init(struct hotid_node *node);
void hotid_detector_exit(struct hotid_node *node);

void hotid_detector_peer_init(struct hotid_peer *peer);

/* Expect the peer's beats from now on. Its slot says since when and how often. */
void hotid_detector_start(struct hotid_peer *peer);

/* No longer. The peer's timer is over when this returns. Command context. */
void hotid_detector_stop(struct hotid_peer *peer);

#endif /* HOTID_DETECTOR_H */
