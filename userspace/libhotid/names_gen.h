/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Generated from kmod/spec/hotid.yaml by "make generate". Do not edit. */
#ifndef HOTID_NAMES_GEN_H
#define HOTID_NAMES_GEN_H

#include <stdint.h>

/* The attribute set of a command's request, and an attribute's name in it. */
const char *hotid_name_attribute(uint8_t cmd, uint16_t attribute);
/* The same inside a nest: the set's name is that of the nested attributes. */
const char *hotid_name_nested(uint8_t cmd, uint16_t nest, uint16_t attribute);

#endif /* HOTID_NAMES_GEN_H */
