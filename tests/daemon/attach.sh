#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Processes as realms: the test is the command of a captive daemon.
set -eu

builddir=${builddir:-.}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

"$builddir/rmmd" --no-config --realm attach --log-level debug \
	--log-file "$tmp/log" --run "$builddir/tests/daemon/attach"
# Why a host gets an SError must be there to read.
grep -q 'the process that was the realm of REC 0x.* has gone' "$tmp/log"
