#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The monitor's source tests every condition of the specification, and the kit
# stimulates each condition and pair: none is left out.
. "${srcdir:-.}/tests/conform/lib.sh"

"$srcdir/script/conditions" --conform "$conform" >"$tmp/table" ||
	die "specification, source and kit differ: $(cat "$tmp/table")"
grep -q '^DATA_CREATE  *15  *15  *15  *8  *8$' "$tmp/table" ||
	die "the table: $(cat "$tmp/table")"
awk '$1 == "B4.3" && $2 > 180 && $2 == $3 && $2 == $4 && $5 > 130 && $5 == $6 {
		n++ }
	$1 == "B5.3" && $2 > 20 && $2 == $3 && $2 == $4 { n++ }
	$1 == "B6.3" && $2 > 4 && $2 == $3 && $2 == $4 { n++ }
	END { exit n != 3 }' "$tmp/table" || die "the sums: $(cat "$tmp/table")"

# A source that lacks a condition, and one with another, are seen.
mkdir "$tmp/rmm"
for part in rmi rsi psci; do
	mkdir "$tmp/rmm/$part"
	cp "$srcdir/src/rmm/$part"/*.c "$tmp/rmm/$part"
	chmod u+w "$tmp/rmm/$part"/*
done
sed 's/REJECT_IF(c, rtt_live,/REJECT_IF(c, rtt_dead,/' \
	"$srcdir/src/rmm/rmi/rtt-destroy.c" >"$tmp/rmm/rmi/rtt-destroy.c"
expect 1 "$srcdir/script/conditions" --conform "$conform" --source "$tmp/rmm"
said out 'RTT_DESTROY/rtt_live is not in the source'
said out 'RTT_DESTROY/rtt_dead$'
sed 's/REJECT_IF(c, mpidr,/REJECT_IF(c, cpu,/' \
	"$srcdir/src/rmm/psci/cpu-on.c" >"$tmp/rmm/psci/cpu-on.c"
expect 1 "$srcdir/script/conditions" --conform "$conform" --source "$tmp/rmm"
said out 'PSCI_CPU_ON/mpidr is not in the source'
expect 2 "$srcdir/script/conditions" --nonsense
