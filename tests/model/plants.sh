#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Every defect that "rmmd --plant" knows is found by random calls, since the
# monitor is compared with one that has no defect.  The script that is left
# shows it on a daemon that has it.
# shellcheck source=tests/model/lib.sh
. "${srcdir:-.}/tests/model/lib.sh"

num=0
for plant in $("$model" -h 2>/dev/null | sed -n 's/^plant \([^:]*\):.*/\1/p'); do
	found "$plant" 60 -p "$plant" -n 100000 -w 32
	num=$((num + 1))
done
# A realm has to do something for these.
for plant in $("$model" -h 2>&1 | sed -n 's/^realm-plant \([^:]*\):.*/\1/p'); do
	found "$plant" 60 -p "$plant" -m driven -n 100000 -w 32
	num=$((num + 1))
done
[ "$num" -gt 0 ] || fail "there is nothing to be found"
exit $((failures > 0))
