#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The monitor's source tests every condition of the specification, and the kit
# stimulates each condition and pair but those of which it says why not.
. "${srcdir:-.}/tests/conform/lib.sh"

"$srcdir/script/conditions" --conform "$conform" >"$tmp/table" || :
grep -q '^DATA_CREATE  *15  *15  *15  *8  *8$' "$tmp/table" ||
	die "the table: $(cat "$tmp/table")"
# What the kit's words do not excuse.
sed -n '/^Where they differ/,$p' "$tmp/table" | sed 1d |
	grep -v ' not stimulated: needs a realm that' |
	grep -v ' not stimulated: a REC runs only within REC_ENTER' \
		>"$tmp/out" || :
[ ! -s "$tmp/out" ] || {
	cat "$tmp/out"
	die 'specification, source and kit differ'
}

# A source that lacks a condition, and one with another, are seen.
mkdir "$tmp/rmi"
cp "$srcdir"/src/rmm/rmi/*.c "$tmp/rmi"
chmod u+w "$tmp/rmi"/*
sed 's/REJECT_IF(c, rtt_live,/REJECT_IF(c, rtt_dead,/' \
	"$srcdir/src/rmm/rmi/rtt-destroy.c" >"$tmp/rmi/rtt-destroy.c"
expect 1 "$srcdir/script/conditions" --conform "$conform" --source "$tmp/rmi"
said out 'RTT_DESTROY/rtt_live is not in the source'
said out 'RTT_DESTROY/rtt_dead$'
expect 2 "$srcdir/script/conditions" --nonsense
