#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# librmmclient with an rmmd of its own; and what the manual's example prints.

out=$("${builddir:?}/rmmd" --no-config --log-level error \
	--run "$builddir/tests/client/example") || exit 1
echo "$out" | grep -q '^rmmd .*, RMI 1' || exit 1
echo "$out" | grep -q '^status 1: gran_state: .' || exit 1

# ThreadSanitizer leaves no room for 1 TiB.
if grep -q '^SANITIZERS = .*thread' "$builddir/Makefile"; then
	echo "SKIP: built with -fsanitize=thread, a large bank can not be had"
	exit 77
fi

exec "${builddir:?}/rmmd" --no-config --log-level error \
	--bank 0x80000000,64M --bank 0x10000000000,1T \
	--bank 0x40000000,4K,device \
	--run "${builddir:?}/tests/client/machine"
