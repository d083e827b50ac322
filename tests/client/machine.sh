#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# librmmclient with an rmmd of its own.

exec "${builddir:?}/rmmd" --no-config --log-level error \
	--bank 0x80000000,64M --bank 0x10000000000,1T \
	--bank 0x40000000,4K,device \
	--run "${builddir:?}/tests/client/machine"
