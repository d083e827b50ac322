#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Many RECs at once, and sudden ends: the test is the command of a captive
# daemon.
set -eu

builddir=${builddir:-.}
exec "$builddir/rmmd" --no-config --realm attach --rec-aux-count 0 \
	--log-level error --run "$builddir/tests/daemon/storm"
