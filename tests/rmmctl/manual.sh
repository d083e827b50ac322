#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The worked example of rmmctl(1) prints what the manual says it prints.
. "${srcdir:-.}/tests/rmmctl/lib.sh"
under_daemon "$0"

# block NAME: the literal text between its marks in the manual.
block() {
	sed -n "/^\\.\\\\\" begin $1\$/,/^\\.\\\\\" end $1\$/p" \
		"$srcdir/man/rmmctl.1" | grep -v '^\.' | sed 's/\\e/\\/g'
}

block hello.rmm >script
block hello.out >expected
[ -s script ] || fail 'the manual has no example'
run "$rmmctl" shell script
expect_status 0 'the example of the manual'
if ! diff -u expected .out; then
	fail 'the example prints something else than the manual says'
fi

# The other examples of one line.
run "$rmmctl" rtt r0 0x80000000
expect_status 0 'rtt r0 0x80000000'
run "$rmmctl" --json rim --steps 0
expect_status 0 'rim --steps 0'
expect_json '.rim | length == 64' 'rim --steps 0'
out=$(echo RMI_VERSION 0x10000 | "$rmmctl" shell)
expect_out '^RMI_SUCCESS lower=0x10000 higher=0x10000$' 'RMI_VERSION'
finish
