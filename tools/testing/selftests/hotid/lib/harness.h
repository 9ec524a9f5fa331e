/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's test harness. The time limit of a test only ends a hang: in
 * virtual time seconds pass in a moment while the guest waits for its disk,
 * whose time is the host's.
 */
#ifndef SELFTEST_HARNESS_H
#define SELFTEST_HARNESS_H

#include "kselftest_harness.h"

#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	300

#endif /* SELFTEST_HARNESS_H */
