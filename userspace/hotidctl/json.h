/* SPDX-License-Identifier: GPL-2.0 */
/* Values for scripts. The keys are documented in hotidctl(8). */
#ifndef HOTIDCTL_JSON_H
#define HOTIDCTL_JSON_H

#include <jansson.h>
#include <stdio.h>
#include "overview.h"

json_t *json_node(const struct hotid_node *node);
json_t *json_peer(const struct hotid_peer *peer);
json_t *json_identity(const struct hotid_identity *identity, const struct overview *overview);
json_t *json_step(const struct hotid_step *step);

/* {"event": "peer" | "identity" | "step" | "lost", ...} */
json_t *json_event(const struct hotid_event *event, const struct overview *overview);

/* Put a new value in. That of a creation without memory is refused here, and ends the program. */
void json_set(json_t *object, const char *key, json_t *value);
void json_append(json_t *list, json_t *value);

json_t *json_id(const uint8_t id[HOTID_ID_LEN]);

/* A string of any bytes; what is not UTF-8 becomes '?'. */
json_t *json_text(const char *text);

/*
 * Readers of JSON keep 53 bits of a number. What may need more, which is an epoch, a
 * sequence number and whatever ends in _ns, is a string of digits; a count stops at
 * the highest number that is kept.
 */
json_t *json_digits(uint64_t value);
json_t *json_count(uint64_t value);

/*
 * Print an object and let go of it: on standard output over several lines, or as one
 * line at once. The key "version" is added: that of the layout, which grows when a
 * key that is documented goes or changes its meaning, and not when one is added.
 */
#define JSON_VERSION	1
void json_show(json_t *object);
void json_line(json_t *object, FILE *out);

#endif /* HOTIDCTL_JSON_H */
