#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Errors that are planted in the monitor are found, and shrunk to a script that
# rmmctl understands and that a daemon without the error follows to its end.
# shellcheck source=tests/model/lib.sh
. "${srcdir:-.}/tests/model/lib.sh"

# planted FAULT KIND CALLS [SETUP]
planted() {
	found "$1" "$3" -b "$1" -m "${4-small}"
	grep -q "^# $2: " script || fail "$1: not found as $2"
}

planted count-data invariant 30
planted keep-owner invariant 30
planted quiet-rim rim 30
planted failure-writes "failed call" 30
planted leak view 30
planted keep-vmid invariant 30
planted no-condition answer 30
planted forget-liveness invariant 30
# The same in machines whose options must reach the daemon.
planted count-data invariant 40 lpa2
planted leak view 40 aux16
planted quiet-rim rim 40 vmid8
planted keep-owner invariant 40 banks
planted count-data invariant 40 choices

# Without any of them there is nothing to be found.
"$model" -n 2000 -m small >out 2>err || fail "an error where there is none"
exit $((failures > 0))
