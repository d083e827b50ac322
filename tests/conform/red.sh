#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# The kit fails what is wrong, and does not hang on it: a machine whose inside,
# as its control socket tells, is not what its answers say; one that goes away.
. "${srcdir:-.}/tests/conform/lib.sh"

# Two machines: one answers, the other is looked into.
cat >"$tmp/two" <<'END'
control=$1
conform=$2
shift 2
exec "$conform" --control "$control" "$@"
END
# shellcheck disable=SC2016 # the inner shell expands them
expect 1 on '' sh -c 'control=$RMMD_CONTROL
	unset RMMD_SOCKET RMMD_CONTROL
	exec "$1" --no-config --log-level error --run sh "$2" "$control" "$3" \
		--junit "$4" GRANULE_DELEGATE DATA_CREATE' - \
	"$builddir/rmmd" "$tmp/two" "$conform" "$tmp/j.xml"
said out '^not ok [0-9]* - GRANULE_DELEGATE/+success$'
said out '^# DEN0137 B4.3.5, RMI_GRANULE_DELEGATE: gran_state: '
grep -q '<failure message="' "$tmp/j.xml" || die 'JUnit: no failure'

# The machine dies in the middle: the rest fails, and soon.
"$builddir/rmmd" --no-config --log-level error --foreground \
	--socket "$tmp/host" --control "$tmp/control" &
machine=$!
n=0
until "$conform" --socket "$tmp/host" --control "$tmp/control" -q VERSION \
	>"$tmp/out" 2>&1; do
	n=$((n + 1))
	[ $n -lt 600 ] || die 'the machine does not start'
	sleep 0.1
done
"$conform" --socket "$tmp/host" --control "$tmp/control" >"$tmp/out" 2>&1 &
kit=$!
until [ "$(wc -l <"$tmp/out")" -ge 20 ]; do
	kill -0 $kit || die 'the kit ended early'
done
kill -9 $machine
wait $machine || :
got=0
wait $kit || got=$?
[ $got = 1 ] || die "exit status $got with the machine gone"
said out '^not ok .* - RTT_SET_RIPAS/'
said out 'the machine has gone$'
