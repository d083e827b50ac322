#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The kit finds every defect that rmmd can be made to have, by the cases of the
# command that has it.
. "${srcdir:-.}/tests/conform/lib.sh"

"$builddir/rmmd" --plant list >"$tmp/plants"
[ "$(wc -l <"$tmp/plants")" -ge 41 ] || die 'fewer defects than commands'

while read -r name command _; do
	command=${command#RMI_}
	got=0
	on "--plant $name" "$conform" -q "${command%:}" >"$tmp/out" 2>&1 \
		</dev/null || got=$?
	[ $got = 1 ] || echo "$name ($command exit status $got)" >>"$tmp/missed"
done <"$tmp/plants"
[ ! -s "$tmp/missed" ] || {
	cat "$tmp/missed"
	die 'these defects are not found'
}
