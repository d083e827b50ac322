/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What both ends of a socket must agree on before the first message: limits,
 * and where the sockets are.  The messages are in proto/rmmd.proto.
 */
#ifndef WIRE_H
#define WIRE_H

#define WIRE_VERSION	 1u
#define WIRE_VERSION_MIN 1u

#define WIRE_HEADER	 4u	    /* length of what follows, little endian */
#define WIRE_MAX_FRAME	 (1u << 20) /* bytes after the header */
#define WIRE_MAX_BATCH	 1024u	    /* calls in one Batch */
#define WIRE_MAX_NAME	 64u	    /* bytes in Hello.client */

/*
 * Socket paths: the environment first; else $XDG_RUNTIME_DIR/rmmd/NAME; else,
 * without XDG_RUNTIME_DIR, /tmp/rmmd-UID/NAME, a directory of mode 0700 that
 * must belong to the user.  If only the host's socket is named, the control
 * socket is NAME in the same directory.
 */
#define WIRE_ENV_HOST	  "RMMD_SOCKET"
#define WIRE_ENV_CONTROL  "RMMD_CONTROL"
#define WIRE_NAME_HOST	  "rmmd.sock"
#define WIRE_NAME_CONTROL "control.sock"

#endif
