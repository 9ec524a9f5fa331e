/* SPDX-License-Identifier: GPL-2.0 */
/* Values for scripts. The keys are documented in hotidctl(8). */
#ifndef HOTIDCTL_JSON_H
#define HOTIDCTL_JSON_H

#include <jansson.h>
#include "overview.h"

json_t *json_node(const struct hotid_node *node);
json_t *json_peer(const struct hotid_peer *peer);
json_t *json_identity(const struct hotid_identity *identity, const struct overview *overview);
json_t *json_step(const struct hotid_step *step);

/* {"event": "peer" | "identity" | "step" | "lost", ...} */
json_t *json_event(const struct hotid_event *event, const struct overview *overview);

/* A string of any bytes; what is not UTF-8 becomes '?'. */
json_t *json_text(const char *text);

/* Print and let go: over several lines, or one line at once. */
void json_show(json_t *value);
void json_line(json_t *value);

#endif /* HOTIDCTL_JSON_H */
