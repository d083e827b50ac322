#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# Processors for realms: the test is the command of a captive daemon.
set -eu

builddir=${builddir:-.}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

run() {
	"$builddir/rmmd" --no-config --realm cpu --log-level debug \
		--log-file "$tmp/log" "$@"
}

run --run "$builddir/tests/cpu/cpu"
# Why a host gets an SError must be there to read.
grep -q 'the processor that ran REC 0x.* has gone' "$tmp/log"

run --cpu-grace 100 --run "$builddir/tests/cpu/cpu" late
grep -q 'does not react to an interrupt within 100 ms' "$tmp/log"
grep -q 'does not let go of translations within 100 ms' "$tmp/log"
