/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LAB_SESSION_H
#define LAB_SESSION_H

/* Serve the virtio-serial port DEV for ever; exits when it cannot be opened. */
void session_serve(const char *dev);

#endif
