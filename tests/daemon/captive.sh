#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
#
# --run: the command's exit status, its environment, and that nothing is left
# behind, however it ends.
# shellcheck source=tests/daemon/lib.sh
. "${srcdir:-.}/tests/daemon/lib.sh"

clean() {
	[ -z "$(ls -A "$TMPDIR")" ]
}

# The command finds the daemon, and no other daemon of the user's.
expect 0 "$rmmd" --run "$probe"
said out '^pid '
# shellcheck disable=SC2016
expect 0 "$rmmd" --run sh -c 'stat -c %a "${RMMD_SOCKET%/*}"'
said out '^700$'
clean || die "the directory is left behind"
absent "$sockets" || die "--run touches the default directory"

# Its exit status is rmmd's.
expect 0 "$rmmd" --run true
expect 7 "$rmmd" --run sh -c 'exit 7'
# shellcheck disable=SC2016
expect 137 "$rmmd" --run sh -c 'kill -9 $$'
# shellcheck disable=SC2016
expect 143 "$rmmd" --run sh -c 'kill $$'
expect 127 "$rmmd" --run "$tmp/nothing"
expect 126 "$rmmd" --run "$tmp"
expect 125 "$rmmd" --bank 1,1 --run true
expect 2 "$rmmd" --run
expect 2 "$rmmd" --no-such --run true
clean || die "the directory is left behind"

# Everything after --run is the command's, also what looks like an option.
expect 0 "$rmmd" --run -- echo --help --run x
said out '^--help --run x$'
# It has rmmd's standard input.
echo words >"$tmp/in"
expect 0 "$rmmd" --run cat <"$tmp/in"
said out '^words$'

# What the command leaves running ends with it.
# shellcheck disable=SC2016
expect 3 "$rmmd" --run sh -c 'sleep 1000 & echo $! >"$0"; exit 3' "$tmp/left"
await gone "$(cat "$tmp/left")"
# ... even what does not want to.
# shellcheck disable=SC2016
expect 3 "$rmmd" --run sh -c 'trap "" TERM
	sleep 1000 & echo $! >"$0"; exit 3' "$tmp/left"
await gone "$(cat "$tmp/left")"

# run_busy: a captive rmmd in $pid, its command in $command.
run_busy() {
	rm -f "$tmp/command"
	# shellcheck disable=SC2016
	"$rmmd" --run sh -c 'echo $$ >"$0.t"; mv "$0.t" "$0"
		while :; do sleep 0.1; done' "$tmp/command" &
	pid=$!
	started="$started $pid"
	await test -s "$tmp/command"
	command=$(cat "$tmp/command")
}

# The command is killed.
run_busy
kill -9 "$command"
got=0
wait "$pid" || got=$?
[ "$got" = 137 ] || die "the command was killed, and the status is $got"
clean || die "the directory is left behind"

# rmmd is told to end: so is the command.
run_busy
kill -TERM "$pid"
got=0
wait "$pid" || got=$?
[ "$got" = 143 ] || die "rmmd was told to end, and the status is $got"
gone "$command" || die "the command lives on"
clean || die "the directory is left behind"

# rmmd is killed: the command ends, and the directory goes.
run_busy
kill -9 "$pid"
await gone "$command"
await clean
